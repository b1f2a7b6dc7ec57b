"""What engagement's pages, slots and mails read."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from engagement.limits import BADGE_MOST, DIGEST_ITEMS
from engagement.models import DigestEdition, Envelope, Notification, PromptShowing
from forums.models import Draft, Post, Topic
from forums.models.forums import Intent
from forums.queries.lists import unread_topics
from forums.readers import Reader
from members.models import Community
from moderation.wording import outcome_for_sender
from toolkit.paging import KeyPage, page_by_key


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member's header shows: how much is unread, told, begun; and the prompt of the moment."""

    unread: int = 0
    told: int = 0
    drafts: int = 0
    conversations: int = 0
    prompt: dict[str, Any] | None = None


def standing(reader: Reader) -> Standing:
    """All of it in one statement; each count is the query of the list it stands for, up to 100."""
    topics = unread_topics(reader, most=BADGE_MOST + 1)
    told = Notification.objects.visible_to(reader).unread()
    drafts = Draft.objects.filter(member_id=reader.member_id or 0)
    private = Topic.objects.unread_in_seats(reader)
    prompts = (
        PromptShowing.objects.current()
        .filter(
            Q(topic=None) | Q(topic__forum_id__in=reader.readable),
            member_id=reader.member_id or 0,
            prompt__is_on=True,
        )
        .order_by("-created_at")
        .values("pk", "topic_id", "prompt__situation", "prompt__text_fr", "prompt__text_fr_tu", "prompt__text_en")
        .annotate(title=F("topic__title"), slug=F("topic__slug"), name=F("topic__author__name"))
        .annotate(username=F("topic__author__username"))[:1]
    )
    parts, values = [], []
    counted = (rows.order_by().values("pk")[: BADGE_MOST + 1] for rows in (told, drafts, private))
    for rows in (topics.values("pk"), *counted):
        sql, params = _sql(rows)
        parts.append(f"(SELECT count(*) FROM ({sql}) counted)")  # noqa: S608 - made of query sets
        values.extend(params)
    sql, params = _sql(prompts)
    parts.append(f"(SELECT to_jsonb(shown) FROM ({sql}) shown)")  # noqa: S608 - made of query sets
    values.extend(params)
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(parts), values)  # noqa: S608 - made of query sets
        unread, told_count, begun, conversations, prompt = cursor.fetchone()
    return Standing(unread, told_count, begun, conversations, _decoded(prompt))


def _sql(rows: QuerySet[Any, Any]) -> tuple[str, list[Any]]:
    try:
        sql, params = rows.query.sql_with_params()
    except EmptyResultSet:  # a reader who may read nothing
        return "SELECT 1 WHERE false", []
    return sql, list(params)


def _decoded(prompt: Any) -> dict[str, Any] | None:
    found: dict[str, Any] | None = json.loads(prompt) if isinstance(prompt, str) else prompt
    return found


def notifications_page(reader: Reader, *, after: str = "") -> KeyPage[Notification]:
    """One's notifications, newest first, without those whose post is gone. One query."""
    rows = Notification.objects.visible_to(reader).select_related(
        "post__topic",
        "post__author",
        "decision__actor",
        "decision__rule",
        "decision__subject__post__topic",
        "event__topic",
        "event__actor",
        "bookmark__post__topic",
        "guest__forum",
        "guest__invited_by",
        "seat__topic",
        "seat__invited_by",
        "trust_change__by",
        "summons",
        "opinion__asked_by",
    )
    page = page_by_key(rows, by="created_at", size=30, after=after)
    for line in page.rows:
        if line.decision is not None:
            line.outcome = outcome_for_sender(line.decision)  # type: ignore[attr-defined]
    return page


def to_welcome(reader: Reader) -> list[Topic]:
    """For hosts: newcomers' first topics that wait for a word, in the forums they care for. Two queries."""
    if not (reader.hosted or reader.moderates_anywhere):
        return []
    before = timezone.now() - timedelta(hours=Community.current().welcome_after_hours)
    mine = Topic.objects.first_words_waiting(before).filter(forum_id__in=reader.readable)
    if not reader.moderates_everywhere:
        mine = mine.filter(forum_id__in=[*reader.hosted, *reader.moderated])
    return list(mine.select_related("author", "forum").order_by("published_at")[:10])


@dataclass(frozen=True, slots=True)
class DigestContent:
    """What one digest says: few items, in the order that matters to its reader."""

    replies: list[Post] = field(default_factory=list)
    talked: list[Topic] = field(default_factory=list)
    questions: list[Topic] = field(default_factory=list)
    edition: DigestEdition | None = None
    contributors: int = 0
    posts: int = 0

    @property
    def is_empty(self) -> bool:
        return not (self.replies or self.talked or self.questions)


def digest_content(reader: Reader, *, since: datetime, until: datetime, week: str = "") -> DigestContent:
    """What was said between two moments where this reader may read: replies to them they have not read, what was
    talked about, questions still open. Five queries; at most seven items, each once."""
    said = Post.objects.readable_by(reader).published().filter(published_at__gte=since, published_at__lt=until)
    others = said.exclude(author_id__in=[reader.member_id, *reader.blocked])
    replies = list(
        others.filter(topic__author_id=reader.member_id).select_related("topic", "author").order_by("-published_at")[:2]
    )
    named = {post.topic_id for post in replies}
    open_questions = list(
        Topic.objects.listed_to(reader)
        .kept_by(reader)
        .open_now()
        .filter(intent=Intent.QUESTION, accepted_post=None, post_count__lte=2)
        .filter(published_at__gte=since, published_at__lt=until)
        .exclude(author_id=reader.member_id)
        .exclude(pk__in=named)
        .select_related("forum", "author")
        .order_by("post_count", "-published_at")[:2]
    )
    named |= {topic.pk for topic in open_questions}
    spoken = Q(posts__in=said)
    talked = list(
        Topic.objects.listed_to(reader)
        .kept_by(reader)
        .filter(last_post_at__gte=since)
        .exclude(pk__in=named)
        .annotate(voices=Count("posts__author", filter=spoken, distinct=True), fresh=Count("posts", filter=spoken))
        .filter(fresh__gt=0)
        .select_related("forum", "author")
        .order_by("-voices", "-fresh", "-pk")[: DIGEST_ITEMS - len(replies) - len(open_questions)]
    )
    counted = said.aggregate(posts=Count("pk"), people=Count("author", distinct=True))
    edition = DigestEdition.objects.filter(week=week).select_related("signed_by").first() if week else None
    return DigestContent(replies, talked, open_questions, edition, counted["people"], counted["posts"])


def outbox_page(after: str, *, only: int | None = None) -> KeyPage[Envelope]:
    """Every mail, newest first (development). One query."""
    rows = Envelope.objects.all() if only is None else Envelope.objects.filter(pk=only)
    return page_by_key(rows, by="created_at", size=20, after=after)
