"""Drafts: what each accident leaves of somebody's words."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from forums.actions.care import close_topic
from forums.actions.drafts import WrittenElsewhere, keep_draft, move_draft, tidy_drafts
from forums.actions.posts import edit_post, reply_to_topic
from forums.models import Access, Draft, Post
from forums.queries.people import drafts_of
from forums.readers import reader_for
from tests.make import PASSWORD, make_community, make_forum, make_host, make_member, make_reply, make_topic
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db

KEEP = "/drafts/keep"


@pytest.fixture(autouse=True)
def community():
    return make_community()


def keep(client, place, member, **words):
    return client.post(f"{KEEP}?{place}", {"as": member.pk, "key": str(uuid4()), **words})


# --- Kept while typing


def test_words_are_kept_and_answered_with_when(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)

    answer = keep(client, f"topic={topic.pk}", ann, body="Beg").json()
    again = keep(client, f"topic={topic.pk}", ann, body="Begun", seen=answer["seen"]).json()

    draft = Draft.objects.get(member=ann, topic=topic)
    assert draft.body == "Begun"
    assert again["seen"] == draft.saved_at.isoformat() != answer["seen"]
    assert again["saved"].startswith("Draft saved at ")


def test_draft_keeps_the_post_answered_and_the_poll_and_gives_them_back(client):
    forum, ann = make_forum(), make_member()
    topic = make_topic(forum)
    client.force_login(ann)
    answered = topic.posts.get()

    keep(client, f"topic={topic.pk}", ann, body="Re", reply_to=answered.pk)
    poll = {"poll_question": "Tea?", "poll_options": "Yes\nNo", "poll_days": ["1", "2"]}
    keep(client, f"forum={forum.slug}", ann, title="A poll", body="", **poll)

    reply, started = Draft.objects.get(topic=topic), Draft.objects.get(forum=forum)
    assert reply.reply_to == answered
    assert started.poll == poll
    html = client.get(topic.get_absolute_url()).content.decode()
    assert f'name="reply_to" value="{answered.pk}"' in html


def test_post_of_another_topic_is_not_kept_as_the_one_answered(client):
    topic, ann = make_topic(), make_member()

    draft = keep_draft(by=ann, key=None, topic=topic, body="Re", reply_to=make_reply(make_topic()).pk)

    assert draft.reply_to is None


def test_emptied_composer_lets_its_draft_go_and_says_that_nothing_was_sent(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)
    seen = keep(client, f"topic={topic.pk}", ann, body="Begun").json()["seen"]

    answer = keep(client, f"topic={topic.pk}", ann, body="  ", seen=seen).json()

    assert answer == {"saved": "", "seen": "", "sent": False}
    assert Draft.objects.count() == 0


@pytest.mark.parametrize(
    "words", [{"poll_x": "y" * 9000}, {"intent": "nonsense", "lang": "xx"}, {"key": "no", "seen": "no"}]
)
def test_odd_words_are_kept_as_far_as_they_can_be(client, words):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)

    assert keep(client, f"topic={topic.pk}", ann, body="Be\x00gun", **words).status_code == 200
    assert Draft.objects.get().body == "Begun"


# --- Two devices


def test_second_device_is_told_and_erases_nothing(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)
    place = f"topic={topic.pk}"
    first = keep(client, place, ann, body="From the phone").json()

    refused = keep(client, place, ann, body="From the desk", seen="")

    assert refused.status_code == 409
    assert (refused.json()["body"], refused.json()["seen"]) == ("From the phone", first["seen"])
    assert Draft.objects.get().body == "From the phone"

    chosen = keep(client, place, ann, body="From the desk", seen=first["seen"])
    assert chosen.status_code == 200
    assert Draft.objects.get().body == "From the desk"


def test_same_words_on_two_devices_are_no_quarrel(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)

    keep(client, f"topic={topic.pk}", ann, body="The same")

    assert keep(client, f"topic={topic.pk}", ann, body="The same ").status_code == 200


def test_rejected_form_of_a_second_device_shows_both(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)
    keep_draft(by=ann, key=None, topic=topic, body="From the phone")
    address = f"/t/{topic.pk}/reply"

    page = client.post(address, {"body": "From the desk", "key": "1" * 32, "preview": "1"}).content.decode()

    assert "Another device or window has kept other words here since." in page
    assert "From the phone" in page
    assert "From the desk" in page
    assert Draft.objects.get().body == "From the phone"


# --- Sent


def test_sent_words_are_no_draft_even_if_their_last_letters_arrive_late():
    topic, ann = make_topic(), make_member()
    key = uuid4()
    reply_to_topic(topic, by=ann, body="Done", key=key)
    late = Draft.objects.create(member=ann, topic=topic, key=key, body="Don", saved_at=timezone.now())

    assert keep_draft(by=ann, key=key, topic=topic, body="Done") is None
    assert list(Draft.objects.unfinished()) == []
    assert drafts_of(reader_for(ann)) == []

    fresh = keep_draft(by=ann, key=uuid4(), topic=topic, body="Another one")
    assert (fresh.pk, fresh.body) == (late.pk, "Another one")


def test_retry_after_a_lost_answer_gives_the_same_post(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)
    words = {"body": "Once", "key": "5" * 32, "as": ann.pk}

    answers = [client.post(f"/t/{topic.pk}/reply", words)["Location"] for _ in range(2)]

    assert answers[0] == answers[1]
    assert Post.objects.filter(author=ann).count() == 1


# --- A session that expired


def test_words_of_an_ended_session_stay_in_the_browser_while_typing(client):
    topic, ann = make_topic(), make_member()

    answer = keep(client, f"topic={topic.pk}", ann, body="Begun")

    assert answer.status_code == 401
    assert "kept in this browser" in answer.json()["saved"]
    assert Draft.objects.count() == 0


def test_words_are_not_kept_for_somebody_else_who_signed_in_meanwhile(client):
    topic, ann = make_topic(), make_member()
    client.force_login(make_member())

    assert keep(client, f"topic={topic.pk}", ann, body="Begun").status_code == 401
    assert Draft.objects.count() == 0


@pytest.mark.parametrize("audience", ["everyone", "members"])
def test_reply_sent_with_an_ended_session_comes_back_after_signing_in(client, audience):
    topic, ann = make_topic(make_forum(audience=audience)), make_member("ann")
    client.force_login(ann)
    key = UUID("6" * 32)
    keep_draft(by=ann, key=key, topic=topic, body="Half a sen")
    Session.objects.all().delete()

    sent = client.post(f"/t/{topic.pk}/reply", {"body": "A whole sentence.", "key": str(key), "as": ann.pk})
    assert sent["Location"].startswith("/accounts/login/?next=%2Ft%2F")
    back = client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})
    page = client.get(back["Location"], follow=True).content.decode()

    assert "A whole sentence." in page
    assert "Half a sen" not in page.replace("A whole sentence.", "")
    assert [draft.body for draft in Draft.objects.filter(member=ann)] == ["A whole sentence."]
    assert Post.objects.filter(author=ann).count() == 0


def test_change_sent_with_an_ended_session_comes_back_after_signing_in(client):
    ann = make_member("ann")
    post = make_reply(make_topic(), by=ann, body="Before")

    sent = client.post(f"/p/{post.pk}/edit/", {"body": "After", "version": 1, "as": ann.pk})
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})

    assert sent["Location"].startswith("/accounts/login/")
    assert "After" in client.get(f"/p/{post.pk}/edit/").content.decode()


def test_new_topic_sent_with_an_ended_session_comes_back_after_signing_in(client):
    forum, ann = make_forum(), make_member("ann")

    client.post(f"/f/{forum.slug}/new/", {"title": "T", "body": "B", "key": "7" * 32, "as": ann.pk})
    client.post("/accounts/login/", {"login": "ann", "password": PASSWORD})

    assert (Draft.objects.get().member, Draft.objects.get().title) == (ann, "T")


def test_words_of_an_ended_session_go_to_nobody_else(client):
    topic, ann = make_topic(), make_member("ann")
    make_member("bob")
    client.post(f"/t/{topic.pk}/reply", {"body": "Mine", "key": "8" * 32, "as": ann.pk})

    client.post("/accounts/login/", {"login": "bob", "password": PASSWORD})

    assert Draft.objects.get().member is None


def test_visitor_finds_their_words_again_on_the_page(client):
    topic = make_topic()
    client.post(f"{KEEP}?topic={topic.pk}", {"body": "A visitor wrote", "key": "9" * 32})

    assert "A visitor wrote" in client.get(topic.get_absolute_url()).content.decode()
    client.cookies.clear()
    assert "A visitor wrote" not in client.get(topic.get_absolute_url()).content.decode()


# --- A place that closed


def test_words_for_a_closed_topic_are_shown_kept_and_can_be_moved(client):
    forum, ann = make_forum(), make_member()
    topic = make_topic(forum, title="Old kettle")
    client.force_login(ann)
    close_topic(topic, by=make_host(forum), reason="Done.")

    refused = client.post(f"/t/{topic.pk}/reply", {"body": "Too late", "key": "1" * 32}).content.decode()
    assert "Too late</textarea>" in refused
    assert "Too late</textarea>" in client.get(topic.get_absolute_url()).content.decode()
    listed = client.get("/drafts/").content.decode()
    assert "This topic is closed to new replies." in listed
    draft = Draft.objects.get()
    moved = client.post(f"/drafts/{draft.key}/move", {"forum": forum.slug})

    assert moved["Location"] == f"/f/{forum.slug}/new/"
    assert "Too late" in client.get(moved["Location"]).content.decode()
    draft.refresh_from_db()
    assert (draft.topic, draft.forum) == (None, forum)


def test_moving_a_draft_keeps_what_was_begun_there():
    forum, ann = make_forum(), make_member()
    keep_draft(by=ann, key=None, forum=forum, title="Begun", body="First")
    draft = keep_draft(by=ann, key=None, topic=make_topic(forum), body="Second")

    moved = move_draft(draft, by=ann, forum=forum)

    assert (moved.title, moved.body) == ("Begun", "Second\n\nFirst")
    assert list(Draft.objects.all()) == [moved]


def test_moving_a_draft_is_refused_where_one_may_not_start_and_for_what_is_not_ones_own():
    forum, ann = make_forum(audience="team"), make_member()
    draft = keep_draft(by=ann, key=None, topic=make_topic(), body="Words")

    with pytest.raises(Refused, match="You cannot start topics in this forum."):
        move_draft(draft, by=ann, forum=forum)
    with pytest.raises(Refused, match="This draft is gone."):
        move_draft(draft, by=make_member(), forum=make_forum())
    assert Draft.objects.get().topic is not None


def test_words_for_a_topic_that_vanished_are_still_shown_and_listed_without_its_title(client):
    forum, ann = make_forum(audience="members"), make_member()
    topic = make_topic(forum, title="Secret plans")
    client.force_login(ann)
    keep_draft(by=ann, key=None, topic=topic, body="Begun in time")
    Access.objects.filter(forum=forum).delete()

    lost = client.post(f"/t/{topic.pk}/reply", {"body": "Begun in time, ended late", "key": "1" * 32})
    listed = client.get("/drafts/").content.decode()

    assert lost.status_code == 404
    assert "Begun in time, ended late</textarea>" in lost.content.decode()
    assert "Begun in time</textarea>" in listed
    assert "Secret plans" not in listed


def test_form_whose_token_is_too_old_shows_the_words(client):
    from django.test import Client

    topic, ann = make_topic(), make_member()
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ann)

    response = strict.post(f"/t/{topic.pk}/reply", {"body": "Written long ago", "key": "1" * 32})
    fragment = strict.post(f"/t/{topic.pk}/reply", {"body": "Written long ago"}, HTTP_HX_REQUEST="true")

    assert response.status_code == 403
    assert "Written long ago</textarea>" in response.content.decode()
    assert (fragment.status_code, fragment["HX-Retarget"]) == (403, "#messages")
    assert "<html" not in fragment.content.decode()


# --- Changes of a post


def test_change_of_a_post_is_kept_restored_and_gone_once_saved(client):
    ann = make_member()
    post = make_reply(make_topic(), by=ann, body="Before")
    client.force_login(ann)

    answer = keep(client, f"post={post.pk}", ann, body="After", version=1).json()

    draft = Draft.objects.get(post=post)
    assert (draft.body, draft.version, answer["seen"]) == ("After", 1, draft.saved_at.isoformat())
    page = client.get(f"/p/{post.pk}/edit/").content.decode()
    assert "After</textarea>" in page
    assert "Your draft is back." in page

    client.post(f"/p/{post.pk}/edit/", {"body": "After", "version": 1, "as": ann.pk})
    post.refresh_from_db()
    assert (post.body, Draft.objects.count()) == ("After", 0)


def test_change_that_changes_nothing_is_no_draft(client):
    ann = make_member()
    post = make_reply(make_topic(), by=ann, body="Before")
    client.force_login(ann)

    assert keep(client, f"post={post.pk}", ann, body="Before\n", version=1).json()["sent"] is True
    assert Draft.objects.count() == 0


def test_change_begun_before_somebody_elses_is_shown_with_the_difference(client):
    ann = make_member()
    post = make_reply(make_topic(), by=ann, body="One")
    keep_draft(by=ann, key=None, post=post, body="Two", version=1)
    Draft.objects.filter(post=post).update(member=make_member())  # out of the way of the next line
    edit_post(post, by=ann, body="Three", version=1)
    Draft.objects.filter(post=post).update(member=ann)
    client.force_login(ann)

    page = client.get(f"/p/{post.pk}/edit/").content.decode()
    refused = client.post(f"/p/{post.pk}/edit/", {"body": "Two", "version": 1, "as": ann.pk})

    assert 'name="version" value="1"' in page
    assert refused.status_code == 422
    assert "<del>" in refused.content.decode()
    post.refresh_from_db()
    assert post.body == "Three"


def test_change_of_a_post_in_a_topic_closed_meanwhile_is_kept(client):
    forum, ann = make_forum(), make_member()
    post = make_reply(make_topic(forum), by=ann, body="Before")
    close_topic(post.topic, by=make_host(forum), reason="Done.")
    client.force_login(ann)

    refused = client.post(f"/p/{post.pk}/edit/", {"body": "After", "version": 1, "as": ann.pk})

    assert refused.status_code == 403
    assert "After</textarea>" in refused.content.decode()
    assert Draft.objects.get(post=post).body == "After"


# --- Old ones


def test_old_drafts_go_and_those_that_wait_for_their_hour_stay():
    topic, ann = make_topic(), make_member()
    with clock.at(timezone.now() - timedelta(days=8)):
        keep_draft(by=ann, key=None, topic=topic, body="A week old")
        keep_draft(by=None, key=uuid4(), topic=topic, body="A visitor's")
    with clock.at(timezone.now() - timedelta(days=181)):
        keep_draft(by=ann, key=None, topic=make_topic(), body="Half a year old")
        waits = keep_draft(by=ann, key=None, forum=make_forum(), title="Later", body="Scheduled")
    Draft.objects.filter(pk=waits.pk).update(publish_at=timezone.now() + timedelta(days=1))

    assert tidy_drafts() == 2
    assert {draft.body for draft in Draft.objects.all()} == {"A week old", "Scheduled"}


def test_scheduled_draft_is_listed_and_never_restored_into_a_composer(client):
    topic, ann = make_topic(), make_member()
    draft = keep_draft(by=ann, key=None, topic=topic, body="For tomorrow")
    Draft.objects.filter(pk=draft.pk).update(publish_at=timezone.now() + timedelta(days=1))
    client.force_login(ann)

    assert "For tomorrow" not in client.get(topic.get_absolute_url()).content.decode()
    assert "For tomorrow" in client.get("/drafts/").content.decode()
    assert keep_draft(by=ann, key=None, topic=topic, body="For today").pk != draft.pk


@pytest.mark.parametrize("number", [1, 12])
def test_list_of_drafts_costs_the_same_however_long(client, number, django_assert_max_num_queries):
    ann = make_member()
    forum = make_forum()
    for _ in range(number):
        keep_draft(by=ann, key=None, topic=make_topic(forum), body="Begun")
    client.force_login(ann)

    with django_assert_max_num_queries(9):
        assert client.get("/drafts/").content.decode().count("Begun") == number


def test_drafts_of_two_windows_at_once_are_not_lost_between_them():
    topic, ann = make_topic(), make_member()
    kept = keep_draft(by=ann, key=None, topic=topic, body="One")

    with pytest.raises(WrittenElsewhere) as other:
        keep_draft(by=ann, key=None, topic=topic, body="Two", seen=kept.saved_at - timedelta(seconds=1))

    assert other.value.draft == kept
