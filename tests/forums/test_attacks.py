"""What somebody ill-meaning, or two people at cross purposes, would try: each of these once worked."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from forums import jobs
from forums.actions.attachments import discard_file, upload_file
from forums.actions.care import (
    accept_answer,
    archive_topic,
    close_topic,
    open_to_all,
    pin_topic,
    rename_topic,
    reopen_topic,
    set_status,
)
from forums.actions.drafts import WrittenElsewhere, keep_draft
from forums.actions.posts import edit_post, hide_post, release_held_post, reply_to_topic, show_post_again
from forums.actions.relocation import merge_topics, split_topic, undo_event
from forums.actions.schedule import schedule_post
from forums.actions.timers import set_timer
from forums.actions.topics import start_topic
from forums.actions.withdrawal import restore_post, withdraw_post
from forums.models import Attachment, Draft, Post, Topic, TopicTimer
from forums.queries.counters import drift
from tests.make import (
    held_post,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SOON = timedelta(days=2)


@pytest.fixture
def forum():
    return make_forum("atelier")


@pytest.fixture
def host(forum):
    return make_host(forum, "grace")


def upload(by, name="notes.txt", content=b"private"):
    return upload_file(by=by, file=ContentFile(content), name=name)


# --- files


def test_a_wiki_post_does_not_publish_its_authors_private_files(client, forum, host):
    ann, eve = make_member("ann"), make_member("eve")
    secret = upload(ann)
    post = make_topic(forum, by=ann).posts.get()
    open_to_all(post, by=host)

    edit_post(post, by=eve, body=f"[x]({secret.get_absolute_url()})", version=1)

    assert Attachment.objects.get(pk=secret.pk).post is None
    for who in (None, eve):
        client.logout() if who is None else client.force_login(who)
        assert client.get(secret.get_absolute_url()).status_code == 404
    Post.objects.update(renderer_version=0)
    jobs.render_again()
    assert Attachment.objects.get(pk=secret.pk).post is None


def test_a_file_taken_out_of_a_post_is_read_by_its_owner_alone_and_can_be_removed(client, forum):
    ann = make_member("ann")
    kept = upload(ann)
    post = make_topic(forum, by=ann, body=f"Voir [x]({kept.get_absolute_url()})").posts.get()
    assert client.get(kept.get_absolute_url()).status_code == 200

    edit_post(post, by=ann, body="Rien à voir", version=1)

    assert client.get(kept.get_absolute_url()).status_code == 404
    client.force_login(ann)
    assert client.get(kept.get_absolute_url()).status_code == 200
    edit_post(post, by=ann, body=f"Si, voir [x]({kept.get_absolute_url()})", version=2)
    client.logout()
    assert client.get(kept.get_absolute_url()).status_code == 200
    kept.refresh_from_db()
    with pytest.raises(Refused, match="edit the post first"):
        discard_file(kept, by=ann)
    edit_post(post, by=ann, body="Rien, décidément", version=3)
    discard_file(kept, by=ann)
    assert not Attachment.objects.exists()


def test_a_preview_says_nothing_of_files_in_somebody_elses_post(client, forum):
    ann, eve = make_member("ann"), make_member("eve")
    secret = upload(ann, name="diagnosis-jane-doe.txt")
    topic = make_topic(forum)
    post = make_reply(topic, by=ann, body=f"[x]({secret.get_absolute_url()})")
    withdraw_post(post, by=ann)
    words = {"body": f"![]({secret.get_absolute_url()})"}
    client.force_login(ann)
    assert "jane-doe" in client.post(f"/compose/preview?post={post.pk}", words).content.decode()

    client.force_login(eve)

    assert client.post(f"/compose/preview?post={post.pk}", words).status_code == 404
    assert client.post(f"/drafts/keep?post={post.pk}", {"as": eve.pk, "body": "x"}).status_code == 404


# --- moves and their undo


def test_a_split_is_not_undone_into_a_topic_that_was_merged_away(forum, host):
    topic, into = make_topic(forum), make_topic(forum)
    make_reply(topic)
    event = split_topic(topic, [2], title="Autre", by=host)
    merge_topics(topic, into=into, by=host)

    with pytest.raises(Refused, match="has changed since"):
        undo_event(event, by=host)

    assert Topic.objects.get(pk=event.after["topic"]).posts.count() == 1
    assert drift() == []


def test_a_split_is_not_undone_into_a_topic_that_was_withdrawn(forum, host):
    ann = make_member()
    topic = make_topic(forum, by=ann)
    make_reply(topic)
    event = split_topic(topic, [2], title="Autre", by=host)
    withdraw_post(topic.posts.get(), by=ann)

    with pytest.raises(Refused, match="has changed since"):
        undo_event(event, by=host)


def test_nothing_but_tombstones_is_not_split_off(forum, host):
    bob = make_member()
    topic = make_topic(forum)
    reply = make_reply(topic, by=bob)
    withdraw_post(reply, by=bob)

    with pytest.raises(Refused, match="nothing in the new topic"):
        split_topic(topic, [2], title="Autre", by=host)

    restore_post(reply, by=bob)
    assert drift() == []


def test_an_open_composer_does_not_overwrite_what_a_merge_added_to_its_draft(forum, host):
    ann = make_member()
    source, into = make_topic(forum), make_topic(forum)
    keep_draft(by=ann, key=None, topic=source, body="Du premier")
    open_one = keep_draft(by=ann, key=None, topic=into, body="Du second")
    seen = open_one.saved_at
    merge_topics(source, into=into, by=host)

    with pytest.raises(WrittenElsewhere):
        keep_draft(by=ann, key=open_one.key, topic=into, body="Du second, suite", seen=seen)

    assert Draft.objects.get(member=ann).body == "Du second\n\nDu premier"


def test_words_sent_to_a_topic_that_was_merged_meanwhile_arrive_in_the_other(client, forum, host):
    ann = make_member("ann")
    source, into = make_topic(forum), make_topic(forum)
    merge_topics(source, into=into, by=host)
    client.force_login(ann)

    response = client.post(f"/t/{source.pk}/reply", {"body": "Malgré tout", "key": str(uuid4()), "as": ann.pk})

    assert response.status_code == 302
    assert Post.objects.get(body="Malgré tout").topic == into


# --- withdrawn


def test_somebody_elses_return_does_not_bring_back_a_withdrawn_topic(client, forum):
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic(forum, by=ann, title="Zanzibar")
    reply = make_reply(topic, by=bob)
    withdraw_post(reply, by=bob)
    withdraw_post(topic.posts.get(position=1), by=ann)

    with pytest.raises(Refused, match="withdrawn by its author"):
        restore_post(reply, by=bob)

    assert Topic.objects.get(pk=topic.pk).is_withdrawn
    restore_post(topic.posts.get(position=1), by=ann)
    restore_post(reply, by=bob)
    assert drift() == []


def test_a_held_reply_is_not_released_into_a_withdrawn_topic(forum):
    ann = make_member()
    topic = make_topic(forum, by=ann)
    held = held_post(topic)
    withdraw_post(topic.posts.get(position=1), by=ann)

    with pytest.raises(Refused, match="withdrawn by its author"):
        release_held_post(held)


def test_the_title_of_a_withdrawn_topic_is_its_authors(client, forum):
    ann = make_member("ann")
    topic = make_topic(forum, by=ann, title="Zanzibar", tags=["secret"])
    withdraw_post(topic.posts.get(), by=ann)

    response = client.get(topic.get_absolute_url(), follow=True)

    html = response.content.decode()
    assert "Withdrawn topic" in html
    assert "anzibar" not in html
    assert "secret" not in html
    client.force_login(ann)
    assert "Zanzibar" in client.get(topic.get_absolute_url(), follow=True).content.decode()
    with pytest.raises(Refused):
        rename_topic(topic, by=ann, title="Autre")


# --- gates


def test_a_link_that_would_be_held_is_not_edited_in(forum):
    leo = make_newcomer("leo")
    topic = make_topic(forum)
    post = make_reply(topic, by=leo, body="Bonjour à tous")

    with pytest.raises(Refused, match="A person reads this"):
        edit_post(post, by=leo, body="Voir https://unknown.example.net/page", version=1)

    edit_post(post, by=leo, body="Bonjour, et merci", version=1)
    held = held_post(topic, by=make_newcomer())
    edit_post(held, by=held.author, body=f"{held.body} et bonjour", version=1)


def test_whoever_is_read_first_does_not_rewrite_what_is_published(forum):
    leo = make_member("leo")
    post = make_reply(make_topic(forum), by=leo)
    leo.held_until = timezone.now() + SOON
    leo.save()

    with pytest.raises(Refused, match="A person reads this"):
        edit_post(post, by=leo, body="Autre chose", version=1)


# --- the same key again


def test_other_words_under_a_used_key_are_posted_too_and_once(forum):
    ann, key = make_member(), uuid4()
    topic = make_topic(forum)
    first = reply_to_topic(topic, by=ann, body="Un", key=key)
    second = reply_to_topic(topic, by=ann, body="Deux", key=key)

    assert reply_to_topic(topic, by=ann, body="Un", key=key) == first
    assert reply_to_topic(topic, by=ann, body="Deux", key=key) == second
    edit_post(first, by=ann, body="Un, corrigé", version=1)
    assert reply_to_topic(topic, by=ann, body="Un", key=key) == first  # the answer to the first sending was lost
    opened = start_topic(forum, by=ann, title="Sujet", body="Trois", key=key)
    assert start_topic(forum, by=ann, title="Sujet", body="Trois", key=key) == opened
    assert list(topic.posts.order_by("position").values_list("body", flat=True)) == ["Hello.", "Un, corrigé", "Deux"]


def test_a_used_key_does_not_keep_a_scheduled_post_waiting_for_ever(forum, host):
    key = uuid4()
    topic = make_topic(forum)
    reply_to_topic(topic, by=host, body="Maintenant", key=key)
    schedule_post(by=host, key=key, publish_at=timezone.now() + SOON, topic=topic, body="Plus tard")

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()

    assert topic.posts.filter(body="Plus tard").count() == 1
    assert not Draft.objects.exists()


# --- undo asks what doing asks


def test_feedback_is_not_put_away_without_a_status_by_way_of_an_undo(forum, host):
    topic = make_topic(forum, intent="feedback")
    status = set_status(topic, "received", by=host, reason="Nous lisons.")
    close_topic(topic, by=host, reason="Réponse ci-dessus.")
    with pytest.raises(Refused, match="keeps a status"):
        undo_event(status, by=host)
    reopening = reopen_topic(topic, by=host)
    undo_event(status, by=host)

    with pytest.raises(Refused, match="status with a public sentence"):
        undo_event(reopening, by=host)

    assert not Topic.objects.get(pk=topic.pk).is_closed


def test_a_timer_asks_again_when_it_is_due(forum, host):
    feedback, other = make_topic(forum, intent="feedback"), make_topic(forum)
    status = set_status(feedback, "received", by=host, reason="Nous lisons.")
    set_timer(feedback, by=host, kind="archive", due_at=timezone.now() + SOON, reason="Comme dit.")
    undo_event(status, by=host)
    set_timer(other, by=host, kind="close", due_at=timezone.now() + SOON)
    host.suspended_until = timezone.now() + timedelta(days=9)
    host.save()

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()

    assert not Topic.objects.get(pk=feedback.pk).is_archived
    assert not Topic.objects.get(pk=other.pk).is_closed
    assert not TopicTimer.objects.exists()
    assert other.events.last().kind == "untimed"


def test_a_suspended_host_does_not_care_for_topics(forum, host):
    host.suspended_until = timezone.now() + SOON
    host.save()

    with pytest.raises(Refused, match="not write, until"):
        archive_topic(make_topic(forum), by=host)


def test_an_undo_does_not_pin_everywhere_what_one_may_not(forum, host):
    tom = make_moderator("tom")
    topic = make_topic(forum)
    pin_topic(topic, by=tom, until=timezone.now() + SOON, everywhere=True)
    off = pin_topic(topic, by=host, until=None)

    with pytest.raises(Refused, match="whole community"):
        undo_event(off, by=host)


def test_an_undo_does_not_make_an_answer_of_what_is_gone(forum, host):
    ann, bob = make_member(), make_member()
    topic = make_topic(forum, by=ann, intent="question")
    answer = make_reply(topic, by=bob)
    accept_answer(topic, answer, by=ann)
    accept_answer(topic, None, by=ann)
    withdraw_post(answer, by=bob)

    with pytest.raises(Refused, match="published reply"):
        undo_event(topic.events.filter(kind="unaccepted").last(), by=host)


def test_an_undo_takes_off_the_timer_it_tells_of_and_no_other(forum, host):
    topic = make_topic(forum)
    first = set_timer(topic, by=host, kind="close", due_at=timezone.now() + SOON)
    second = set_timer(topic, by=host, kind="close", due_at=timezone.now() + 2 * SOON)

    with pytest.raises(Refused, match="the timer"):
        undo_event(first, by=host)

    undo_event(second, by=host)
    assert not TopicTimer.objects.exists()


def test_a_hidden_answer_is_no_answer_and_is_one_again_when_it_is_shown(client, forum):
    ann, bob = make_member(), make_member()
    topic = make_topic(forum, by=ann, intent="question")
    answer = make_reply(topic, by=bob)
    accept_answer(topic, answer, by=ann)

    hide_post(answer, rule=make_rule(), note="x")

    assert '<span class="mark good">answered' not in client.get("/").content.decode()
    show_post_again(answer)
    assert Topic.objects.get(pk=topic.pk).accepted_post == answer


# --- tags and odd input


def test_tags_of_sealed_forums_do_not_exist_outside(client, forum):
    tom = make_moderator("tom")
    sealed = make_topic(make_forum("equipe", audience="team"), by=tom, tags=["relais"])
    make_topic(forum, tags=["ouvert"])
    client.force_login(make_member())

    assert client.get("/tags/ouvert/").status_code == 200
    assert client.get("/tags/relais/").status_code == 404
    html = make_reply(make_topic(forum), body="#relais et #ouvert").html
    assert "/tags/ouvert/" in html
    assert "/tags/relais/" not in html
    assert "/tags/relais/" in make_reply(sealed, by=tom, body="#relais").html
    client.force_login(tom)
    assert client.get("/tags/relais/").status_code == 200


def key_of(*said):
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "path",
    [
        "/tags/%00/", "/m/%00/", "/compose/complete?q=%00", "/compose/complete?what=tag&q=%00", "/search/?q=%00",
        f"/?after={key_of('2024-01-01T00:00:00+00:00', float('inf'))}",
        f"/?after={key_of('0001-01-01T00:00:00+23:59', 1)}",
        f"/bookmarks/?after={key_of('0001-01-01T00:00:00+23:59', 1)}",
        "/t/99999999999999999999/", "/p/99999999999999999/",
        "/t/1/date?on=99999-01-01", "/p/1/reactions/", "/polls/9/voters/", "/t/9/care/close/", "/t/9/care/nothing/",
    ],
)  # fmt: skip
def test_odd_addresses_are_answered_calmly(client, path):
    client.force_login(make_member())

    assert client.get(path, follow=True).status_code in {200, 404}
