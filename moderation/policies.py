"""May X decide Y? Pure answers with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

from forums.policies import may_write
from forums.readers import Reader
from members.models import Member
from moderation.limits import APPEAL_DAYS
from moderation.models import AutomaticRule, Case, Decision, RuleTrial
from toolkit.verdicts import YES, Verdict, no

# Which measures fit which kind of case. The form offers these, the action insists on them.
MEASURES: dict[str, tuple[Decision.Measure, ...]] = {
    Case.Kind.REPORT: (
        Decision.Measure.KEEP,
        Decision.Measure.THANK,
        Decision.Measure.WORD,
        Decision.Measure.EDIT,
        Decision.Measure.HIDE,
        Decision.Measure.WARN,
    ),
    Case.Kind.HELD: (Decision.Measure.APPROVE, Decision.Measure.EDIT, Decision.Measure.REFUSE),
    Case.Kind.SIGNUP: (Decision.Measure.ADMIT, Decision.Measure.DECLINE),
    Case.Kind.APPEAL: (Decision.Measure.MAINTAIN, Decision.Measure.UNDO),
    Case.Kind.LETTER: (Decision.Measure.ANSWER, Decision.Measure.KEEP),
    Case.Kind.NOTICE: (Decision.Measure.KEEP,),
    Case.Kind.CLAIM: (Decision.Measure.HAND_OVER, Decision.Measure.NOT_OVER),
}
ABOUT_MEMBERS = (
    Decision.Measure.KEEP,
    Decision.Measure.THANK,
    Decision.Measure.WORD,
    Decision.Measure.WARN,
)


def measures_for(case: Case) -> tuple[Decision.Measure, ...]:
    if case.kind == Case.Kind.REPORT and case.subject is not None and case.subject.post_id is None:
        return ABOUT_MEMBERS
    return MEASURES[case.kind]


def may_report(reader: Reader, *, author_id: int | None) -> Verdict:
    allowed = may_write(reader)
    if not allowed and not reader.is_suspended:  # a suspended member may still report
        return no(_("Sign in to report.")) if reader.is_visitor else allowed
    if author_id == reader.member_id:
        return no(_("This is yours: edit it, or write to the team."))
    return YES


def may_decide(reader: Reader, case: Case) -> Verdict:
    subject = case.subject
    if subject is not None and subject.accountable is not None and subject.accountable.pk == reader.member_id:
        return no(_("This case is about you; somebody else decides."))
    if subject is None or subject.forum_id is None:
        return YES if reader.moderates_everywhere else no(_("This case is for moderators of the whole community."))
    return YES if reader.moderates(subject.forum_id) else no(_("You do not moderate this forum."))


def may_undo(reader: Reader, decision: Decision) -> Verdict:
    if decision.measure == Decision.Measure.UNDO:
        return no(_("To undo an undo, decide anew."))
    if decision.is_undone:
        return no(_("This decision was undone already."))
    if decision.measure == Decision.Measure.APPROVE:
        return no(_("A published post is taken back by hiding it, which needs a rule."))
    if decision.measure in {Decision.Measure.ANSWER, Decision.Measure.MAINTAIN}:
        return no(_("An answer that was sent cannot be taken back; write again."))
    if decision.measure == Decision.Measure.HAND_OVER:
        return no(_("What was handed over stands among the member’s own posts and cannot be told apart any more."))
    if decision.concerned_id == reader.member_id:
        return no(_("This decision is about you; somebody else decides."))
    if not reader.moderates(decision.forum_id):
        return no(_("You do not moderate this forum."))
    return YES


def may_appeal(reader: Reader, decision: Decision, *, now: datetime) -> Verdict:
    if decision.concerned_id != reader.member_id:
        return no(_("Only the person concerned can contest a decision."))
    if not decision.can_be_contested:
        return no(_("There is nothing to contest: no measure was taken against you."))
    if decision.is_undone:
        return no(_("This decision was undone already."))
    if now > decision.made_at + timedelta(days=APPEAL_DAYS):
        return no(_("The six months to contest this decision are over."))
    if hasattr(decision, "appeal"):
        return no(_("You have contested this decision; the answer will reach you here and by e-mail."))
    return YES


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
