"""A page's reads, as one question each."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone

from forums.models import Access, Appointment, Following, Forum, ForumGuest, Rule, Tag, Topic
from forums.queries.lists import PINNED_AT_MOST, Asked, Where, rows_for, topics_in
from forums.readers import Reader
from toolkit.paging import KeyPage


@dataclass(frozen=True, slots=True)
class ForumPage:
    forum: Forum
    children: list[Forum]
    pinned: list[Topic]
    topics: KeyPage[Topic]
    moved: list[Topic]
    follow: str
    is_public: bool
    takes_guests: bool
    is_guest: bool


def forum_page(reader: Reader, slug: str, asked: Asked) -> ForumPage:
    """A forum with its hosts and a list of its topics; on the first page of the latest the pinned ones on top, and
    after it those that have moved elsewhere lately.

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
    followings = Following.objects.filter(forum=OuterRef("pk"), member_id=reader.member_id or 0)
    open_to = Access.objects.filter(forum=OuterRef("pk"))
    public = open_to.filter(audience=Access.Audience.EVERYONE, level__gte=Access.Level.READ)
    guests = open_to.filter(audience=Access.Audience.INVITED)
    family = list(
        Forum.objects.visible_to(reader)
        .select_related("parent")
        .annotate(has_pins=Exists(pins), has_moved=Exists(pointers), hosts=ArraySubquery(hosts))
        .annotate(follow=Subquery(followings.values("level")), is_public=Exists(public), takes_guests=Exists(guests))
        .annotate(is_guest=Exists(ForumGuest.objects.filter(forum=OuterRef("pk"), member_id=reader.member_id or 0)))
        .filter(Q(slug=slug) | Q(parent__slug=slug))
    )
    forum = next((f for f in family if f.slug == slug), None)
    if forum is None:
        raise Forum.DoesNotExist
    listed = Topic.objects.listed_to(reader).kept_by(reader, everything=True).filter(forum=forum)
    pinned = []
    if asked.is_plain and getattr(forum, "has_pins", False):
        pins_first = rows_for(listed.filter(pinned_until__gt=timezone.now()), reader).order_by("-last_post_at")
        pinned = list(pins_first[:PINNED_AT_MOST])
    moved = []
    if asked.is_plain and getattr(forum, "has_moved", False):
        gone = Topic.objects.listed_to(reader).filter(moved_from=forum, pointer_until__gt=timezone.now())
        moved = list(gone.exclude(forum=forum).select_related("forum").order_by("-pointer_until")[:PINNED_AT_MOST])
    without = tuple(topic.pk for topic in pinned)
    return ForumPage(
        forum=forum,
        children=sorted((f for f in family if f is not forum), key=lambda f: (f.order, f.pk)),
        pinned=pinned,
        topics=topics_in(reader, Where(forum=forum, without=without), asked),
        moved=moved,
        follow=vars(forum)["follow"] or "",
        is_public=vars(forum)["is_public"],
        takes_guests=vars(forum)["takes_guests"],
        is_guest=vars(forum)["is_guest"],
    )


def tag_page(reader: Reader, key: str, asked: Asked) -> tuple[Tag, KeyPage[Topic]]:
    """A tag and a list of its topics. Two queries. Raises Tag.DoesNotExist, also where the reader sees no topic with
    it."""
    followings = Following.objects.filter(tag=OuterRef("pk"), member_id=reader.member_id or 0)
    tag = Tag.objects.seen_by(reader).named(key).annotate(follow=Subquery(followings.values("level"))).get()
    return tag, topics_in(reader, Where(tag=tag), asked)


def tags_seen(reader: Reader, *, after: str = "", size: int = 200) -> tuple[list[Tag], str]:
    """Tags that stand on topics in this reader's lists, in the order of the alphabet, and the key of the page after
    them. One query."""
    tags = list(Tag.objects.seen_by(reader).filter(key__gt=after).order_by("key")[: size + 1])
    return tags[:size], tags[size - 1].key if len(tags) > size else ""


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
