"""Pages of conversations: what they cost and refuse, whom they name, and what an ended session leaves waiting."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from forums.actions.conversations import (
    leave_conversation,
    open_conversation,
)
from forums.actions.drafts import keep_draft
from forums.actions.keeping import keep_bookmark
from forums.models import (
    Bookmark,
    Seat,
    Topic,
)
from forums.queries.conversations import conversations_page
from forums.queries.people import bookmarks_of
from forums.readers import reader_for
from tests.make import (
    PASSWORD,
    make_community,
    make_conversation,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
)

pytestmark = pytest.mark.django_db

SECRET = "Quetzalcoatl"


@pytest.fixture(autouse=True)
def _community():
    make_community(reply_mail_minutes=10)


def opened(by, *with_, **more):
    return make_conversation(by, *with_, title=f"About {SECRET}", body=f"Nobody else reads {SECRET}.", **more)


def unread(member):
    return [topic for topic in conversations_page(reader_for(member)).rows if topic.is_unread]


# --- Pages


@pytest.mark.parametrize("rows", [1, 30])
def test_list_costs_the_same_with_one_and_with_thirty(client, rows):
    me = make_member("me")
    for number in range(rows):
        make_conversation(make_member(), me, title=f"Number {number}")
    client.force_login(me)
    client.get("/conversations/")

    with CaptureQueriesContext(
        connection,
    ) as queries:
        page = client.get("/conversations/").content.decode()

    assert page.count('<li id="topic-') == rows
    assert (
        len([q for q in queries if "django_session" not in q["sql"] and '"members_member"."id" = ' not in q["sql"]])
        == 5
    )


@pytest.mark.parametrize("posts", [1, 19])
def test_page_of_a_conversation_costs_the_same_however_long_it_is(client, posts):
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)
    for _ in range(posts):
        make_reply(topic, by=ann)
    client.force_login(bob)
    client.get(topic.get_absolute_url())

    with CaptureQueriesContext(connection) as queries:
        page = client.get(topic.get_absolute_url()).content.decode()

    assert page.count('<article id="post-') == posts + 1
    assert len(queries) == 9


def test_opening_and_answering_without_a_script(client):
    ann, bob = make_member("ann"), make_member("bob")
    client.force_login(ann)
    page = client.get("/conversations/new/?to=bob").content.decode()
    assert 'value="bob"' in page
    words = {"to": "bob", "subject": "Saw", "body": "Yours?", "key": str(uuid4())}
    assert "Yours?" in client.post("/conversations/new/?to=bob", {**words, "preview": "1"}).content.decode()
    assert Topic.objects.count() == 0

    sent = client.post("/conversations/new/?to=bob", words, follow=True)

    topic = Topic.objects.get()
    assert sent.redirect_chain[-1][0] == topic.get_absolute_url()
    client.force_login(bob)
    listed = client.get("/conversations/").content.decode()
    assert "Saw" in listed
    client.post(reverse("forums:reply", args=[topic.pk]), {"body": "Mine.", "key": str(uuid4())})
    assert [(post.author, post.body) for post in topic.posts.order_by("position")] == [(ann, "Yours?"), (bob, "Mine.")]


def test_refused_words_stay_in_the_form(client):
    client.force_login(make_member())
    make_member("bob", open_to="nobody")
    words = {"to": "bob", "subject": "Saw", "body": "Is it yours?", "key": str(uuid4())}

    page = client.post("/conversations/new/", words)

    assert page.status_code == 422
    assert page.context["form"].errors == {"to": ["Bob cannot be written to in private."]}
    assert re.search(r'<input[^>]+name="to"[^>]+aria-invalid="true"', page.content.decode())
    assert "Is it yours?" in page.content.decode()


def test_what_is_refused_for_its_words_is_not_said_of_the_addressee(client):
    new = make_newcomer()
    make_conversation(make_member("bob"), new)
    client.force_login(new)
    words = {"to": "bob", "subject": "Saw", "body": "https://unknown.example.net/", "key": str(uuid4())}

    assert list(client.post("/conversations/new/", words).context["form"].errors) == ["__all__"]


def test_what_a_suspended_member_had_written_stays_in_the_form(client):
    client.force_login(make_member(suspended_until=timezone.now() + timedelta(days=1)))
    make_member("bob")
    words = {"to": "bob", "subject": "Saw", "body": "Is it yours?", "key": str(uuid4())}

    page = client.post("/conversations/new/", words)

    assert (page.status_code, Topic.objects.count()) == (422, 0)
    assert list(page.context["form"].errors) == ["__all__"]
    assert "Is it yours?" in page.content.decode()
    assert client.get("/conversations/new/").status_code == 403


@pytest.mark.parametrize(
    ("to", "reason"),
    [
        ("closed", "Closed cannot be written to in private."),
        ("stranger", "Stranger has not answered you yet."),
        ("stranger,nobody1", "Nobody here has this name: nobody1."),
        ("mod", ""),
        ("", ""),
    ],
)
def test_refusal_is_said_before_anything_is_written(client, to, reason):
    client.force_login(make_newcomer())
    make_moderator("mod")
    make_moderator("closed", open_to="nobody")
    make_member("stranger")

    page = client.get("/conversations/new/", {"to": to})

    assert page.status_code == 200
    assert bool(page.context["refusal"]) is bool(reason)
    before, _form, _after = page.content.decode().partition('<form method="post" class="composer"')
    assert ('<p class="notice refused">' in before) is bool(reason)
    assert reason in before


def test_preview_and_what_is_incomplete_are_told_of_a_refusal_too(client):
    client.force_login(make_member())
    make_member("bob", open_to="nobody")
    whole = {"to": "bob", "subject": "Saw", "body": "Is it yours?", "key": str(uuid4())}

    for words in ({**whole, "preview": "1"}, {**whole, "body": ""}):
        page = client.post("/conversations/new/", words)
        assert page.context["form"].errors["to"] == ["Bob cannot be written to in private."]


def test_title_of_a_conversation_is_asked_for_by_a_sentence_of_its_own(client):
    client.force_login(make_member())
    make_member("bob")

    page = client.post("/conversations/new/", {"to": "bob", "subject": "???", "body": "Hm", "key": str(uuid4())})

    assert page.context["form"].errors == {"subject": ["Say what it is about in words that can be read."]}


@pytest.mark.parametrize(
    ("language", "since", "said"),
    [
        ("en", timedelta(0), "Joined: just now"), ("en", timedelta(hours=3), "Joined: 3 h ago"),
        ("fr", timedelta(0), "Arrivée\xa0: à l’instant"), ("fr", timedelta(hours=3), "Arrivée\xa0: il y a 3\xa0h"),
    ],
)  # fmt: skip
def test_page_of_seats_says_since_when(client, language, since, said):
    ann = make_member("ann", language=language)
    topic = opened(ann)
    Seat.objects.update(since=timezone.now() - since)
    client.force_login(ann)

    page = client.get(reverse("forums:conversation-seats", args=[topic.pk])).content.decode()

    assert said in re.sub(r"<[^>]+>", "", page)


# --- Names


def written_to(client, to):
    """Who sits in the conversation that this opens, or what is said of the names."""
    page = client.post("/conversations/new/", {"to": to, "subject": "Saw", "body": "Hm", "key": str(uuid4())})
    if page.status_code == 422:
        return page.context["form"].errors["to"]
    return sorted(Topic.objects.latest("pk").seats.values_list("member__username", flat=True))


def test_shown_name_of_one_member_is_as_good_as_their_username(client):
    client.force_login(make_member("ann"))
    make_member("zed", name="Zoé Œuvrard")
    make_member("bob")

    assert written_to(client, "zoe oeuvrard") == ["ann", "zed"]
    assert written_to(client, " ZOÉ  ŒUVRARD, @bob, zed,") == ["ann", "bob", "zed"]
    assert written_to(client, "@zoé œuvrard") == ["Nobody here has this name: zoé œuvrard."]


def test_shown_name_of_several_members_asks_which(client):
    client.force_login(make_member("ann"))
    make_member("zed", name="Zoe")
    make_member("zoo", name="Zoé")

    said = ["Several members are called “zoe”; say whom you mean: @zed, @zoo."]

    assert written_to(client, "zoe") == said
    assert written_to(client, "zoe, who") == ["Nobody here has this name: who.", *said]


def test_username_goes_before_a_shown_name(client):
    client.force_login(make_member("ann"))
    make_member("zoe", name="Somebody")
    make_member("zed", name="Zoe")

    assert written_to(client, "Zoe") == ["ann", "zoe"]


def test_shown_name_finds_nobody_who_takes_no_part_or_shows_themselves_to_the_team_only(client):
    client.force_login(make_member("ann"))
    make_member("hidden", name="Zoe", shown_to="team")
    make_member("asks", name="Zoe", state="applying")

    assert written_to(client, "zoe") == ["Nobody here has this name: zoe."]
    assert written_to(client, "hidden") == ["ann", "hidden"]


def test_invited_by_a_shown_name_and_refused_beside_the_field(client):
    ann, bob = make_member("ann"), make_member("bob")
    make_member("zed", name="Zoé")
    make_member("shut", open_to="nobody")
    topic = opened(ann, bob)
    client.force_login(ann)
    address = reverse("forums:conversation-seats", args=[topic.pk])

    refused = client.post(address, {"member": "shut"})
    assert refused.context["form"].errors == {"member": ["Shut cannot be written to in private."]}
    assert client.post(address, {"member": "zoe"}).status_code == 302
    assert Seat.objects.filter(topic=topic, member__username="zed").exists()
    for nothing in ("@", "\u200b"):
        assert client.post(address, {"member": nothing}).context["form"].errors == {
            "member": ["Nobody here has this name."]
        }


# --- A session that ended meanwhile


def sent_signed_out(client, member, at="/conversations/new/?to=bob", **words):
    said = {"to": "bob, cleo", "subject": "Saw", "body": "Is it yours?", "key": str(uuid4()), "as": member.pk, **words}
    return said, client.post(at, said)


def signs_in(client, username):
    return client.post("/accounts/login/", {"login": username, "password": PASSWORD})


def initial(page):
    return {name: page.context["form"][name].value() or "" for name in ("to", "subject", "body")}


def test_first_message_sent_with_an_ended_session_comes_back_after_signing_in(client):
    ann = make_member("ann")
    make_member("bob")
    make_member("cleo")

    words, sent = sent_signed_out(client, ann)
    assert sent["Location"] == "/accounts/login/?next=%2Fconversations%2Fnew%2F%3Fto%3Dbob"
    back = signs_in(client, "ann")
    page = client.get(back["Location"])

    assert back["Location"] == "/conversations/new/?to=bob"
    assert initial(page) == {"to": "bob, cleo", "subject": "Saw", "body": "Is it yours?"}
    assert "Your draft is back." in page.content.decode()
    elsewhere = client.get("/conversations/new/")
    assert initial(elsewhere) == {"to": "", "subject": "", "body": ""}
    assert '<a href="?to=bob">bob, cleo</a>' in elsewhere.content.decode()

    key = str(page.context["form"]["key"].value())
    assert key == words["key"]
    assert client.post("/conversations/new/?to=bob", {**words, "key": key}).status_code == 302
    assert initial(client.get("/conversations/new/?to=bob")) == {"to": "bob", "subject": "", "body": ""}
    assert Topic.objects.get().title == "Saw"


def test_first_message_of_an_ended_session_shows_to_nobody_else(client):
    ann = make_member("ann")
    make_member("bob")
    make_member("eve")
    sent_signed_out(client, ann)

    signs_in(client, "eve")

    for address in ("/conversations/new/?to=bob", "/conversations/new/"):
        page = client.get(address)
        assert initial(page)["body"] == ""
        assert "Is it yours?" not in page.content.decode()
        assert page.context["begun"] == []


def test_what_an_ended_session_leaves_waiting_is_bounded(client):
    ann = make_member("ann")
    for number in range(7):
        sent_signed_out(client, ann, at=f"/conversations/new/?to=m{number}", to=f"m{number}")
    sent_signed_out(client, ann, at="/conversations/new/?to=blank", to="", subject=" ", body="\n")

    signs_in(client, "ann")

    assert [one["at"] for one in client.get("/conversations/new/").context["begun"]] == ["m2", "m3", "m4", "m5", "m6"]


def test_visitor_is_asked_to_sign_in_to_write_in_private(client):
    assert client.get("/conversations/new/?to=bob")["Location"] == (
        "/accounts/login/?next=/conversations/new/%3Fto%3Dbob"
    )
    assert client.post("/conversations/new/", {"body": "x"})["Location"].startswith("/accounts/login/")


def test_unknown_names_are_named(client):
    client.force_login(make_member())
    words = {"to": "nobody1, nobody2", "subject": "Saw", "body": "Hm?", "key": str(uuid4())}

    page = client.post("/conversations/new/", words)

    assert "Nobody here has this name: nobody1, nobody2." in page.content.decode()


def test_inviting_muting_and_leaving_on_the_page_of_seats(client):
    ann, bob, cleo = make_member("ann"), make_member("bob"), make_member("cleo")
    topic = opened(ann, bob)
    client.force_login(ann)
    address = reverse("forums:conversation-seats", args=[topic.pk])

    assert client.post(address, {"member": "cleo"}, follow=True).status_code == 200
    client.post(reverse("forums:mute", args=[topic.pk]))
    assert Seat.objects.get(topic=topic, member=ann).muted_at is not None
    client.post(reverse("forums:mute", args=[topic.pk]), {"back": "1"})
    assert Seat.objects.get(topic=topic, member=ann).muted_at is None
    assert f"{ann.shown_name} invited Cleo" in client.get(topic.get_absolute_url()).content.decode()
    page = client.get(address).content.decode()
    assert page.count(leave := reverse("forums:leave", args=[topic.pk])) == 1
    assert leave in page.partition('<details class="more">')[2].partition("</details>")[0]
    client.post(reverse("forums:leave", args=[topic.pk]))
    assert client.get(address).status_code == 404
    client.force_login(cleo)
    assert "Ann left." in client.get(topic.get_absolute_url()).content.decode()


def test_browser_keeps_what_is_not_sent_and_hears_when_it_is(client):
    ann, key = make_member(), uuid4()
    client.force_login(ann)
    typed = {"body": "Hm", "key": str(key), "as": str(ann.pk)}
    kept = client.post("/drafts/keep?conversation=bob", typed)
    assert (kept.status_code, kept.json()) == (422, {})

    open_conversation(by=ann, with_=[make_member()], title="A", body="Hm", key=key)

    assert client.post("/drafts/keep?conversation=bob", typed).json()["sent"] is True


def test_bookmarks_and_drafts_of_a_conversation_are_listed_while_one_sits_there(client):
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)
    keep_bookmark(topic.posts.get(), by=bob)
    keep_draft(by=bob, key=uuid4(), topic=topic, body="unsent")
    client.force_login(bob)
    assert [kept.post.topic for kept in bookmarks_of(reader_for(bob)).rows] == [topic]
    assert SECRET in client.get("/drafts/").content.decode()

    leave_conversation(topic, by=bob)

    assert bookmarks_of(reader_for(bob)).rows == []
    assert Bookmark.objects.count() == 1
    drafts = client.get("/drafts/").content.decode()
    assert SECRET not in drafts
    assert "unsent" in drafts


def test_profile_leads_to_a_conversation(client):
    client.force_login(make_member())

    assert "/conversations/new/?to=bob" in client.get(make_member("bob").get_absolute_url()).content.decode()
