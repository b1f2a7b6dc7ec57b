"""Lists of topics: one way to ask for them, wherever they stand, and one query for each."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    Exists,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils import timezone

from forums.limits import FEED_TOPICS, TOPICS_PER_PAGE
from forums.models import Following, Forum, Level, Post, ReadMark, Tag, Tagged, Topic, TopicScore
from forums.models.forums import Intent
from toolkit.paging import KeyPage, in_each_place, keyed, page_by_key, page_of_each

if TYPE_CHECKING:
    from collections.abc import Mapping

    from forums.readers import Reader
    from members.models import Member

PINNED_AT_MOST = 5
KINDS = ("latest", "unread", "new", "unanswered", "followed", "mine", "top", "hidden")
OF_MEMBERS = frozenset({"unread", "followed", "mine", "hidden"})  # what a visitor has none of
STATES = ("open", "answered", "closed", "archived", *(str(s) for s in Topic.Status.values if s))
PERIODS = tuple(str(period) for period in TopicScore.Period.values)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked to show, as its address says it. What makes no sense is left out: no address is an error."""

    only: str = "latest"
    intent: str = ""
    state: str = ""
    period: str = "month"
    everything: str = ""
    show: str = ""
    after: str = ""

    @staticmethod
    def by(said: Mapping[str, str]) -> Asked:
        known = {
            "only": KINDS, "intent": Intent.values, "state": STATES, "period": PERIODS, "everything": ("1",),
            "show": ("topics",),
        }  # fmt: skip
        found = {name: said.get(name, "") for name in known if said.get(name, "") in known[name]}
        return Asked(**found, after=said.get("after", ""))

    def but(self, **changed: str) -> str:
        """The address of the same list with something else asked for, from its first page."""
        asked = replace(self, after="", **changed)
        if asked.only != "top":
            asked = replace(asked, period=Asked().period)
        told = {f.name: getattr(asked, f.name) for f in fields(asked) if getattr(asked, f.name) != f.default}
        return f"?{urlencode(told)}" if told else "?"

    @property
    def is_plain(self) -> bool:
        """Whether it is the list as one comes to it: its first page, nothing filtered."""
        return self == Asked()

    @property
    def narrowed(self) -> bool:
        return bool(self.intent or self.state)

    @property
    def kept(self) -> str:
        """What links to further pages carry along."""
        return self.but().removeprefix("?")


@dataclass(frozen=True, slots=True)
class Where:
    """Where a list stands: on the home page (nothing given), or on that of a forum, a tag, a member."""

    forum: Forum | None = None
    tag: Tag | None = None
    author: Member | None = None
    without: tuple[int, ...] = field(default=())  # topics shown above it already

    @property
    def is_home(self) -> bool:
        return self.forum is None and self.tag is None and self.author is None


def topics_in(reader: Reader, where: Where, asked: Asked) -> KeyPage[Topic]:
    """A page of a list, with all that its rows show. One query, however many topics there are."""
    rows = rows_for(Topic.objects.all(), reader)
    if asked.only == "top":
        return _top(reader, where, asked)
    if asked.only in OF_MEMBERS and reader.is_visitor:
        return KeyPage([], "")
    by = {"unread": "fresh_at", "new": "published_at"}.get(asked.only, "last_post_at")
    size, after = TOPICS_PER_PAGE, asked.after
    if _is_found_apart(where, asked):
        topics = _narrowed(Topic.objects.listed_to(reader), reader, where, asked)
        return page_by_key(rows_for(topics, reader), by=by, size=size, after=after)
    inner = _narrowed(Topic.objects.in_each(reader), reader, where, asked)
    places = reader.unread_after(_forums(reader, where))
    return page_of_each(rows, inner, places, by=by, size=size, after=after)


def unread_topics(reader: Reader, *, most: int) -> QuerySet[Topic]:
    """At most so many of the topics that the list of the unread on the home page shows: what the badge counts."""
    inner = _narrowed(Topic.objects.in_each(reader), reader, Where(), Asked(only="unread"))
    inner = keyed(inner, by="fresh_at", size=most - 1)
    return Topic.objects.filter(pk__in=in_each_place(inner, reader.unread_after(reader.readable)))[:most]


def _is_found_apart(where: Where, asked: Asked) -> bool:
    """Whether topics are found by an index of their own (of an author, a tag, a mark) rather than forum by forum."""
    if asked.only in {"unread", "new"}:
        return False
    return where.author is not None or where.tag is not None or asked.only in {"mine", "followed", "hidden"}


def _forums(reader: Reader, where: Where) -> tuple[int, ...]:
    if where.forum is None:
        return reader.readable
    return tuple(forum for forum in reader.readable if forum == where.forum.pk)


def _narrowed(topics: QuerySet[Topic], reader: Reader, where: Where, asked: Asked) -> QuerySet[Topic]:
    if where.forum is not None and _is_found_apart(where, asked):
        topics = topics.filter(forum=where.forum)
    if where.tag is not None:
        topics = topics.filter(Exists(Tagged.objects.filter(content_object=OuterRef("pk"), tag=where.tag)))
    if where.author is not None:
        topics = topics.filter(author=where.author)
    if where.without:
        topics = topics.exclude(pk__in=where.without)
    if asked.intent:
        topics = topics.filter(intent=asked.intent)
    if asked.state:
        topics = _in_state(topics, asked.state)
    return _of_kind(topics, reader, where, asked)


