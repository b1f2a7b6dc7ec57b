"""May a member do this to their own account, and with an imported name? Pure answers with a reason; no queries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.models import Claim, Member
from toolkit.verdicts import YES, Verdict, no


def may_change_self(member: Member) -> Verdict:
    """Profile, picture and hats: those who take part, also while they are suspended."""
    if member.state == Member.State.LEAVING:
        return no(_("Your account is closing; keep it first."))
    if member.state == Member.State.APPLYING:
        return no(_("Your request to join is being read; you can do this once it is accepted."))
    return YES if member.state == Member.State.ACTIVE else no(_("This account is closed."))


def may_close(member: Member) -> Verdict:
    """Close one's own account: whoever takes part, also while they are suspended."""
    if member.state == Member.State.LEAVING:
        return no(_("Your account is closing already."))
    return may_change_self(member)


def may_claim(member: Member, placeholder: Member, *, asked_today: int, at_most: int) -> Verdict:
    """Whether a member may say that an imported name is theirs."""
    if placeholder.state != Member.State.PLACEHOLDER:
        return no(_("This is not an imported name."))
    if placeholder.claimed_by_id == member.pk:
        return no(_("This name is yours already."))
    if placeholder.claimed_by_id is not None:
        return no(_("Somebody has claimed this name already. If it is yours, write to the team."))
    if member.state != Member.State.ACTIVE:
        return no(_("Once you are a member, you can claim what you wrote elsewhere."))
    if member.is_suspended:
        return no(_("You are suspended; claim this name once that is over."))
    if asked_today >= at_most:
        return no(_("You have asked often today. Try again tomorrow."))
    return YES


def may_confirm(member: Member, claim: Claim) -> Verdict:
    """Whether the link of a mail confirms this claim now, for whoever opens it."""
    if claim.claimant_id != member.pk:
        return no(_("This link is for the member who asked for it. Sign in as that member."))
    if not claim.link_is_good:
        return no(_("This link was used, or is too old. Ask for another."))
    return may_claim(member, claim.placeholder, asked_today=0, at_most=1)
