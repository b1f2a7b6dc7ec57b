"""What is done to topics: started, and cared for."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from forums import gatekeepers
from forums.actions.posts import publish_or_hold, write_post
from forums.actions.rendering import rendered_for
from forums.actions.search import index_topic
from forums.actions.tags import attach_tags
from forums.models import Forum, Post, Topic, TopicEvent
from forums.models.forums import Intent
from forums.policies import may_accept, may_announce, may_care_for, may_set_status, may_start_topic
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


def start_topic(
    forum: Forum,
    *,
    by: Member,
    title: str,
    body: str,
    key: UUID,
    tags: list[str] | None = None,
    intent: str = "",
    lang: str = "",
    origin: str = Post.Origin.MEMBER,
) -> Topic:
    """Open a topic with its first post, published or held for review, and return it.

    Published, it moves the forum's counters and announces `post_published`; held, only its author and the moderators
    see it. The same `key` from the same member gives the same topic again.

    Raises Refused if `by` may not start topics there.
    """
    rendered = rendered_for(forum, body)
    held_because = gatekeepers.reason_to_hold(by, forum, body)
    with transaction.atomic():
        again = Post.objects.select_related("topic").filter(author=by, idempotency_key=key).first()
        if again is not None:
            return again.topic
        forum = Forum.objects.select_for_update(of=("self",), no_key=True).get(pk=forum.pk)
        reader = reader_for(by)
        insist(may_start_topic(reader, forum))
        intent = intent or forum.default_intent
        if intent == Intent.ANNOUNCEMENT:
            insist(may_announce(reader, forum))
        topic = Topic.objects.create(
            forum=forum,
            author=by,
            title=title,
            intent=intent,
            lang=lang or forum.post_language or by.language,
            created_at=clock.now(),
        )
        attach_tags(topic, tags or [])
        post = write_post(topic, by, body, rendered, key=key, lang=topic.lang, origin=origin)
        publish_or_hold(post, held_because)
        index_topic(topic)
    return topic


def close_topic(topic: Topic, *, by: Member, reason: str) -> TopicEvent:
    """Close to new replies, without blame, with a public reason. Undone by `reopen_topic`.

    Raises Refused if `by` does not host the forum, or the topic is closed already.
    """
    with transaction.atomic():
        topic = _locked(topic)
        insist(may_care_for(reader_for(by), topic))
        if topic.closed_at is not None:
            raise Refused(_("This topic is closed already."))
        topic.closed_at, topic.closed_by, topic.closed_reason = clock.now(), by, reason
        topic.save(update_fields=["closed_at", "closed_by", "closed_reason", "slug"])
        return _event(topic, TopicEvent.Kind.CLOSED, by, reason)


def reopen_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Open a closed topic to replies again. Raises Refused if `by` does not host the forum, or it is open."""
    with transaction.atomic():
        topic = _locked(topic)
        insist(may_care_for(reader_for(by), topic))
        if topic.closed_at is None:
            raise Refused(_("This topic is open already."))
        topic.closed_at, topic.closed_by, topic.closed_reason = None, None, ""
        topic.save(update_fields=["closed_at", "closed_by", "closed_reason", "slug"])
        return _event(topic, TopicEvent.Kind.REOPENED, by, reason)


def pin_topic(topic: Topic, *, by: Member, until: datetime | None) -> TopicEvent:
    """Keep a topic at the top of its forum until a date, or (None) no longer. Raises Refused if `by` does not host."""
    with transaction.atomic():
        topic = _locked(topic)
        insist(may_care_for(reader_for(by), topic))
        before = topic.pinned_until
        topic.pinned_until = until
        topic.save(update_fields=["pinned_until", "slug"])
        kind = TopicEvent.Kind.PINNED if until else TopicEvent.Kind.UNPINNED
        return _event(
            topic,
            kind,
            by,
            "",
            {"until": before and before.isoformat()},
            {"until": until and until.isoformat()},
        )


def accept_answer(topic: Topic, post: Post | None, *, by: Member) -> Topic:
    """Mark the post that answered a question, or (None) take the mark away.

    Raises Refused if `by` neither asked nor hosts, or the post is not a published reply of this topic.
    """
    with transaction.atomic():
        topic = _locked(topic)
        insist(may_accept(reader_for(by), topic))
        if post is not None:
            post = Post.objects.get(pk=post.pk)
            if post.topic_id != topic.pk or post.state != Post.State.PUBLISHED or post.is_first:
                raise Refused(_("Only a published reply of this topic can be its answer."))
        topic.accepted_post = post
        topic.save(update_fields=["accepted_post", "slug"])
    return topic


def set_status(topic: Topic, status: str, *, by: Member, reason: str) -> TopicEvent:
    """Say what becomes of an idea or of feedback, with a public sentence. Raises Refused if `by` does not host."""
    with transaction.atomic():
        topic = _locked(topic)
        insist(may_set_status(reader_for(by), topic))
        if not reason:
            raise Refused(_("Say why, in one sentence."))
        before = topic.status
        topic.status, topic.status_reason = status, reason
        topic.save(update_fields=["status", "status_reason", "slug"])
        return _event(topic, TopicEvent.Kind.STATUS, by, reason, {"status": before}, {"status": status})


def _locked(topic: Topic) -> Topic:
    return Topic.objects.select_for_update(of=("self",)).select_related("forum").get(pk=topic.pk)


def _event(
    topic: Topic,
    kind: str,
    by: Member,
    reason: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> TopicEvent:
    return TopicEvent.objects.create(
        topic=topic,
        kind=kind,
        actor=by,
        reason=reason,
        place=topic.last_position,
        before=before or {},
        after=after or {},
        created_at=clock.now(),
    )
