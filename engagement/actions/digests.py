"""Digests: who is owed one now."""

from __future__ import annotations

from datetime import datetime, timedelta

from engagement.limits import DIGEST_GRACE_DAYS
from engagement.models import Letter
from members.models import Digest, Member
from toolkit import clock


def plan_digests() -> int:
    """Write a letter for each member whose digest is due by their own clock and who has none for that period.

    Answers how many. A member has at most one letter a period (a constraint), however often this runs.
    """
    now = clock.now()
    wanting = Member.objects.taking_part().exclude(digest=Digest.NEVER).exclude(email=None)
    letters = []
    for member in wanting.only("pk", "digest", "digest_hour", "time_zone").iterator(chunk_size=2000):
        period, due = period_due(member, now)
        if due <= now < due + timedelta(days=DIGEST_GRACE_DAYS):
            letters.append(
                Letter(
                    member=member,
                    kind=Letter.Kind.DIGEST,
                    period=period,
                    not_before=due,
                    expires_at=due + timedelta(days=DIGEST_GRACE_DAYS),
                    created_at=now,
                )
            )
    before = Letter.objects.filter(kind=Letter.Kind.DIGEST).count()
    Letter.objects.bulk_create(letters, ignore_conflicts=True, batch_size=1000)
    return Letter.objects.filter(kind=Letter.Kind.DIGEST).count() - before


def period_due(member: Member, now: datetime) -> tuple[str, datetime]:
    """The period a member's next digest tells of, and when it is due: Monday, or the 1st, at their hour.

    Weekly "2026-W47" is the ISO week that ended before the due Monday; monthly "2026-10" the month before.
    """
    local = member.local(now)
    at_hour = local.replace(hour=member.digest_hour, minute=0, second=0, microsecond=0, fold=0)
    if member.digest == Digest.MONTHLY:
        due = at_hour.replace(day=1)
        past = due - timedelta(days=1)
        return f"{past:%Y-%m}", due
    due = at_hour - timedelta(days=local.weekday())
    if due > local:  # it is Monday, before the hour: last Monday's is still the latest due
        due -= timedelta(days=7)
    year, week, _day = (due - timedelta(days=7)).isocalendar()
    return f"{year}-W{week:02d}", due
