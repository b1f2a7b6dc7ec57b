"""What admins and the clock do to forums and standings."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count, F, Q
from django.utils.translation import gettext as _

from forums.actions.care import fresh_where_moved
from forums.actions.rendering import names_changed
from forums.limits import (
    REGULAR_AFTER_DAYS,
    REGULAR_AFTER_POSTS,
    TRUSTED_AFTER_DAYS,
    TRUSTED_AFTER_POSTS,
)
from forums.models import Forum, Post, Topic
from members.models import Member, Trust
from toolkit import clock
from toolkit.verdicts import Refused


def archive_forum(forum: Forum) -> Forum:
    """Make a forum read-only memory. Nothing in it is lost; `unarchive_forum` undoes it."""
    Forum.objects.filter(pk=forum.pk, archived_at=None).update(archived_at=clock.now())
    forum.refresh_from_db()
    return forum


def unarchive_forum(forum: Forum) -> Forum:
    Forum.objects.filter(pk=forum.pk).update(archived_at=None)
    forum.refresh_from_db()
    return forum


def merge_forum(forum: Forum, *, into: Forum) -> int:
    """Move every topic of `forum` into another one and archive the empty forum. Answers how many topics moved.

    Raises Refused when both are the same, or the target is archived.
    """
    if forum.pk == into.pk:
        raise Refused(_("A forum cannot be merged into itself."))
    with transaction.atomic():
        locked = {f.pk: f for f in Forum.objects.select_for_update().filter(pk__in=[forum.pk, into.pk]).order_by("pk")}
        source, target = locked[forum.pk], locked[into.pk]
        if target.archived_at is not None:
            raise Refused(_("The forum to merge into is archived."))
        ids = list(Topic.objects.select_for_update().filter(forum=source).order_by("pk").values_list("pk", flat=True))
        moved = Topic.objects.filter(forum=source).update(forum=target)
        fresh_where_moved(Topic.objects.filter(pk__in=ids))
        Forum.objects.filter(pk=target.pk).update(
            topic_count=F("topic_count") + source.topic_count, post_count=F("post_count") + source.post_count
        )
        Forum.objects.filter(pk=source.pk).update(topic_count=0, post_count=0, archived_at=clock.now())
        names_changed(forum=target)
    return moved


def raise_trust() -> int:
    """Newcomers become members after 5 published posts and 3 days, members regulars after 50 and 60 days.

    Never lowers anybody. Answers how many rose. Two statements.
    """
    now = clock.now()
    rose = 0
    for old, new, posts, days in (
        (
            Trust.MEMBER,
            Trust.REGULAR,
            REGULAR_AFTER_POSTS,
            REGULAR_AFTER_DAYS,
        ),  # first, so that nobody rises twice
        (Trust.NEWCOMER, Trust.MEMBER, TRUSTED_AFTER_POSTS, TRUSTED_AFTER_DAYS),
    ):
        ready = (
            Member.objects.taking_part()
            .filter(trust=old, joined_at__lte=now - timedelta(days=days))
            .exclude(held_until__gt=now)
            .annotate(published=Count("posts", filter=Q(posts__state=Post.State.PUBLISHED)))
            .filter(published__gte=posts)
            .values("pk")
        )
        rose += Member.objects.filter(pk__in=ready).update(trust=new)
    return rose
