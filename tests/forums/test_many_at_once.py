"""Fifty members who reply at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from engagement import jobs
from engagement.models import News, Notification
from forums.actions.posts import reply_to_topic
from forums.actions.reading import follow_topic
from forums.models import Forum, Topic
from forums.queries.counters import drift
from tests.make import make_forum, make_member, make_topic

PEOPLE = 50


@pytest.mark.django_db(transaction=True)
def test_fifty_replies_at_once_take_places_without_gap_or_double_and_each_is_told_once():
    forum, ann, eve = make_forum(), make_member("ann"), make_member("eve")
    topic = make_topic(forum, by=ann)
    jobs.spread_news()
    follow_topic(topic, by=eve, level="all")
    members = [make_member() for _ in range(PEOPLE)]
    keys = [uuid4() for _ in members]

    def reply(index):
        try:
            for _ in range(2):  # a double click: the same key again
                reply_to_topic(topic, by=members[index], body=f"Réponse {index}", key=keys[index])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(reply, range(PEOPLE)))

    assert list(topic.posts.order_by("position").values_list("position", flat=True)) == list(range(1, PEOPLE + 2))
    topic = Topic.objects.get(pk=topic.pk)
    assert (topic.post_count, topic.last_position, topic.last_post.position) == (PEOPLE + 1,) * 3
    assert Forum.objects.values_list("topic_count", "post_count").get(pk=forum.pk) == (1, PEOPLE + 1)
    assert News.objects.filter(told_at=None).count() == PEOPLE

    def spread(_):
        try:
            jobs.spread_news()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(spread, range(4)))
    for who in (ann, eve):
        assert Notification.objects.filter(member=who).count() == PEOPLE
        assert Notification.objects.filter(member=who).values("post").distinct().count() == PEOPLE
    assert drift() == []
