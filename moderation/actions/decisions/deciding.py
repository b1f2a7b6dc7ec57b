"""Taking a decision: what is insisted on, in which order, and what is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forums.models import Appointment
from forums.readers import reader_for
from members.models import Member
from moderation.actions.cases import locked, open_case, subject_of
from moderation.actions.decisions.effects import apply, others_of, to_account
from moderation.actions.decisions.rulings import Ruling, changes_since, insist_on_reasons
from moderation.actions.letters import keep_answer
from moderation.limits import RETURNED_DAYS, SECOND_HOURS
from moderation.models import Case, Confirmation, Decision, DecisionText, Subject
from moderation.policies import M, may_decide, measures_for, needs_second, sanctions_for
from moderation.queries.settings import offered_measures
from moderation.signals import decision_made
from moderation.wording import draft_for, why_by_rule
from toolkit import clock
from toolkit.verdicts import Refused, insist

ORIGINS = {
    Case.Kind.HELD: Decision.Origin.HELD,
    Case.Kind.SIGNUP: Decision.Origin.APPLICATION,
    Case.Kind.APPEAL: Decision.Origin.APPEAL,
    Case.Kind.CONFIRM: Decision.Origin.SECOND,
    Case.Kind.LETTER: Decision.Origin.LETTER,
    Case.Kind.CLAIM: Decision.Origin.CLAIM,
    Case.Kind.NOTICE: Decision.Origin.NOTICE,
}
WAITS_FOR_ITS_AUTHOR = frozenset({M.RETURN, M.ASK_EDIT})


@transaction.atomic
def decide(case: Case, ruling: Ruling, *, by: Member) -> Decision:
    """Apply a measure, write the decision, close the case and announce `decision_made` (the author is told).

    A measure against the author that goes with it (`ruling.also`) is a decision of its own. What only a second person
    makes lasting opens a case for one. A post that is given back for a change waits in the case until it was edited.
    Locks the case, so of two moderators one decides. Raises Refused if the case is closed (naming who decided), is
    another's at this moment, is about a conversation in which `by` sat while others moderate too, does not admit the
    measure, lacks what the law asks, or has changed since the page that `ruling.seen` stands for (saying what).
    """
    case = locked(case)
    reader = reader_for(by)
    insist(may_decide(reader, case))
    _insist_on_distance(case, by)
    if case.is_claimed and case.claimed_by_id != by.pk and case.claimed_by is not None:
        raise Refused(_("%(name)s is on this case; take it over first.") % {"name": case.claimed_by.shown_name})
    offered = offered_measures()
    if ruling.measure not in measures_for(case, reader, offered):
        raise Refused(_("This measure does not fit this case."))
    if ruling.also and ruling.also not in sanctions_for(case, reader, offered):
        raise Refused(_("This measure does not fit this case."))
    insist_on_reasons(ruling)
    if ruling.measure == M.KEEP and not ruling.to_sender.strip() and case.noticed.exists():
        raise Refused(_("Say to whoever gave notice why nothing is done."))
    changed = changes_since(case, ruling.seen)
    if changed:
        raise Refused(_("This has changed since you opened it: %(what)s") % {"what": " ".join(changed)})
    if case.kind == Case.Kind.APPEAL:
        return decide_appeal(case, ruling, by)
    if case.kind == Case.Kind.CONFIRM:
        return _decide_second(case, ruling, by)
    decision = _taken(case, _complete(case, ruling, by), by)
    if ruling.also:
        _sanctioned_too(decision, ruling, by)
    _settle_after(case, ruling)
    return decision


def _complete(case: Case, ruling: Ruling, by: Member) -> Ruling:
    """With the sentences that the software writes where a person wrote none: in the language of whom it is about."""
    if ruling.measure in Decision.REASONED and ruling.rule is not None and not ruling.why.strip():
        ruling = replace(ruling, why=why_by_rule(case, ruling.rule))
    if not ruling.message.strip():
        ruling = replace(
            ruling,
            message=draft_for(
                case,
                ruling.measure,
                by=by,
                rule=ruling.rule,
                ground=ruling.ground,
                facts=ruling.facts,
                until=ruling.until,
            ),
        )
    return ruling


def _taken(case: Case, ruling: Ruling, by: Member, together_with: Decision | None = None) -> Decision:
    """Do it, write it, and ask for the second person where one is needed."""
    ends, provisional, alone = ruling.until, None, False
    if needs_second(ruling.measure, ruling.until, now=clock.now()):
        alone = not others_moderate(by)
        if not alone:
            ends = provisional = clock.now() + timedelta(hours=SECOND_HOURS)
    before, after = apply(case, ruling, by, ends=ends)
    decision = written(
        ruling, by, case=case, subject=case.subject, origin=_origin(case), before=before, after=after,
        provisional_until=provisional, was_alone=alone, together_with=together_with,
    )  # fmt: skip
    if provisional is not None or alone:
        _ask_for_second(decision)
    if ruling.measure == M.SWEEP and decision.concerned is not None:
        _answer_the_others(decision, ruling, by, case)
    keep_answer(decision)
    decision_made.send(sender=Decision, decision=decision)
    return decision


def _sanctioned_too(decision: Decision, ruling: Ruling, by: Member) -> Decision:
    """The measure against the author that goes with one about their words: about them, for the same reasons."""
    about = subject_of(member=decision.concerned)
    case = decision.case
    if case is None:
        return decision
    against = Case(pk=case.pk, kind=case.kind, subject=about, detected=case.detected)
    same = replace(ruling, measure=ruling.also, until=ruling.also_until, message="", also="", seen="")
    return _taken(against, _complete(against, same, by), by, together_with=decision)


def _ask_for_second(decision: Decision) -> Confirmation:
    case = Case.objects.create(
        subject=decision.subject, kind=Case.Kind.CONFIRM, band=Case.Band.PEOPLE, opened_at=clock.now()
    )
    due = decision.provisional_until or clock.now() + timedelta(hours=SECOND_HOURS)
    return Confirmation.objects.create(case=case, decision=decision, due_at=due)


def _answer_the_others(decision: Decision, ruling: Ruling, by: Member, case: Case) -> None:
    """What else waited about a spammer is answered by the same decision; whoever reported it is told."""
    for other in others_of(decision.concerned, case):  # type: ignore[arg-type]
        told = replace(ruling, message="")
        one = written(told, by, case=other, subject=other.subject, origin=_origin(other), together_with=decision)
        settle(other, closed=True)
        decision_made.send(sender=Decision, decision=one)


def _settle_after(case: Case, ruling: Ruling) -> None:
    if ruling.measure in WAITS_FOR_ITS_AUTHOR and case.subject is not None and case.subject.post is not None:
        settle(case, closed=False)
        case.snoozed_until = clock.now() + timedelta(days=RETURNED_DAYS)
        case.wakes_after_version = case.subject.post.version
        case.save(update_fields=["snoozed_until", "wakes_after_version"])
        return
    settle(case, closed=not (case.kind == Case.Kind.HELD and ruling.measure == M.EDIT))


def _insist_on_distance(case: Case, by: Member) -> None:
    """Who gave notice, or sat in a conversation of which something was reported, does not judge it, where somebody else
    can."""
    if case.noticed.filter(notice__member=by).exists() and others_moderate(by):
        raise Refused(_("You gave notice of this; somebody else decides."))
    post = case.subject.post if case.subject is not None else None
    if post is None or not post.topic.is_conversation:
        return
    if post.topic.seats.filter(member=by).exists() and others_moderate(by):
        raise Refused(_("You took part in this conversation; somebody else decides."))


def _judged(case: Case | None, subject: Subject | None) -> int | None:
    """The version of the post that was judged: as it stands; of a conversation, the one that was reported last."""
    post = subject.post if subject is not None else None
    if post is None or case is None or not post.topic.is_conversation:
        return post.version if post is not None else None
    reported = [case.reports.aggregate(last=Max("version")), case.noticed.aggregate(last=Max("version"))]
    return max((said["last"] for said in reported if said["last"]), default=post.version)


def _origin(case: Case) -> str:
    if case.kind == Case.Kind.REPORT and case.noticed.exists():
        return Decision.Origin.NOTICE
    if case.kind == Case.Kind.REPORT:
        return Decision.Origin.REPORT if case.reports.exists() else Decision.Origin.OWN
    return ORIGINS[Case.Kind(case.kind)]


def written(
    ruling: Ruling,
    by: Member,
    *,
    case: Case | None,
    subject: Subject | None,
    origin: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    undoes: Decision | None = None,
    provisional_until: datetime | None = None,
    was_alone: bool = False,
    together_with: Decision | None = None,
    is_for_author: bool = True,
) -> Decision:
    """The decision's two rows. Nothing is done or announced here."""
    decision = Decision.objects.create(
        case_id=case.pk if case is not None else None,
        subject=subject,
        concerned=subject.accountable if subject is not None and is_for_author else None,
        forum_id=subject.forum_id if subject is not None else None,
        actor=by,
        measure=ruling.measure,
        rule=ruling.rule,
        ground=ruling.ground,
        origin=origin,
        version=_judged(case, subject),
        was_detected_automatically=bool(case is not None and case.detected),
        made_at=clock.now(),
        until=ruling.until,
        provisional_until=provisional_until,
        was_alone=was_alone,
        together_with=together_with,
        before=before or {},
        after=after or {},
        undoes=undoes,
    )
    DecisionText.objects.create(
        decision=decision,
        facts=ruling.facts,
        why=ruling.why,
        message=ruling.message,
        to_sender=ruling.to_sender,
        note=ruling.note,
    )
    return decision


