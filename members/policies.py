"""May a member do this to their own account? Pure answers with a reason; no queries."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from members.models import Member
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
