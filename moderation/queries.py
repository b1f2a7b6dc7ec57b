"""What moderation's pages read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.db.models import Case as When
from django.db.models import Count, F, Q, Value
from django.db.models import When as If
from django.utils import timezone

from forums.limits import PLACES_PER_PAGE
from forums.models import Post
from forums.readers import Reader
from moderation.limits import REPORTS_THAT_HASTEN, WAIT_DEFAULT_HOURS, WAIT_WINDOW_DAYS
from moderation.models import Case, Decision, Report
from toolkit.paging import KeyPage, page_by_key

QUEUE_LENGTH = 100
CONTEXT_POSTS = 3

_SHOWN = (
    "subject__post__topic__forum", "subject__post__author", "subject__topic__forum", "subject__member",
    "claimed_by", "letter", "appeal__decision__actor", "appeal__member",
)  # fmt: skip


def queue(reader: Reader, *, kind: str = "") -> list[Case]:
    """What waits, the most urgent first: by band; in a band the much reported, then the oldest. One query."""
    cases = Case.objects.visible_to(reader).waiting().select_related(*_SHOWN)
    if kind:
        cases = cases.filter(kind=kind)
    hasty = When(If(report_count__gte=REPORTS_THAT_HASTEN, then=Value(0)), default=Value(1))
    return list(cases.annotate(report_count=Count("reports")).order_by("band", hasty, "opened_at", "pk")[:QUEUE_LENGTH])


def open_count(reader: Reader) -> int:
    """How many cases wait for this reader. One query."""
    return Case.objects.visible_to(reader).waiting().count()


@dataclass(frozen=True, slots=True)
class CasePage:
    case: Case
    reports: list[Report]
    context: list[Post]
    history: list[Decision]
    decisions: list[Decision]
    published: int

    @property
    def shown_although_withdrawn(self) -> int | None:
        """The post whose withdrawn words may be read here: the one that was reported before."""
        subject = self.case.subject
        return subject.post_id if self.reports and subject is not None else None


def case_page(reader: Reader, case_id: int) -> CasePage:
    """A case with its context. Six queries at most. Raises Case.DoesNotExist if the reader may not see it."""
    case = Case.objects.visible_to(reader).select_related(*_SHOWN).get(pk=case_id)
    post = case.subject.post if case.subject else None
    person = case.subject.accountable if case.subject else None
    history, published = [], 0
    if person is not None:
        history = list(
            Decision.objects.visible_to(reader)
            .filter(concerned=person)
            .select_related("actor", "rule", "text", "undone_by")
            .order_by("-made_at")[:10]
        )
        published = Post.objects.filter(author=person, state=Post.State.PUBLISHED).count()
    return CasePage(
        case=case,
        reports=list(case.reports.select_related("reporter", "rule").order_by("created_at")),
        context=_around(reader, post) if post is not None else [],
        history=history,
        decisions=list(
            case.decisions.select_related("actor", "rule", "text", "undone_by", "concerned").order_by("made_at")
        ),
        published=published,
    )


def _around(reader: Reader, post: Post) -> list[Post]:
    """The post with three before and three after it (the last ones for a post without a place). One query."""
    place = post.position or post.topic.last_position + 1
    near = Q(position__range=(max(1, place - CONTEXT_POSTS), place + CONTEXT_POSTS)) | Q(pk=post.pk)
    return list(
        Post.objects.visible_to(reader)
        .filter(near, topic=post.topic_id)
        .select_related("author", "removed_under")
        .order_by(F("position").asc(nulls_last=True))
    )


def decision_page(reader: Reader, decision_id: int) -> Decision:
    """A decision with all that its statement needs. One query. Raises Decision.DoesNotExist."""
    return (
        Decision.objects.visible_to(reader)
        .select_related("actor", "rule", "text", "concerned", "subject__post__topic", "appeal", "undone_by", "case")
        .get(pk=decision_id)
    )


def log_page(reader: Reader, *, after: str = "") -> KeyPage[Decision]:
    """The team's log, newest first. One query."""
    decisions = Decision.objects.visible_to(reader).select_related(
        "actor", "rule", "text", "concerned", "subject__post__topic", "undone_by", "undoes"
    )
    return page_by_key(decisions, by="made_at", size=PLACES_PER_PAGE * 2, after=after)


def log_figures(*, days: int = 365) -> list[Any]:
    """For everybody: decisions by measure and rule, and how many were undone. No names. One query."""
    return list(
        Decision.objects.filter(made_at__gte=timezone.now() - timedelta(days=days))
        .exclude(measure__in=[Decision.Measure.UNDO, Decision.Measure.ANSWER])
        .values("measure", "rule__title_fr", "rule__title_en")
        .annotate(times=Count("pk"), undone=Count("undone_by"))
        .order_by("-times", "measure")
    )


_MEDIAN_WAIT = """
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM closed_at - opened_at))
FROM moderation_case WHERE kind = 'held' AND closed_at > %s
"""


def usual_wait() -> timedelta:
    """The median time that held posts of the last 30 days waited; a day when there were none. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_MEDIAN_WAIT, [timezone.now() - timedelta(days=WAIT_WINDOW_DAYS)])
        (seconds,) = cursor.fetchone()
    return timedelta(hours=WAIT_DEFAULT_HOURS) if seconds is None else timedelta(seconds=float(seconds))