def settle(case: Case, *, closed: bool) -> None:
    """Nobody is on it any more and it is put off no longer; closed or open. The case is locked by the caller."""
    case.claimed_by = case.claimed_until = case.snoozed_by = case.snoozed_until = None
    case.wakes_after_version = case.wakes_after_place = None
    case.closed_at = clock.now() if closed else None
    case.save(
        update_fields=[
            "claimed_by", "claimed_until", "snoozed_by", "snoozed_until", "wakes_after_version",
            "wakes_after_place", "closed_at",
        ]
    )  # fmt: skip


def others_moderate(by: Member) -> bool:
    """Whether somebody else moderates the whole community now. One query."""
    others = Appointment.objects.current().filter(role=Appointment.Role.MODERATOR, forum=None).exclude(member=by)
    return others.filter(member__state=Member.State.ACTIVE).exists()


def _decide_second(case: Case, ruling: Ruling, by: Member) -> Decision:
    """A second person confirms, and the measure holds as it was meant; or does not, and it ends now."""
    first = (
        Decision.objects.select_for_update(of=("self",))
        .select_related("concerned")
        .get(pk=case.confirmation.decision_id)
    )
    if first.is_undone:
        settle(case, closed=True)
        raise Refused(_("This decision was undone already."))
    ruling = _complete(case, replace(ruling, rule=first.rule, ground=first.ground), by)
    if ruling.measure == M.LAPSE:
        from moderation.actions.decisions.undoing import undone  # noqa: PLC0415 - each needs the other

        verdict = undone(first, case, ruling, by, Decision.Origin.SECOND)
    else:
        before, after = ({}, {}) if first.was_alone else _made_lasting(first)
        ruling = replace(ruling, until=first.until)
        verdict = written(
            ruling, by, case=case, subject=first.subject, origin=Decision.Origin.SECOND, before=before, after=after
        )
        decision_made.send(sender=Decision, decision=verdict)
    settle(case, closed=True)
    return verdict


