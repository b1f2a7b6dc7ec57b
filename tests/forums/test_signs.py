"""Reactions, bookmarks, votes, polls, posts that wait for their hour."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections
from django.utils import timezone

from engagement import jobs as engagement_jobs
from engagement.models import Notification
from forums import jobs
from forums.actions.care import close_topic, set_status
from forums.actions.keeping import drop_bookmark, give_reaction, keep_bookmark, take_reaction_back
from forums.actions.schedule import schedule_post
from forums.actions.voting import PollPlan, choose_in_poll, take_vote_back, vote_for_idea
from forums.actions.withdrawal import withdraw_post
from forums.models import Bookmark, Draft, Poll, PollVote, Post, Reaction, ReactionKind, Topic
from forums.queries.counters import drift
from tests.make import make_forum, make_host, make_member, make_moderator, make_reply, make_topic
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SOON = timedelta(days=2)


@pytest.fixture
def kinds():
    return list(ReactionKind.objects.order_by("order"))


# --- reactions


def test_words_on_a_post_are_counted_once_each_and_taken_back(kinds):
    thanks, too, _said = kinds
    ann, bob = make_member(), make_member()
    post = make_reply(make_topic())

    give_reaction(post, thanks, by=ann)
    give_reaction(post, thanks, by=ann)
    give_reaction(post, too, by=ann)
    counted = give_reaction(post, thanks, by=bob)

    assert (counted.reactions, counted.thanks) == ({str(thanks.pk): 2, str(too.pk): 1}, 3)
    assert take_reaction_back(post, thanks, by=ann).reactions == {str(thanks.pk): 1, str(too.pk): 1}
    assert drift() == []


def test_nobody_thanks_themselves_nor_what_is_not_published(kinds):
    ann = make_member()
    topic = make_topic(by=ann)
    with pytest.raises(Refused, match="your own words"):
        give_reaction(topic.posts.get(), kinds[0], by=ann)
    post = make_reply(topic, by=ann)
    withdraw_post(post, by=ann)
    with pytest.raises(Refused, match="not published"):
        give_reaction(post, kinds[0], by=make_member())
    kinds[1].retired_at = timezone.now()
    kinds[1].save()
    with pytest.raises(Refused, match="no longer offered"):
        give_reaction(make_reply(topic, by=ann), kinds[1], by=make_member())


def test_words_are_left_from_the_page_and_names_are_shown_on_demand(client, kinds):
    ann = make_member("ann")
    topic = make_topic()
    post = topic.posts.get()
    client.force_login(ann)
    assert 'aria-pressed="false">Thank you</button>' in client.get(topic.get_absolute_url()).content.decode()

    client.post(f"/p/{post.pk}/react", {"kind": str(kinds[0].pk)})

    html = client.get(topic.get_absolute_url()).content.decode()
    assert 'aria-pressed="true">Thank you <span class="count">1</span>' in html
    client.logout()
    html = client.get(topic.get_absolute_url()).content.decode()
    assert 'Thank you <span class="count">1</span>' in html
    assert "Ann" not in html
    assert "Ann" in client.get(f"/p/{post.pk}/reactions/").content.decode()
    client.force_login(ann)
    part = client.post(f"/p/{post.pk}/react", {"kind": f"-{kinds[0].pk}"}, headers={"HX-Request": "true"})
    assert f'id="signs-{post.pk}"' in part.content.decode()
    assert not Reaction.objects.exists()


def test_a_word_on_an_odd_kind_is_not_found(client):
    client.force_login(make_member())
    post = make_topic().posts.get()
    for kind in ("999999", "-999999"):
        assert client.post(f"/p/{post.pk}/react", {"kind": kind}).status_code == 404
    for kind in ("", "x", "-"):
        assert client.post(f"/p/{post.pk}/react", {"kind": kind}).status_code == 404
    assert client.post(f"/p/{post.pk}/react").status_code == 404


def test_a_word_in_a_sealed_forum_is_for_those_inside(client, kinds):
    post = make_topic(make_forum(audience="team"), by=make_moderator()).posts.get()
    client.force_login(make_member())

    assert client.post(f"/p/{post.pk}/react", {"kind": kinds[0].pk}).status_code == 404
    assert client.get(f"/p/{post.pk}/reactions/").status_code == 404


# --- bookmarks


def test_a_bookmark_is_kept_changed_listed_and_let_go(client):
    ann = make_member("ann")
    topic = make_topic(title="La bouilloire")
    post = topic.posts.get()
    client.force_login(ann)

    client.post(f"/p/{post.pk}/bookmark/", {"note": "à essayer", "remind_at": ""})
    client.post(f"/p/{post.pk}/bookmark/", {"note": "à essayer samedi", "remind_at": "2099-05-01T09:00"})

    assert Bookmark.objects.get().note == "à essayer samedi"
    html = client.get("/bookmarks/").content.decode()
    assert "La bouilloire" in html
    assert "à essayer samedi" in html
    client.force_login(make_member())
    assert "bouilloire" not in client.get("/bookmarks/").content.decode()
    assert "samedi" not in client.get(f"/p/{post.pk}/bookmark/").content.decode()
    client.force_login(ann)
    client.post(f"/p/{post.pk}/bookmark/", {"drop": "1", "list": "1"})
    assert not Bookmark.objects.exists()


def test_a_reminder_comes_once_at_its_moment(client):
    ann = make_member("ann")
    topic = make_topic(title="La bouilloire")
    post = topic.posts.get()
    keep_bookmark(post, by=ann, note="essayer", remind_at=timezone.now() + SOON)
    jobs.keep_time()
    assert not Notification.objects.exists()

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()
        jobs.keep_time()

    told = Notification.objects.get()
    assert (told.member, told.kind) == (ann, "reminder")
    client.force_login(ann)
    html = client.get("/notifications/").content.decode()
    assert "You wanted to be reminded of “La bouilloire”" in html
    assert "essayer" in html
    assert client.get(f"/notifications/{told.pk}/")["Location"] == f"/p/{post.pk}/"
    withdraw_post(post, by=post.author)
    assert "bouilloire" not in client.get("/notifications/").content.decode()


def test_bookmarks_refuse_the_past_and_too_many(monkeypatch):
    ann = make_member()
    topic = make_topic()
    with pytest.raises(Refused, match="still to come"):
        keep_bookmark(topic.posts.get(), by=ann, remind_at=timezone.now() - SOON)
    monkeypatch.setattr("forums.actions.keeping.BOOKMARKS", 1)
    keep_bookmark(topic.posts.get(), by=ann)
    keep_bookmark(topic.posts.get(), by=ann, note="encore")
    with pytest.raises(Refused, match="as many as fit"):
        keep_bookmark(make_reply(topic), by=ann)
    drop_bookmark(topic.posts.get(position=1), by=ann)
    assert keep_bookmark(make_reply(topic), by=ann).note == ""


# --- ideas


def test_votes_count_once_and_end_when_the_idea_is_decided(client):
    forum = make_forum()
    host, ann = make_host(forum), make_member()
    topic = make_topic(forum, intent="idea")
    client.force_login(ann)
    assert "I want this too" in client.get(topic.get_absolute_url()).content.decode()
    client.post(f"/t/{topic.pk}/vote")
    vote_for_idea(topic, by=ann)
    assert Topic.objects.get(pk=topic.pk).vote_count == 1
    assert "1 vote" in client.get("/").content.decode()
    client.post(f"/t/{topic.pk}/vote", {"back": "1"})
    assert Topic.objects.get(pk=topic.pk).vote_count == 0
    vote_for_idea(topic, by=ann)

    set_status(topic, "declined", by=host, reason="Trop lourd.")

    for act in (vote_for_idea, take_vote_back):
        with pytest.raises(Refused, match="decided"):
            act(topic, by=ann)
    with pytest.raises(Refused, match="Only ideas"):
        vote_for_idea(make_topic(forum), by=ann)
    assert drift() == []


# --- polls


def make_poll(forum=None, *, by=None, **more):
    plan = PollPlan(["Samedi 14", "Samedi 21", "Les deux"], question="Quel samedi ?", **more)
    return Poll.objects.get(post__topic=make_topic(forum, by=by, poll=plan))


def test_one_answer_is_replaced_and_taken_back():
    poll = make_poll()
    first, second, _both = poll.options.all()
    ann, bob = make_member(), make_member()
    choose_in_poll(poll, [first], by=ann)
    choose_in_poll(poll, [first], by=bob)
    choose_in_poll(poll, [second], by=ann)

    assert list(poll.options.values_list("vote_count", flat=True)) == [1, 1, 0]
    with pytest.raises(Refused, match="one answer"):
        choose_in_poll(poll, [first, second], by=ann)
    choose_in_poll(poll, [], by=ann)
    poll.refresh_from_db()
    assert poll.voter_count == 1
    assert drift() == []


def test_the_database_keeps_one_vote_in_a_single_poll():
    poll = make_poll()
    first, second, _both = poll.options.all()
    ann = make_member()
    choose_in_poll(poll, [first], by=ann)

    with pytest.raises(IntegrityError):
        PollVote.objects.create(poll=poll, option=second, member=ann, slot=0, created_at=timezone.now())


def test_several_answers_where_the_poll_takes_them():
    poll = make_poll(kind="multiple")
    first, second, _both = poll.options.all()
    ann = make_member()

    choose_in_poll(poll, [first, second], by=ann)

    poll.refresh_from_db()
    assert list(poll.options.values_list("vote_count", flat=True)) == [1, 1, 0]
    assert poll.voter_count == 1


def test_a_closed_poll_a_closed_topic_and_an_answer_of_another_poll_are_refused():
    forum = make_forum()
    poll, other = make_poll(forum), make_poll(forum)
    ann = make_member()
    with pytest.raises(Refused, match="not in this poll"):
        choose_in_poll(poll, [other.options.first()], by=ann)
    Poll.objects.filter(pk=poll.pk).update(closes_at=timezone.now())
    with pytest.raises(Refused, match="poll is closed"):
        choose_in_poll(poll, [poll.options.first()], by=ann)
    close_topic(other.post.topic, by=make_host(forum), reason="Fini.")
    with pytest.raises(Refused, match="closed"):
        choose_in_poll(other, [other.options.first()], by=ann)


def test_a_poll_is_answered_from_the_page_and_only_an_open_one_shows_names(client):
    forum = make_forum()
    secret, opened = make_poll(forum), make_poll(forum, is_secret=False)
    ann = make_member("ann")
    client.force_login(ann)
    for poll in (secret, opened):
        html = client.get(poll.post.topic.get_absolute_url()).content.decode()
        assert "Quel samedi ?" in html
        client.post(f"/polls/{poll.pk}/choose", {"option": poll.options.all()[1].pk})
    client.logout()
    html = client.get(opened.post.topic.get_absolute_url()).content.decode()
    assert "1 vote, 100%" in html
    assert "Sign in to take part." in html
    assert "Ann" in client.get(f"/polls/{opened.pk}/voters/").content.decode()
    assert client.get(f"/polls/{secret.pk}/voters/").status_code == 404
    assert client.post(f"/polls/{secret.pk}/choose").status_code == 302  # to sign in


def test_a_poll_in_a_sealed_forum_does_not_exist_outside(client):
    poll = make_poll(make_forum(audience="team"), by=make_moderator(), is_secret=False)
    client.force_login(make_member())

    assert client.post(f"/polls/{poll.pk}/choose", {"option": poll.options.first().pk}).status_code == 404
    assert client.get(f"/polls/{poll.pk}/voters/").status_code == 404


@pytest.mark.parametrize("options", [["one"], ["one", "One"], [str(n) for n in range(13)]])
def test_polls_that_make_no_sense_are_refused_and_no_topic_is_left(options):
    with pytest.raises(Refused):
        make_topic(poll=PollPlan(options))
    assert not Topic.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_many_who_answer_and_thank_at_once_are_counted_right():
    poll = make_poll()
    options = list(poll.options.all())
    members = [make_member() for _ in range(12)]
    kind, post = ReactionKind.objects.first(), Post.objects.get(poll=poll)

    def act(index):
        try:
            choose_in_poll(poll, [options[index % 3]], by=members[index])
            choose_in_poll(poll, [options[0]], by=members[index])
            give_reaction(post, kind, by=members[index])
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(act, range(12)))
    post.refresh_from_db()
    assert list(poll.options.values_list("vote_count", flat=True)) == [12, 0, 0]
    assert post.thanks == 12
    assert drift() == []


# --- posts that wait for their hour


def test_a_scheduled_topic_is_published_once_at_its_hour_with_its_poll(client):
    forum = make_forum()
    host = make_host(forum, "grace")
    draft = schedule_post(
        by=host,
        key=uuid4(),
        publish_at=timezone.now() + SOON,
        forum=forum,
        title="Portes ouvertes",
        body="Venez.",
        tags="fête, samedi",
        intent="announcement",
        poll=PollPlan(["oui", "non"]),
    )
    jobs.keep_time()
    assert not Topic.objects.exists()
    client.force_login(host)
    assert "Portes ouvertes" in client.get("/drafts/").content.decode()

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()
        jobs.keep_time()

    topic = Topic.objects.get()
    assert (topic.title, topic.intent, topic.tag_names) == ("Portes ouvertes", "announcement", ["fête", "samedi"])
    assert [o.text for o in Poll.objects.get(post__topic=topic).options.all()] == ["oui", "non"]
    assert topic.posts.get().idempotency_key == draft.key
    assert not Draft.objects.exists()
    engagement_jobs.spread_news()


def test_a_scheduled_reply_that_may_no_longer_be_published_stays_with_the_reason(client):
    forum = make_forum()
    host = make_host(forum)
    topic = make_topic(forum)
    schedule_post(by=host, key=uuid4(), publish_at=timezone.now() + SOON, topic=topic, body="Plus tard.")
    host.appointments.all().delete()
    close_topic(topic, by=make_host(forum), reason="Fini.")

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()

    draft = Draft.objects.get()
    assert "closed to new replies" in draft.not_published
    assert draft.body == "Plus tard."
    client.force_login(host)
    assert "closed to new replies" in client.get("/drafts/").content.decode()


def test_scheduling_is_for_the_team_and_changes_what_waits(monkeypatch):
    forum = make_forum()
    host, key = make_host(forum), uuid4()
    with pytest.raises(Refused, match="Only the team"):
        schedule_post(by=make_member(), key=uuid4(), publish_at=timezone.now() + SOON, forum=forum, title="T", body="B")
    with pytest.raises(Refused, match="still to come"):
        schedule_post(by=host, key=key, publish_at=timezone.now() - SOON, forum=forum, title="T", body="B")
    schedule_post(by=host, key=key, publish_at=timezone.now() + SOON, forum=forum, title="T", body="B")
    schedule_post(by=host, key=key, publish_at=timezone.now() + 2 * SOON, forum=forum, title="T2", body="B")
    assert Draft.objects.get().title == "T2"
    monkeypatch.setattr("forums.actions.schedule.SCHEDULED_POSTS", 1)
    with pytest.raises(Refused, match="At most 1 posts wait"):
        schedule_post(by=host, key=uuid4(), publish_at=timezone.now() + SOON, forum=forum, title="T", body="B")
