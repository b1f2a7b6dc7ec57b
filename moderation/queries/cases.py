"""The queue, and a case with all that one needs to decide."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case as When
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models import When as If
from django.db.models.functions import Coalesce
from django.utils import timezone

from forums.actions.rendering import rendered_for
from forums.models import Attachment, Post, Topic
from forums.readers import Reader
from moderation.limits import MESSAGES_TO_REPORT, REPORTS_THAT_HASTEN
from moderation.models import (
    Case,
    CaseQuerySet,
    Decision,
    Ground,
    LetterMessage,
    NoticedPlace,
    Opinion,
    ReplyTemplate,
    Report,
    SealedReading,
)
from moderation.queries.letters import exchange_in
from moderation.queries.settings import reply_templates
from toolkit.text import difference

QUEUE_LENGTH = 100
CONTEXT_POSTS = 3
READINGS_SHOWN = 20

_SHOWN = (
    "subject__post__topic__forum", "subject__post__author", "subject__topic__forum", "subject__topic__author",
    "subject__member", "claimed_by", "letter", "appeal__decision__actor", "appeal__member",
    "claim__placeholder", "confirmation__decision__actor", "confirmation__decision__rule",
    "confirmation__decision__text", "appeal__notice",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which cases of the queue are asked for; nothing: all that wait."""

    kind: str = ""
    lane: str = Case.Lane.MAIN
    forum: int | None = None
    who: str = ""  # "nobody" is on it, "me", or "later": what was put off

    @property
    def is_everything(self) -> bool:
        return not self.kind and self.forum is None and not self.who


def queue(reader: Reader, wanted: Wanted = Wanted()) -> list[Case]:
    """What waits in a lane, the most urgent first: by band; in a band what many report or give notice of, then the
    oldest. Each with `report_count`, `notice_count`, of the first notice `notice_ground` and `notice_words`, and
    `is_opinion_asked`: of this reader; and `all_here` and `all_outside`, how many of this choice and of the other lane
    there are. One query."""
    first = NoticedPlace.objects.filter(case=OuterRef("pk")).order_by("pk")
    cases = _wanted(reader, wanted).select_related(*_SHOWN)
    outside = Case.objects.visible_to(reader).waiting().filter(lane=Case.Lane.OUTSIDE).order_by().values("lane")
    cases = cases.annotate(
        report_count=_counted(Report.objects.filter(case=OuterRef("pk")), "reporter"),
        notice_count=_counted(NoticedPlace.objects.filter(case=OuterRef("pk")), "notice"),
        member_notices=_counted(NoticedPlace.objects.filter(case=OuterRef("pk"), notice__member__gt=0), "notice"),
        notice_words=Subquery(first.values("notice__explanation")[:1]),
        ground=Subquery(first.values("notice__ground")[:1]),
        all_here=Window(Count("pk")),
        all_outside=Coalesce(Subquery(outside.annotate(n=Count("pk")).values("n")), 0),
        is_opinion_asked=Exists(Opinion.objects.open().filter(case=OuterRef("pk"), member=reader.member_id or 0)),
    ).annotate(voices=F("report_count") + F("member_notices"))
    hasty = When(If(voices__gte=REPORTS_THAT_HASTEN, then=Value(0)), default=Value(1))
    found = list(cases.order_by("band", hasty, "opened_at", "pk")[:QUEUE_LENGTH])
    for case in found:
        ground = vars(case)["ground"]
        case.notice_ground = str(Ground(ground).label) if ground else ""  # type: ignore[attr-defined]
    return found


def _wanted(reader: Reader, wanted: Wanted) -> CaseQuerySet:
    cases = Case.objects.visible_to(reader).filter(lane=wanted.lane)
    if wanted.who == "later":
        cases = cases.open().exclude(pk__in=Case.objects.waiting().values("pk"))
    else:
        cases = cases.waiting()
    if wanted.who == "me":
        cases = cases.filter(claimed_by=reader.member_id, claimed_until__gt=timezone.now())
    elif wanted.who == "nobody":
        cases = cases.filter(Q(claimed_until=None) | Q(claimed_until__lte=timezone.now()))
    if wanted.kind:
        cases = cases.filter(kind=wanted.kind)
    if wanted.forum is not None:
        cases = cases.filter(Q(subject__post__topic__forum=wanted.forum) | Q(subject__topic__forum=wanted.forum))
    return cases


