"""The team is called: here at once, and by e-mail where that is asked for."""

from __future__ import annotations

from datetime import timedelta

from engagement.limits import CALL_LIFE_HOURS
from engagement.models import Letter, Notification
from moderation.models import Opinion, Summons
from toolkit import clock
from toolkit.ring import ring


def tell_call(summons: Summons) -> None:
    """Whoever is called finds a line among their notifications, and has a letter where the call is to be mailed; it is
    checked again when it is sent. Safe to call again."""
    now = clock.now()
    Notification.objects.bulk_create(
        [Notification(member_id=summons.member_id, kind=Notification.Kind.CALL, summons=summons, created_at=now)],
        ignore_conflicts=True,
    )
    if not summons.is_mailed:
        return
    Letter.objects.bulk_create(
        [
            Letter(
                member_id=summons.member_id,
                kind=Letter.Kind.CALL,
                summons=summons,
                not_before=now,
                expires_at=now + timedelta(hours=CALL_LIFE_HOURS),
                created_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    ring("engagement.send_letters")


def tell_of_question(opinion: Opinion) -> None:
    """Whoever is asked what they think of a case finds a line among their notifications, without a mail. Safe to call
    again."""
    Notification.objects.bulk_create(
        [
            Notification(
                member_id=opinion.member_id,
                kind=Notification.Kind.OPINION,
                opinion=opinion,
                created_at=opinion.asked_at,
            )
        ],
        ignore_conflicts=True,
    )
