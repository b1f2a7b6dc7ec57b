"""Conversations: who may open them, who reads them, and that nobody else learns anything of them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter
from engagement.queries import digest_content, notifications_page, standing
from forums.actions.conversations import (
    invite_to_conversation,
    leave_conversation,
    mute_conversation,
    open_conversation,
    unmute_conversation,
)
from forums.actions.departures import forget
from forums.actions.drafts import keep_draft
from forums.actions.keeping import keep_bookmark
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.reading import mark_read
from forums.actions.trust import raise_trust
from forums.actions.withdrawal import withdraw_post
from forums.models import (
    Attachment,
    Bookmark,
    Following,
    Level,
    Post,
    PostIndex,
    Reaction,
    ReactionKind,
    Seat,
    Topic,
    TopicEvent,
    TopicIndex,
)
from forums.policies import may_reply
from forums.queries.composer import similar_topics
from forums.queries.conversations import conversations_page
from forums.queries.counters import drift
from forums.queries.lists import unread_topics
from forums.queries.people import bookmarks_of, member_page
from forums.queries.reading import topic_page
from forums.readers import reader_for
from members.actions.blocks import block_member
from members.former import Former
from moderation.models import Case
from tests.make import (
    PASSWORD,
    make_admin,
    make_community,
    make_conversation,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_topic,
)
from toolkit import live
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db

SECRET = "Quetzalcoatl"


@pytest.fixture(autouse=True)
def _community():
    make_community(reply_mail_minutes=10)


def opened(by, *with_, **more):
    return make_conversation(by, *with_, title=f"About {SECRET}", body=f"Nobody else reads {SECRET}.", **more)


def unread(member):
    return [topic for topic in conversations_page(reader_for(member)).rows if topic.is_unread]


# --- Opening


def test_conversation_has_seats_a_first_message_and_no_forum():
    ann, bob = make_member(), make_member()

    topic = opened(ann, bob)

    assert (topic.forum, topic.is_conversation, topic.is_listed, topic.post_count) == (None, True, False, 1)
    assert [seat.member for seat in topic.seats.order_by("pk")] == [ann, bob]
    assert topic.slug == "conversation"
    assert drift() == []


def test_same_key_opens_once():
    ann, bob, key = make_member(), make_member(), uuid4()
    words = {"by": ann, "with_": [bob], "title": "A", "body": "B", "key": key}

    assert open_conversation(**words) == open_conversation(**words)
    assert Topic.objects.count() == 1


@pytest.mark.parametrize(
    "columns",
    [
        {"is_conversation": False},
        {"is_conversation": True, "unlisted_at": None},
    ],
)
def test_database_keeps_conversations_out_of_lists_and_topics_in_forums(columns):
    topic = opened(make_member(), make_member())

    with pytest.raises(IntegrityError), transaction.atomic():
        Topic.objects.filter(pk=topic.pk).update(**columns)


def test_newcomer_does_not_write_to_strangers():
    new, stranger = make_newcomer(), make_member("stranger")

    with pytest.raises(Refused, match="Stranger has not answered you yet"):
        opened(new, stranger)

    assert Topic.objects.count() == 0


def test_newcomer_writes_to_the_team():
    new, forum = make_newcomer(), make_forum()

    for team in (make_host(forum), make_moderator(), make_admin()):
        assert opened(new, team).post_count == 1


def test_newcomer_writes_to_whoever_answered_in_a_topic_or_to_a_post_or_in_private():
    new, forum = make_newcomer(), make_forum()
    in_topic, to_post, in_private = make_member(), make_member(), make_member()
    make_reply(make_topic(forum, by=new), by=in_topic)
    other = make_topic(forum)
    make_reply(other, by=to_post, reply_to=make_reply(other, by=new))
    opened(in_private, new)

    for known in (in_topic, to_post, in_private):
        assert opened(new, known).post_count == 1


def test_having_written_where_somebody_wrote_makes_a_newcomer_no_acquaintance():
    new, author = make_newcomer(), make_member("author")
    make_reply(make_topic(by=author), by=new)

    with pytest.raises(Refused, match="has not answered you yet"):
        opened(new, author)


def refusal(by, *with_):
    with pytest.raises(Refused) as refused:
        opened(by, *with_)
    return str(refused.value.reason)


def test_a_block_and_a_closed_door_sound_the_same():
    ann = make_member()
    closed, blocking, blocked = (make_member(name="Zoe") for _ in range(3))
    closed.open_to = "nobody"
    closed.save()
    assert opened(ann, blocking).post_count == 1
    block_member(ann, by=blocking)
    block_member(blocked, by=ann)

    assert {refusal(ann, one) for one in (closed, blocking, blocked)} == {"Zoe cannot be written to in private."}


def test_open_to_followed_takes_words_of_members_they_follow():
    ann, bob = make_member(), make_member("bob", open_to="followed")
    assert refusal(ann, bob) == "Bob cannot be written to in private."

    Following.objects.create(member=bob, person=ann, level=Level.ALL, since=timezone.now())

    assert opened(ann, bob).post_count == 1


def test_suspended_members_and_those_who_left_take_no_part():
    ann = make_member(suspended_until=timezone.now() + timedelta(days=1))
    assert refusal(ann, make_member()).startswith("You can read, but not write")

    gone = make_member(name="", email=None)
    gone.state = "left"
    gone.save()
    assert refusal(make_member(), gone).endswith("cannot be written to in private.")


def test_nobody_writes_to_themselves_or_to_nobody():
    ann = make_member()
    assert refusal(ann, ann) == "You are in it yourself; name somebody else."
    with pytest.raises(Refused, match="Say whom"):
        open_conversation(by=ann, with_=[], title="A", body="B", key=uuid4())


def test_at_most_so_many_members_an_hour_by_trust():
    new, forum = make_newcomer(), make_forum()
    team = [make_host(forum) for _ in range(6)]
    opened(new, *team[:4])
    opened(new, team[4])

    assert refusal(new, team[5]) == "Within an hour you can bring at most 5 members into conversations."
    Seat.objects.update(since=timezone.now() - timedelta(minutes=61))
    assert opened(new, team[5]).post_count == 1


def test_at_most_twenty_seats():
    ann = make_member()
    assert refusal(ann, *(make_member() for _ in range(20))) == "A conversation has at most 20 members."


def test_what_would_be_held_in_a_forum_is_refused_in_a_conversation():
    new, other = make_newcomer(), make_member()
    topic = opened(other, new)

    with pytest.raises(Refused, match="nobody of the team reads a private message first"):
        reply_to_topic(topic, by=new, body="See https://unknown.example.net/", key=uuid4())
    with pytest.raises(Refused, match="nobody of the team reads a private message first"):
        make_conversation(new, other, body="See https://unknown.example.net/")

    assert topic.posts.count() == 1
    assert Case.objects.count() == 0


# --- Answering, inviting, leaving


def test_those_who_sit_answer_and_nobody_else():
    ann, bob, moderator = make_member(), make_member(), make_moderator()
    topic = opened(ann, bob)

    assert make_reply(topic, by=bob).position == 2
    for stranger in (make_member(), moderator, make_admin()):
        with pytest.raises(Refused, match="You are not in this conversation"):
            make_reply(topic, by=stranger)
    assert drift() == []


def test_policy_refuses_a_conversation_loaded_without_its_seats():
    ann = make_member()
    topic = opened(ann, make_member())

    assert may_reply(reader_for(ann), Topic.objects.with_seats().get(pk=topic.pk))
    assert not may_reply(reader_for(ann), Topic.objects.get(pk=topic.pk))


def test_invited_reads_from_the_beginning_and_is_told():
    ann, bob, cleo = make_member(), make_member(), make_member()
    topic = opened(ann, bob)
    assert not Topic.objects.reachable_by(reader_for(cleo)).exists()

    seat = invite_to_conversation(topic, cleo, by=bob)

    assert invite_to_conversation(topic, cleo, by=ann) == seat
    assert list(Topic.objects.reachable_by(reader_for(cleo))) == [topic]
    assert [(line.kind, line.seat) for line in notifications_page(reader_for(cleo)).rows] == [("seated", seat)]
    assert [(line.kind, line.actor, line.after) for line in topic.events.all()] == [
        ("seated", bob, {"member": cleo.pk})
    ]
    assert unread(cleo) == [topic]


def test_only_who_sits_invites():
    topic = opened(make_member(), make_member())

    with pytest.raises(Refused, match="You are not in this conversation"):
        invite_to_conversation(topic, make_member(), by=make_moderator())


def test_leaving_is_for_good_and_the_others_read_it():
    ann, bob, cleo = make_member(), make_member("bob"), make_member()
    topic = opened(ann, bob, cleo)

    leave_conversation(topic, by=bob)

    assert not Topic.objects.reachable_by(reader_for(bob)).exists()
    assert not Post.objects.reachable_by(reader_for(bob)).exists()
    assert [(line.kind, line.actor) for line in topic.events.all()] == [("left", bob)]
    with pytest.raises(Refused, match="Bob has left this conversation, for good"):
        invite_to_conversation(topic, bob, by=ann)
    with pytest.raises(Refused, match="You are not in this conversation"):
        make_reply(topic, by=bob)
    assert leave_conversation(topic, by=bob) is None


def test_who_left_edits_nothing_there_any_more():
    ann = make_member()
    topic = opened(ann, make_member())
    post = topic.posts.get()
    leave_conversation(topic, by=ann)

    with pytest.raises(Refused, match="You are not in this conversation"):
        edit_post(post, by=ann, body="Other words", version=1)


def test_alone_one_writes_to_nobody():
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)
    leave_conversation(topic, by=bob)

    with pytest.raises(Refused, match="Everybody else has left"):
        make_reply(topic, by=ann)


def test_block_ends_a_conversation_of_two_and_not_one_of_three():
    ann, bob, cleo = make_member(), make_member(), make_member()
    two, three = opened(ann, bob), opened(ann, bob, cleo)
    assert make_reply(two, by=ann).position == 2

    block_member(ann, by=bob)

    for one in (ann, bob):
        with pytest.raises(Refused, match="cannot be written to in private"):
            make_reply(two, by=one)
        assert make_reply(three, by=one).state == "published"


def test_first_message_is_withdrawn_while_nobody_answered():
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)

    withdraw_post(topic.posts.get(), by=ann)

    assert drift() == []
    assert not Topic.objects.get(pk=topic.pk).is_listed


@pytest.mark.django_db(transaction=True)
def test_two_invitations_at_once_give_one_seat():
    ann, bob, cleo = make_member(), make_member(), make_member()
    topic = opened(ann, bob)

    def invite(by):
        try:
            return invite_to_conversation(topic, cleo, by=by).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        seats = set(pool.map(invite, [ann, bob, ann, bob]))

    assert seats == {Seat.objects.get(topic=topic, member=cleo).pk}
    assert TopicEvent.objects.filter(topic=topic).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_conversations_at_once_stay_within_the_hour():
    new, forum = make_newcomer(), make_forum()
    teams = [[make_host(forum) for _ in range(3)] for _ in range(2)]

    def begin(team):
        try:
            return opened(new, *team).pk
        except Refused:
            return None
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(begin, teams))

    assert len([pk for pk in done if pk]) == 1


# --- Unread, told, mailed


def test_unread_counts_as_the_header_does_and_muting_leaves_it_out():
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([topic], 1)
    assert (unread(ann), standing(reader_for(ann)).conversations) == ([], 0)

    mark_read(topic, by=bob, place=1)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([], 0)
    make_reply(topic, by=ann)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([topic], 1)

    mute_conversation(topic, by=bob)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([], 0)
    unmute_conversation(topic, by=bob)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([topic], 1)
    leave_conversation(topic, by=bob)
    assert (unread(bob), standing(reader_for(bob)).conversations) == ([], 0)


def told(member):
    return [(line.kind, line.post) for line in notifications_page(reader_for(member)).rows]


def test_messages_are_told_to_those_who_sit_and_did_not_mute():
    ann, bob, cleo, dan = make_member(), make_member(), make_member(), make_member()
    topic = opened(ann, bob, cleo, dan)
    mute_conversation(topic, by=cleo)
    leave_conversation(topic, by=dan)
    outsider = make_member("outsider")
    post = make_reply(topic, by=bob, body="@outsider, hello")
    jobs.spread_news()

    assert told(ann) == [("message", post)]
    assert told(bob) == [("message", topic.posts.get(position=1))]
    assert [told(one) for one in (cleo, dan, outsider)] == [[], [], []]


def test_notification_goes_with_the_seat():
    ann, bob = make_member(), make_member()
    topic = opened(ann, bob)
    jobs.spread_news()
    assert len(told(bob)) == standing(reader_for(bob)).told == 1

    leave_conversation(topic, by=bob)

    assert (told(bob), standing(reader_for(bob)).told) == ([], 0)


def waited():
    """Eleven minutes later."""
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    jobs.send_letters()
    return sorted((envelope.recipient, envelope.subject) for envelope in Envelope.objects.all())


def test_message_is_mailed_to_who_wants_mail_and_has_not_read_it():
    ann, bob, cleo, quiet = (
        make_member("ann"), make_member("bob"), make_member("cleo", mail="matters"),
        make_member("quiet", mail="nothing"),
    )  # fmt: skip
    topic = opened(ann, bob, cleo, quiet)
    jobs.spread_news()
    mark_read(topic, by=bob, place=1)

    assert waited() == [("cleo@example.org", "Ann wrote to you in private")]
    assert SECRET in Envelope.objects.get().text


@pytest.mark.parametrize("ends", ["left", "blocked", "muted", "withdrawn"])
def test_mail_says_nothing_that_may_no_longer_be_read(ends):
    ann, bob = make_member(), make_member("bob")
    topic = opened(ann, bob)
    jobs.spread_news()
    if ends == "left":
        leave_conversation(topic, by=bob)
    elif ends == "blocked":
        block_member(ann, by=bob)
    elif ends == "muted":
        mute_conversation(topic, by=bob)
    else:
        withdraw_post(topic.posts.get(), by=ann)

    assert waited() == []


def test_invited_is_mailed_too():
    ann, bob, cleo = make_member("ann"), make_member(), make_member("cleo")
    topic = opened(ann, bob)
    jobs.spread_news()
    Letter.objects.all().delete()
    invite_to_conversation(topic, cleo, by=bob)

    assert waited() == [("cleo@example.org", f"{bob.shown_name} invites you into a conversation")]


# --- Nobody else


def stage():
    """A conversation with everything in it, and those who must learn nothing of it."""
    ann, bob, gone = make_member("ann"), make_member("bob"), make_member("gone")
    topic = opened(ann, bob, gone)
    post = topic.posts.get()
    reply = make_reply(topic, by=ann, body=f"More of {SECRET}.", reply_to=post)
    edit_post(reply, by=ann, body=f"Yet more of {SECRET}.", version=1)
    Reaction.objects.create(post=reply, kind=ReactionKind.objects.first(), member=bob, created_at=timezone.now())
    file = Attachment.objects.create(
        key=uuid4(), member=ann, post=reply, name="secret.txt", is_stored=True, is_named=True,
        created_at=timezone.now(),
        size=3, content_type="text/plain", file="x",
    )  # fmt: skip
    keep_draft(by=ann, key=uuid4(), topic=topic, body="unsent")
    jobs.spread_news()
    leave_conversation(topic, by=gone)
    event = topic.events.get()
    return topic, reply, file, event, gone


def addresses(topic, post, file, event):
    """Every address that names the conversation, a post, a file, a line: (method, address, words)."""

    def at(name, *args):
        return reverse(f"forums:{name}", args=args)

    get, send = "get", "post"
    return [
        (get, at("topic", topic.pk, topic.slug), {}), (get, at("topic", topic.pk, "any"), {}),
        (get, at("topic-short", topic.pk), {}), (send, at("reply", topic.pk), {"body": "x", "key": str(uuid4())}),
        (get, at("unread", topic.pk), {}), (send, at("follow-topic", topic.pk), {"level": "all"}),
        (send, at("read", topic.pk), {"place": "1"}), (send, at("hide", topic.pk), {}), (get, at("date", topic.pk), {}),
        (get, at("best", topic.pk), {}), (get, at("print", topic.pk), {}), (send, at("vote", topic.pk), {}),
        (get, at("care", topic.pk, "rename"), {}), (get, at("care", topic.pk, "merge"), {}),
        (send, at("take-off-timer", topic.pk, "close"), {}), (send, at("undo", event.pk), {}),
        (get, at("conversation-seats", topic.pk), {}), (send, at("conversation-seats", topic.pk), {"member": "bob"}),
        (send, at("mute", topic.pk), {}), (send, at("leave", topic.pk), {}),
        (get, reverse("moderation:report-topic", args=[topic.pk]), {}),
        (get, at("post", post.pk), {}), (get, at("edit", post.pk), {}), (send, at("edit", post.pk), {"body": "x"}),
        (get, at("history", post.pk), {}), (send, at("restore-revision", post.pk, 1), {}),
        (send, at("accept", post.pk), {}), (send, at("wiki", post.pk), {}), (send, at("keep-unread", post.pk), {}),
        (send, at("withdraw", post.pk), {}), (send, at("restore", post.pk), {}),
        (send, at("react", post.pk), {"kind": "1"}), (get, at("reactions", post.pk), {}),
        (get, at("bookmark", post.pk), {}), (send, at("bookmark", post.pk), {"note": "x"}),
        (get, at("file", file.pk, "secret.txt"), {}),
        (send, f"{at('keep-draft')}?topic={topic.pk}", {"body": "x"}),
        (send, f"{at('keep-draft')}?post={post.pk}", {"body": "x"}),
        (send, f"{at('preview')}?topic={topic.pk}", {"body": "x"}),
        (get, reverse("moderation:report-post", args=[post.pk]), {}),
        (send, reverse("moderation:take-up", args=[post.pk]), {}),
    ]  # fmt: skip


def asked(client, method, address, words):
    response = getattr(client, method)(address, words)
    body = response.getvalue() if response.streaming else response.content
    return (
        response.status_code,
        response.headers.get("Location", "").partition("?")[0],
        SECRET in body.decode(errors="ignore"),
    )


WHO = {
    "visitor": lambda topic, gone: None,
    "member": lambda topic, gone: make_member(),
    "moderator": lambda topic, gone: make_moderator(),
    "admin": lambda topic, gone: make_admin(),
    "who left": lambda topic, gone: gone,
    "blocked": lambda topic, gone: _blocked_by(topic.author),
}


def _blocked_by(member):
    other = make_member()
    block_member(other, by=member)
    return other


@pytest.mark.parametrize("who", WHO)
def test_no_address_answers_anybody_else_otherwise_than_for_what_does_not_exist(client, who):
    topic, post, file, event, gone = stage()
    member = WHO[who](topic, gone)
    if member is not None:
        client.force_login(member)

    class Nothing:
        pk, slug = 987654, "conversation"

    for (method, address, words), (_, nowhere, _words) in zip(
        addresses(topic, post, file, event), addresses(Nothing, Nothing, Nothing, Nothing), strict=True
    ):
        answer = asked(client, method, address, words)
        assert answer == asked(client, method, nowhere, words), address
        moderate = member is not None and address.endswith("/moderate")  # shut to members before it looks
        assert answer[0] in ({404} if member is not None and not moderate else {404, 302, 403}), (address, answer)
        assert answer[2] is False


def test_those_who_sit_reach_those_addresses_and_care_of_forums_is_not_for_them(client):
    topic, post, file, event, _gone = stage()
    client.force_login(topic.author)

    shown = [
        address
        for method, address, _words in addresses(topic, post, file, event)
        if method == "get" and not address.startswith("/a/")  # the file has a row only
    ]
    assert [address for address in shown if client.get(address).status_code == 404] == [
        f"/t/{topic.pk}/best", f"/t/{topic.pk}/care/rename/", f"/t/{topic.pk}/care/merge/",
    ]  # fmt: skip
    assert list(Attachment.objects.visible_to(reader_for(topic.author))) == [file]


def test_who_left_hears_nothing_live(monkeypatch, settings):
    ann, bob, cleo = make_member(), make_member(), make_member()
    topic = opened(ann, bob, cleo)
    told = []
    monkeypatch.setattr(live, "tell", lambda channel, number: told.append(channel))
    heard = topic_page(reader_for(cleo), topic.pk).topic.channel
    make_reply(topic, by=ann)
    assert told == [heard]

    leave_conversation(topic, by=cleo)
    make_reply(topic, by=ann)

    assert told[1] == topic_page(reader_for(bob), topic.pk).topic.channel != heard


@pytest.mark.parametrize("who", ["member", "moderator", "admin", "who left"])
def test_no_word_of_it_in_any_list(client, who):
    topic, post, _file, _event, gone = stage()
    member, author = WHO[who](topic, gone), topic.author
    reader = reader_for(member)
    digest = digest_content(reader, since=timezone.now() - timedelta(days=1), until=timezone.now() + timedelta(days=1))

    assert PostIndex.objects.count() == TopicIndex.objects.count() == 0
    assert similar_topics(reader, f"About {SECRET}") == []
    assert (digest.is_empty, digest.posts, digest.contributors) == (True, 0, 0)
    assert list(unread_topics(reader, most=9)) == []
    assert notifications_page(reader).rows == []
    for tab in ("topics", "posts", "thanked"):
        page = member_page(reader, author, tab=tab)
        assert [rows.rows for rows in (page.topics, page.posts) if rows is not None] == [[]]
    client.force_login(member)
    for address in (
        "/", "/?only=unread", "/forums/", f"/search/?q={SECRET}", f"/search/complete?q={SECRET}", "/feed/",
        author.get_absolute_url(), "/compose/similar?title=Quetzal", "/bookmarks/", "/drafts/",
        "/settings/following/", "/conversations/", "/notifications/",
    ):  # fmt: skip
        response = client.get(address)
        said = response.content.decode()
        assert (address, response.status_code, f"About {SECRET}" in said, f"reads {SECRET}" in said) == (
            address, 200, False, False,
        )  # fmt: skip


def test_admin_lists_neither_topic_nor_post(client):
    topic, post, *_rest = stage()
    make_topic(title="Public")
    client.force_login(make_admin())

    assert SECRET not in client.get("/admin/forums/topic/").content.decode()
    assert "Public" in client.get("/admin/forums/topic/").content.decode()
    assert client.get("/admin/forums/post/").context["cl"].result_count == 1
    for address in (f"/admin/forums/topic/{topic.pk}/change/", f"/admin/forums/post/{post.pk}/change/"):
        assert client.get(address).status_code == 302


def test_link_to_a_conversation_says_nothing_of_it():
    topic, post, *_rest = stage()

    public = make_topic(body=f"See {topic.get_absolute_url()} and [this](/p/{post.pk}/)").posts.get()

    assert SECRET not in public.html
    assert public.references.count() == 0


def test_messages_lift_nobodys_trust():
    new = make_member(trust="newcomer", joined_at=timezone.now() - timedelta(days=9))
    topic = opened(new, make_moderator())
    for _ in range(6):
        make_reply(topic, by=new)

    assert raise_trust() == 0


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


# --- Going altogether


def test_who_goes_altogether_leaves_every_conversation():
    ann, bob = make_member(), make_member()
    topics = [opened(ann, bob), opened(bob, ann)]

    forget(ann, Former(ann.username, ann.name, ann.email, "Former member"))

    assert Seat.objects.filter(member=ann, left_at=None).count() == 0
    assert [topic.events.get().kind for topic in topics] == ["left", "left"]
