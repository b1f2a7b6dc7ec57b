"""Follows, blocks, guests: what reaches whom, and what does not."""

from __future__ import annotations

import pytest

from engagement.actions.news import spread_news
from engagement.models import Notification
from engagement.queries import notifications_page, standing
from forums.actions import reading
from forums.actions.guests import invite_into, withdraw_invitation
from forums.models import Access, Following, Level, Tag
from forums.queries.attention import attention_of
from forums.queries.composer import members_like, similar_topics
from forums.queries.search import search
from forums.readers import reader_for
from members.actions.blocks import block_member, unblock_member
from members.models import Block, Member
from tests.make import make_community, make_forum, make_host, make_member, make_reply, make_topic
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def community():
    return make_community()


@pytest.fixture
def ann():
    return make_member("ann")


def told(member: Member) -> list[tuple[str, str]]:
    """Kind and topic of each notification that a member sees, oldest first."""
    spread_news()
    rows = notifications_page(reader_for(member)).rows
    return [(row.kind, row.post.topic.title) for row in reversed(rows) if row.post]


# --- Following


def test_all_of_a_forum_a_tag_or_a_member_tells_of_each_new_topic_once(ann):
    forum, bob = make_forum(), make_member("bob")
    make_topic(tags=["vrac"], title="Before")
    assert told(ann) == []
    for thing in (forum, bob, Tag.objects.get(key="vrac")):
        reading.follow(thing, by=ann, level=Level.ALL)

    topic = make_topic(forum, by=bob, title="All three", tags=["vrac"])
    make_topic(title="Tag", tags=["Vrac"])
    make_topic(title="None")
    make_reply(topic)

    assert told(ann) == [("started", "All three"), ("started", "Tag")]


def test_nothing_of_a_forum_is_nothing_even_when_named_but_a_followed_topic_wins(ann):
    forum = make_forum()
    topic = make_topic(forum, title="Loud")
    make_reply(topic, body="Hello @ann")
    assert told(ann) == [("mention", "Loud")]

    reading.follow(forum, by=ann, level=Level.NOTHING)
    make_reply(topic, body="Hello again @ann")
    assert told(ann) == [("mention", "Loud")]
    reading.follow_topic(topic, by=ann, level=Level.ALL)
    make_reply(topic)
    assert told(ann) == [("mention", "Loud"), ("reply", "Loud")]


def test_the_usual_has_no_row(ann):
    forum = make_forum()
    for level, rows in ((Level.ALL, 1), (Level.NOTHING, 1), (Level.NORMAL, 0), (Level.NORMAL, 0)):
        reading.follow(forum, by=ann, level=level)
        assert Following.objects.count() == rows


def test_one_does_not_follow_oneself_nor_somebody_behind_a_block(ann):
    bob = make_member("bob")
    with pytest.raises(Refused):
        reading.follow(ann, by=ann, level=Level.ALL)
    block_member(ann, by=bob)
    with pytest.raises(Refused):
        reading.follow(bob, by=ann, level=Level.ALL)


def test_following_from_the_pages_and_back(client, ann):
    make_topic(make_forum("atelier"), by=make_member("bob"), tags=["café"])
    client.force_login(ann)
    for address, kind, key in (
        ("/f/atelier/", "forum", "atelier"),
        ("/tags/cafe/", "tag", "cafe"),
        ("/m/bob/", "member", "bob"),
    ):
        assert 'name="level" value="all"' in client.get(address).content.decode()
        response = client.post("/follow", {"kind": kind, "key": key, "level": "all", "next": address})
        assert (response.status_code, response["Location"]) == (302, address)
        assert 'value="all" aria-pressed="true"' in client.get(address).content.decode()
    html = client.get("/settings/following/").content.decode()
    assert html.count('<span class="mark">all</span>') == 3
    client.post("/follow", {"kind": "forum", "key": "atelier", "level": "normal"})
    assert client.get("/settings/following/").content.decode().count('<span class="mark">all</span>') == 2


