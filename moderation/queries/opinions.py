"""Second opinions about a case."""

from __future__ import annotations

from dataclasses import dataclass, field

from forums.readers import Reader
from moderation.models import Case, Opinion


@dataclass(frozen=True, slots=True)
class Opinions:
    """Who was asked about a case, and what a reader may know of it."""

    asked: list[Opinion] = field(default_factory=list)
    mine: Opinion | None = None  # asked of this reader, and still to give
    shown: list[Opinion] = field(default_factory=list)  # given, and this reader may read them

    @property
    def waiting(self) -> list[Opinion]:
        return [one for one in self.asked if one.given_at is None]

    @property
    def hidden(self) -> int:
        """How many were given that this reader may not read (yet)."""
        return len(self.asked) - len(self.waiting) - len(self.shown)


def opinions_of(reader: Reader, case: Case) -> Opinions:
    """The opinions on a case, which this reader may see. What was answered is for whoever asked, and for those who were
    asked once they have given their own: nobody leans on another. One query."""
    asked = list(case.opinions.select_related("member", "asked_by").order_by("pk"))
    own = next((one for one in asked if one.member_id == reader.member_id), None)
    has_given = own is not None and own.given_at is not None
    given = [one for one in asked if one.given_at is not None]
    return Opinions(
        asked=asked,
        mine=own if own is not None and own.given_at is None else None,
        shown=[one for one in given if has_given or one.asked_by_id == reader.member_id],
    )
