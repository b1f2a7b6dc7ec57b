"""A page's reads, as one question each."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from forums.limits import TOPICS_PER_PAGE
from forums.models import Appointment, Forum, ReadMark, Rule, Tag, Topic
from forums.readers import Reader
from toolkit.paging import KeyPage, page_by_key

PINNED_AT_MOST = 5


@dataclass(frozen=True, slots=True)
class ForumPage:
    forum: Forum
    children: list[Forum]
    pinned: list[Topic]
    topics: KeyPage[Topic]
    moved: list[Topic]


def rows_for(topics: QuerySet[Topic], reader: Reader) -> QuerySet[Topic]:
    """Topics with all that their rows in a list show, unread state included. Still one query."""
    topics = topics.select_related("forum", "author", "last_author")
    if reader.member_id is None:
        return topics
    mark = ReadMark.objects.filter(topic=OuterRef("pk"), member_id=reader.member_id)
    return topics.annotate(read_to=Subquery(mark.values("place")), follow=Subquery(mark.values("follow")))


def forum_page(reader: Reader, slug: str, *, after: str = "") -> ForumPage:
    """A forum with its hosts and its topics, latest first; pinned ones on top of the first page, and after it those
    that have moved elsewhere lately.

    Two queries; one more where topics are pinned, and one where some have moved. Raises
    Forum.DoesNotExist if the reader may not see it.
    """
    hosts = (
        Appointment.objects.current()
        .filter(forum=OuterRef("pk"), role=Appointment.Role.HOST)
        .order_by("since")
        .values(said=JSONObject(username="member__username", name="member__name"))
    )
    pointers = Topic.objects.filter(moved_from=OuterRef("pk"), pointer_until__gt=timezone.now())
    pins = Topic.objects.filter(forum=OuterRef("pk"), pinned_until__gt=timezone.now())
    family = list(
        Forum.objects.visible_to(reader)
        .select_related("parent")
        .annotate(has_pins=Exists(pins), has_moved=Exists(pointers), hosts=ArraySubquery(hosts))
        .filter(Q(slug=slug) | Q(parent__slug=slug))
    )
    forum = next((f for f in family if f.slug == slug), None)
    if forum is None:
        raise Forum.DoesNotExist
    listed = rows_for(Topic.objects.listed_to(reader).filter(forum=forum), reader)
    pinned = []
    if not after and getattr(forum, "has_pins", False):
        pinned = list(listed.filter(pinned_until__gt=timezone.now()).order_by("-last_post_at")[:PINNED_AT_MOST])
    moved = []
    if not after and getattr(forum, "has_moved", False):
        gone = Topic.objects.listed_to(reader).filter(moved_from=forum, pointer_until__gt=timezone.now())
        moved = list(gone.exclude(forum=forum).select_related("forum").order_by("-pointer_until")[:PINNED_AT_MOST])
    others = listed.exclude(pk__in=[topic.pk for topic in pinned])
    return ForumPage(
        forum=forum,
        children=sorted((f for f in family if f is not forum), key=lambda f: (f.order, f.pk)),
        pinned=pinned,
        topics=page_by_key(others, moment="last_post_at", size=TOPICS_PER_PAGE, after=after),
        moved=moved,
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


def pinned_everywhere(reader: Reader) -> list[Topic]:
    """What the team keeps at the top of the home page. One query."""
    pinned = Topic.objects.listed_to(reader).filter(is_pinned_everywhere=True, pinned_until__gt=timezone.now())
    return list(rows_for(pinned, reader).order_by("-last_post_at")[:PINNED_AT_MOST])


def tag_page(reader: Reader, key: str, *, after: str = "") -> tuple[Tag, KeyPage[Topic]]:
    """A tag and its topics. Two queries. Raises Tag.DoesNotExist, also where the reader sees no topic with it."""
    topics = Topic.objects.listed_to(reader).filter(tagged__tag__key=key)
    tag = Tag.objects.filter(Exists(topics)).get(key=key)
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
