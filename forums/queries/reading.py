"""What the page of one topic shows, as one question; and the other ways to read it: the best of it, for printing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import (
    Case,
    Exists,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
    prefetch_related_objects,
)
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext

from forums.limits import BEST_OF_POSTS, PLACES_PER_PAGE
from forums.models import (
    Appointment,
    Attachment,
    Bookmark,
    Draft,
    Forum,
    Level,
    Poll,
    PollOption,
    PollVote,
    Post,
    Reaction,
    ReactionKind,
    ReadMark,
    Topic,
    TopicEvent,
    TopicTimer,
    TopicVote,
)
from forums.models.topics import TopicQuerySet
from forums.policies import may_care_for, may_choose, may_reply_now, may_vote
from forums.queries.conversations import Table, table_of
from forums.queries.hats import worn, worn_hat
from forums.readers import Reader
from members.models import Member
from toolkit.bilingual import active_language
from toolkit.markup import excerpt_of

if TYPE_CHECKING:
    from toolkit.verdicts import Verdict

STOPS = 8  # at most, on the rail of a long topic
ANSWERS_SHOWN = 5  # posts that answer one, named under it
PRINTED_POSTS = 200  # posts on one printed page


@dataclass(frozen=True, slots=True)
class Stop:
    """A page on the rail, and when its first post was written."""

    page: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TopicPage:
    """What a topic's page shows. `read_to` is the last place this member had read before this view."""

    topic: Topic
    posts: list[Post]
    waiting: list[Post]
    page: int
    pages: int
    reply: Verdict
    care: Verdict
    vote: Verdict
    read_to: int
    follow: str
    is_hidden: bool
    has_draft: bool
    is_visitor: bool
    timers: list[dict[str, Any]]
    table: Table = field(default_factory=Table)
    events: dict[int, list[TopicEvent]] = field(default_factory=dict)
    rail: list[Stop] = field(default_factory=list)

    @property
    def last_place(self) -> int:
        """How far one has read who has seen this page; on the last page, all there is."""
        if self.page == self.pages:
            return self.topic.last_position
        return max((post.position or 0 for post in self.posts), default=0)

    @property
    def entries(self) -> list[tuple[Post | None, TopicEvent | None]]:
        """Posts and quiet lines in the order of their places; a line stands after the post of its place, and also where
        that post has moved away."""
        found: list[tuple[int, int, Post | None, TopicEvent | None]] = [
            (post.position or 0, 0, post, None) for post in self.posts
        ]
        found += [(place, line.pk, None, line) for place, lines in self.events.items() for line in lines]
        return [(post, line) for _place, _order, post, line in sorted(found, key=lambda entry: entry[:2])]

    @property
    def may_begin(self) -> bool:
        """Whether a composer stands here: also for visitors, who are asked to join once they have written."""
        if self.reply or not self.is_visitor:
            return bool(self.reply)
        topic = self.topic
        gone = topic.forum is None or topic.forum.archived_at
        return not (topic.is_closed or topic.is_archived or topic.is_withdrawn or gone)

    @property
    def summary(self) -> str:
        """What stands on this page first, in a sentence or two, for whoever shares it."""
        first = next((post for post in self.posts if post.state == Post.State.PUBLISHED), None)
        return excerpt_of(first.html, 160) if first is not None else ""

    @property
    def slow_pause(self) -> str:
        """How long slow mode asks to wait, in words."""
        minutes = (self.topic.slow_seconds or 0) // 60
        if minutes < 60 or minutes % 60:
            return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
        hours = minutes // 60
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}

    @property
    def first_unread(self) -> Post | None:
        return next((p for p in self.posts if (p.position or 0) > self.read_to), None) if self.read_to else None