def test_a_forum_or_tag_one_does_not_see_cannot_be_followed(client, ann):
    sealed = make_forum("sealed", audience="team")
    make_topic(sealed, by=make_host(sealed), tags=["secret"])
    client.force_login(ann)
    for kind, key in (("forum", "sealed"), ("tag", "secret"), ("member", "nobody"), ("planet", "x")):
        assert client.post("/follow", {"kind": kind, "key": key, "level": "all"}).status_code == 404
    assert Following.objects.count() == 0


# --- Blocks


def test_a_block_holds_both_ways_in_notifications_and_mentions(ann):
    bob = make_member("bob")
    topic = make_topic(by=ann, title="Mine")
    make_reply(topic, by=bob, body="Hello @ann")
    assert told(ann) == [("mention", "Mine")]
    assert standing(reader_for(ann)).told == 1

    block_member(ann, by=bob)

    assert told(ann) == []
    assert standing(reader_for(ann)).told == 0
    reply = make_reply(topic, by=bob, body="Again @ann")
    assert "/m/ann/" not in reply.html
    assert "/m/bob/" not in make_reply(topic, by=ann, body="And you, @bob").html
    assert (told(ann), told(bob)) == ([], [])
    assert Notification.objects.filter(post=reply).count() == 0
    unblock_member(ann, by=bob)
    assert told(ann) == [("mention", "Mine")]


def test_a_block_holds_in_search_completion_and_similar_topics(ann):
    bob = make_member("bobby")
    topic = make_topic(by=bob, title="Grinding noise")
    make_reply(make_topic(title="Else"), by=bob, body="A grinding noise again")
    reader = reader_for(ann)
    assert [m.username for m in members_like(reader, "bobb")] == ["bobby"]
    assert similar_topics(reader, "Grinding noise") == [topic]
    assert len(search(reader, "grinding").hits) == 2

    block_member(bob, by=ann)

    reader = reader_for(ann)
    assert members_like(reader, "bobb") == similar_topics(reader, "Grinding noise") == []
    assert search(reader, "grinding").hits == []
    reader = reader_for(bob)
    assert members_like(reader, "ann") == []


def test_posts_behind_a_block_are_folded_not_gone(client, ann):
    bob = make_member("bob")
    topic = make_topic(by=ann)
    make_reply(topic, by=bob, body="Still readable")
    block_member(bob, by=ann)
    for member in (ann, bob):
        client.force_login(member)
        html = client.get(topic.get_absolute_url()).content.decode()
        assert html.count('<details class="folded">') == 1
        assert "Still readable" in html


def test_blocking_from_the_page_and_back(client, ann):
    make_member("bob")
    client.force_login(ann)
    assert "Block this member" in client.get("/m/bob/").content.decode()
    client.post("/m/bob/block")
    client.post("/m/bob/block")
    assert Block.objects.count() == 1
    assert "Unblock" in client.get("/m/bob/").content.decode()
    assert "/m/bob/" in client.get("/settings/following/").content.decode()
    client.post("/m/bob/block", {"back": "1"})
    assert Block.objects.count() == 0
    assert client.post("/m/ann/block").status_code == 403


# --- Guests


@pytest.fixture
def panel():
    forum = make_forum("panel", audience="team")
    Access.objects.create(forum=forum, audience=Access.Audience.INVITED, level=Access.Level.WRITE)
    return forum


def test_a_guest_comes_in_and_is_told(client, panel, ann):
    host, other = make_host(panel, "hosty"), make_member()
    assert panel.pk not in reader_for(ann).seen
    client.force_login(host)
    assert "Who is invited" in client.get("/f/panel/").content.decode()

    client.post("/f/panel/guests/", {"invite": "1", "member": "@Ann"})

    reader = reader_for(ann)
    assert (panel.pk in reader.readable, panel.pk in reader.writable, panel.pk in reader.startable) == (
        True,
        True,
        False,
    )
    assert panel.pk not in reader_for(other).seen
    client.force_login(ann)
    assert "hosty".title() + " invites you into The panel forum" in client.get("/notifications/").content.decode()
    assert client.get("/f/panel/guests/").status_code == 403
    withdraw_invitation(panel, ann, by=host)
    assert panel.pk not in reader_for(ann).seen
    assert "invites you" not in client.get("/notifications/").content.decode()


