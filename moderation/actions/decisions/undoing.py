"""Taking decisions back: in the first half minute, later with a reason, and all that somebody decided in a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation.actions.decisions.deciding import settle, written
from moderation.actions.decisions.effects import restore
from moderation.actions.decisions.rulings import Ruling
from moderation.models import Case, Decision, NoticedPlace
from moderation.policies import M, may_revert, may_take_back, may_undo
from moderation.queries.reverting import decisions_to_revert
from moderation.signals import decision_made
from toolkit import clock
from toolkit.text import is_blank
from toolkit.verdicts import Refused, insist


@transaction.atomic
def undo(decision: Decision, *, by: Member, reason: str) -> Decision:
    """Take a decision back by a decision of its own: the row is as before, the case waits again, the person is told.

    Raises Refused if it was undone already, cannot be, or if what it changed has changed since.
    """
    return undone(decision, _its_case(decision), Ruling(M.UNDO, facts=reason, message=reason), by, Decision.Origin.OWN)


@transaction.atomic
def take_back(decision: Decision, *, by: Member) -> Decision:
    """Within half a minute whoever decided takes it back without a word: the row is as before, the case waits again,
    and whoever would have been told is not. Raises Refused later, for others, and as `undo` does."""
    case = _its_case(decision)
    insist(may_take_back(reader_for(by), decision, now=clock.now()))
    if case is not None and case.noticed.exists():
        raise Refused(_("Whoever gave notice has been written to: undo it with a reason."))
    return undone(decision, case, Ruling(M.UNDO), by, Decision.Origin.OWN, after={"taken_back": True})


def _its_case(decision: Decision) -> Case | None:
    return Case.objects.select_for_update(of=("self",)).get(pk=decision.case_id) if decision.case_id else None


def undone(
    decision: Decision,
    case: Case | None,
    ruling: Ruling,
    by: Member,
    origin: str,
    *,
    after: dict[str, Any] | None = None,
) -> Decision:
    """Put back what a decision changed and write that it is undone. For the actions here, which locked the case."""
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    insist(may_undo(reader_for(by), decision))
    restore(decision, by)
    back = written(ruling, by, case=case, subject=decision.subject, origin=origin, undoes=decision, after=after)
    if case is not None and decision.case_id == case.pk and decision.together_with_id is None:
        _wait_again(case)
    for one in decision.companions.filter(undone_by=None, measure=M.SWEEP).order_by("pk"):
        written(Ruling(M.UNDO), by, case=one.case, subject=one.subject, origin=origin, undoes=one)
        if one.case is not None:
            _wait_again(Case.objects.select_for_update(of=("self",)).get(pk=one.case.pk))
    _no_second_any_more(decision, but=case)
    decision_made.send(sender=Decision, decision=back)
    return back


def _no_second_any_more(decision: Decision, but: Case | None) -> None:
    """Nobody needs to confirm what was undone."""
    waiting = Case.objects.open().filter(confirmation__decision=decision).exclude(pk=but.pk if but is not None else 0)
    for case in waiting.select_for_update(of=("self",)):
        settle(case, closed=True)


def _wait_again(case: Case) -> None:
    """It waits again; where another case of the same thing is open, what notices say of it is answered there."""
    try:
        with transaction.atomic():
            settle(case, closed=False)
    except IntegrityError:
        case.refresh_from_db()
        twin = Case.objects.open().filter(subject=case.subject_id, kind=case.kind).exclude(pk=case.pk).first()
        NoticedPlace.objects.filter(case=case).update(case=twin or case)


def revert(
    actor: Member, *, since: datetime, until: datetime, by: Member, reason: str
) -> tuple[list[Decision], list[tuple[Decision, str]]]:
    """Undo everything that `actor` decided between two moments, the last first. Answers what was undone, and what could
    not be, with the reason. Each is a decision of its own: what cannot be undone does not stop the rest.

    Raises Refused if `by` is not an admin, or gives no reason.
    """
    insist(may_revert(reader_for(by), actor))
    if is_blank(reason):
        raise Refused(_("Say why, in one sentence."))
    return _undone_one_by_one(decisions_to_revert(actor, since=since, until=until), by, reason)


def _undone_one_by_one(
    decisions: Sequence[Decision], by: Member, reason: str
) -> tuple[list[Decision], list[tuple[Decision, str]]]:
    back, left = [], []
    ruling = Ruling(M.UNDO, facts=reason, message=reason)
    for decision in decisions:
        try:
            with transaction.atomic():
                back.append(undone(decision, _its_case(decision), ruling, by, Decision.Origin.OWN))
        except Refused as refusal:
            left.append((decision, str(refusal.reason)))
    return back, left
