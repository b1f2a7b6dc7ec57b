"""What reverting somebody's decisions would do."""

from __future__ import annotations

from datetime import datetime

from members.models import Member
from moderation.models import Decision


def decisions_to_revert(actor: Member, *, since: datetime, until: datetime) -> list[Decision]:
    """What somebody decided in a time and nobody has undone, the last first; not what was itself an undo, nor a part of
    a decision that is listed whole. One query."""
    return list(
        Decision.objects.filter(actor=actor, made_at__gte=since, made_at__lte=until, undone_by=None, undoes=None)
        .exclude(measure=Decision.Measure.SWEEP, together_with__isnull=False)
        .select_related("concerned", "subject__post__topic", "subject__topic", "rule", "text")
        .order_by("-pk")
    )
