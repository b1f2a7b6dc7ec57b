from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from forums.actions.care import close_topic
from forums.actions.posts import edit_post, hide_post, release_held_post, reply_to_topic, show_post_again
from forums.models import Post, Topic
from forums.queries.counters import drift
from tests.make import (
    held_post,
    make_community,
    make_forum,
    make_host,
    make_member,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def test_reply_takes_the_next_place_and_moves_the_counters():
    topic = make_topic()
    ann = make_member()

    post = make_reply(topic, by=ann)

    topic.refresh_from_db()
    assert (post.position, topic.post_count, topic.last_post, topic.last_author) == (2, 2, post, ann)
    topic.forum.refresh_from_db()
    assert (topic.forum.topic_count, topic.forum.post_count) == (1, 2)
    assert drift() == []


def test_reply_sent_twice_is_one_post():
    topic, ann, key = make_topic(), make_member(), uuid4()

    first = reply_to_topic(topic, by=ann, body="Once.", key=key)
    second = reply_to_topic(topic, by=ann, body="Once.", key=key)

    assert first == second
    assert topic.posts.count() == 2


def test_reply_to_a_closed_topic_is_refused_with_the_reason_shown_on_the_page():
    forum = make_forum()
    topic = make_topic(forum)
    close_topic(topic, by=make_host(forum), reason="Everything was said.")

    with pytest.raises(Refused, match="closed to new replies"):
        make_reply(topic)

    assert topic.posts.count() == 1


def test_host_may_reply_to_a_closed_topic():
    forum = make_forum()
    host, topic = make_host(forum), make_topic(forum)
    close_topic(topic, by=host, reason="Everything was said.")

    assert make_reply(topic, by=host).position == 2


def test_suspended_member_may_not_reply_until_the_date():
    ann = make_member(suspended_until=timezone.now() + timedelta(days=1))
    topic = make_topic()

    with pytest.raises(Refused, match="You can read, but not write, until"):
        make_reply(topic, by=ann)

    ann.suspended_until = timezone.now() - timedelta(seconds=1)
    ann.save()
    assert make_reply(topic, by=ann).position == 2


def test_member_outside_a_sealed_forum_may_not_reply():
    topic = make_topic(make_forum(), by=make_member())
    topic.forum.access.all().delete()

    with pytest.raises(Refused, match="not write in it"):
        make_reply(topic)


def test_held_post_takes_no_place_and_moves_no_counter():
    topic = make_topic()

    post = held_post(topic)

    topic.refresh_from_db()
    assert (post.position, post.published_at, topic.post_count, topic.last_position) == (None, None, 1, 1)


def test_released_post_takes_the_place_after_those_published_meanwhile():
    topic = make_topic()
    post = held_post(topic)
    make_reply(topic)

    release_held_post(post)

    post.refresh_from_db()
    assert (post.position, post.state) == (3, Post.State.PUBLISHED)
    with pytest.raises(Refused, match="no longer held"):
        release_held_post(post)
    assert drift() == []


def test_held_first_post_keeps_its_topic_unseen_until_published():
    from forums.readers import reader_for

    newcomer = make_member(trust="newcomer")
    topic = make_topic(by=newcomer, body="See https://unknown.example.net/")
    stranger = reader_for(make_member())

    assert topic.is_waiting
    assert list(Topic.objects.visible_to(reader_for(newcomer))) == [topic]
    assert list(Topic.objects.visible_to(stranger)) == []

    release_held_post(topic.posts.get())

    assert list(Topic.objects.visible_to(stranger)) == [topic]
    assert list(Topic.objects.listed_to(stranger)) == [topic]


def test_hidden_post_leaves_its_place_and_takes_the_last_word_away():
    topic = make_topic()
    first = topic.posts.get()
    post = make_reply(topic)

    hide_post(post, rule=make_rule(), note="An insult.")

    topic.refresh_from_db()
    assert (topic.post_count, topic.last_position, topic.last_post) == (1, 2, first)
    assert drift() == []

    show_post_again(post)

    topic.refresh_from_db()
    assert (topic.post_count, topic.last_post) == (2, post)
    assert drift() == []


def test_edit_keeps_what_stood_before():
    ann = make_member()
    post = make_reply(make_topic(), by=ann, body="Frist")

    edit_post(post, by=ann, body="First", version=1, reason="A slip")

    post.refresh_from_db()
    revision = post.revisions.get()
    assert (post.body, post.version, post.html) == ("First", 2, "<p>First</p>\n")
    assert (revision.body, revision.editor, revision.reason, revision.version) == ("Frist", ann, "A slip", 1)


def test_edit_within_the_grace_period_leaves_no_mark_and_a_later_one_does():
    ann = make_member()
    post = make_reply(make_topic(), by=ann)

    edit_post(post, by=ann, body="Soon", version=1)
    post.refresh_from_db()
    assert post.edited_at is None

    Post.objects.filter(pk=post.pk).update(published_at=timezone.now() - timedelta(minutes=6))
    edit_post(post, by=ann, body="Later", version=2)
    post.refresh_from_db()
    assert post.edited_at is not None


def test_stale_edit_is_refused_and_changes_nothing():
    ann = make_member()
    post = make_reply(make_topic(), by=ann)
    edit_post(post, by=ann, body="From the phone", version=1)

    with pytest.raises(Refused, match="changed this post meanwhile"):
        edit_post(post, by=ann, body="From the desk", version=1)

    post.refresh_from_db()
    assert post.body == "From the phone"


def test_nobody_edits_somebody_elses_post():
    post = make_reply(make_topic())

    with pytest.raises(Refused, match="Only its author"):
        edit_post(post, by=make_member(), body="Mine now", version=1)


def test_mention_is_a_reference_and_a_link():
    zoe = make_member("zoe")

    post = make_reply(make_topic(), body="Ask @zoe, not `@nobody`.")

    assert [r.member for r in post.references.all()] == [zoe]
    assert '<a href="/m/zoe/" class="mention">@zoe</a>' in post.html