def _in_state(topics: QuerySet[Topic], state: str) -> QuerySet[Topic]:
    if state == "open":
        return topics.open_now()  # type: ignore[attr-defined,no-any-return]
    if state == "answered":
        return topics.filter(accepted_post__isnull=False)
    if state == "closed":
        still = Q(closed_until=None) | Q(closed_until__gt=timezone.now())
        return topics.filter(still, closed_at__isnull=False)
    if state == "archived":
        return topics.filter(archived_at__isnull=False)
    return topics.filter(status=state).exclude(status="")


def _of_kind(topics: QuerySet[Topic], reader: Reader, where: Where, asked: Asked) -> QuerySet[Topic]:
    me, only = reader.member_id or 0, asked.only
    if only == "hidden":
        hidden = ReadMark.objects.filter(member_id=me, hidden_at__isnull=False)
        return topics.filter(pk__in=hidden.values("topic"))
    if only == "mine":
        return topics.filter(author_id=me)
    if only == "followed":
        return topics.kept_by(reader, everything=True).filter(pk__in=_followed(reader))  # type: ignore[attr-defined,no-any-return]
    everything = bool(asked.everything) or not (where.is_home or only == "unread")
    topics = topics.kept_by(reader, everything=everything)  # type: ignore[attr-defined]
    if only == "unread":
        return topics.unread_by(reader)  # type: ignore[attr-defined,no-any-return]
    if only == "new" and not reader.is_visitor:
        return topics.never_opened_by(reader)  # type: ignore[attr-defined,no-any-return]
    if only == "unanswered":
        return topics.open_now().filter(post_count__lte=1)  # type: ignore[attr-defined,no-any-return]
    return topics


def _followed(reader: Reader) -> QuerySet[Topic, int]:
    """Topics that they follow, by themselves or by their forum, tag or author."""
    me = reader.member_id or 0
    all_of = Following.objects.filter(member_id=me, level=Level.ALL)
    listed = Topic.objects.listed_to(reader)
    marked = ReadMark.objects.filter(member_id=me, follow=Level.ALL).values("topic")
    tagged = Tagged.objects.filter(tag__in=all_of.filter(tag__isnull=False).values("tag")).values("content_object")
    authors = all_of.filter(person__isnull=False).values("person")
    forums = all_of.filter(forum__isnull=False).values("forum")
    return (
        listed.filter(pk__in=marked)
        .values_list("pk", flat=True)
        .union(
            listed.filter(pk__in=tagged).values_list("pk", flat=True),
            listed.filter(author__in=authors).values_list("pk", flat=True),
            listed.filter(forum__in=forums).values_list("pk", flat=True),
        )
    )


def _top(reader: Reader, where: Where, asked: Asked) -> KeyPage[Topic]:
    scored = Topic.objects.listed_to(reader).filter(scores__period=asked.period).annotate(score=F("scores__score"))
    if where.forum is not None:
        scored = scored.filter(forum=where.forum)
    topics = _narrowed(scored, reader, replace(where, forum=None), replace(asked, only="latest"))
    return page_by_key(rows_for(topics, reader), by="score", size=TOPICS_PER_PAGE, after=asked.after)


def rows_for(topics: QuerySet[Topic], reader: Reader) -> QuerySet[Topic]:
    """Topics with all that their rows in a list show, unread state included. Still one query."""
    topics = topics.select_related("forum", "author", "last_author")
    if reader.member_id is None:
        return topics
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)
    place = Coalesce(Subquery(mark.values("place")), 0)
    own = dict(reader.all_read)
    since = Case(
        *(When(forum_id=forum, then=Value(max(before, reader.unread_since))) for forum, before in own.items()),
        default=Value(reader.unread_since),
        output_field=DateTimeField(),
    )
    is_fresh = Q(last_shown__gt=F("read_to"), fresh_at__gt=since) & ~Q(follow=Level.NOTHING)
    is_fresh &= Topic.objects.all().wanted_by(reader)
    follow = Coalesce(Subquery(mark.values("follow")), Value(str(Level.NORMAL)))
    return topics.annotate(read_to=place, follow=follow).annotate(
        is_unread=Case(When(is_fresh, then=True), default=False, output_field=BooleanField())
    )


def pinned_everywhere(reader: Reader) -> list[Topic]:
    """What the team keeps at the top of the home page. One query."""
    pinned = Topic.objects.listed_to(reader).kept_by(reader, everything=True)
    pinned = pinned.filter(is_pinned_everywhere=True, pinned_until__gt=timezone.now())
    return list(rows_for(pinned, reader).order_by("-last_post_at")[:PINNED_AT_MOST])


def feed_of(reader: Reader, *, forum: Forum | None = None, tag: Tag | None = None) -> list[Topic]:
    """The newest topics with the words they begin with, for a feed. One query."""
    first = Post.objects.published().filter(topic=OuterRef("pk"), position=1)
    where = Where(forum=forum, tag=tag)
    inner = _narrowed(Topic.objects.in_each(reader), reader, where, Asked(everything="1"))
    inner = keyed(inner.filter(Exists(first)), by="published_at", size=FEED_TOPICS - 1)
    found = Topic.objects.filter(pk__in=in_each_place(inner, reader.unread_after(_forums(reader, where))))
    found = found.select_related("author", "forum").annotate(
        first_html=Subquery(first.values("html")),
        first_version=Subquery(first.values("version")),
        first_changed_at=Subquery(first.values(changed=Coalesce("edited_at", "published_at"))),
    )
    return list(found.order_by("-published_at", "-pk")[:FEED_TOPICS])
