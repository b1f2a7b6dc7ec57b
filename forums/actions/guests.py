"""Who is invited into a forum that is open to those who are."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from forums import signals
from forums.models import Forum, ForumGuest
from forums.policies import may_invite_into
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def invite_into(forum: Forum, member: Member, *, by: Member) -> ForumGuest:
    """Let a member into a forum that is open to those who are invited, and announce `guest_invited` (they are told).
    Safe to call again.

    Raises Refused if `by` does not host the forum, or the member does not take part.
    """
    insist(may_invite_into(reader_for(by), forum))
    if member.state != Member.State.ACTIVE:
        raise Refused(_("This person does not take part in the community."))
    guest, fresh = ForumGuest.objects.get_or_create(
        forum=forum, member=member, defaults={"invited_by": by, "since": clock.now()}
    )
    if fresh:
        signals.guest_invited.send(sender=ForumGuest, guest=guest)
    return guest


@transaction.atomic
def withdraw_invitation(forum: Forum, member: Member, *, by: Member) -> int:
    """Let a guest in no longer; what they wrote stays. Guests leave by themselves the same way. Answers 0 where they
    were none.

    Raises Refused if `by` is neither the guest nor a host of the forum.
    """
    if by.pk != member.pk:
        insist(may_invite_into(reader_for(by), forum))
    return ForumGuest.objects.filter(forum=forum, member=member).delete()[0]
