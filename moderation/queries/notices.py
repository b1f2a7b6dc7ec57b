"""A notice, for whoever gave it."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.models import Appeal, Decision, Notice, NoticedPlace
from moderation.queries.outcomes import decisions_in


@dataclass(frozen=True, slots=True)
class Answered:
    """An address that was given, and the decisions about what stands there since, the newest first; none: it is being
    read."""

    address: str
    decisions: list[Decision]
    is_open: bool = False

    @property
    def is_answered(self) -> bool:
        return not self.is_open and bool(self.decisions)


@dataclass(frozen=True, slots=True)
class NoticePage:
    notice: Notice
    places: list[Answered]
    contested: frozenset[int] = frozenset()  # the decisions that its sender has contested

    def decision(self, decision_id: int) -> Decision | None:
        """One of the decisions that it shows."""
        shown = (one for place in self.places for one in place.decisions)
        return next((one for one in shown if one.pk == decision_id), None)

    @property
    def is_answered(self) -> bool:
        return all(place.is_answered for place in self.places)


def notice_page(secret: str) -> NoticePage:
    """What became of a notice; nothing of it but what its sender gave and what was decided. Four queries. Raises
    Notice.DoesNotExist."""
    notice = Notice.objects.get(secret=secret)
    places = list(NoticedPlace.objects.filter(notice=notice).select_related("case").order_by("pk"))
    decided = decisions_in(place.case_id for place in places)
    return NoticePage(
        notice,
        [
            Answered(
                place.address,
                [one for one in decided.get(place.case_id, []) if one.made_at >= notice.created_at],
                is_open=place.case.closed_at is None,
            )
            for place in places
        ],
        frozenset(Appeal.objects.filter(notice=notice).values_list("decision", flat=True)),
    )
