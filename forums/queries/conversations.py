"""Conversations: the list of one's own, who sits in one, and what is known of somebody to be written to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.utils import timezone

from forums.limits import TOPICS_PER_PAGE
from forums.models import Appointment, Following, Level, Post, ReadMark, Seat, Topic
from forums.policies import Addressee
from forums.readers import Reader
from members.models import Block, Member
from toolkit.paging import KeyPage, page_by_key

SEATS = Seat.objects.filter(left_at=None).select_related("member").order_by("pk")


@dataclass(frozen=True, slots=True)
class Table:
    """Who sits in a conversation; `mine` is the reader's own seat."""

    seats: list[Seat] = field(default_factory=list)
    mine: Seat | None = None

    @property
    def others(self) -> list[Seat]:
        return [seat for seat in self.seats if seat != self.mine]


def table_of(topic: Topic, reader: Reader) -> Table:
    """One query; none for a topic of a forum. Covers the title where it may not be read any more."""
    if not topic.is_conversation:
        return Table()
    topic.cover_title(reader)
    seats = list(SEATS.filter(topic=topic))
    return Table(seats, next((seat for seat in seats if seat.member_id == reader.member_id), None))


def conversations_page(reader: Reader, *, after: str = "") -> KeyPage[Topic]:
    """One's conversations, the last written in first, each with `sitting` (its seats), `is_muted` and `is_unread`. Two
    queries."""
    me = reader.member_id or 0
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member=me)
    unread = Topic.objects.unread_in_seats(reader).filter(pk=OuterRef("pk"))
    muted = Seat.objects.filter(topic=OuterRef("pk"), member=me, muted_at__isnull=False)
    rows = (
        Topic.objects.seated(reader)
        .with_seats()
        .filter(last_post_at__isnull=False)
        .annotate(is_unread=Exists(unread), is_muted=Exists(muted), read_to=Subquery(mark.values("place")))
        .select_related("last_author", "last_post")
        .prefetch_related(Prefetch("seats", SEATS, to_attr="sitting"))
    )
    page = page_by_key(rows, by="last_post_at", size=TOPICS_PER_PAGE, after=after)
    for topic in page.rows:
        topic.cover_title(reader)
        topic.others = [seat for seat in vars(topic)["sitting"] if seat.member_id != me]  # type: ignore[attr-defined]
    return page


def addressees(members: Sequence[Member], *, by: Member, seated: Sequence[int] = ()) -> list[Addressee]:
    """What policies ask about each of these members, seen from whoever would write to them, or bring them to where the
    `seated` are. Six queries at most."""
    ids = [member.pk for member in members]
    apart = _apart(ids, seated)
    follow = Following.objects.filter(member__in=ids, person=by, level=Level.ALL)
    follows = set(follow.values_list("member", flat=True))
    team = _team(ids)
    answered = _who_answered(by, ids) if by.is_newcomer else set(ids)
    return [
        Addressee(
            member,
            follows=member.pk in follows,
            is_team=member.pk in team,
            has_answered=member.pk in answered,
            is_apart=member.pk in apart,
        )
        for member in members
    ]


def _apart(ids: Sequence[int], seated: Sequence[int]) -> set[int]:
    """Those between whom and another of them, or one of the seated, there is a block."""
    both = [*ids, *seated]
    if len(both) < 2:
        return set()
    blocks = Block.objects.filter(member__in=both, blocked__in=both).values_list("member", "blocked")
    return {one for pair in blocks for one in pair}


def _who_answered(by: Member, ids: list[int]) -> set[int]:
    """Those who wrote in a topic of theirs, replied to a post of theirs, or wrote to them in private: what the others
    did, so that nobody can reach everybody by writing everywhere. Begins with what the newcomer wrote, which is little.
    """
    said = Post.objects.filter(author__in=ids, published_at__isnull=False)
    mine = Topic.objects.filter(author=by, is_conversation=False)
    seat = Seat.objects.filter(member=by)
    return {
        author
        for words in (
            said.filter(topic__in=mine),
            said.filter(reply_to__in=Post.objects.filter(author=by)),
            said.filter(topic__in=seat.values("topic")),
        )
        for author in words.values_list("author", flat=True).distinct()
    }


def is_team_only(members: Sequence[int]) -> bool:
    """Whether each of these members hosts, moderates or administers. One query."""
    return _team(members).issuperset(members)


def _team(members: Sequence[int]) -> set[int]:
    """Those of these members who host, moderate or administer."""
    current = Q(appointments__in=Appointment.objects.current()) | Q(is_superuser=True)
    return set(Member.objects.filter(current, pk__in=members).values_list("pk", flat=True))


def seats_given_lately(by: Member) -> int:
    """To how many members they gave a seat within the hour. One query."""
    since = timezone.now() - timedelta(hours=1)
    return Seat.objects.filter(invited_by=by, since__gt=since).exclude(member=by).count()
