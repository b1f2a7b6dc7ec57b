"""What helps to decide alike: how often reporters were right, and what was decided before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.contrib.postgres.search import SearchQueryField, SearchRank
from django.db import connection
from django.db.models import Case as When
from django.db.models import Count, Exists, F, FloatField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models import When as If
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone

from forums.models import Rule
from forums.readers import Reader
from moderation.limits import RECORD_DAYS
from moderation.models import Case, Decision, Report

PRECEDENTS_SHOWN = 5
PRECEDENTS_READ = 1500  # the latest decisions among which the most similar are looked for
TELLING_WORDS = 20
KINDS = (Case.Kind.REPORT, Case.Kind.HELD, Case.Kind.NOTICE)
NOTHING_DONE = (Decision.Measure.KEEP, Decision.Measure.THANK)

# What is said most often, then what is longest; without numbers, short words and the stop words of either language.
_TELLING = """
SELECT string_agg('(' || commune_term(word, false)::text || ')', ' | ') FROM (
SELECT word FROM unnest(to_tsvector('simple', %s)) AS said (word, positions, weights)
WHERE length(word) BETWEEN 3 AND 40 AND word ~ '^[^[:digit:][:punct:][:space:]]+$'
  AND to_tsvector('french', word) <> '' AND to_tsvector('english', word) <> ''
ORDER BY cardinality(positions) DESC, length(word) DESC, word LIMIT %s
) telling
"""


def add_records(reader: Reader, case: Case, reports: Sequence[Report]) -> None:
    """Give each report of a case `followed` and `made`: how many reports of the last year by whoever wrote it, of
    what this reader may see and is closed, were followed by a measure that was not undone. This case does not count,
    and nothing is ordered by it. One query, or none."""
    if not reports:
        return
    standing = Decision.objects.filter(undoes=None, undone_by=None).exclude(measure__in=NOTHING_DONE)
    done = standing.filter(case=OuterRef("case"), made_at__gte=OuterRef("created_at"))
    closed = Case.objects.visible_to(reader).filter(closed_at__isnull=False).exclude(pk=case.pk)
    rows = (
        Report.objects.filter(case__in=closed)
        .filter(reporter__in=[one.reporter_id for one in reports])
        .filter(created_at__gt=timezone.now() - timedelta(days=RECORD_DAYS))
        .order_by()
        .values_list("reporter")
        .annotate(made=Count("pk"), followed=Count("pk", filter=Q(Exists(done))))
    )
    found = {reporter: (made, followed) for reporter, made, followed in rows}
    for report in reports:
        report.made, report.followed = found.get(report.reporter_id, (0, 0))  # type: ignore[attr-defined]


def rules_named(reports: Iterable[Report]) -> list[Rule]:
    """The rules that the reports of a case name, each once, in the order of the reports. No query."""
    return list({report.rule_id: report.rule for report in reports if report.rule is not None}.values())


def precedents_of(
    reader: Reader, case: Case, reports: Sequence[Report], decisions: Sequence[Decision] = ()
) -> list[Decision]:
    """The five decisions most like this case, of those that this reader may read: by the twenty most telling words of
    its reports, its facts and its post, looked up in the facts, reports and posts of the others, and by the rule that
    was named. What was said in a conversation is never one, nor what was undone or belongs to another decision.

    Two queries, or none for what is about no words. The scan is bounded: of the latest 1,500 decisions only, by vectors
    that stand in the rows (generated columns, the post's index). Measured with 20,000 decisions, each with a report and
    a post: 0.12 s on two busy cores, whatever their number beyond 1,500.
    """
    post = case.subject.post if case.subject is not None else None
    if case.kind not in KINDS or case.subject is None:
        return []
    rules = rules_named(reports)
    said = [report.words for report in reports]
    said += [decision.text.facts for decision in decisions]
    said += [str(rule.title) for rule in rules]
    said += [post.body if post is not None else case.subject.topic.title if case.subject.topic is not None else ""]
    query = Cast(Value(_telling(" \n ".join(said))), SearchQueryField())
    in_reports = (
        Report.objects.filter(case=OuterRef("case"))
        .order_by()
        .values("case")
        .annotate(most=Max(SearchRank(F("lexemes"), query)))
        .values("most")
    )
    latest = _decided(reader).exclude(case=case.pk).order_by("-made_at", "-pk").values("pk")[:PRECEDENTS_READ]
    likeness = (
        _or_nothing(SearchRank(F("text__lexemes"), query))
        + _or_nothing(SearchRank(F("case__subject__post__index__words"), query))
        + _or_nothing(Subquery(in_reports))
        + When(If(rule__in=rules, then=Value(0.05)), default=Value(0.0), output_field=FloatField())
    )
    found = Decision.objects.filter(pk__in=latest).annotate(likeness=likeness).select_related("rule", "text")
    most = found.order_by("-likeness", "-made_at", "-pk")[:PRECEDENTS_SHOWN]
    return [one for one in most if vars(one)["likeness"] > 0]  # in SQL, it would be worked out twice


def _decided(reader: Reader) -> QuerySet[Decision]:
    public = Q(case__subject__post=None) | Q(case__subject__post__topic__is_conversation=False)
    decided = Decision.objects.visible_to(reader).filter(case__kind__in=KINDS, case__closed_at__isnull=False)
    return decided.filter(public, undoes=None, undone_by=None, together_with=None)


def _or_nothing(rank: SearchRank | Subquery) -> Coalesce:
    return Coalesce(rank, Value(0.0), output_field=FloatField())


def _telling(said: str) -> str:
    """The search for any of the most telling words of a text, as PostgreSQL writes it; empty where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_TELLING, [said, TELLING_WORDS])
        return cursor.fetchone()[0] or ""
