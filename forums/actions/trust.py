"""Trust from taking part: counted every night, by published rules (docs/help); it never falls by itself."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.db.models.functions import Coalesce

from forums.limits import REGULAR_AFTER_DAYS, REGULAR_AFTER_POSTS, TRUSTED_AFTER_DAYS, TRUSTED_AFTER_POSTS
from forums.models import Post
from members import signals
from members.models import Member, Trust, TrustChange
from toolkit import clock

# The higher step first, so that nobody rises twice in a night.
STEPS = (
    (Trust.MEMBER, Trust.REGULAR, REGULAR_AFTER_POSTS, REGULAR_AFTER_DAYS),
    (Trust.NEWCOMER, Trust.MEMBER, TRUSTED_AFTER_POSTS, TRUSTED_AFTER_DAYS),
)


def raise_trust() -> int:
    """Raise whoever has taken part as long and as much as the rules ask. Answers how many rose.

    Counted from joining, or from the day a person lowered it. Whoever's posts are read first waits until that is over.
    Never lowers anybody. Each raise is a row, announced by `trust_changed`. Safe to call twice; killed, it goes on.
    """
    return sum(_raise(*step) for step in STEPS)


def _raise(old: Trust, new: Trust, posts: int, days: int) -> int:
    rose = 0
    while batch := _raise_some(old, new, posts, days):
        rose += batch
    return rose


@transaction.atomic
def _raise_some(old: Trust, new: Trust, posts: int, days: int, batch: int = 200) -> int:
    now = clock.now()
    counted = Q(posts__state=Post.State.PUBLISHED, posts__topic__is_conversation=False) & (
        Q(trust_from=None) | Q(posts__published_at__gte=F("trust_from"))
    )
    ready = (
        Member.objects.taking_part()
        .annotate(since=Coalesce("trust_from", "joined_at"))
        .filter(trust=old, since__lte=now - timedelta(days=days))
        .exclude(held_until__gt=now)
        .annotate(published=Count("posts", filter=counted))
        .filter(published__gte=posts)
        .values("pk")[:batch]
    )
    ids = list(ready.values_list("pk", flat=True))
    rising = list(
        Member.objects.taking_part()
        .filter(pk__in=ids, trust=old)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
    )
    Member.objects.filter(pk__in=[member.pk for member in rising]).update(trust=new)
    changes = TrustChange.objects.bulk_create(
        [TrustChange(member=member, before=old, after=new, created_at=now) for member in rising]
    )
    for change in changes:
        signals.trust_changed.send(sender=TrustChange, change=change)
    return len(changes)
