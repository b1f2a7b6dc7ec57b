"""What moderation's pages read."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case as When
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery, Value
from django.db.models import When as If
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.actions.rendering import rendered_for
from forums.limits import PLACES_PER_PAGE
from forums.models import Attachment, Post, Topic
from forums.queries.standing import TrustStanding, slow_topics, trust_of
from forums.readers import Reader
from members.models import Member
from moderation.limits import MESSAGES_TO_REPORT, REPORTS_THAT_HASTEN, WAIT_DEFAULT_HOURS, WAIT_WINDOW_DAYS
from moderation.models import Case, Decision, Report, SealedReading
from moderation.policies import may_appeal
from toolkit.paging import KeyPage, page_by_key
from toolkit.text import difference

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

QUEUE_LENGTH = 100
REPORTS_SHOWN = 20
DECISIONS_PER_PAGE = 20
NOT_TOLD = (Decision.Measure.KEEP, Decision.Measure.ANSWER)  # as engagement tells of decisions
CONTEXT_POSTS = 3
READINGS_SHOWN = 20

_SHOWN = (
    "subject__post__topic__forum", "subject__post__author", "subject__topic__forum", "subject__member",
    "claimed_by", "letter", "appeal__decision__actor", "appeal__member",
    "claim__placeholder",
)  # fmt: skip


def queue(reader: Reader, *, kind: str = "") -> list[Case]:
    """What waits, the most urgent first: by band; in a band the much reported, then the oldest. One query."""
    cases = Case.objects.visible_to(reader).waiting().select_related(*_SHOWN)
    if kind:
        cases = cases.filter(kind=kind)
    hasty = When(If(report_count__gte=REPORTS_THAT_HASTEN, then=Value(0)), default=Value(1))
    return list(cases.annotate(report_count=Count("reports")).order_by("band", hasty, "opened_at", "pk")[:QUEUE_LENGTH])


def messages_to_report(reader: Reader, topic: Topic) -> list[Post]:
    """The last messages of others in a conversation in which this reader sits, as they came. One query."""
    posts = Post.objects.reachable_by(reader).with_words_for(reader).published()
    posts = posts.filter(topic=topic).exclude(author=reader.member_id).select_related("author", "topic")
    return list(posts.order_by("-position")[:MESSAGES_TO_REPORT])[::-1]


def open_count(reader: Reader) -> int:
    """How many cases wait for this reader. One query."""
    return Case.objects.visible_to(reader).waiting().count()


@dataclass(frozen=True, slots=True)
class Said:
    """What the post of a case said when it was reported or judged."""

    version: int
    body: str
    html: str
    is_current: bool
    difference: list[tuple[str, str]] = field(default_factory=list)  # to what it says now; never of a conversation


@dataclass(frozen=True, slots=True)
class CasePage:
    case: Case
    reports: list[Report]
    context: list[Post]
    history: list[Decision]
    decisions: list[Decision]
    published: int
    said: list[Said] = field(default_factory=list)
    readings: list[SealedReading] = field(default_factory=list)

    @property
    def shown_although_withdrawn(self) -> int | None:
        """The post whose withdrawn words may be read here: the one that was reported before."""
        subject = self.case.subject
        return subject.post_id if self.reports and subject is not None else None


def case_page(reader: Reader, case_id: int) -> CasePage:
    """A case with its context, and what was reported as it stood then; of a conversation, that alone, and who of the
    team has read it. Eight queries, and what an older version names. Raises Case.DoesNotExist if the reader may not see
    it."""
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
        said = Post.objects.filter(author=person, state=Post.State.PUBLISHED, topic__is_conversation=False)
        published = said.count()
    reports = list(case.reports.select_related("reporter", "rule").order_by("created_at"))
    decisions = list(
        case.decisions.select_related("actor", "rule", "text", "undone_by", "concerned").order_by("made_at")
    )
    return CasePage(
        case=case,
        reports=reports,
        said=_said(case, post, reports, decisions) if post is not None else [],
        context=_around(reader, post) if post is not None else [],
        readings=_readings(case) if post is not None and post.topic.is_conversation else [],
        history=history,
        decisions=decisions,
        published=published,
    )


def _said(case: Case, post: Post, reports: list[Report], decisions: list[Decision]) -> list[Said]:
    """What the post said each time it was reported; of a conversation that was judged, what was judged. What its author
    made of it since is compared, except in private: nobody reported that. One query where it has changed."""
    versions = {report.version or post.version for report in reports}
    is_private = post.topic.is_conversation
    if is_private and case.closed_at is not None:
        versions = {decision.version for decision in decisions if decision.version} or versions
    older = {one.version: one.body for one in post.revisions.filter(version__in=versions)} if versions else {}
    return [
        Said(
            version,
            older.get(version, post.body),
            _as_it_was(post, older[version]) if version in older else post.html,
            is_current=version not in older,
            difference=difference(older[version], post.body) if version in older and not is_private else [],
        )
        for version in sorted(versions)
    ]


def _as_it_was(post: Post, body: str) -> str:
    return rendered_for(post.topic.forum, body, by=post.author, post=post).html


def _around(reader: Reader, post: Post) -> list[Post]:
    """The post with three before and three after it (the last ones for a post without a place); a message of a
    conversation alone: it was reported, the others were not. One query, or none."""
    if post.topic.is_conversation:
        return [post]
    place = post.position or post.topic.last_position + 1
    near = Q(position__range=(max(1, place - CONTEXT_POSTS), place + CONTEXT_POSTS)) | Q(pk=post.pk)
    return list(
        Post.objects.visible_to(reader)
        .filter(near, topic=post.topic_id)
        .select_related("author", "removed_under")
        .order_by(F("position").asc(nulls_last=True))
    )


def file_of_case(reader: Reader, case_id: int, file_id: int) -> tuple[Case, Attachment]:
    """A file of the words that a case shows: those that were reported, and, unless they were written in private or
    withdrawn, what the post says now. Five queries at most. Raises Case.DoesNotExist or Attachment.DoesNotExist."""
    case = Case.objects.visible_to(reader).select_related("subject__post__topic__forum").get(pk=case_id)
    post = case.subject.post if case.subject is not None else None
    if post is None:
        raise Attachment.DoesNotExist
    file = Attachment.objects.filter(post=post, is_stored=True).get(pk=file_id)
    reported = _said(case, post, list(case.reports.all()), list(case.decisions.all()))
    is_open = not post.topic.is_conversation and not post.is_withdrawn
    if not (is_open and file.is_named) and not any(f"/a/{file_id}/" in said.body for said in reported):
        raise Attachment.DoesNotExist
    return case, file


def _readings(case: Case) -> list[SealedReading]:
    """The last times that somebody of the team read the message. One query."""
    return list(case.readings.select_related("reader").order_by("-pk")[:READINGS_SHOWN])


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


# --- My standing: for oneself only. A report appears once it is decided: seen the minute it is made, it would point at
# whoever made it.


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
        .select_related("rule", "subject__post__topic", "undone_by", "appeal")
    )
    page = page_by_key(decisions, by="made_at", size=DECISIONS_PER_PAGE, after=after)
    for decision in page.rows:
        decision.contest = may_appeal(reader, decision, now=timezone.now())  # type: ignore[attr-defined]
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
        said = _("As a newcomer, your first post with a link to a site that nobody has allowed yet is read before.")
        limits.append(Limit(said))
    limits += [
        Limit(_("Slow mode in “%(title)s”.") % {"title": topic.title}, until) for topic, until in slow_topics(reader)
    ]
    return limits


def open_case_about(member: Member) -> StrOrPromise | None:
    """Why the closing of an account waits. One query."""
    if Case.objects.open().filter(_about(member)).exclude(kind=Case.Kind.SIGNUP).exists():
        return gettext_lazy(
            "The team still has something to decide that concerns you: your account closes once it is decided, and you "
            "will read the decision. Until then it stays as it is."
        )
    return None
