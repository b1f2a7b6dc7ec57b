"""Decisions: every measure, its undo, and the appeal against it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from forums.actions.posts import (
    hide_post,
    hold_again,
    refuse_held_post,
    release_held_post,
    revise_post,
    show_post_again,
)
from forums.models import Appointment, Post, Rule
from forums.readers import reader_for
from members.actions.claims import confirm_claim, decline_claim, put_claim_back
from members.actions.joining import admit, decline, put_back_to_waiting
from members.models import Member
from moderation.actions.cases import locked, open_case
from moderation.models import AllowedDomain, Appeal, Case, Decision, DecisionText, NoticedPlace, Subject
from moderation.policies import may_appeal, may_decide, may_undo, measures_for
from moderation.signals import decision_made
from toolkit import clock
from toolkit.verdicts import Refused, insist

M = Decision.Measure

ORIGINS = {
    Case.Kind.HELD: Decision.Origin.HELD,
    Case.Kind.SIGNUP: Decision.Origin.APPLICATION,
    Case.Kind.APPEAL: Decision.Origin.APPEAL,
    Case.Kind.LETTER: Decision.Origin.LETTER,
    Case.Kind.CLAIM: Decision.Origin.CLAIM,
    Case.Kind.NOTICE: Decision.Origin.NOTICE,
}


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a moderator fills in: the measure and everything that the statement of reasons is made from."""

    measure: str
    rule: Rule | None = None
    ground: str = ""
    why: str = ""
    facts: str = ""
    message: str = ""
    to_sender: str = ""
    note: str = ""
    body: str = ""
    version: int = 0
    allow_domains: list[str] = field(default_factory=list)


@transaction.atomic
def decide(case: Case, ruling: Ruling, *, by: Member) -> Decision:
    """Apply a measure, write the decision, close the case and announce `decision_made` (the author is told).

    Locks the case, so of two moderators one decides. Raises Refused if the case is closed (naming who decided), is
    another's at this moment, is about a conversation in which `by` sat while others moderate too, does not admit the
    measure, lacks what the law asks, or has changed underneath.
    """
    case = locked(case)
    insist(may_decide(reader_for(by), case))
    _insist_on_distance(case, by)
    if case.is_claimed and case.claimed_by_id != by.pk and case.claimed_by is not None:
        raise Refused(_("%(name)s is on this case; take it over first.") % {"name": case.claimed_by.shown_name})
    if ruling.measure not in measures_for(case):
        raise Refused(_("This measure does not fit this case."))
    _insist_on_reasons(ruling)
    if ruling.measure == M.KEEP and not ruling.to_sender.strip() and case.noticed.exists():
        raise Refused(_("Say to whoever gave notice why nothing is done."))
    if case.kind == Case.Kind.APPEAL:
        return _decide_appeal(case, ruling, by)
    before, after = _apply(case, ruling, by)
    decision = _written(ruling, by, case=case, subject=case.subject, origin=_origin(case), before=before, after=after)
    stays_open = case.kind == Case.Kind.HELD and ruling.measure == M.EDIT
    _settle(case, closed=not stays_open)
    decision_made.send(sender=Decision, decision=decision)
    return decision


def _insist_on_distance(case: Case, by: Member) -> None:
    """Who gave notice, or sat in a conversation of which something was reported, does not judge it, where somebody else
    can."""
    if case.noticed.filter(notice__member=by).exists() and _others_moderate(by):
        raise Refused(_("You gave notice of this; somebody else decides."))
    post = case.subject.post if case.subject is not None else None
    if post is None or not post.topic.is_conversation:
        return
    if post.topic.seats.filter(member=by).exists() and _others_moderate(by):
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


def _insist_on_reasons(ruling: Ruling) -> None:
    if ruling.measure in {M.HIDE, M.WARN} and ruling.rule is None and not ruling.ground:
        raise Refused(_("Name the rule, or the ground of law."))
    if ruling.ground and ruling.measure in {M.HIDE, M.WARN, M.EDIT, M.REFUSE} and not ruling.why.strip():
        raise Refused(_("Say why the facts are against the law."))
    if ruling.measure in {M.HIDE, M.WARN, M.EDIT, M.REFUSE} and not ruling.facts.strip():
        raise Refused(_("State the facts: what was written or done."))
    if ruling.measure in {M.WORD, M.ANSWER, M.MAINTAIN, M.DECLINE, M.NOT_OVER} and not ruling.message.strip():
        raise Refused(_("Write what you want to say."))


def _apply(case: Case, ruling: Ruling, by: Member) -> tuple[dict[str, Any], dict[str, Any]]:
    """Do what the measure says. Answers what stood before and after, for the undo."""
    post = case.subject.post if case.subject else None
    member = case.subject.member if case.subject else None
    if ruling.measure == M.HIDE and post is not None:
        hide_post(post, rule=ruling.rule, note=ruling.facts[:400])
        return {"state": Post.State.PUBLISHED}, {"state": Post.State.REMOVED}
    if ruling.measure == M.EDIT and post is not None:
        before = {"body": post.body, "version": post.version}
        changed = revise_post(post, by=by, body=ruling.body, version=ruling.version, reason=ruling.facts[:400])
        return before, {"version": changed.version}
    if ruling.measure == M.APPROVE and post is not None:
        release_held_post(post)
        for domain in ruling.allow_domains:
            AllowedDomain.objects.get_or_create(domain=domain, defaults={"added_by": by})
    elif ruling.measure == M.REFUSE and post is not None:
        refuse_held_post(post)
    elif ruling.measure == M.ADMIT and member is not None:
        admit(member)
    elif ruling.measure == M.DECLINE and member is not None:
        decline(member)
    elif ruling.measure == M.HAND_OVER and case.claim is not None:
        confirm_claim(case.claim)
    elif ruling.measure == M.NOT_OVER and case.claim is not None:
        decline_claim(case.claim)
    return {}, {}