def who_is_on_what(reader: Reader) -> dict[int, str | None]:
    """Every case that waits for this reader, with the name of whoever is on it. One query."""
    rows = Case.objects.visible_to(reader).waiting().select_related("claimed_by").order_by("pk")
    return {
        case.pk: case.claimed_by.shown_name if case.is_claimed and case.claimed_by is not None else None
        for case in rows
    }


def cases_of_batch(reader: Reader, ids: Iterable[int]) -> list[Case]:
    """Those of these cases that are open and that this reader may see, in the order of the queue. One query."""
    cases = Case.objects.visible_to(reader).open().filter(pk__in=list(ids)).select_related(*_SHOWN)
    return list(cases.order_by("band", "opened_at", "pk"))


def _counted(rows: QuerySet[Any], voice: str) -> Coalesce:
    """How many different voices there are among rows of one case."""
    counted = rows.order_by().values("case").annotate(n=Count(voice, distinct=True)).values("n")
    return Coalesce(Subquery(counted), 0)


def messages_to_report(reader: Reader, topic: Topic) -> list[Post]:
    """The last messages of others in a conversation in which this reader sits, as they came. One query."""
    posts = Post.objects.reachable_by(reader).with_words_for(reader).published()
    posts = posts.filter(topic=topic).exclude(author=reader.member_id).select_related("author", "topic")
    return list(posts.order_by("-position")[:MESSAGES_TO_REPORT])[::-1]


def open_counts(reader: Reader) -> dict[str, int]:
    """How many cases wait for this reader, by lane. One query."""
    cases = Case.objects.visible_to(reader).waiting().order_by().values_list("lane")
    return {str(lane): 0 for lane in Case.Lane} | dict(cases.annotate(n=Count("pk")))


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
    noticed: list[NoticedPlace] = field(default_factory=list)
    readings: list[SealedReading] = field(default_factory=list)
    templates: list[ReplyTemplate] = field(default_factory=list)
    exchange: list[LetterMessage] = field(default_factory=list)  # of a letter, after its first message

    @property
    def shown_although_withdrawn(self) -> int | None:
        """The post whose withdrawn words may be read here: the one that was reported before."""
        subject = self.case.subject
        return subject.post_id if (self.reports or self.noticed) and subject is not None else None


def case_page(reader: Reader, case_id: int) -> CasePage:
    """A case with its context, and what was reported as it stood then; of a conversation, that alone, and who of the
    team has read it; of a letter, what was written since. Nine queries, one more for a letter, and what an older
    version names. Raises Case.DoesNotExist if the reader may not see it."""
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
    noticed = list(case.noticed.select_related("notice__member").order_by("pk"))
    return CasePage(
        case=case,
        reports=reports,
        noticed=noticed,
        said=_said(case, post, [*reports, *noticed], decisions) if post is not None else [],
        context=_around(reader, post) if post is not None else [],
        readings=_readings(case) if post is not None and post.topic.is_conversation else [],
        history=history,
        decisions=decisions,
        published=published,
        templates=reply_templates() if case.closed_at is None else [],
        exchange=exchange_in(case),
    )


def _said(
    case: Case, post: Post, reports: Sequence[Report | NoticedPlace], decisions: Sequence[Decision]
) -> list[Said]:
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
    reported = _said(case, post, [*case.reports.all(), *case.noticed.all()], list(case.decisions.all()))
    is_open = not post.topic.is_conversation and not post.is_withdrawn
    if not (is_open and file.is_named) and not any(f"/a/{file_id}/" in said.body for said in reported):
        raise Attachment.DoesNotExist
    return case, file


def _readings(case: Case) -> list[SealedReading]:
    """The last times that somebody of the team read the message. One query."""
    return list(case.readings.select_related("reader").order_by("-pk")[:READINGS_SHOWN])
