"""My standing: for oneself only. A report appears once it is decided: seen the minute it is made, it would point at
whoever made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.queries.standing import TrustStanding, slow_topics, trust_of
from forums.readers import Reader
from members.models import Member
from moderation.models import Appeal, Case, Decision, Report
from moderation.policies import may_appeal
from toolkit.paging import KeyPage, page_by_key

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REPORTS_SHOWN = 20
DECISIONS_PER_PAGE = 20
NOT_TOLD = (Decision.Measure.KEEP, Decision.Measure.ANSWER)  # as engagement tells of decisions


@dataclass(frozen=True, slots=True)
class Limit:
    """Something one may not do now, in a sentence, and when that lifts (None: by what the sentence says)."""

    sentence: str
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StandingPage:
    reported: list[Case]
    decisions: KeyPage[Decision]
    limits: list[Limit]
    trust: TrustStanding


def _about(member: Member) -> Q:
    return Q(subject__member=member) | Q(subject__post__author=member) | Q(subject__topic__author=member)


def standing_page(member: Member, reader: Reader, *, after: str = "") -> StandingPage:
    """Five queries at most, however much there is."""
    last = Decision.objects.filter(case=OuterRef("pk")).order_by("-pk")
    reported = list(
        Case.objects.filter(_about(member), Exists(Report.objects.filter(case=OuterRef("pk"))))
        .filter(kind=Case.Kind.REPORT, closed_at__isnull=False)
        .select_related("subject__post__topic", "subject__topic")
        .annotate(measure=Subquery(last.values("measure")[:1]))
        .order_by("-closed_at")[:REPORTS_SHOWN]
    )
    for case in reported:
        case.outcome = _outcome(vars(case)["measure"])  # type: ignore[attr-defined]
    decisions = (
        Decision.objects.filter(concerned=member)
        .exclude(measure__in=NOT_TOLD)
        .select_related("rule", "subject__post__topic", "undone_by")
        .annotate(is_contested=Exists(Appeal.objects.filter(decision=OuterRef("pk"), member=member)))
    )
    page = page_by_key(decisions, by="made_at", size=DECISIONS_PER_PAGE, after=after)
    for decision in page.rows:
        contested = bool(vars(decision)["is_contested"])
        decision.contest = may_appeal(member.pk, decision, now=timezone.now(), contested=contested)  # type: ignore[attr-defined]
    return StandingPage(reported, page, _limits(member, reader), trust_of(member))


def _outcome(measure: str | None) -> str:
    """What became of a report, for the person concerned."""
    if measure is None or measure == Decision.Measure.KEEP:
        return _("nothing was wrong")
    return str(Decision.Measure(measure).label)


def _limits(member: Member, reader: Reader) -> list[Limit]:
    limits = []
    if member.is_suspended:
        limits.append(Limit(_("You can read, not write."), member.suspended_until))
    if member.is_held:
        limits.append(Limit(_("What you write is read by a moderator before others see it."), member.held_until))
    if member.is_newcomer:
        said = _(
            "As a newcomer, what looks like an advert is read by a moderator before others see it: a first post that "
            "is mostly a link, for example."
        )
        limits.append(Limit(said))
    limits += [
        Limit(_("Slow mode in “%(title)s”.") % {"title": topic.title}, until) for topic, until in slow_topics(reader)
    ]
    return limits


def open_case_about(member: Member) -> StrOrPromise | None:
    """Why the closing of an account waits. One query."""
    if Case.objects.open().filter(_about(member), lane=Case.Lane.MAIN).exclude(kind=Case.Kind.SIGNUP).exists():
        return gettext_lazy(
            "The team still has something to decide that concerns you: your account closes once it is decided, and you "
            "will read the decision. Until then it stays as it is."
        )
    return None
