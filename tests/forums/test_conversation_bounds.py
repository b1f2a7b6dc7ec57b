"""Where conversations end: blocks, whoever has left, words sent twice, what the ledgers and other sites learn."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter
from engagement.queries import notifications_page, standing
from forums.actions.attachments import discard_file, upload_file
from forums.actions.conversations import invite_to_conversation, leave_conversation, open_conversation
from forums.actions.keeping import give_reaction
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.previews import fetch_next_preview
from forums.actions.withdrawal import withdraw_post
from forums.models import LinkPreview, Post, ReactionKind, Topic
from forums.queries.conversations import conversations_page
from forums.readers import reader_for
from members.actions.blocks import block_member
from moderation.models import AllowedDomain
from tests.make import (
    make_admin,
    make_community,
    make_conversation,
    make_member,
    make_moderator,
    make_reply,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
SECRET = "rhubarb"


@pytest.fixture(autouse=True)
def _community(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community(reply_mail_minutes=10)


@pytest.fixture
def three():
    return make_member("ann"), make_member("bob"), make_member("cleo")


def opened(by, *with_):
    return make_conversation(by, *with_, title=f"About {SECRET}", body=f"Nobody else reads {SECRET}.")


def unread(member):
    return [topic for topic in conversations_page(reader_for(member)).rows if topic.is_unread]


# --- Blocks hold whoever brings two together


@pytest.mark.parametrize("who", [0, 1])
def test_nobody_is_seated_with_somebody_they_blocked_or_who_blocked_them(three, who):
    ann, bob, cleo = three
    apart = (ann, cleo) if who else (cleo, ann)
    block_member(apart[0], by=apart[1])
    topic = opened(ann, bob)

    with pytest.raises(Refused, match="cannot be written to in private"):
        invite_to_conversation(topic, cleo, by=bob)
    with pytest.raises(Refused, match="cannot be written to in private"):
        open_conversation(by=bob, with_=[ann, cleo], title="A", body="B", key=uuid4())

    assert topic.seats.count() == 2
    assert Topic.objects.count() == 1


def test_a_block_ends_a_conversation_of_two_for_invitations_edits_and_thanks_too(three):
    ann, bob, cleo = three
    topic = opened(ann, bob)
    said = make_reply(topic, by=bob, body="Hello.")
    block_member(bob, by=ann)

    for ask in (
        lambda: reply_to_topic(topic, by=bob, body="Again.", key=uuid4()),
        lambda: edit_post(said, by=bob, body="Other words.", version=1),
        lambda: invite_to_conversation(topic, cleo, by=bob),
        lambda: give_reaction(topic.posts.get(position=1), ReactionKind.objects.first(), by=bob),
    ):
        with pytest.raises(Refused):
            ask()
    said.refresh_from_db()
    assert said.body == "Hello."
    withdraw_post(said, by=bob)  # what one said can always be taken back


def test_who_is_blocked_by_all_others_has_nobody_to_write_to(three):
    ann, bob, cleo = three
    topic = opened(ann, bob, cleo)
    block_member(cleo, by=ann)
    make_reply(topic, by=cleo, body="Still heard by Bob.")
    block_member(cleo, by=bob)

    with pytest.raises(Refused, match="cannot be written to in private"):
        make_reply(topic, by=cleo)


def test_what_blocked_members_write_is_not_unread_and_others_words_are(three):
    ann, bob, cleo = three
    topic = opened(ann, bob, cleo)
    block_member(cleo, by=bob)
    topic.read_marks.update_or_create(member=bob, defaults={"place": 1, "read_at": timezone.now()})

    make_reply(topic, by=cleo, body="Unheard.")
    assert unread(bob) == []
    assert standing(reader_for(bob)).conversations == 0
    make_reply(topic, by=ann, body="Heard.")
    assert unread(bob) == [topic]
    assert standing(reader_for(bob)).conversations == 1


def test_an_invitation_by_somebody_blocked_since_is_neither_listed_nor_mailed(three):
    ann, bob, cleo = three
    topic = opened(ann, bob)
    invite_to_conversation(topic, cleo, by=bob)
    assert len(notifications_page(reader_for(cleo)).rows) == 1

    block_member(bob, by=cleo)

    assert notifications_page(reader_for(cleo)).rows == []
    assert sealed(cleo) == ["there is a block between them"]


def test_an_invitation_is_mailed_whoever_wrote_last(three):
    ann, bob, cleo = three
    dan = make_member("dan")
    topic = opened(ann, bob)
    invite_to_conversation(topic, cleo, by=bob)
    Letter.objects.update(post=make_reply(topic, by=ann))
    block_member(dan, by=cleo)

    assert sealed(cleo) == [""]


def sealed(member):
    """Why the letters to this member are not sent, now that they are due."""
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    jobs.send_letters()
    return [letter.outcome for letter in Letter.objects.filter(member=member)]


# --- Left, withdrawn


def test_what_was_taken_back_is_neither_titled_nor_passed_on(client, three):
    ann, bob, cleo = three
    topic = opened(ann, bob)
    withdraw_post(topic.posts.get(), by=ann)

    with pytest.raises(Refused, match="withdrawn"):
        invite_to_conversation(topic, cleo, by=bob)
    client.force_login(bob)
    for address in ("/conversations/", f"/t/{topic.pk}/print", f"/conversations/{topic.pk}/", "/notifications/"):
        assert SECRET not in client.get(address).content.decode(), address


def test_who_is_alone_there_passes_nothing_on(three):
    ann, bob, cleo = three
    topic = opened(ann, bob)
    leave_conversation(topic, by=ann)

    with pytest.raises(Refused, match="nobody would read you"):
        invite_to_conversation(topic, cleo, by=bob)


def test_a_file_in_a_conversation_one_has_left_is_read_by_its_owner_and_stays(client, three):
    ann, bob, _cleo = three
    topic = opened(ann, bob)
    file = upload_file(by=bob, file=ContentFile(b"abc", name="a.txt"), name="a.txt")
    make_reply(topic, by=bob, body=file.markdown)
    leave_conversation(topic, by=bob)
    client.force_login(bob)

    assert client.get(file.get_absolute_url()).status_code == 200
    page = client.get(reverse("forums:files")).content.decode()
    assert ("in a conversation that you have left" in page, SECRET in page) == (True, False)
    file.refresh_from_db()
    with pytest.raises(Refused, match="the others still see it"):
        discard_file(file, by=bob)
    client.force_login(ann)
    assert client.get(file.get_absolute_url()).status_code == 200


# --- Sent twice, sent elsewhere


def test_same_words_under_a_used_key_go_to_whom_they_are_addressed(three):
    ann, bob, cleo = three
    words = {"by": ann, "body": "Come at noon.", "key": uuid4()}

    first = open_conversation(with_=[bob], title="Noon", **words)
    second = open_conversation(with_=[cleo], title="Noon", **words)
    third = open_conversation(with_=[cleo], title="Midday", **words)

    assert len({first, second, third}) == 3
    assert open_conversation(with_=[cleo], title="Noon", **words) == second
    assert open_conversation(with_=[bob], title="Noon", **words) == first
    assert [seat.member for seat in second.seats.order_by("pk")] == [ann, cleo]


def test_a_key_of_the_forum_is_none_of_a_conversation(three):
    ann, bob, _cleo = three
    public, private, key = make_topic(), opened(bob, ann), uuid4()

    said = reply_to_topic(public, by=ann, body="Yes.", key=key)
    answer = reply_to_topic(private, by=ann, body="Yes.", key=key)
    begun = open_conversation(by=ann, with_=[bob], title="A", body="Yes.", key=key)

    assert (said.topic, answer.topic) == (public, private)
    assert begun not in {public, private}
    assert reply_to_topic(private, by=ann, body="Yes.", key=key) == answer
    assert Post.objects.filter(body="Yes.").count() == 3


# --- What others learn


def test_the_administration_learns_neither_title_nor_who_wrote_to_whom(client, three):
    ann, bob, _cleo = three
    opened(ann, bob)
    jobs.spread_news()
    assert sealed(bob) == [""]
    envelope = Envelope.objects.get()
    assert SECRET not in envelope.subject
    client.force_login(make_admin())

    for address in (
        "/admin/engagement/envelope/",
        "/admin/engagement/envelope/?q=ann",
        f"/admin/engagement/envelope/{envelope.pk}/change/",
    ):
        page = client.get(address).content.decode()
        assert (SECRET in page, "Ann" in page) == (False, False), address
    assert client.get("/admin/engagement/envelope/?q=Ann+wrote").context["cl"].result_count == 0


def test_a_page_that_is_linked_in_private_is_asked_by_nobody(settings, three):
    settings.LINK_PREVIEWS = True
    ann, bob, _cleo = three
    AllowedDomain.objects.create(domain="example.org")
    topic = opened(ann, bob)

    make_reply(topic, by=ann, body="https://example.org/reset?token=once")
    assert not LinkPreview.objects.exists()
    page = LinkPreview.objects.create(url="https://example.org/a", asked_at=timezone.now(), not_before=timezone.now())
    topic.posts.get(position=1).references.create(page=page)
    assert fetch_next_preview(lambda url: pytest.fail(f"{url} was asked")) is False


# --- Those whose posts are read first


def test_who_is_read_first_writes_to_the_team_and_answers_it():
    held = make_member("held", held_until=timezone.now() + timedelta(days=3))
    moderator, other = make_moderator("solene"), make_member("other")

    topic = open_conversation(by=held, with_=[moderator], title="My posts", body="Why?", key=uuid4())
    assert make_reply(opened(moderator, held), by=held).state == Post.State.PUBLISHED
    with pytest.raises(Refused, match="cannot be sent here"):
        open_conversation(by=held, with_=[moderator, other], title="My posts", body="Why?", key=uuid4())
    assert topic.posts.get().state == Post.State.PUBLISHED
