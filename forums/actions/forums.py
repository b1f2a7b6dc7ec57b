"""What admins do to forums."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from forums.actions.lines import fresh_where_moved
from forums.actions.rendering import names_changed
from forums.models import Forum, Topic
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
