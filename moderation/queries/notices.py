"""A notice, for whoever gave it."""

from __future__ import annotations

from dataclasses import dataclass

from moderation.models import Decision, Notice, NoticedPlace


@dataclass(frozen=True, slots=True)
class Answered:
    """An address that was given, and the decisions about what stands there since, the newest first; none: it is being
    read."""

    address: str
    decisions: list[Decision]


@dataclass(frozen=True, slots=True)
class NoticePage:
    notice: Notice
    places: list[Answered]

    @property
    def is_answered(self) -> bool:
        return all(place.decisions for place in self.places)


def notice_page(secret: str) -> NoticePage:
    """What became of a notice; nothing of it but what its sender gave and what was decided. Three queries. Raises
    Notice.DoesNotExist."""
    notice = Notice.objects.get(secret=secret)
    places = list(NoticedPlace.objects.filter(notice=notice).order_by("pk"))
    decisions: dict[int, list[Decision]] = {}
    found = Decision.objects.filter(case__in={place.case_id for place in places}, made_at__gte=notice.created_at)
    for decision in found.select_related("text").order_by("-pk"):
        decisions.setdefault(decision.case_id or 0, []).append(decision)
    return NoticePage(notice, [Answered(place.address, decisions.get(place.case_id, [])) for place in places])
