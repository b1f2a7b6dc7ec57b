"""How topics are started; what is done to them later is in `care`, `relocation` and `withdrawal`."""

from __future__ import annotations

from collections.abc import Container
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from forums.actions.posts import publish_or_hold, sent_before, write_post
from forums.actions.rendering import rendered_for
from forums.actions.search import index_topic
from forums.actions.tags import attach_tags, insist_on_tags
from forums.actions.voting import PollPlan, open_poll
from forums.gatekeepers import Words, insist_on_confirmation, remarks_on
from forums.limits import ANNOUNCEMENTS_PER_WEEK
from forums.models import Forum, Post, Topic
from forums.models.forums import Intent
from forums.policies import may_announce, may_start_topic
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
    poll: PollPlan | None = None,
    confirmed: Container[int] | None = (),
) -> Topic:
    """Open a topic with its first post, published or held for review, and return it.

    Published, it moves the forum's counters and announces `post_published`; held, only its author and the moderators
    see it. The same `key` from the same member gives the same topic again.

    Raises Refused if `by` may not start topics there, announcements are at their cap, the forum
    asks for other tags, or the poll makes no sense; AskedFirst where a gatekeeper wants it confirmed (see
    `reply_to_topic`).
    """
    rendered = rendered_for(forum, body, by=by)
    remarks = remarks_on(Words(by, forum, body, title))
    with transaction.atomic():
        forum = Forum.objects.select_for_update(of=("self",), no_key=True).get(pk=forum.pk)
        key, again = sent_before(by, key, body)
        if again is not None:
            return again.topic
        reader = reader_for(by)
        insist(may_start_topic(reader, forum))
        intent = intent or forum.default_intent
        if intent == Intent.ANNOUNCEMENT:
            insist(may_announce(reader, forum))
            _insist_on_few_announcements(forum)
        insist_on_tags(forum, tags or [])
        insist_on_confirmation(remarks, confirmed)
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
        if poll is not None:
            open_poll(post, poll)
        publish_or_hold(post, remarks)
        index_topic(topic)
    return topic


def _insist_on_few_announcements(forum: Forum) -> None:
    since = clock.now() - timedelta(days=7)
    recent = Topic.objects.filter(forum=forum, intent=Intent.ANNOUNCEMENT, created_at__gt=since, withdrawn_at=None)
    if recent.count() >= ANNOUNCEMENTS_PER_WEEK:
        raise Refused(
            _("This forum has had %(n)d announcements within a week; more would not be read.")
            % {"n": ANNOUNCEMENTS_PER_WEEK}
        )
