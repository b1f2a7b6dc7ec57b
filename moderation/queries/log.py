"""What was decided, for the team; how long one usually waits."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Exists, OuterRef
from django.utils import timezone

from forums.limits import PLACES_PER_PAGE
from forums.readers import Reader
from moderation.limits import WAIT_DEFAULT_HOURS, WAIT_WINDOW_DAYS
from moderation.models import Appeal, Decision
from toolkit.paging import KeyPage, page_by_key

DECISIONS_OF_LOG = PLACES_PER_PAGE * 2


def decision_page(reader: Reader, decision_id: int) -> Decision:
    """A decision with all that its statement needs. One query. Raises Decision.DoesNotExist."""
    return (
        Decision.objects.visible_to(reader)
        .select_related(
            "actor",
            "rule",
            "text",
            "concerned",
            "subject__post__topic",
            "subject__topic",
            "undone_by",
            "case",
        )
        .annotate(is_contested=Exists(Appeal.objects.filter(decision=OuterRef("pk"), member=reader.member_id or 0)))
        .get(pk=decision_id)
    )


def decision_by_id(decision_id: int) -> Decision | None:
    """A decision for whoever holds the link that names it, with whether the person concerned has contested it. One
    query."""
    asked = Appeal.objects.filter(decision=OuterRef("pk"), member=OuterRef("concerned"))
    shown = ("actor", "rule", "text", "concerned", "subject__post__topic", "subject__topic", "undone_by", "case")
    return Decision.objects.select_related(*shown).annotate(is_contested=Exists(asked)).filter(pk=decision_id).first()


def log_page(reader: Reader, *, after: str = "") -> KeyPage[Decision]:
    """The team's log, newest first. One query."""
    decisions = Decision.objects.visible_to(reader).select_related(
        "actor", "rule", "text", "concerned", "subject__post__topic", "undone_by", "undoes"
    )
    return page_by_key(decisions, by="made_at", size=DECISIONS_OF_LOG, after=after)


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