def topic_page(reader: Reader, topic_id: int, *, page: int | None = None) -> TopicPage:
    """One page of a topic: twenty places, tombstones included; and, on the last page, the reader's own held posts.

    Two queries, however long the topic is and whichever the page. What is there only sometimes costs one more each:
    lines of events (two where they name other topics or forums), files, a poll, the rail of a topic of three pages, who
    sits in a conversation.
    `page=None` is the first page. Raises Topic.DoesNotExist if the reader may not see the topic.
    """
    topic = _annotated(Topic.objects.reachable_by(reader), reader).get(pk=topic_id)
    topic.cover_title(reader)
    said: dict[str, Any] = vars(topic)
    pages = topic.pages
    page = min(max(1, page or 1), pages)
    first = (page - 1) * PLACES_PER_PAGE + 1
    shown = Post.objects.reachable_by(reader).filter(topic=topic, position__range=(first, first + PLACES_PER_PAGE - 1))
    if page == pages:
        shown = shown | Post.objects.reachable_by(reader).filter(topic=topic, position=None)
    rows = list(_with_signs(shown, reader, topic).order_by(F("position").asc(nulls_last=True), "pk"))
    settle(rows, topic, reader)
    waiting = [row for row in rows if row.position is None and not row.is_withdrawn]
    waiting = [w for w in waiting if w.is_held or w.author_id == reader.member_id]  # a refused one: its author only
    return TopicPage(
        topic=topic,
        posts=[row for row in rows if row.position is not None],
        waiting=waiting,
        page=page,
        pages=pages,
        reply=may_reply_now(reader, topic, last_own=said.get("last_own")),
        care=may_care_for(reader, topic),
        vote=may_vote(reader, topic),
        read_to=said.get("read_to") or 0,
        follow=said.get("follow") or Level.NORMAL,
        is_hidden=said.get("hidden_at") is not None,
        has_draft=bool(said.get("has_draft")),
        is_visitor=reader.is_visitor,
        table=table_of(topic, reader),
        timers=[{**timer, "due_at": parse_datetime(timer["due_at"])} for timer in said["due_timers"]],
        events=_events(topic, reader, first, page == pages) if said["has_events"] else {},
        rail=_rail(topic, page, pages) if pages > 2 else [],
    )


def settle(posts: list[Post], topic: Topic, reader: Reader) -> None:
    """Give posts of one topic what their fragment shows: the topic, the words left on them, files, a poll. One query
    for files and one for a poll, where there are any."""
    for post in posts:
        post.topic = topic
        post.words = _words(post, vars(topic)["kinds"])  # type: ignore[attr-defined]
        post.worn = worn(vars(post)["hat"])  # type: ignore[attr-defined]
    if vars(topic)["has_files"]:
        prefetch_related_objects(posts, Prefetch("attachments", Attachment.objects.beside_words(), to_attr="files"))
    if vars(topic)["has_poll"]:
        polls = {poll.post_id: poll for poll in polls_in(posts, reader)}
        for post in posts:
            post.shown_poll = polls.get(post.pk)  # type: ignore[attr-defined]


def _annotated(topics: TopicQuerySet, reader: Reader) -> QuerySet[Topic]:
    kinds = ReactionKind.objects.order_by("order", "pk")
    timers = TopicTimer.objects.filter(topic=OuterRef("pk")).order_by("due_at")
    topics = (
        topics.select_related("forum", "forum__parent", "author", "closed_by")
        .with_seats()
        .annotate(
            has_events=Exists(TopicEvent.objects.filter(topic=OuterRef("pk"))),
            has_files=Exists(Attachment.objects.beside_words().filter(post__topic=OuterRef("pk"))),
            has_poll=Exists(Poll.objects.filter(post__topic=OuterRef("pk"))),
            kinds=ArraySubquery(
                kinds.values(said=JSONObject(id="pk", fr="name_fr", en="name_en", retired="retired_at"))
            ),
            due_timers=ArraySubquery(timers.values(said=JSONObject(kind="kind", due_at="due_at"))),
        )
    )
    if reader.member_id is None:
        return topics
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)
    draft = Draft.objects.unfinished().filter(topic=OuterRef("pk"), member_id=reader.member_id)
    own = Post.objects.filter(topic=OuterRef("pk"), author_id=reader.member_id, published_at__isnull=False)
    own = own.order_by("-published_at")
    return topics.annotate(
        read_to=Subquery(mark.values("place")),
        follow=Subquery(mark.values("follow")),
        hidden_at=Subquery(mark.values("hidden_at")),
        has_draft=Exists(draft),
        has_voted=Exists(TopicVote.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)),
        last_own=Case(  # asked only in slow mode
            When(slow_until__gt=timezone.now(), then=Subquery(own.values("published_at")[:1])),
            default=Value(None),
        ),
    )


