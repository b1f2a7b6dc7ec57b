"""Placeholders for those who wrote: found again by where they come from, made once, never mailed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models.functions import Coalesce

from members.actions.joining import make_placeholder
from members.models import Member
from toolkit.text import one_line

PEOPLE_AT_ONCE = 100  # placeholders made in one transaction


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody of an archive. `source` tells them apart from everybody else who was ever imported."""

    source: str
    name: str
    language: str
    since: datetime
    handle: str = ""  # what their username here is made of; else the name


class People:
    """The members that the people of this run are, by source. Who has claimed a placeholder writes as themselves."""

    def __init__(self) -> None:
        self.ids: dict[str, int] = {}
        self.usernames: dict[str, str] = {}  # of the placeholder, which a text names
        self.made: set[str] = set()

    def find_or_make(self, people: Iterable[Person]) -> None:
        """Know all of these. Makes those that nobody has imported yet; two runs at once make nobody twice."""
        wanted = {person.source: person for person in people if person.source not in self.ids}
        missing = list(wanted.values())
        while missing:
            batch, missing = missing[:PEOPLE_AT_ONCE], missing[PEOPLE_AT_ONCE:]
            self._find_or_make({person.source: person for person in batch})

    @transaction.atomic
    def _find_or_make(self, wanted: dict[str, Person]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext('commune placeholders'))")
        found = Member.objects.filter(source__in=wanted).annotate(now=Coalesce("claimed_by", "pk")).order_by("-pk")
        for source, pk, username in found.values_list("source", "now", "username"):
            self.ids[source], self.usernames[source] = pk, username
        for source, person in wanted.items():
            if source in self.ids:
                continue
            member = make_placeholder(
                name=one_line(person.name),
                source=source,
                language=person.language,
                joined_at=person.since,
                wanted=person.handle,
            )
            self.ids[source], self.usernames[source] = member.pk, member.username
            self.made.add(source)