def _written(
    ruling: Ruling,
    by: Member,
    *,
    case: Case | None,
    subject: Subject | None,
    origin: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    undoes: Decision | None = None,
) -> Decision:
    decision = Decision.objects.create(
        case=case,
        subject=subject,
        concerned=subject.accountable if subject is not None else None,
        forum_id=subject.forum_id if subject is not None else None,
        actor=by,
        measure=ruling.measure,
        rule=ruling.rule,
        ground=ruling.ground,
        origin=origin,
        version=_judged(case, subject),
        was_detected_automatically=bool(case is not None and case.detected),
        made_at=clock.now(),
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


def _settle(case: Case, *, closed: bool) -> None:
    case.claimed_by = case.claimed_until = case.snoozed_until = None
    case.closed_at = clock.now() if closed else None
    case.save(update_fields=["claimed_by", "claimed_until", "snoozed_until", "closed_at"])


@transaction.atomic
def undo(decision: Decision, *, by: Member, reason: str) -> Decision:
    """Take a decision back by a decision of its own: the row is as before, the case waits again, the person is told.

    Raises Refused if it was undone already, cannot be, or if what it changed has changed since.
    """
    case = Case.objects.select_for_update().get(pk=decision.case_id) if decision.case_id else None
    return _undone(decision, case, Ruling(M.UNDO, facts=reason, message=reason), by, Decision.Origin.OWN)


def _undone(decision: Decision, case: Case | None, ruling: Ruling, by: Member, origin: str) -> Decision:
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    insist(may_undo(reader_for(by), decision))
    _restore(decision, by)
    back = _written(ruling, by, case=case, subject=decision.subject, origin=origin, undoes=decision)
    if case is not None and decision.case_id == case.pk and case.closed_at is not None:
        _reopen(case)
    decision_made.send(sender=Decision, decision=back)
    return back


def _reopen(case: Case) -> None:
    """It waits again; where another case of the same thing is open, what notices say of it is answered there."""
    try:
        with transaction.atomic():
            _settle(case, closed=False)
    except IntegrityError:
        case.refresh_from_db()
        twin = Case.objects.open().filter(subject=case.subject_id, kind=case.kind).exclude(pk=case.pk).first()
        NoticedPlace.objects.filter(case=case).update(case=twin or case)


def _restore(decision: Decision, by: Member) -> None:
    post = decision.subject.post if decision.subject else None
    member = decision.subject.member if decision.subject else None
    if decision.measure == M.HIDE and post is not None:
        show_post_again(post)
    elif decision.measure == M.EDIT and post is not None:
        revise_post(
            post,
            by=by,
            body=decision.before["body"],
            version=decision.after["version"],
            reason=_("The edit by the moderation was undone."),
        )
    elif decision.measure == M.REFUSE and post is not None:
        hold_again(post)
    elif decision.measure == M.ADMIT and member is not None:
        put_back_to_waiting(member, was=Member.State.ACTIVE)
    elif decision.measure == M.NOT_OVER and decision.case is not None and decision.case.claim is not None:
        put_claim_back(decision.case.claim)
    elif decision.measure == M.DECLINE and member is not None:
        put_back_to_waiting(member, was=Member.State.DECLINED)


@transaction.atomic
def appeal(decision: Decision, *, by: Member, happened: str, wanted: str) -> Appeal:
    """Contest a decision about oneself, within six months. It waits in the queue for somebody else."""
    decision = Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)
    insist(may_appeal(reader_for(by), decision, now=clock.now()))
    case = open_case(decision.subject, Case.Kind.APPEAL, Case.Band.PEOPLE)
    return Appeal.objects.create(
        case=case, decision=decision, member=by, happened=happened, wanted=wanted, created_at=clock.now()
    )


def _decide_appeal(case: Case, ruling: Ruling, by: Member) -> Decision:
    contested = case.appeal.decision
    if contested.actor_id == by.pk and _others_moderate(by):
        raise Refused(_("You took this decision; somebody else reads the appeal."))
    if ruling.measure == M.UNDO:
        verdict = _undone(contested, case, ruling, by, Decision.Origin.APPEAL)
    else:
        verdict = _written(ruling, by, case=case, subject=case.subject, origin=Decision.Origin.APPEAL)
        decision_made.send(sender=Decision, decision=verdict)
    _settle(case, closed=True)
    return verdict


def _others_moderate(by: Member) -> bool:
    return Appointment.objects.current().filter(role=Appointment.Role.MODERATOR, forum=None).exclude(member=by).exists()