def test_only_hosts_invite_and_only_who_takes_part(panel, ann):
    host = make_host(panel)
    with pytest.raises(Refused):
        invite_into(panel, ann, by=make_member())
    with pytest.raises(Refused):
        invite_into(panel, make_member(state=Member.State.APPLYING), by=host)


def test_inviting_an_unknown_name_says_so(client, panel):
    client.force_login(make_host(panel))
    response = client.post("/f/panel/guests/", {"invite": "1", "member": "nobody-here"})
    assert response.status_code == 422
    assert "Nobody here has this name: nobody-here." in response.content.decode()


def test_forums_nest_one_level():
    from django.core.exceptions import ValidationError

    top = make_forum()
    inner = make_forum(parent=top)
    third = make_forum()
    inner.clean()
    third.parent = inner
    with pytest.raises(ValidationError):
        third.clean()
    top.parent = third
    third.parent = None
    with pytest.raises(ValidationError):
        top.clean()


# --- Feeds


def test_feeds_hold_what_everybody_may_read(client, ann):
    forum, sealed, shed = (
        make_forum("open"),
        make_forum("sealed", audience="team"),
        make_forum("shed", audience="members"),
    )
    make_topic(forum, title="Public & plain", body="See [this](/t/1/)", tags=["café"], by=ann)
    make_topic(sealed, title="Sealed", by=make_host(sealed), tags=["café"])
    make_topic(shed, title="Members only", tags=["hush"])
    client.force_login(make_host(sealed))

    for address in ("/feed/", "/f/open/feed/", "/tags/cafe/feed/"):
        response = client.get(address)
        xml = response.content.decode()
        assert response["Content-Type"].startswith("application/atom+xml")
        assert ("Public &amp; plain" in xml, "Sealed" in xml, "Members only" in xml) == (True, False, False)
        assert client.get(address, HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    for address in ("/f/sealed/feed/", "/f/shed/feed/", "/tags/hush/feed/", "/f/none/feed/"):
        assert client.get(address).status_code == 404


def test_a_feed_changes_when_its_words_do(client):
    from forums.actions.posts import edit_post

    topic = make_topic(make_forum("open"), title="Words")
    before = client.get("/feed/")["ETag"]
    edit_post(topic.posts.get(), by=topic.author, body="Other words", version=1)

    after = client.get("/feed/", HTTP_IF_NONE_MATCH=before)

    assert (after.status_code, "Other words" in after.content.decode()) == (200, True)


def test_a_guest_leaves_by_themselves(client, panel, ann):
    invite_into(panel, ann, by=make_host(panel))
    client.force_login(ann)
    assert "Leave this forum" in client.get("/f/panel/").content.decode()
    assert client.post("/f/panel/guests/", {"remove": "ann"})["Location"] == "/"
    assert panel.pk not in reader_for(ann).seen


def test_signs_that_cannot_be_stored_are_answered(client, panel, ann):
    client.force_login(ann)
    for address, said in (
        ("/follow", {"kind": "tag", "key": "\0"}),
        ("/follow", {"kind": "member", "key": "\0"}),
        ("/read", {"forum": "\0a"}),
    ):
        assert client.post(address, said).status_code == 404
    client.force_login(make_host(panel))
    assert client.post("/f/panel/guests/", {"remove": "\0"}).status_code == 404


def test_the_page_of_what_one_follows_shows_ones_own_choices_and_nobody_elses(client, ann):
    bob = make_member("bob")
    followed, quiet, hidden, read = (make_topic(title=title, by=bob) for title in ("Followed", "Quiet", "Hid", "Read"))
    reading.follow_topic(followed, by=ann, level=Level.ALL)
    reading.follow_topic(quiet, by=ann, level=Level.NOTHING)
    reading.hide_topic(hidden, by=ann)
    reading.mark_read(read, by=ann, place=1)
    reading.hide_topic(read, by=bob)

    attention = attention_of(reader_for(ann))

    shown = [[t.title for t in topics] for topics in (attention.topics, attention.quiet_topics, attention.hidden)]
    assert shown == [["Followed"], ["Quiet"], ["Hid"]]
