"""Two members who need not meet."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from members.models import Block, Member
from toolkit import clock
from toolkit.verdicts import Refused


@transaction.atomic
def block_member(member: Member, *, by: Member) -> Block:
    """Have `by` and this member not meet any more: neither stands in the other's lists, mentions, notifications and
    conversations, and their posts are folded. No message tells anybody. Safe to call again.

    Raises Refused for oneself, and for somebody who has left.
    """
    if member.pk == by.pk:
        raise Refused(_("You cannot block yourself."))
    if member.state in {Member.State.LEFT, Member.State.DECLINED}:
        raise Refused(_("This person has left."))
    block, _fresh = Block.objects.get_or_create(member=by, blocked=member, defaults={"since": clock.now()})
    return block


def unblock_member(member: Member, *, by: Member) -> int:
    """Take back one's own block. Answers 0 where there was none (the other's stands)."""
    return Block.objects.filter(member=by, blocked=member).delete()[0]
