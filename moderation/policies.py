"""May X decide Y? Pure answers with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from forums.policies import may_write
from forums.readers import Reader
from members.models import Member
from moderation.limits import ALONE_SUSPENDS_DAYS, APPEAL_DAYS, TAKE_BACK_SECONDS
from moderation.measures import ABOUT_AN_ACCOUNT, fitting
from moderation.models import AutomaticRule, Case, CaseFile, Decision, RuleTrial
from toolkit.verdicts import YES, Verdict, no

M = Decision.Measure


def measures_for(case: Case, reader: Reader, offered: frozenset[str]) -> tuple[Decision.Measure, ...]:
    """The measures this reader may take in a case, of those that are offered here: an account is a matter for those who
    moderate everywhere, and an admin's for nobody in the queue."""
    person = case.subject.accountable if case.subject is not None else None
    measures = [m for m in fitting(case) if m in offered]
    if not reader.moderates_everywhere:
        measures = [m for m in measures if m not in ABOUT_AN_ACCOUNT]
    if person is not None and not _answers_for_itself(person):
        measures = [m for m in measures if m not in ABOUT_AN_ACCOUNT or m == M.BLOCK]
    return tuple(measures)


def sanctions_for(case: Case, reader: Reader, offered: frozenset[str]) -> tuple[Decision.Measure, ...]:
    """The measures against its author that may go with one about the words."""
    person = case.subject.accountable if case.subject is not None and case.subject.member_id is None else None
    if person is None or case.kind not in {Case.Kind.REPORT, Case.Kind.HELD}:
        return ()
    may_touch = reader.moderates_everywhere and _answers_for_itself(person)
    return tuple(m for m in Decision.SANCTIONS if m in offered and (may_touch or m == M.WARN))


def _answers_for_itself(person: Member) -> bool:
    """Whether an account can be restricted: it is somebody's, and not an admin's, whose role is taken away first."""
    return person.state in {Member.State.ACTIVE, Member.State.APPLYING} and not person.is_superuser


def needs_second(measure: str, until: datetime | None, *, now: datetime) -> bool:
    """Exclusions, and suspensions of more than a week, hold for good only once a second person has confirmed them."""
    if measure in {M.EXCLUDE, M.SWEEP}:
        return True
    return measure == M.SUSPEND and until is not None and until > now + timedelta(days=ALONE_SUSPENDS_DAYS, hours=1)


def may_report(reader: Reader, *, author_id: int | None) -> Verdict:
    allowed = may_write(reader)
    if not allowed and not reader.is_suspended:  # a suspended member may still report
        return no(_("Sign in to report.")) if reader.is_visitor else allowed
    if author_id == reader.member_id:
        return no(_("This is yours: edit it, or write to the team."))
    return YES


def may_decide(reader: Reader, case: Case) -> Verdict:
    subject = case.subject
    if case.kind == Case.Kind.CONFIRM:
        return _may_confirm(reader, case)
    if subject is not None and subject.accountable is not None and subject.accountable.pk == reader.member_id:
        return no(_("This case is about you; somebody else decides."))
    if subject is None or subject.forum_id is None:
        return YES if reader.moderates_everywhere else no(_("This case is for moderators of the whole community."))
    return YES if reader.moderates(subject.forum_id) else no(_("You do not moderate this forum."))


def may_wait_for(case: Case, what: str) -> Verdict:
    """Whether a case can be put off until an "edit" of its post, a "reply" in its topic, or ("") a day alone."""
    if what == "edit" and (case.subject is None or case.subject.post is None):
        return no(_("There is no post in this case whose edit it could wait for."))
    if what == "reply" and case.topic is None:
        return no(_("There is no topic in this case in which something new could be written."))
    if what == "reply" and case.topic is not None and case.topic.is_conversation:
        return no(_("This was written in a private conversation: the team does not follow what is said there."))
    return YES


def may_note(reader: Reader, member: Member) -> Verdict:
    """Whether this reader may keep notes on a member."""
    if not reader.moderates_everywhere:
        return no(_("Notes on members are for those who moderate the whole community."))
    if member.pk == reader.member_id:
        return no(_("This would be a note on yourself."))
    if member.state in {Member.State.PLACEHOLDER, Member.State.LEFT}:
        return no(_("Nobody has this account any more: there is nothing to note."))
    return YES


def may_tend_file(file: CaseFile, *, is_seen: bool) -> Verdict:
    """Whether something of a case file may be changed by somebody who sees it (or does not)."""
    if not is_seen:
        return no(_("This file is not for you."))
    return no(_("This file is closed.")) if file.closed_at is not None else YES


def _may_confirm(reader: Reader, case: Case) -> Verdict:
    """A second person: not who took the measure, nor whom it is about. Admins are asked where nobody else can."""
    decision = case.confirmation.decision
    if reader.member_id in {decision.actor_id, decision.concerned_id}:
        return no(_("A second person looks at this: you are not one."))
    return YES if reader.moderates_everywhere or reader.is_admin else no(_("You do not moderate this forum."))


