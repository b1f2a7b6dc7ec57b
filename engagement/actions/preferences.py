"""Stopping and resuming a list of mails from a link in one of them."""

from __future__ import annotations

from engagement.tokens import REPLIES
from members.models import Digest, Mail, Member


def stop(member: Member, what: str) -> str:
    """Honoured at once: letters that wait are checked against it when their time comes. Safe to call again. Answers
    what had been chosen before, for `resubscribe`."""
    if what == REPLIES:
        before, member.mail = str(member.mail), Mail.NOTHING
        member.save(update_fields=["mail"])
    else:
        before, member.digest = str(member.digest), Digest.NEVER
        member.save(update_fields=["digest"])
    return before


def resubscribe(member: Member, what: str, *, as_before: str = "") -> None:
    """Undo of `stop`, offered on the same page: what had been chosen before."""
    if what == REPLIES:
        member.mail = as_before if as_before in Mail.values and as_before != Mail.NOTHING else Mail.ALL
        member.save(update_fields=["mail"])
    else:
        member.digest = as_before if as_before in Digest.values and as_before != Digest.NEVER else Digest.WEEKLY
        member.save(update_fields=["digest"])
