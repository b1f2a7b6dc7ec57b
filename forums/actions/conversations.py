"""Conversations: opened with somebody, widened, muted, left. What is written in them are posts like any other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from forums import signals
from forums.actions.posts import insist_on_plain_words, publish, sent_before, write_post
from forums.actions.rendering import rendered_for
from forums.gatekeepers import Words, remarks_on
from forums.models import Post, Seat, Topic, TopicEvent
from forums.policies import may_address, may_invite_to, seats_of
from forums.queries.conversations import addressees, seats_given_lately
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist

Kind = TopicEvent.Kind


def open_conversation(*, by: Member, with_: Sequence[Member], title: str, body: str, key: UUID) -> Topic:
    """Open a conversation with these members by its first message, and announce `post_published`: they are told.

    It is in no forum, list or search; who has a seat reads it, and nobody else. The same `key`, with the same words to
    the same members, gives the same conversation again.
    Raises Refused if `by` may not write to one of them, there is a block between two of them, `by` brings too many
    members together within the hour, or writes what would be held in a forum (unless to the team alone).
    """
    members = sorted({member.pk: member for member in with_}.values(), key=lambda member: member.pk)
    rendered = rendered_for(None, body, by=by)
    remarks = remarks_on(Words(by, None, body))
    with transaction.atomic():
        by = Member.objects.select_for_update(no_key=True).get(pk=by.pk)  # one conversation after the other
        seated = {member.pk for member in members}
        went = partial(_is_it, title=title, invited=seated)
        key, again = sent_before(by, key, body, to=f"{sorted(seated)} {title}", went_there=went)
        if again is not None:
            return again.topic
        known, lately = addressees(members, by=by), seats_given_lately(by)
        insist(may_address(reader_for(by), known, seats=1, lately=lately))
        insist_on_plain_words(remarks, to=sorted(seated))
        now = clock.now()
        topic = Topic.objects.create(
            is_conversation=True, author=by, title=title, lang=by.language, created_at=now, unlisted_at=now
        )
        Seat.objects.bulk_create([Seat(topic=topic, member=one, invited_by=by, since=now) for one in (by, *members)])
        publish(write_post(topic, by, body, rendered, key=key))
    return topic


def _is_it(post: Post, *, title: str, invited: set[int]) -> bool:
    """Whether this post opened the conversation of that title, with those members."""
    topic = post.topic
    first = topic.seats.filter(since=topic.created_at).exclude(member=topic.author_id).values_list("member", flat=True)
    return topic.is_conversation and post.opens_topic and topic.title == title and set(first) == invited


@transaction.atomic
def invite_to_conversation(topic: Topic, member: Member, *, by: Member) -> Seat:
    """Give a member a seat: they read all that was said, and are told (`seat_given`). A line says so. Safe to call
    again.

    Raises Refused if `by` may not answer there or not write to them, there is a block between them and somebody who
    sits there, or they have left this conversation: leaving is for good.
    """
    by = Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    topic = _locked(topic)
    reader = reader_for(by)
    insist(may_invite_to(reader, topic))
    seat = Seat.objects.filter(topic=topic, member=member).first()
    if seat is not None and seat.left_at is None:
        return seat
    seated = seats_of(topic)
    known, lately = addressees([member], by=by, seated=seated), seats_given_lately(by)
    insist(may_address(reader, known, seats=len(seated), lately=lately))
    if seat is not None:
        raise Refused(_("%(name)s has left this conversation, for good.") % {"name": member.shown_name})
    seat = Seat.objects.create(topic=topic, member=member, invited_by=by, since=clock.now())
    _line(topic, Kind.SEATED, by, member=member.pk)
    signals.seat_given.send(sender=Seat, seat=seat)
    return seat


@transaction.atomic
def leave_conversation(topic: Topic, *, by: Member) -> Seat | None:
    """Leave for good: one reads neither what comes after nor what was before, and hears nothing. What one wrote stays;
    a line says that one left. Answers None where one does not sit.
    """
    topic = _locked(topic)
    seat = Seat.objects.filter(topic=topic, member=by, left_at=None).first()
    if seat is not None:
        seat.left_at = clock.now()
        seat.save(update_fields=["left_at"])
        _line(topic, Kind.LEFT, by)
    return seat


def leave_all_conversations(*, by: Member) -> int:
    """For somebody who goes altogether: leave each of them, in the order of their ids. Answers how many."""
    topics = list(Topic.objects.filter(seats__member=by, seats__left_at=None).order_by("pk"))
    for topic in topics:
        leave_conversation(topic, by=by)
    return len(topics)


def mute_conversation(topic: Topic, *, by: Member) -> int:
    """Hear of it no longer: no notification, no mail, no number in the header. It stays in the list. Answers 0 where it
    was muted, or one does not sit."""
    return _seat_of(topic, by).filter(muted_at=None).update(muted_at=clock.now())


def unmute_conversation(topic: Topic, *, by: Member) -> int:
    """Hear of it again, from the next message on. Answers 0 where it was not muted."""
    return _seat_of(topic, by).filter(muted_at__isnull=False).update(muted_at=None)


def _seat_of(topic: Topic, by: Member) -> QuerySet[Seat]:
    return Seat.objects.filter(topic=topic, member=by, left_at=None)


def _locked(topic: Topic) -> Topic:
    return Topic.objects.select_for_update(of=("self",), no_key=True).with_seats().get(pk=topic.pk)


def _line(topic: Topic, kind: str, by: Member, **after: int) -> None:
    """The quiet line, told to nobody: those who sit there read it where it stands."""
    TopicEvent.objects.create(
        topic=topic, kind=kind, actor=by, place=topic.last_position, after=after, created_at=clock.now()
    )
