"""Stopping and resuming a list of mails from a link in one of them."""

from __future__ import annotations

from engagement.tokens import REPLIES
from members.models import Digest, Member


def stop(member: Member, what: str) -> None:
    """Honoured at once: letters that wait are checked against it when their time comes. Safe to call again."""
    if what == REPLIES:
        member.wants_reply_mail = False
        member.save(update_fields=["wants_reply_mail"])
    else:
        member.digest = Digest.NEVER
        member.save(update_fields=["digest"])


def resubscribe(member: Member, what: str) -> None:
    """Undo of `stop`, offered on the same page."""
    if what == REPLIES:
        member.wants_reply_mail = True
        member.save(update_fields=["wants_reply_mail"])
    else:
        member.digest = Digest.WEEKLY
        member.save(update_fields=["digest"])