def _made_lasting(first: Decision) -> tuple[dict[str, Any], dict[str, Any]]:
    if first.until is not None and first.until <= clock.now():
        raise Refused(_("This measure would have ended by now; decide anew if it is needed."))
    person = first.concerned
    if person is None:
        raise Refused(_("This member has changed since."))
    return to_account(first.measure, person, first.until)


def open_appeal_case(decision: Decision) -> Case:
    """A case of its own for each appeal, with what the decision was about."""
    if decision.subject is None:
        return open_case(None, Case.Kind.APPEAL, Case.Band.PEOPLE)
    return Case.objects.create(
        subject=decision.subject, kind=Case.Kind.APPEAL, band=Case.Band.PEOPLE, opened_at=clock.now()
    )


def decide_appeal(case: Case, ruling: Ruling, by: Member) -> Decision:
    """The answer to an appeal, with its reasons; a reversal repairs what the decision had changed."""
    from moderation.actions.decisions.undoing import undone  # noqa: PLC0415 - each needs the other

    contested = case.appeal.decision
    if contested.actor_id == by.pk and others_moderate(by):
        raise Refused(_("You took this decision; somebody else reads the appeal."))
    if case.appeal.notice_id is not None:  # its answer is for whoever gave notice, not for the author
        ruling = replace(ruling, to_sender=ruling.message or ruling.to_sender, message="")
    if ruling.measure == M.UNDO:
        verdict = undone(
            contested,
            case,
            ruling if case.appeal.notice_id else _complete(case, ruling, by),
            by,
            Decision.Origin.APPEAL,
        )
    else:
        verdict = written(
            ruling, by, case=case, subject=case.subject, origin=Decision.Origin.APPEAL,
            is_for_author=case.appeal.notice_id is None,
        )  # fmt: skip
        decision_made.send(sender=Decision, decision=verdict)
    settle(case, closed=True)
    return verdict
