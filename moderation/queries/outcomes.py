"""What became of a case, also where that was decided elsewhere: by an undo, or on an appeal."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from moderation.models import Case, Decision, Notice, NoticedPlace


def cases_answered(decision: Decision) -> set[int]:
    """The cases of which this decision says what becomes of what was reported there: its own, that of the decision it
    undoes, and of an appeal, that of the decision which was contested. Two queries at most."""
    found = {decision.case_id, decision.undoes.case_id if decision.undoes is not None else None}
    if decision.case_id is not None:
        contested = Case.objects.filter(pk=decision.case_id).values_list("appeal__decision__case", flat=True)
        found |= set(contested)
    return {case for case in found if case is not None}


def is_about(decision: Decision, notice: Notice) -> bool:
    """Whether a decision says what becomes of something that this notice names. Three queries at most."""
    return NoticedPlace.objects.filter(
        notice=notice, case__in=cases_answered(decision), notice__created_at__lte=decision.made_at
    ).exists()


def decisions_in(cases: Iterable[int]) -> dict[int, list[Decision]]:
    """For each of these cases what was decided, the newest first. One query."""
    ids = set(cases)
    about = Q(case__in=ids) | Q(undoes__case__in=ids) | Q(case__appeal__decision__case__in=ids)
    found: dict[int, list[Decision]] = {}
    for decision in (
        Decision.objects.filter(about)
        .select_related("text", "undoes", "undone_by", "subject__post", "case__appeal__decision")
        .order_by("-pk")
    ):
        case = decision.case
        appealed = case.appeal.decision.case_id if case is not None and case.kind == Case.Kind.APPEAL else None
        undone = decision.undoes.case_id if decision.undoes is not None else None
        for answered in {decision.case_id, undone, appealed} & ids:
            found.setdefault(answered or 0, []).append(decision)
    return found
