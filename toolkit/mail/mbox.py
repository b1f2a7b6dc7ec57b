"""mbox files (mboxrd, mboxo, CRLF or LF), read as a stream: an index first, then one message at a time."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO

from django.utils.translation import gettext as _

from toolkit.mail.dates import date_of
from toolkit.mail.headers import Sender, header_text, ids_in, message_id_of, sender_of, subject_of

LINE_LIMIT = 1024 * 1024  # bytes; a longer line is read in pieces
HEAD_LIMIT = 256 * 1024  # bytes of headers that are looked at
MESSAGE_LIMIT = 64 * 1024 * 1024  # bytes; a larger message is not loaded

_SEPARATOR = re.compile(rb"^From +\S.*\d{1,2}:\d{2}.*\d{4}")
_QUOTED_FROM = re.compile(rb"^>+From ")
_OF_MESSAGE = re.compile(r"message (?:as )?of\s+[\"(]?([A-Z][a-z]{2},? .*?\d:\d\d[^\"<]*)", re.DOTALL)


@dataclass(slots=True)
class Entry:
    """What the headers of one message of the file say, and where it stands."""

    number: int  # from 1, in the order of the file
    offset: int  # bytes
    length: int  # bytes
    external_id: str  # its Message-ID, or a stable stand-in
    subject: str = ""
    is_reply: bool = False  # its subject looks like a reply's
    sender: Sender = field(default_factory=lambda: Sender("", ""))
    replied: list[str] = field(default_factory=list)  # ids in In-Reply-To
    references: list[str] = field(default_factory=list)
    replied_date: datetime | None = None  # "Your message of …"
    has_reply_header: bool = False
    date: datetime | None = None
    received: datetime | None = None  # by the "From " line
    digest: str = ""  # of its body
    is_headed: bool = True  # it has header lines
    odd: list[str] = field(default_factory=list)


def index(path: Path) -> Iterator[Entry]:
    """The messages of a file, by their headers. Message-IDs may still repeat. Raises OSError if it cannot be read."""
    with path.open("rb") as file:
        for number, start in enumerate(_starts(file), 1):
            yield _entry(number, start)


def raw_messages(path: Path, entries: Iterable[Entry]) -> Iterator[tuple[Entry, bytes]]:
    """Each entry with its message: without the "From " line, `>From ` unquoted, lines ending in LF."""
    with path.open("rb") as file:
        for entry in entries:
            file.seek(entry.offset)
            yield entry, unquoted(file.read(min(entry.length, MESSAGE_LIMIT)))


def unquoted(raw: bytes) -> bytes:
    text = raw.replace(b"\r\n", b"\n")
    if text.startswith(b"From "):
        text = text.partition(b"\n")[2]
    return re.sub(rb"(?m)^>(>*From )", rb"\1", text) if b">From " in text else text


@dataclass(slots=True)
class _Start:
    offset: int
    line: bytes  # the "From " line
    head: bytes
    length: int
    digest: str
    whole: str  # digest of headers and body


class _Reading:
    """One message while its lines pass."""

    def __init__(self, offset: int, line: bytes) -> None:
        self.offset, self.line, self.length = offset, line, len(line)
        self.head: list[bytes] = []
        self.head_size = 0
        self.in_head = True
        self.blank = 0
        self.body, self.whole = hashlib.sha256(), hashlib.sha256()

    def take(self, line: bytes) -> None:
        self.length += len(line)
        bare = line.rstrip(b"\r\n")
        if self.in_head:
            self.in_head = bool(bare)
            if self.head_size < HEAD_LIMIT:
                self.head.append(bare)
                self.head_size += len(bare)
            self.whole.update(bare + b"\n")
            return
        if not bare:
            self.blank += 1  # those at the end belong to the file, not to the message
            return
        for digest in (self.body, self.whole):
            digest.update(b"\n" * self.blank + bare + b"\n")
        self.blank = 0

    def done(self) -> _Start:
        head = b"\n".join(self.head)
        return _Start(self.offset, self.line, head, self.length, self.body.hexdigest(), self.whole.hexdigest())


def _starts(file: IO[bytes]) -> Iterator[_Start]:
    current: _Reading | None = None
    offset, after_blank = 0, True
    while line := file.readline(LINE_LIMIT):
        if after_blank and line.startswith(b"From ") and _SEPARATOR.match(line):
            if current is not None:
                yield current.done()
            current = _Reading(offset, line)
        elif current is not None:
            current.take(_QUOTED_FROM.sub(lambda m: m[0][1:], line) if line.startswith(b">") else line)
        elif line.strip():
            current = _Reading(offset, b"")  # a single message without a "From " line
            current.take(line)
        after_blank = not line.strip()
        offset += len(line)
    if current is not None:
        yield current.done()


def fields_of(head: bytes) -> dict[str, bytes]:
    """Header fields by lower-case name; of several, the first. Lines that are no header are passed over."""
    fields: dict[str, bytes] = {}
    for match in re.finditer(rb"(?m)^([!-9;-~]+)[ \t]*:(.*(?:\n[ \t].*)*)", head):
        fields.setdefault(match[1].decode("ascii").lower(), match[2].strip())
    return fields


def _entry(number: int, start: _Start) -> Entry:
    fields = fields_of(start.head)
    text = {name: header_text(fields.get(name, b"")) for name in ("message-id", "in-reply-to", "references", "date")}
    subject, is_reply = subject_of(header_text(fields.get("subject", b"")))
    entry = Entry(number, start.offset, start.length, message_id_of(text["message-id"]), subject, is_reply)
    entry.digest, entry.is_headed = start.digest, bool(fields)
    entry.sender = _sender(fields, start.line)
    entry.replied, entry.references = ids_in(text["in-reply-to"]), ids_in(text["references"])
    entry.has_reply_header = bool(text["in-reply-to"] or text["references"])
    spoken = _OF_MESSAGE.search(text["in-reply-to"])
    entry.replied_date = date_of(spoken[1]) if spoken else None
    entry.date, entry.received = date_of(text["date"]), date_of(_after_address(start.line))
    if not entry.external_id:
        entry.external_id = f"sha256:{start.whole}"
        entry.odd.append(_("It has no Message-ID: from now on it is known by its content."))
    entry.external_id = _short(entry.external_id)
    entry.replied, entry.references = (
        [_short(i) for i in entry.replied],
        [_short(i) for i in entry.references],
    )
    return entry


def _short(message_id: str) -> str:
    """At most 255 characters, still one for each message."""
    if len(message_id) <= 255:
        return message_id
    return message_id[:180] + "#" + hashlib.sha256(message_id.encode("utf-8", "replace")).hexdigest()


def _after_address(from_line: bytes) -> str:
    """The date of a "From " line: what follows its address."""
    words = header_text(from_line).split(" ", 2)
    return words[2] if len(words) > 2 else ""


def _sender(fields: dict[str, bytes], from_line: bytes) -> Sender:
    for name in ("from", "x-from", "reply-to"):
        found = sender_of(fields.get(name, b""))
        if found.address or found.name:
            return found
    words = header_text(from_line).split()
    envelope = words[1] if len(words) > 1 else ""
    return sender_of(envelope.encode()) if "@" in envelope else Sender("", "")
