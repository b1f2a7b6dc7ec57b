"""The quiet lines of a topic: columns set, counters moved, and what was done written down. For the actions of this app,
under the topic's lock: nothing here asks whether somebody may.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, QuerySet
from django.utils.dateparse import parse_datetime

from forums import signals
from forums.actions.rendering import names_changed
from forums.actions.search import index_topic
from forums.actions.tags import attach_tags
from forums.models import Forum, Topic, TopicEvent
from members.models import Community, Member
from toolkit import clock

Kind = TopicEvent.Kind
OPEN: dict[str, Any] = {"closed_at": None, "closed_by_id": None, "closed_reason": "", "closed_until": None}


def plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def rich(name: str, value: Any) -> Any:
    is_moment = isinstance(Topic._meta.get_field(name), DateTimeField)
    return parse_datetime(value) if is_moment and value is not None else value


def locked(topic: Topic) -> Topic:
    return Topic.objects.select_for_update(of=("self",), no_key=True).select_related("forum").get(pk=topic.pk)


def changed(
    topic: Topic, kind: str, by: Member, reason: str, *, undoes: TopicEvent | None = None, **columns: Any
) -> TopicEvent:
    """Set these columns of a locked topic, move the forums' counters accordingly, and write the line.

    For the actions of this app: it asks nobody.
    """
    before = {name: plain(getattr(topic, name)) for name in columns}
    was_listed, was_in, said = is_listed(topic), topic.forum_id, topic.title
    for name, value in columns.items():
        setattr(topic, name, value)
    topic.save(update_fields=[*columns, "slug"])
    if topic.forum_id != was_in:
        fresh_where_moved(Topic.objects.filter(pk=topic.pk))
    recount_forums(topic, was_in=was_in, was_listed=was_listed)
    if topic.title != said:
        index_topic(topic)
    if topic.title != said or topic.forum_id != was_in or is_listed(topic) != was_listed:
        names_changed(topic=topic)
    after = {name: plain(getattr(topic, name)) for name in columns}
    return written(topic, kind, by, reason, before, after, undoes=undoes)


def fresh_where_moved(topics: QuerySet[Topic]) -> None:
    """Topics that came into another forum count as fresh there, the recent ones: whoever had not read them where they
    were would otherwise miss them where all else is read."""
    now = clock.now()
    since = now - timedelta(days=Community.current().unread_days)
    topics.filter(fresh_at__gt=since).update(fresh_at=now)


def is_listed(topic: Topic) -> bool:
    """What the database's column of this name will say once the row is saved."""
    return (
        topic.published_at is not None
        and topic.unlisted_at is None
        and topic.withdrawn_at is None
        and topic.merged_into_id is None
    )


def recount_forums(topic: Topic, *, was_in: int | None, was_listed: bool, posts_before: int | None = None) -> None:
    """Move the counters of the forum a topic is in, and of the one it was in. The topic is locked by the caller."""
    if was_in is None or topic.forum_id is None:  # a conversation is in none
        return
    posts_before = topic.post_count if posts_before is None else posts_before
    moves = {was_in: (-int(was_listed), -posts_before)}
    topics, posts = moves.get(topic.forum_id, (0, 0))
    moves[topic.forum_id] = (topics + int(is_listed(topic)), posts + topic.post_count)
    for forum in sorted(moves):
        topics, posts = moves[forum]
        if topics or posts:
            Forum.objects.filter(pk=forum).update(
                topic_count=F("topic_count") + topics, post_count=F("post_count") + posts
            )


def written(
    topic: Topic,
    kind: str,
    by: Member,
    reason: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    undoes: TopicEvent | None = None,
    place: int | None = None,
) -> TopicEvent:
    """Write the quiet line and announce it."""
    event = TopicEvent.objects.create(
        topic=topic,
        kind=kind,
        actor=by,
        reason=reason,
        place=topic.last_position if place is None else place,
        before=dict(before),
        after=dict(after),
        undoes=undoes,
        created_at=clock.now(),
    )
    signals.topic_changed.send(sender=TopicEvent, event=event)
    return event


def tag_anew(topic: Topic, tags: list[str]) -> None:
    topic.tagged.all().delete()
    topic.tag_names = []
    topic.save(update_fields=["tag_names", "slug"])
    attach_tags(topic, tags)
    index_topic(topic)
