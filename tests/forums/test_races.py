"""Several at once, on a real PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from django.db import connections

from forums.actions.posts import release_held_post, reply_to_topic
from forums.models import Post
from forums.queries.counters import drift
from tests.make import held_post, make_community, make_member, make_topic
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _community():
    make_community()


def at_once(calls):
    def run(call):
        try:
            return call()
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_replies_at_once_take_places_without_gap_or_double():
    topic = make_topic()
    members = [make_member() for _ in range(8)]

    at_once([lambda m=m: reply_to_topic(topic, by=m, body="Me!", key=uuid4()) for m in members])

    topic.refresh_from_db()
    places = sorted(Post.objects.filter(topic=topic).values_list("position", flat=True))
    assert places == list(range(1, 10))
    assert topic.post_count == 9
    assert drift() == []


def test_same_reply_sent_at_once_is_one_post():
    topic, ann, key = make_topic(), make_member(), uuid4()

    posts = at_once([lambda: reply_to_topic(topic, by=ann, body="Once.", key=key)] * 5)

    assert len({post.pk for post in posts}) == 1
    assert Post.objects.filter(author=ann).count() == 1


def test_releasing_a_post_twice_at_once_counts_it_once():
    topic = make_topic()
    post = held_post(topic)

    outcomes = at_once([lambda: release_held_post(post)] * 4)

    topic.refresh_from_db()
    assert sum(isinstance(o, Refused) for o in outcomes) == 3
    assert topic.post_count == 2