def _with_signs(posts: QuerySet[Post], reader: Reader, topic: Topic) -> QuerySet[Post]:
    """Posts with all that their fragment shows. Still one query."""
    posts = posts.select_related("author", "removed_under", "reply_to__author")
    here = Q(topic=topic) if topic.is_conversation else Q(topic__forum_id__in=reader.readable)
    readable = Post.objects.filter(here, state=Post.State.PUBLISHED)
    answer = JSONObject(id="pk", place="position", topic="topic_id", name="author__name", username="author__username")
    team = Appointment.objects.current().filter(Q(forum=None) | Q(forum=topic.forum_id), member=OuterRef("author"))
    posts = posts.annotate(
        replied=ArraySubquery(
            readable.filter(reply_to=OuterRef("pk")).order_by("published_at").values(said=answer)[:ANSWERS_SHOWN]
        ),
        quoted=ArraySubquery(
            readable.filter(references__target=OuterRef("pk"))
            .order_by("published_at")
            .values(said=answer)[:ANSWERS_SHOWN]
        ),
        role=Subquery(team.order_by("-role").values("role")[:1]),
        hat=worn_hat(OuterRef("author")),
    )
    if reader.member_id is None:
        return posts
    mine = Reaction.objects.filter(post=OuterRef("pk"), member_id=reader.member_id)
    return posts.annotate(
        mine=ArraySubquery(mine.values("kind")),
        is_kept=Exists(Bookmark.objects.filter(post=OuterRef("pk"), member_id=reader.member_id)),
    )


@dataclass(frozen=True, slots=True)
class Word:
    """A word that can be left on a post, in the reader's language, and how often it was."""

    kind: int
    name: str
    times: int
    is_mine: bool


def _words(post: Post, kinds: list[dict[str, Any]]) -> list[Word]:
    here, there = ("fr", "en") if active_language() == "fr" else ("en", "fr")
    mine, counts = vars(post).get("mine", ()), post.reactions
    return [
        Word(kind["id"], kind[here] or kind[there], counts.get(str(kind["id"]), 0), kind["id"] in mine)
        for kind in kinds
        if kind["retired"] is None or counts.get(str(kind["id"]))
    ]


def post_with_signs(reader: Reader, post_id: int) -> Post:
    """One post as its fragment shows it. Two queries, and those of `settle`.

    Raises Post.DoesNotExist if the reader may not read it.
    """
    topics = _annotated(Topic.objects.reachable_by(reader), reader)
    topic = topics.get(posts__pk=post_id)
    post = _with_signs(Post.objects.reachable_by(reader).with_words_for(reader), reader, topic).get(pk=post_id)
    settle([post], topic, reader)
    return post


def polls_in(posts: list[Post], reader: Reader) -> list[Poll]:
    """The polls of these posts with their answers, and what this reader chose. One query."""
    option = JSONObject(id="pk", text="text", votes="vote_count")
    mine = PollVote.objects.filter(poll=OuterRef("pk"), member_id=reader.member_id or 0)
    polls: list[Poll] = list(
        Poll.objects.filter(post__in=posts).annotate(
            choices=ArraySubquery(PollOption.objects.filter(poll=OuterRef("pk")).order_by("order").values(said=option)),
            mine=ArraySubquery(mine.values("option")),
        )
    )
    topics = {post.pk: post.topic for post in posts}
    for poll in polls:
        poll.choose = may_choose(reader, poll, topics[poll.post_id])  # type: ignore[attr-defined]
        for choice in vars(poll)["choices"]:
            choice["share"] = round(100 * choice["votes"] / poll.voter_count) if poll.voter_count else 0
    return polls


def _events(topic: Topic, reader: Reader, first: int, is_last: bool) -> dict[int, list[TopicEvent]]:
    """The page's quiet lines, by the place they follow. One query; one more where they name topics or forums."""
    last = first + PLACES_PER_PAGE - 1
    found = topic.events.select_related("actor", "undone_by").filter(place__gte=first if first > 1 else 0)
    if not is_last:
        found = found.filter(place__lte=last)
    events = list(found)
    _name_others(events, reader)
    by_place: dict[int, list[TopicEvent]] = {}
    for event in events:
        by_place.setdefault(event.place, []).append(event)
    return by_place


