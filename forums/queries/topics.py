"""A page's reads, as one question each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, prefetch_related_objects
from django.db.models.functions import JSONObject
from django.utils import timezone

from forums.limits import PLACES_PER_PAGE, TOPICS_PER_PAGE
from forums.models import Appointment, Attachment, Draft, Forum, Post, ReadMark, Rule, Tag, Topic, TopicEvent
from forums.policies import may_care_for, may_reply
from forums.readers import Reader
from toolkit.paging import KeyPage, page_by_key

if TYPE_CHECKING:
    from toolkit.verdicts import Verdict

PINNED_AT_MOST = 5


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
    read_to: int
    follow: str
    has_draft: bool
    events: dict[int, list[TopicEvent]] = field(default_factory=dict)
    accepted: Post | None = None

    @property
    def last_place(self) -> int:
        return max((post.position or 0 for post in self.posts), default=0)

    @property
    def first_unread(self) -> Post | None:
        return next((p for p in self.posts if (p.position or 0) > self.read_to), None) if self.read_to else None


def topic_page(reader: Reader, topic_id: int, *, page: int | None = None) -> TopicPage:
    """One page of a topic: twenty places, tombstones included; and, on the last page, the reader's own held posts.

    Two queries, however long the topic is and whichever the page; one more where the topic has had events, and one
    where it has files.
    `page=None` is the first page. Raises Topic.DoesNotExist if the reader may not see the topic.
    """
    topic = _annotated(Topic.objects.visible_to(reader), reader).get(pk=topic_id)
    pages = topic.pages
    page = min(max(1, page or 1), pages)
    first = (page - 1) * PLACES_PER_PAGE + 1
    shown = Post.objects.visible_to(reader).filter(topic=topic, position__range=(first, first + PLACES_PER_PAGE - 1))
    if page == pages:
        shown = shown | Post.objects.visible_to(reader).filter(topic=topic, position=None)
    rows = list(shown.select_related("author", "removed_under").order_by(F("position").asc(nulls_last=True), "pk"))
    for row in rows:
        row.topic = topic
    if getattr(topic, "has_files", False):
        prefetch_related_objects(rows, Prefetch("attachments", to_attr="files"))
    waiting = [row for row in rows if row.position is None]
    if waiting:  # a refused post is shown to its author only
        waiting = [w for w in waiting if w.is_held or w.author_id == reader.member_id]
    return TopicPage(
        topic=topic,
        posts=[row for row in rows if row.position is not None],
        waiting=waiting,
        page=page,
        pages=pages,
        reply=may_reply(reader, topic),
        care=may_care_for(reader, topic),
        read_to=getattr(topic, "read_to", 0) or 0,
        follow=getattr(topic, "follow", "") or ReadMark.Follow.NORMAL,
        has_draft=bool(getattr(topic, "has_draft", False)),
        events=_events(topic, first, page == pages) if getattr(topic, "has_events", False) else {},
    )


def _annotated(topics: QuerySet[Topic], reader: Reader) -> QuerySet[Topic]:
    topics = topics.select_related("forum", "forum__parent", "author", "closed_by").annotate(
        has_events=Exists(TopicEvent.objects.filter(topic=OuterRef("pk"))),
        has_files=Exists(Attachment.objects.filter(post__topic=OuterRef("pk"))),
    )
    if reader.member_id is None:
        return topics
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)
    draft = Draft.objects.unfinished().filter(topic=OuterRef("pk"), member_id=reader.member_id)
    return topics.annotate(
        read_to=Subquery(mark.values("place")),
        follow=Subquery(mark.values("follow")),
        has_draft=Exists(draft),
    )


def _events(topic: Topic, first: int, is_last: bool) -> dict[int, list[TopicEvent]]:
    """The page's quiet lines, by the place they follow. One query."""
    last = first + PLACES_PER_PAGE - 1
    found = topic.events.select_related("actor").filter(place__gte=first if first > 1 else 0)
    if not is_last:
        found = found.filter(place__lte=last)
    by_place: dict[int, list[TopicEvent]] = {}
    for event in found:
        by_place.setdefault(event.place, []).append(event)
    return by_place


