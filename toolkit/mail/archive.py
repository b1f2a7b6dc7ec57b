"""A whole mailbox: who wrote what when, in which thread, and what was odd about it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from django.utils import timezone
from django.utils.translation import gettext as _

from toolkit.mail.dates import is_plausible
from toolkit.mail.mbox import Entry, index
from toolkit.mail.threads import Place, threaded


@dataclass(frozen=True, slots=True)
class Odd:
    """Something out of the ordinary in one message, and what was done about it."""

    number: int  # of the message in the file, from 1
    external_id: str
    what: str


@dataclass(slots=True)
class Archive:
    """A mailbox whose headers were read: its threads, and when each message was sent."""

    path: Path
    threads: list[list[Place]] = field(default_factory=list)
    dates: dict[int, datetime] = field(default_factory=dict)  # by number
    names: dict[str, str] = field(default_factory=dict)  # of authors, by their key
    read: int = 0
    repeated: int = 0  # the same message again in the same file
    odd: list[Odd] = field(default_factory=list)

    def note(self, entry: Entry, *what: str) -> None:
        self.odd.extend(Odd(entry.number, entry.external_id, text) for text in what)


def read_archive(path: Path, progress: Callable[[int], object] | None = None) -> Archive:
    """Index a mailbox file: dates made plausible, repeated messages left out, threads found.

    `progress` is called with the number of bytes passed. Raises OSError if the file cannot be read.
    """
    archive, now = Archive(path), timezone.now()
    entries: list[Entry] = []
    seen: dict[str, Entry] = {}
    previous: datetime | None = None
    for entry in index(path):
        archive.read += 1
        if progress is not None:
            progress(entry.length)
        if not _is_first(entry, seen, archive):
            continue
        archive.dates[entry.number] = previous = _dated(entry, previous, now, archive)
        entries.append(entry)
    archive.threads = threaded(entries, [archive.dates[entry.number] for entry in entries])
    archive.names = _names(entries)
    for entry in entries:
        archive.note(entry, *entry.odd)
    return archive


def _is_first(entry: Entry, seen: dict[str, Entry], archive: Archive) -> bool:
    """Whether the file had this message not yet. One of the same id with other words gets an id of its own."""
    other = seen.setdefault(entry.external_id, entry)
    if other is entry:
        return True
    if other.digest == entry.digest:
        archive.repeated += 1
        archive.note(entry, _("It is message %(number)d again: left out.") % {"number": other.number})
        return False
    entry.external_id = f"{entry.external_id[:200]}#{entry.digest[:32]}"
    if entry.external_id in seen:
        archive.repeated += 1
        return False
    seen[entry.external_id] = entry
    archive.note(
        entry,
        _("It has the Message-ID of message %(number)d but other words: kept as a message of its own.")
        % {"number": other.number},
    )
    return True


def _dated(entry: Entry, previous: datetime | None, now: datetime, archive: Archive) -> datetime:
    if entry.date is not None and is_plausible(entry.date, now):
        return entry.date
    fallback = entry.received if is_plausible(entry.received, now) else previous
    chosen = fallback or now
    what = (
        _("It has no date that can be read: dated %(chosen)s.")
        if entry.date is None
        else _("Its date, %(said)s, cannot be: dated %(chosen)s.")
    )
    said = f"{entry.date:%Y-%m-%d}" if entry.date else ""
    archive.note(entry, what % {"said": said, "chosen": f"{chosen:%Y-%m-%d %H:%M}"})
    return chosen


def author_key_of(entry: Entry) -> str:
    """What a placeholder is found again by: never the address itself, but always the same for the same address."""
    return address_key(entry.sender.address or f"name:{entry.sender.name.casefold()}")


def address_key(address: str) -> str:
    """The key of an e-mail address, wherever it is found."""
    return f"mbox:{sha256(address.strip().lower().encode('utf-8', 'replace')).hexdigest()[:32]}"


def _names(entries: Iterable[Entry]) -> dict[str, str]:
    """The name each author used most; without any, what stands before the @."""
    used: dict[str, Counter[str]] = defaultdict(Counter)
    otherwise: dict[str, str] = {}
    for entry in entries:
        key = author_key_of(entry)
        otherwise.setdefault(key, entry.sender.address.partition("@")[0][:60])
        if entry.sender.name:
            used[key][entry.sender.name] += 1
    return {key: used[key].most_common(1)[0][0] if used[key] else name for key, name in otherwise.items()}
