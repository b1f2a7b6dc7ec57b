"""Who answers whom: by Message-IDs first, then by subject."""

from __future__ import annotations

import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.utils.translation import gettext as _

from toolkit.mail.headers import subject_key
from toolkit.mail.mbox import Entry

SUBJECT_WINDOW = timedelta(days=60)  # a "Re:" without known parent joins a subject this recent
CLOCK_SKEW = timedelta(days=1)  # how much earlier than what it answers a reply may be dated
_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Place:
    """Where a message stands: its thread, and the message it answers where that one is in the file."""

    entry: Entry
    thread: int = 0
    parent: Place | None = None
    missing: list[str] = field(default_factory=list)  # ids it refers to that are not in the file, nearest first


def threaded(entries: Sequence[Entry], dates: Sequence[datetime]) -> list[list[Place]]:
    """The entries (of distinct ids) as threads: each oldest first, the threads by their oldest message.

    A message joins the thread of the message it replies to, else of any message it refers to (those that refer to the
    same unknown message stand together), else, if it looks like a reply, of the latest message of the same subject in
    the 60 days before. References that go round in a circle are cut, and noted as odd.
    """
    return _Threads(entries, dates).joined()


class _Threads:
    def __init__(self, entries: Sequence[Entry], dates: Sequence[datetime]) -> None:
        self.places = [Place(entry) for entry in entries]
        self.date = {id(place): date for place, date in zip(self.places, dates, strict=True)}
        self.by_id = {place.entry.external_id: place for place in self.places}
        self.above: dict[str, str] = {}  # disjoint sets of ids, known and unknown
        # Free text in In-Reply-To holds addresses too; two answers to one person are no thread.
        self.no_ids = {entry.sender.address for entry in entries} | {"no.id"}

    def joined(self) -> list[list[Place]]:
        by_date = self._by_date()
        for place in self.places:
            self._join_by_ids(place, by_date)
        self._join_by_subject()
        groups: dict[str, list[Place]] = defaultdict(list)
        for place in sorted(self.places, key=self._when):
            groups[self._root(place.entry.external_id)].append(place)
        for number, group in enumerate(groups.values()):
            for place in group:
                place.thread = number
        return list(groups.values())

    def _when(self, place: Place) -> tuple[datetime, int]:
        return self.date[id(place)], place.entry.number

    def _by_date(self) -> dict[datetime, Place]:
        """Messages by the moment they were sent, where that tells them apart."""
        found: dict[datetime, list[Place]] = defaultdict(list)
        for place in self.places:
            if place.entry.date is not None:
                found[place.entry.date].append(place)
        return {date: places[0] for date, places in found.items() if len(places) == 1}

    def _join_by_ids(self, place: Place, by_date: dict[datetime, Place]) -> None:
        entry = place.entry
        direct = [i for i in [*entry.replied, *entry.references[-1:]] if i != entry.external_id]
        named = [i for i in dict.fromkeys([*direct, *reversed(entry.references)]) if i.lower() not in self.no_ids]
        for wanted in named:
            parent = self.by_id.get(wanted)
            if parent is None:
                place.missing.append(wanted)
            elif parent is not place and wanted in direct and place.parent is None:
                self._answer(place, parent)
        if place.parent is None and entry.replied_date is not None:
            parent = by_date.get(entry.replied_date)
            if parent is not None and parent is not place:
                self._answer(place, parent)
        for wanted in named:
            if wanted != entry.external_id:
                self._unite(wanted, entry.external_id)

    def _answer(self, place: Place, parent: Place) -> None:
        above: Place | None = parent
        while above is not None:
            if above is place:
                place.entry.odd.append(_("Its references go round in a circle: cut there."))
                return
            above = above.parent
        place.parent = parent
        self._unite(parent.entry.external_id, place.entry.external_id)

    def _root(self, wanted: str) -> str:
        path = []
        while (above := self.above.get(wanted)) is not None:
            path.append(wanted)
            wanted = above
        for passed in path:
            self.above[passed] = wanted
        return wanted

    def _unite(self, one: str, other: str) -> None:
        one, other = self._root(one), self._root(other)
        if one != other:
            self.above[other] = one

    def _join_by_subject(self) -> None:
        spoken: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        ordered = sorted(self.places, key=self._when)
        for at, place in enumerate(ordered):
            if key := subject_key(place.entry.subject):
                spoken[key].append((self.date[id(place)], at))
        seen: set[str] = set()
        for place in ordered:
            root = self._root(place.entry.external_id)
            if root not in seen and place.entry.is_reply and place.parent is None:
                self._join_subject_of(place, spoken, ordered)
            seen.update((root, self._root(place.entry.external_id)))

    def _join_subject_of(
        self, place: Place, spoken: dict[str, list[tuple[datetime, int]]], ordered: list[Place]
    ) -> None:
        same = spoken.get(subject_key(place.entry.subject), [])
        date = self.date[id(place)]
        mine = self._root(place.entry.external_id)
        for said, at in reversed(same[: bisect.bisect_right(same, (date + CLOCK_SKEW, len(ordered)))]):
            if said < date - SUBJECT_WINDOW:
                return
            other = ordered[at].entry
            if self._root(other.external_id) != mine and (said <= date or not other.is_reply):
                self._unite(other.external_id, place.entry.external_id)
                return