@dataclass(frozen=True, slots=True)
class ForumPage:
    forum: Forum
    children: list[Forum]
    pinned: list[Topic]
    topics: KeyPage[Topic]


def rows_for(topics: QuerySet[Topic], reader: Reader) -> QuerySet[Topic]:
    """Topics with all that their rows in a list show, unread state included. Still one query."""
    topics = topics.select_related("forum", "author", "last_author")
    if reader.member_id is None:
        return topics
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)
    return topics.annotate(read_to=Subquery(mark.values("place")), follow=Subquery(mark.values("follow")))


def forum_page(reader: Reader, slug: str, *, after: str = "") -> ForumPage:
    """A forum with its hosts and its topics, latest first; pinned ones on top of the first page.

    Two queries; one more where topics are pinned. Raises Forum.DoesNotExist if the reader may not see it.
    """
    hosts = (
        Appointment.objects.current()
        .filter(forum=OuterRef("pk"), role=Appointment.Role.HOST)
        .order_by("since")
        .values(said=JSONObject(username="member__username", name="member__name"))
    )
    pins = Topic.objects.filter(forum=OuterRef("pk"), pinned_until__gt=timezone.now())
    family = list(
        Forum.objects.visible_to(reader)
        .select_related("parent")
        .annotate(has_pins=Exists(pins), hosts=ArraySubquery(hosts))
        .filter(Q(slug=slug) | Q(parent__slug=slug))
    )
    forum = next((f for f in family if f.slug == slug), None)
    if forum is None:
        raise Forum.DoesNotExist
    listed = rows_for(Topic.objects.listed_to(reader).filter(forum=forum), reader)
    pinned = []
    if not after and getattr(forum, "has_pins", False):
        pinned = list(listed.filter(pinned_until__gt=timezone.now()).order_by("-last_post_at")[:PINNED_AT_MOST])
    others = listed.exclude(pk__in=[topic.pk for topic in pinned])
    return ForumPage(
        forum=forum,
        children=sorted((f for f in family if f is not forum), key=lambda f: (f.order, f.pk)),
        pinned=pinned,
        topics=page_by_key(others, moment="last_post_at", size=TOPICS_PER_PAGE, after=after),
    )


FILTERS = ("latest", "unread", "unanswered", "mine")


def topic_list(reader: Reader, *, only: str = "latest", after: str = "") -> KeyPage[Topic]:
    """Topics of every forum this reader reads, latest first. One query. `only` is one of FILTERS."""
    topics = Topic.objects.listed_to(reader)
    if only == "unread":
        topics = topics.unread_by(reader)
    elif only == "unanswered":
        topics = topics.open_now().filter(post_count__lte=1)
    elif only == "mine":
        topics = topics.filter(author_id=reader.member_id)
    return page_by_key(rows_for(topics, reader), moment="last_post_at", size=TOPICS_PER_PAGE, after=after)


def tag_page(reader: Reader, key: str, *, after: str = "") -> tuple[Tag, KeyPage[Topic]]:
    """A tag and its topics. Two queries. Raises Tag.DoesNotExist."""
    tag = Tag.objects.get(key=key)
    topics = Topic.objects.listed_to(reader).filter(tagged__tag=tag)
    return tag, page_by_key(rows_for(topics, reader), moment="last_post_at", size=TOPICS_PER_PAGE, after=after)


def forums_seen(reader: Reader) -> list[Forum]:
    """Every forum this reader may see, in order, children after their parent. One query."""
    forums = list(Forum.objects.visible_to(reader).select_related("parent"))
    tops = [forum for forum in forums if forum.parent_id is None or forum.parent_id not in reader.seen]
    return [f for top in tops for f in [top, *(c for c in forums if c.parent_id == top.pk and c not in tops)]]


def rules_of(forum: Forum | None) -> list[Rule]:
    """The house rules and this forum's own, those still in force. One query."""
    where = Q(forum=None) if forum is None else Q(forum=None) | Q(forum=forum)
    return sorted(
        Rule.objects.filter(where, retired_at=None),
        key=lambda rule: (rule.forum_id is not None, rule.order, rule.pk),
    )
