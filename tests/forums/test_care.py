"""Care of a topic: every verb, what it tells, who may, and its undo."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement import jobs as engagement_jobs
from engagement.models import Notification
from forums import jobs
from forums.actions.care import (
    accept_answer,
    archive_topic,
    close_topic,
    list_topic,
    move_topic,
    open_to_all,
    pin_topic,
    rename_topic,
    reopen_topic,
    retag_topic,
    set_status,
    slow_topic,
    unarchive_topic,
    unlist_topic,
    unslow_topic,
)
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.relocation import undo_event
from forums.actions.timers import set_timer, take_off_timer
from forums.models import Forum, Topic, TopicTimer
from forums.queries.counters import drift
from forums.queries.lists import Asked, Where, topics_in
from forums.queries.topics import forum_page
from forums.readers import reader_for
from tests.make import make_admin, make_forum, make_host, make_member, make_moderator, make_reply, make_topic
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SOON = timedelta(days=2)

COLUMNS = (
    "title", "forum_id", "tag_names", "pinned_until", "is_pinned_everywhere", "closed_at", "closed_by_id",
    "closed_reason", "closed_until", "slow_seconds", "slow_until", "unlisted_at", "archived_at", "status",
    "status_reason", "accepted_post_id", "is_listed", "post_count", "last_position", "last_post_id",
)  # fmt: skip


def now_of(topic):
    return Topic.objects.values(*COLUMNS).get(pk=topic.pk)


@pytest.fixture
def forum():
    return make_forum("atelier")


@pytest.fixture
def host(forum):
    return make_host(forum, "grace")


def lines_of(topic):
    return [(e.kind, e.actor.username, e.reason) for e in topic.events.select_related("actor")]


VERBS = {
    "close": lambda t, by: close_topic(t, by=by, reason="Tout est dit."),
    "close until": lambda t, by: close_topic(t, by=by, reason="Une pause.", until=timezone.now() + SOON),
    "pin": lambda t, by: pin_topic(t, by=by, until=timezone.now() + SOON),
    "rename": lambda t, by: rename_topic(t, by=by, title="Another title", reason="Clearer."),
    "retag": lambda t, by: retag_topic(t, by=by, tags=["Café", "eau"]),
    "unlist": lambda t, by: unlist_topic(t, by=by, reason="Twice the same."),
    "slow": lambda t, by: slow_topic(t, by=by, seconds=900, until=timezone.now() + SOON, reason="Breathe."),
    "archive": lambda t, by: archive_topic(t, by=by),
    "timer": lambda t, by: set_timer(t, by=by, kind="close", due_at=timezone.now() + SOON),
    "wiki": lambda t, by: open_to_all(t.posts.get(position=1), by=by),
}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_is_a_line_and_its_undo_gives_the_topic_back(forum, host, verb):
    topic = make_topic(forum, title="A title")
    before, listed = now_of(topic), Forum.objects.get(pk=forum.pk).topic_count

    event = VERBS[verb](topic, host)

    assert event.actor == host
    assert topic.events.count() == 1
    changed = now_of(topic) != before or TopicTimer.objects.exists() or topic.posts.get(position=1).is_wiki
    assert changed

    line = undo_event(event, by=host)

    assert line.undoes == event
    assert now_of(topic) == before
    assert not TopicTimer.objects.exists()
    assert not topic.posts.get(position=1).is_wiki
    assert Forum.objects.get(pk=forum.pk).topic_count == listed
    assert drift() == []
    with pytest.raises(Refused, match="undone already"):
        undo_event(event, by=host)


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_is_for_those_who_do_not_host_the_forum(forum, verb):
    topic = make_topic(forum)
    before = now_of(topic)
    other = make_host(make_forum(), "elsewhere")

    with pytest.raises(Refused):
        VERBS[verb](topic, other)

    assert now_of(topic) == before
    assert lines_of(topic) == []


def test_an_undo_is_refused_when_something_else_has_changed_since(forum, host):
    topic = make_topic(forum, title="One")
    event = rename_topic(topic, by=host, title="Two")
    rename_topic(topic, by=host, title="Three")

    with pytest.raises(Refused, match="the title"):
        undo_event(event, by=host)

    assert Topic.objects.get(pk=topic.pk).title == "Three"


def test_author_is_told_who_closed_their_topic_and_why_and_hosts_still_write(client, forum, host):
    ann = make_member("ann")
    topic = make_topic(forum, by=ann)
    close_topic(topic, by=host, reason="Tout est dit.")
    engagement_jobs.spread_news()

    (told,) = Notification.objects.filter(member=ann)
    assert (told.kind, told.event.kind, told.event.reason) == ("topic", "closed", "Tout est dit.")
    client.force_login(ann)
    html = client.get("/notifications/").content.decode()
    assert "Grace closed “A topic” to new replies" in html
    with pytest.raises(Refused, match="closed to new replies"):
        make_reply(topic)
    assert make_reply(topic, by=host).position == 2
    reopen_topic(topic, by=host)
    assert make_reply(topic).position == 3


def test_a_closing_with_an_end_is_over_by_the_clock_and_the_sweep_writes_the_line(forum, host):
    topic = make_topic(forum)
    close_topic(topic, by=host, reason="Une pause.", until=timezone.now() + timedelta(hours=1))
    with pytest.raises(Refused):
        make_reply(topic)
    Topic.objects.filter(pk=topic.pk).update(closed_until=timezone.now() - timedelta(seconds=1))
    assert make_reply(topic).position == 2  # before any job has run
    TopicTimer.objects.update(due_at=timezone.now() - timedelta(seconds=1))

    jobs.keep_time()
    jobs.keep_time()

    assert [kind for kind, _by, _why in lines_of(topic)] == ["closed", "reopened"]
    assert not Topic.objects.get(pk=topic.pk).is_closed


def test_timers_close_and_archive_once_and_can_be_taken_off(forum, host):
    topic, other = make_topic(forum), make_topic(forum)
    set_timer(topic, by=host, kind="close", due_at=timezone.now() + SOON, reason="Les inscriptions sont closes.")
    set_timer(other, by=host, kind="archive", due_at=timezone.now() + SOON)
    take_off_timer(other, by=host, kind="archive")
    with pytest.raises(Refused, match="still to come"):
        set_timer(topic, by=host, kind="archive", due_at=timezone.now() - SOON)

    with clock.at(timezone.now() + timedelta(days=3)):
        jobs.keep_time()
        jobs.keep_time()

    topic.refresh_from_db()
    assert (topic.closed_reason, topic.closed_by) == ("Les inscriptions sont closes.", host)
    assert [kind for kind, _by, _why in lines_of(topic)] == ["timed", "closed"]
    assert [kind for kind, _by, _why in lines_of(other)] == ["timed", "untimed"]
    assert TopicTimer.objects.count() == 0


def test_slow_mode_makes_everyone_but_hosts_wait_and_says_until_when(client, forum, host):
    ann = make_member("ann")
    topic = make_topic(forum, by=ann)
    slow_topic(topic, by=host, seconds=900, until=timezone.now() + SOON, reason="Respirons.")

    client.force_login(ann)
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "everyone waits 15 minutes between two posts" in html
    assert "you can write again at" in html
    with pytest.raises(Refused, match="slow mode"):
        make_reply(topic, by=ann)
    bob = make_member("bob")
    assert make_reply(topic, by=bob).position == 2
    assert [make_reply(topic, by=host).position for _ in range(2)] == [3, 4]
    topic.posts.filter(author=ann).update(published_at=timezone.now() - timedelta(minutes=16))
    assert make_reply(topic, by=ann).position == 5
    unslow_topic(topic, by=host)
    assert make_reply(topic, by=ann).position == 6


def test_a_topic_moves_with_its_counters_and_the_forum_it_left_points_to_it(client, forum):
    other = make_forum("circuits")
    tom = make_moderator("tom")
    topic = make_topic(forum)
    make_reply(topic)
    address = topic.get_absolute_url()

    move_topic(topic, by=tom, into=other, reason="Plutôt là.")

    assert Forum.objects.values_list("topic_count", "post_count").get(pk=forum.pk) == (0, 0)
    assert Forum.objects.values_list("topic_count", "post_count").get(pk=other.pk) == (1, 2)
    assert client.get(address).status_code == 200
    reader = reader_for(None)
    assert [t.pk for t in forum_page(reader, "atelier", Asked()).moved] == [topic.pk]
    assert "Moved elsewhere lately" in client.get("/f/atelier/").content.decode()
    assert [t.pk for t in forum_page(reader, "circuits", Asked()).topics.rows] == [topic.pk]
    assert drift() == []


def test_a_pointer_and_a_line_do_not_name_a_forum_that_the_reader_may_not_see(client, forum):
    sealed = make_forum("secret", audience="team", name_en="The sealed room")
    tom = make_moderator("tom")
    topic, back = make_topic(forum, title="Gone away"), make_topic(sealed, by=tom)
    move_topic(topic, by=tom, into=sealed)
    move_topic(back, by=tom, into=forum)

    assert "Gone away" not in client.get("/f/atelier/").content.decode()
    html = client.get(back.get_absolute_url()).content.decode()
    assert "moved this topic here from another forum" in html
    assert "sealed room" not in html
    client.force_login(tom)
    assert "The sealed room" in client.get(back.get_absolute_url()).content.decode()


def test_topics_move_only_between_forums_that_one_hosts(forum, host):
    topic, other = make_topic(forum), make_forum("circuits")

    with pytest.raises(Refused, match="do not host"):
        move_topic(topic, by=host, into=other)


def test_an_unlisted_topic_keeps_its_address_and_leaves_lists_search_and_counts(client, forum, host):
    topic = make_topic(forum, title="Zanzibar unique")
    assert "Zanzibar" in client.get("/").content.decode()
    assert '<p role="status">1 topic</p>' in client.get("/search/?q=Zanzibar").content.decode()

    unlist_topic(topic, by=host, reason="Deux fois le même.")

    for path in ("/", "/f/atelier/"):
        assert "Zanzibar" not in client.get(path).content.decode(), path
    assert "Nothing was found" in client.get("/search/?q=Zanzibar").content.decode()
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "Zanzibar" in html
    assert 'content="noindex"' in html
    assert Forum.objects.get(pk=forum.pk).topic_count == 0
    list_topic(topic, by=host)
    assert "Zanzibar" in client.get("/").content.decode()
    assert drift() == []


def test_an_archived_topic_is_read_only_for_hosts_too(forum, host):
    ann = make_member("ann")
    topic = make_topic(forum, by=ann)
    archive_topic(topic, by=host)

    with pytest.raises(Refused, match="archived"):
        make_reply(topic, by=host)
    with pytest.raises(Refused, match="archived"):
        edit_post(topic.posts.get(), by=ann, body="Other", version=1)
    unarchive_topic(topic, by=host)
    assert make_reply(topic).position == 2


def test_feedback_is_not_put_away_without_a_status_and_a_public_sentence(client, forum, host):
    topic = make_topic(forum, intent="feedback")
    for act in (
        lambda: close_topic(topic, by=host, reason="Assez."),
        lambda: unlist_topic(topic, by=host, reason="Assez."),
        lambda: archive_topic(topic, by=host, reason="Assez."),
        lambda: set_timer(topic, by=host, kind="close", due_at=timezone.now() + SOON, reason="Assez."),
        lambda: move_topic(topic, by=make_admin_moderator(), into=make_forum(), reason="Assez."),
    ):
        with pytest.raises(Refused, match="status with a public sentence"):
            act()
    client.force_login(host)
    page = client.get(f"/t/{topic.pk}/care/close/").content.decode()
    assert "status with a public sentence" in page
    assert f"/t/{topic.pk}/care/status/" in page

    with pytest.raises(Refused, match="does not fit"):
        set_status(topic, "planned", by=host, reason="Non.")
    set_status(topic, "discussed", by=host, reason="Nous en avons parlé samedi.")

    with pytest.raises(Refused, match="sentence that everyone"):
        unlist_topic(topic, by=host, reason=" ")
    close_topic(topic, by=host, reason="La réponse est ci-dessus.")
    html = client.get("/").content.decode()
    assert "discussed" in html


def make_admin_moderator():
    return make_moderator()


def test_status_of_an_idea_is_told_to_author_and_voters_once(forum, host):
    from forums.actions.voting import vote_for_idea

    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic(forum, by=ann, intent="idea")
    vote_for_idea(topic, by=bob)
    vote_for_idea(topic, by=host)

    set_status(topic, "planned", by=host, reason="Au printemps.")
    engagement_jobs.spread_news()
    engagement_jobs.spread_news()

    assert sorted(Notification.objects.values_list("member__username", "event__kind")) == [
        ("ann", "status"), ("bob", "status"),
    ]  # fmt: skip


def test_an_answer_is_told_to_whoever_gave_it(forum):
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic(forum, by=ann, intent="question")
    answer = make_reply(topic, by=bob)

    accept_answer(topic, answer, by=ann)
    engagement_jobs.spread_news()

    told = Notification.objects.get(member=bob, kind="topic")
    assert told.event.get_absolute_url() == f"/p/{answer.pk}/"
    accept_answer(topic, None, by=ann)
    assert [kind for kind, _by, _why in lines_of(topic)] == ["accepted", "unaccepted"]


def test_pinning_everywhere_is_for_the_whole_team_and_shows_on_the_home_page(client, forum, host):
    topic = make_topic(forum, title="Samedi, portes ouvertes")
    for _ in range(35):
        make_topic(forum)
    with pytest.raises(Refused, match="whole community"):
        pin_topic(topic, by=host, until=timezone.now() + SOON, everywhere=True)
    assert "portes ouvertes" not in client.get("/").content.decode()

    pin_topic(topic, by=make_moderator("tom"), until=timezone.now() + SOON, everywhere=True)

    assert "portes ouvertes" in client.get("/").content.decode()


def test_authors_rename_their_own_open_topics(forum, host):
    ann = make_member("ann")
    topic = make_topic(forum, by=ann, title="One", tags=["a"])
    old = topic.get_absolute_url()

    rename_topic(topic, by=ann, title="Two", reason="Plus clair.")

    topic.refresh_from_db()
    assert topic.get_absolute_url() != old
    assert topic.events.get().before == {"title": "One"}
    close_topic(topic, by=host, reason="Fini.")
    with pytest.raises(Refused):
        rename_topic(topic, by=ann, title="Three")


def test_old_address_of_a_renamed_topic_leads_to_the_new_one(client, forum, host):
    topic = make_topic(forum, title="Ancien titre")
    old = topic.get_absolute_url()
    rename_topic(topic, by=host, title="Nouveau titre")

    response = client.get(old)

    assert (response.status_code, response["Location"]) == (301, f"/t/{topic.pk}/nouveau-titre/")


def test_announcements_are_capped(forum, host):
    for _ in range(2):
        make_topic(forum, by=host, intent="announcement")
    with pytest.raises(Refused, match="2 announcements within a week"):
        make_topic(forum, by=host, intent="announcement")
    Topic.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert make_topic(forum, by=host, intent="announcement").intent == "announcement"
    with pytest.raises(Refused, match="Only the team"):
        make_topic(forum, by=make_member(), intent="announcement")


def test_closing_a_busy_topic_asks_twice_and_keeps_the_reason(client, forum, host):
    topic = make_topic(forum)
    client.force_login(host)
    first = client.post(f"/t/{topic.pk}/care/close/", {"reason": "Tout est dit.", "until": ""})

    assert first.status_code == 422
    html = first.content.decode()
    assert "Is this the moment to close it?" in html
    assert "Tout est dit." in html
    assert not Topic.objects.get(pk=topic.pk).is_closed

    client.post(f"/t/{topic.pk}/care/close/", {"reason": "Tout est dit.", "until": "", "sure": "on"})
    assert Topic.objects.get(pk=topic.pk).is_closed
    quiet = make_topic(forum)
    Topic.objects.filter(pk=quiet.pk).update(last_post_at=timezone.now() - timedelta(days=3))
    assert client.post(f"/t/{quiet.pk}/care/close/", {"reason": "Fini."}).status_code == 302


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("close", {"reason": "Fini.", "sure": "on"}),
        ("pin", {"until": "2099-01-01T10:00"}),
        ("rename", {"title": "Autre titre", "tags": "un, deux", "reason": ""}),
        ("slow", {"seconds": "900", "until": "2099-01-01T10:00", "reason": "Respirons."}),
        ("unlist", {"reason": "Double."}),
        ("timer", {"kind": "archive", "due_at": "2099-01-01T10:00", "reason": ""}),
        ("archive", {"reason": ""}),
    ],
)
def test_each_verb_has_a_page_that_says_what_it_means_and_does_it(client, forum, host, verb, data):
    topic = make_topic(forum)
    client.force_login(host)
    assert f"/t/{topic.pk}/care/{verb}/" in client.get(topic.get_absolute_url()).content.decode()
    assert client.get(f"/t/{topic.pk}/care/{verb}/").status_code == 200

    response = client.post(f"/t/{topic.pk}/care/{verb}/", data)

    assert response.status_code == 302
    assert topic.events.count() >= 1
    html = client.get(f"/t/{topic.pk}/", follow=True).content.decode()
    assert html.count('class="event"') == topic.events.count()
    event = topic.events.first()
    assert client.post(f"/events/{event.pk}/undo").status_code == 302
    client.force_login(make_member())
    assert client.post(f"/t/{topic.pk}/care/{verb}/", data).status_code == 403


def test_a_bad_moment_is_refused_beside_its_field(client, forum, host):
    topic = make_topic(forum)
    client.force_login(host)
    for moment, sentence in (("hier", "Write a date and a time"), ("2020-01-01T10:00", "still to come")):
        response = client.post(f"/t/{topic.pk}/care/pin/", {"until": moment})
        assert response.status_code == 422
        assert sentence in response.content.decode()


def test_a_post_open_to_all_is_edited_by_others_and_says_who(client, forum, host):
    ann, bob = make_member("ann"), make_member("bob")
    topic = make_topic(forum, by=ann, body="Glossaire")
    post = topic.posts.get()
    with pytest.raises(Refused, match="Only its author"):
        edit_post(post, by=bob, body="Autre", version=1)

    open_to_all(post, by=host)
    edit_post(post, by=bob, body="Glossaire, suite", version=1, reason="Une ligne de plus.")

    post.refresh_from_db()
    assert (post.author, post.body, post.version) == (ann, "Glossaire, suite", 2)
    revision = post.revisions.get()
    assert (revision.editor, revision.source) == (bob, "wiki")
    html = client.get(f"/p/{post.pk}/history/").content.decode()
    assert "Bob" in html
    assert post.edited_at is not None
    sealed = make_forum(audience="team")
    tom = make_moderator("tom")
    move_topic(topic, by=tom, into=sealed)
    with pytest.raises(Refused):
        edit_post(post, by=bob, body="Encore", version=2)


def test_admin_who_hosts_nothing_does_not_care_for_topics(forum):
    with pytest.raises(Refused):
        archive_topic(make_topic(forum), by=make_admin("solene"))


def test_unlisted_topics_are_not_in_the_list_query(forum, host):
    topic = make_topic(forum)
    reader = reader_for(None)
    assert [t.pk for t in topics_in(reader, Where(), Asked()).rows] == [topic.pk]
    unlist_topic(topic, by=host, reason="Double.")
    assert topics_in(reader, Where(), Asked()).rows == []


def test_reply_key_still_posts_once_in_slow_mode(forum, host):
    from uuid import uuid4

    ann, key = make_member("ann"), uuid4()
    topic = make_topic(forum)
    slow_topic(topic, by=host, seconds=900, until=timezone.now() + SOON, reason="Respirons.")
    first = reply_to_topic(topic, by=ann, body="Une fois", key=key)

    assert reply_to_topic(topic, by=ann, body="Une fois", key=key) == first
