"""Conversations: who may open them, who reads them, and that nobody else learns anything of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connections, transaction
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
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.reading import mark_read
from forums.actions.trust import raise_trust
from forums.actions.withdrawal import withdraw_post
from forums.models import (
    Attachment,
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
from forums.queries.people import member_page
from forums.queries.reading import topic_page
from forums.readers import reader_for
from members.actions.blocks import block_member
from members.former import Former
from moderation.models import Case
from tests.make import (
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


# --- Going altogether


def test_who_goes_altogether_leaves_every_conversation():
    ann, bob = make_member(), make_member()
    topics = [opened(ann, bob), opened(bob, ann)]

    forget(ann, Former(ann.username, ann.name, ann.email, "Former member"))

    assert Seat.objects.filter(member=ann, left_at=None).count() == 0
    assert [topic.events.get().kind for topic in topics] == ["left", "left"]