def may_undo(reader: Reader, decision: Decision) -> Verdict:
    if decision.measure == Decision.Measure.UNDO:
        return no(_("To undo an undo, decide anew."))
    if decision.is_undone:
        return no(_("This decision was undone already."))
    if decision.measure == Decision.Measure.APPROVE:
        return no(_("A published post is taken back by hiding it, which needs a rule."))
    if decision.measure in {M.CONFIRM, M.LAPSE}:
        return no(_("What a second person said stands; undo the measure itself, or decide anew."))
    if decision.together_with_id is not None and decision.measure == M.SWEEP:
        return no(_("This was done with all their posts in one go; undo that decision."))
    if decision.measure in {Decision.Measure.ANSWER, Decision.Measure.MAINTAIN}:
        return no(_("An answer that was sent cannot be taken back; write again."))
    if decision.measure == Decision.Measure.HAND_OVER:
        return no(_("What was handed over stands among the member’s own posts and cannot be told apart any more."))
    if decision.concerned_id == reader.member_id:
        return no(_("This decision is about you; somebody else decides."))
    if not (reader.moderates(decision.forum_id) or reader.is_admin):
        return no(_("You do not moderate this forum."))
    return YES


def may_revert(reader: Reader, actor: Member) -> Verdict:
    """Taking back all that somebody decided in a time is for admins; not for one's own."""
    if not reader.is_admin:
        return no(_("Only an admin takes back all that somebody decided."))
    if actor.pk == reader.member_id:
        return no(_("These are your own decisions: undo them one by one."))
    return YES


def may_take_back(reader: Reader, decision: Decision, *, now: datetime) -> Verdict:
    """For half a minute, whoever decided takes it back without a word: nobody has been written to."""
    if decision.actor_id != reader.member_id:
        return no(_("Only whoever decided takes it back like this; you can undo it, with a reason."))
    if now > decision.made_at + timedelta(seconds=TAKE_BACK_SECONDS):
        return no(_("The half minute is over: undo it with a reason."))
    return may_undo(reader, decision)


def may_appeal(reader_id: int | None, decision: Decision, *, now: datetime, contested: bool) -> Verdict:
    """Whether the person concerned contests a decision; `contested`: they have done so. The id of the member who asks,
    also of one who cannot sign in any more."""
    if decision.concerned_id != reader_id:
        return no(_("Only the person concerned can contest a decision."))
    if not decision.can_be_contested:
        return no(_("There is nothing to contest: no measure was taken against you."))
    return _in_time(decision, now=now, contested=contested)


def may_appeal_as_notifier(decision: Decision, *, now: datetime, contested: bool) -> Verdict:
    """Whether who gave notice contests what became of it: that nothing, or too little, was done."""
    if decision.measure in {M.UNDO, M.MAINTAIN, M.LAPSE, M.CONFIRM}:
        return no(_("This was the answer to a contest; a court can still be asked."))
    if decision.is_restricting:
        return no(_("Something was done about it; if you think it is not enough, write to the team."))
    return _in_time(decision, now=now, contested=contested)


def _in_time(decision: Decision, *, now: datetime, contested: bool) -> Verdict:
    if decision.is_undone:
        return no(_("This decision was undone already."))
    if now > decision.made_at + timedelta(days=APPEAL_DAYS):
        return no(_("The six months to contest this decision are over."))
    if contested:
        return no(_("You have contested this decision; the answer will reach you here and by e-mail."))
    return YES


def may_hand_over(reader: Reader, forum_id: int | None) -> Verdict:
    """Whether a note may be handed over, or acknowledged, in this forum's team (None: the whole team's)."""
    if not reader.moderates_anywhere:
        return no(_("This page is for moderators."))
    if forum_id is None and not reader.moderates_everywhere:
        return no(_("Choose a forum that you moderate."))
    return (
        YES if reader.moderates_everywhere or reader.moderates(forum_id) else no(_("You do not moderate this forum."))
    )


def may_set_rules(member: Member) -> Verdict:
    """Automatic rules are set by those who may change them in the administration. Django keeps what it asked for."""
    if not member.has_perm("moderation.change_automaticrule"):
        return no(_("Automatic rules are set by admins."))
    return YES


def may_switch_on(member: Member, rule: AutomaticRule, trial: RuleTrial | None) -> Verdict:
    """`trial` is a finished one of exactly the conditions that the rule has, if there is one that counts."""
    allowed = may_set_rules(member)
    was_overturned = rule.switched_off_because == AutomaticRule.Off.OVERTURNED
    if not allowed or trial is not None or (rule.shipped_as == rule.fingerprint and not was_overturned):
        return allowed
    if was_overturned:
        return no(_("It was switched off by itself: try it again before you switch it on."))
    return no(_("Try it first: there is no finished trial of exactly these conditions."))