def _name_others(events: list[TopicEvent], reader: Reader) -> None:
    """The members, topics and forums that lines name, topics and forums where this reader may see them; where not, they
    stay unnamed."""
    topics = {event.after["topic"] for event in events if event.after.get("topic")}
    forums = {side["forum_id"] for event in events for side in (event.before, event.after) if side.get("forum_id")}
    named = {event.after["member"] for event in events if event.after.get("member")}
    members = Member.objects.in_bulk(named) if named else {}
    known_topics = Topic.objects.visible_to(reader).in_bulk(topics) if topics else {}
    known_forums = Forum.objects.visible_to(reader).in_bulk(forums) if forums else {}
    for event in events:
        event.member = members.get(event.after.get("member"))  # type: ignore[attr-defined]
        event.other_topic = known_topics.get(event.after.get("topic"))  # type: ignore[attr-defined]
        event.from_forum = known_forums.get(event.before.get("forum_id"))  # type: ignore[attr-defined]
        event.to_forum = known_forums.get(event.after.get("forum_id"))  # type: ignore[attr-defined]


def _rail(topic: Topic, page: int, pages: int) -> list[Stop]:
    """Pages spread over the topic, with their dates, this one among them. One query."""
    spread = {1 + round(step * (pages - 1) / (STOPS - 1)) for step in range(STOPS)} if pages > STOPS else set()
    stops = sorted((spread or set(range(1, pages + 1))) | {page})
    dates = dict(
        topic.posts.filter(position__in=[(stop - 1) * PLACES_PER_PAGE + 1 for stop in stops]).values_list(
            "position", "published_at"
        )
    )
    return [Stop(stop, dates.get((stop - 1) * PLACES_PER_PAGE + 1)) for stop in stops]


def post_at_date(reader: Reader, topic: Topic, day: date) -> Post | None:
    """The first post of a topic written on that day or later, in the reader's time zone; else the last. One query or
    two."""
    moment = timezone.make_aware(datetime.combine(day, time.min))
    posts = Post.objects.reachable_by(reader).filter(topic=topic, position__isnull=False)
    later = posts.filter(published_at__gte=moment).order_by("published_at", "position").first()
    return later or posts.order_by("-position").first()


@dataclass(frozen=True, slots=True)
class BestPage:
    """The posts of a long topic that one reads first, in the order in which they were written, and why each."""

    topic: Topic
    posts: list[Post]


def best_page(reader: Reader, topic_id: int) -> BestPage:
    """The opening post, the accepted answer, what was thanked most, and what hosts and moderators said: at most twenty
    posts, by date. Three queries, and those of `settle`.

    Raises Topic.DoesNotExist if the reader may not see the topic.
    """
    topic = _annotated(Topic.objects.visible_to(reader), reader).get(pk=topic_id)
    posts = Post.objects.readable_by(reader).published().filter(topic=topic)
    most = posts.filter(thanks__gt=0).order_by("-thanks", "position").values("pk")[: BEST_OF_POSTS // 2]
    team = Appointment.objects.current().filter(Q(forum=None) | Q(forum=topic.forum_id)).values("member")
    theirs = posts.filter(author__in=team, position__gt=1).order_by("-thanks", "-position").values("pk")
    chosen = Q(position=1) | Q(pk=topic.accepted_post_id or 0) | Q(pk__in=most)
    chosen |= Q(pk__in=theirs[: BEST_OF_POSTS // 2 - 2])
    rows = list(_with_signs(posts.filter(chosen), reader, topic).order_by("published_at", "position"))
    settle(rows, topic, reader)
    return BestPage(topic, rows)


def printed_page(reader: Reader, topic_id: int, *, after: int = 0) -> tuple[Topic, list[Post], int]:
    """A topic's posts for printing, two hundred at a time, and the place after which the next ones begin (0: none).

    Two queries. Raises Topic.DoesNotExist if the reader may not see the topic.
    """
    topic = Topic.objects.reachable_by(reader).with_seats().select_related("forum", "author").get(pk=topic_id)
    topic.cover_title(reader)
    posts = Post.objects.reachable_by(reader).filter(topic=topic, position__gt=after)
    rows = list(posts.select_related("author", "removed_under").order_by("position")[:PRINTED_POSTS])
    is_more = bool(rows) and (rows[-1].position or 0) < topic.last_position and len(rows) == PRINTED_POSTS
    return topic, rows, (rows[-1].position or 0) if is_more else 0
