"""Taking one's own words back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions.care import accept_answer, archive_topic
from forums.actions.posts import hide_post, release_held_post
from forums.actions.withdrawal import restore_post, withdraw_post
from forums.models import Forum, Post, Topic
from forums.queries.counters import drift
from forums.readers import reader_for
from moderation.actions.cases import report, take_up
from moderation.models import Case
from moderation.queries import queue
from tests.forums.test_care import now_of
from tests.make import (
    held_post,
    make_admin,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


def test_a_withdrawn_post_leaves_a_tombstone_and_only_its_author_reads_on(client):
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic()
    post = make_reply(topic, by=ann, body="Zanzibar, hélas")
    assert "Zanzibar" in client.get(topic.get_absolute_url()).content.decode()

    withdraw_post(post, by=ann)

    for who in (None, bob, make_moderator("tom"), make_host(topic.forum, "grace"), make_admin("solene")):
        client.logout()
        if who is not None:
            client.force_login(who)
        html = client.get(topic.get_absolute_url()).content.decode()
        assert "Withdrawn by its author." in html
        assert "Zanzibar" not in html, who
        assert client.get(f"/p/{post.pk}/history/").status_code == 404
    assert "Zanzibar" not in client.get(f"/admin/forums/post/{post.pk}/change/").content.decode()
    assert "Nothing was found" in client.get("/search/?q=Zanzibar").content.decode()
    client.force_login(ann)
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "Zanzibar" in html
    assert "Put it back" in html
    assert drift() == []


def test_restoring_gives_back_post_counters_and_search(client):
    ann = make_member("ann")
    topic = make_topic()
    post = make_reply(topic, by=ann, body="Zanzibar")
    make_reply(topic)
    topic.refresh_from_db()
    before = now_of(topic)
    withdraw_post(post, by=ann)
    assert now_of(topic) != before

    restore_post(post, by=ann)

    assert now_of(topic) == before
    assert '<p role="status">1 topic</p>' in client.get("/search/?q=Zanzibar").content.decode()
    assert drift() == []


def test_a_topic_nobody_has_answered_is_withdrawn_with_its_first_post(client):
    ann = make_member("ann")
    forum = make_forum("atelier")
    topic = make_topic(forum, by=ann, title="Zanzibar")

    withdraw_post(topic.posts.get(), by=ann)

    assert "Zanzibar" not in client.get("/").content.decode()
    html = client.get(topic.get_absolute_url(), follow=True).content.decode()
    assert "This topic was withdrawn by its author." in html
    assert Forum.objects.values_list("topic_count", "post_count").get(pk=forum.pk) == (0, 0)
    with pytest.raises(Refused, match="withdrawn by its author"):
        make_reply(topic)
    assert drift() == []
    restore_post(topic.posts.get(), by=ann)
    assert "Zanzibar" in client.get("/").content.decode()
    assert Forum.objects.values_list("topic_count", "post_count").get(pk=forum.pk) == (1, 1)
    assert [e.kind for e in topic.events.all()] == ["withdrawn", "restored"]


def test_a_topic_that_was_answered_stays(client):
    ann = make_member("ann")
    topic = make_topic(by=ann)
    make_reply(topic)

    with pytest.raises(Refused, match="Others have answered"):
        withdraw_post(topic.posts.get(position=1), by=ann)

    assert Topic.objects.get(pk=topic.pk).withdrawn_at is None


def test_only_authors_withdraw_and_only_in_time_restore():
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic()
    post = make_reply(topic, by=ann)
    with pytest.raises(Refused):
        withdraw_post(post, by=bob)
    withdraw_post(post, by=ann)
    with pytest.raises(Refused, match="withdrawn already"):
        withdraw_post(post, by=ann)
    with pytest.raises(Refused):
        restore_post(post, by=bob)
    Post.objects.filter(pk=post.pk).update(withdrawn_at=timezone.now() - timedelta(days=31))
    with pytest.raises(Refused, match="too long ago"):
        restore_post(post, by=ann)


def test_what_the_moderation_has_hidden_cannot_be_withdrawn():
    ann = make_member("ann")
    post = make_reply(make_topic(), by=ann)
    hide_post(post, rule=make_rule(), note="x")

    with pytest.raises(Refused, match="moderation has decided"):
        withdraw_post(post, by=ann)


def test_withdrawing_an_answer_takes_the_mark_away():
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic(by=ann, intent="question")
    answer = make_reply(topic, by=bob)
    accept_answer(topic, answer, by=ann)

    withdraw_post(answer, by=bob)

    assert Topic.objects.get(pk=topic.pk).accepted_post_id is None


def test_a_held_post_that_is_withdrawn_leaves_the_queue_and_comes_back_with_it():
    post = held_post(make_topic())
    reader = reader_for(make_moderator("tom"))
    assert [case.kind for case in queue(reader)] == ["held"]

    withdraw_post(post, by=post.author)

    assert queue(reader) == []
    with pytest.raises(Refused, match="no longer held"):
        release_held_post(post)
    restore_post(post, by=post.author)
    assert [case.kind for case in queue(reader)] == ["held"]
    post.refresh_from_db()
    assert (post.state, post.position) == (Post.State.HELD, None)


def test_staff_read_withdrawn_words_only_where_they_were_reported(client):
    ann, bob, tom = make_member("ann"), make_member("bob"), make_moderator("tom")
    topic = make_topic()
    reported, other = make_reply(topic, by=ann, body="Zanzibar"), make_reply(topic, by=ann, body="Ouagadougou")
    report(by=bob, post=reported, words="Voyez.")
    withdraw_post(reported, by=ann)
    withdraw_post(other, by=ann)
    client.force_login(tom)

    html = client.get(Case.objects.get().get_absolute_url()).content.decode()

    assert "Zanzibar" in html
    assert "you see the words because they were reported" in html
    assert "Ouagadougou" not in html
    with pytest.raises(Refused, match="has withdrawn"):
        take_up(other, by=tom)


def test_nothing_is_withdrawn_from_an_archived_topic():
    ann = make_member("ann")
    topic = make_topic()
    post = make_reply(topic, by=ann)
    archive_topic(topic, by=make_host(topic.forum))
    post.refresh_from_db()

    with pytest.raises(Refused, match="archived"):
        withdraw_post(post, by=ann)


def test_withdrawing_and_restoring_from_the_page(client):
    ann = make_member("ann")
    topic = make_topic()
    post = make_reply(topic, by=ann)
    client.force_login(ann)
    assert f"/p/{post.pk}/withdraw" in client.get(topic.get_absolute_url()).content.decode()

    page = client.post(f"/p/{post.pk}/withdraw", follow=True).content.decode()

    assert "You can put it back within 30 days." in page
    page = client.post(f"/p/{post.pk}/restore", follow=True).content.decode()
    assert "It is back." in page
