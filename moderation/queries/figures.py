"""What is moderated, in figures: by month for everybody, by year in the categories of the law.

The months. A count under three is not published, nor can it be worked out: the running month is not shown, for day by
day it would tell of single people; and what is shown is gone through first as somebody with a pencil would
(`without_what_tells`). Decisions are written once, so the figures of a month that is over stay what they are, computed
each time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.models import Rule
from forums.readers import reader_for
from members.models import Community
from moderation.categories import (
    AGAINST_TERMS,
    COLUMNS,
    COMPLAINTS_ABOUT,
    GROUNDS,
    ILLEGAL,
    OF_NOTICES,
    RESTRICTIONS,
    category_of_notice,
)
from moderation.limits import FEWEST_SHOWN
from moderation.models import Appeal, Category, Decision, Ground, NoticedPlace

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

M = Decision.Measure
ANSWERS = (M.UNDO, M.MAINTAIN, M.CONFIRM, M.LAPSE, M.ANSWER)  # told of as appeals and reversals, or not about anybody


# --- By month, for everybody


@dataclass(frozen=True, slots=True)
class Table:
    """How often, by one thing; a count that is not shown is None."""

    title: StrOrPromise
    counts: Counter[str]

    @property
    def rows(self) -> list[tuple[str, int | None]]:
        """Those that are shown first, the greatest first; the others by name, so that their order tells nothing."""
        shown = [(name, shown_count(count)) for name, count in self.counts.items()]
        return sorted(shown, key=lambda row: (row[1] is None, -(row[1] or 0), row[0]))

    @property
    def shown(self) -> int:
        return sum(count for count in self.counts.values() if count >= FEWEST_SHOWN)

    @property
    def covered(self) -> int:
        """How many of its counts are not shown: each is at least 1 and less than the fewest that are."""
        return sum(1 for count in self.counts.values() if count < FEWEST_SHOWN)

    @property
    def least(self) -> int:
        return self.shown + self.covered

    @property
    def most(self) -> int:
        return self.shown + self.covered * (FEWEST_SHOWN - 1)


def shown_count(count: int) -> int | None:
    return count if count >= FEWEST_SHOWN else None


def without_what_tells(tables: Iterable[Table], *, least: int = FEWEST_SHOWN) -> tuple[list[Table], list[Table]]:
    """The tables that can be shown together, and those that cannot.

    All of them count the same decisions, so each says between what and what their number lies; together they may say
    it so narrowly that a count which is not shown has only one value left. The whole number lies between the greatest
    `least` and the smallest `most`. Of a table, a covered count can still be 1 if the rest leaves room for it, and can
    still be 2 if it leaves room for that; where either is ruled out, the table goes. A table alone always stays.
    """
    kept, gone = list(tables), list[Table]()
    while True:
        fewest = max([least, *(table.least for table in kept)])
        most = min((table.most for table in kept), default=0)
        telling = [
            table
            for table in kept
            if table.covered and (fewest - table.shown >= table.most - table.shown or most <= table.least)
        ]
        if not telling or len(kept) == 1:
            return kept, gone
        worst = max(telling, key=lambda table: table.covered)
        kept.remove(worst)
        gone.append(worst)


@dataclass(frozen=True, slots=True)
class MonthFigures:
    month: date
    tables: list[Table] = field(default_factory=list)
    withheld: list[Table] = field(default_factory=list)
    total: int | None = None
    at_least: int | None = None
    median: timedelta | None = None
    appeals: int | None = None
    reversals: int | None = None
    entries: list[dict[str, str]] = field(default_factory=list)

    @property
    def is_too_few(self) -> bool:
        return not self.tables


def published_months() -> list[date]:
    """The months whose figures are published, the newest first: all that are over, since the first decision. One
    query."""
    first = Decision.objects.aggregate(first=Min("made_at"))["first"]
    if first is None:
        return []
    month, months = _month_of(first), []
    while month < _month_of(timezone.now()):
        months.append(month)
        month = _next(month)
    return months[::-1]


def month_figures(month: date, *, with_entries: bool = False) -> MonthFigures:
    """What was decided in a month that is over. Four queries, two more with single entries."""
    since, until = _span(month, _next(month))
    decided = Decision.objects.filter(made_at__gte=since, made_at__lt=until).exclude(measure__in=ANSWERS)
    grouped = decided.order_by().values("measure", "origin", "ground", "rule").annotate(times=Count("pk"))
    rows = list(grouped)
    titles = _titles()
    wait, appeals, reversals = _waited(since, until)
    common: dict[str, Any] = {
        "month": month,
        "appeals": shown_count(appeals),
        "reversals": shown_count(reversals),
    }
    total = sum(row["times"] for row in rows)
    if total < FEWEST_SHOWN:
        return MonthFigures(**common)
    tables = [
        Table(gettext_lazy("By measure"), _counted(rows, lambda row: str(M(row["measure"]).label))),
        Table(gettext_lazy("By rule or ground of law"), _counted(rows, lambda row: _why(row, titles))),
        Table(
            gettext_lazy("By where it came from"), _counted(rows, lambda row: str(Decision.Origin(row["origin"]).label))
        ),
    ]
    kept, gone = without_what_tells(tables)
    is_exact = any(not table.covered for table in kept)
    return MonthFigures(
        **common,
        tables=kept,
        withheld=gone,
        total=total if is_exact else None,
        at_least=None if is_exact else max(table.least for table in kept),
        median=wait,
        entries=_entries(decided, titles) if with_entries else [],
    )


def _counted(rows: list[Any], name: Any) -> Counter[str]:
    counts: Counter[str] = Counter()
    for row in rows:
        counts[name(row)] += row["times"]
    return counts


def _titles() -> dict[int, str]:
    """The rules as everybody may read them: those of a forum that not everybody sees have no title here. Two
    queries."""
    seen = set(reader_for(None).seen)
    return {
        rule.pk: rule.title if rule.forum_id is None or rule.forum_id in seen else _("a rule of one forum")
        for rule in Rule.objects.all()
    }


def _why(row: Mapping[str, Any], titles: dict[int, str]) -> str:
    if row["ground"]:
        return str(Ground(row["ground"]).label)
    return titles[row["rule"]] if row["rule"] is not None else _("no rule named")


def _entries(decided: QuerySet[Decision], titles: dict[int, str]) -> list[dict[str, str]]:
    """Each decision by itself, without who, when and where: in the order of the words, not of the days. Of forums that
    everybody may see. Two queries."""
    seen = Q(forum=None) | Q(forum__in=reader_for(None).seen)
    rows = decided.filter(seen).values("measure", "origin", "ground", "rule")
    found = [
        {
            "measure": str(M(row["measure"]).label),
            "why": _why(row, titles),
            "origin": str(Decision.Origin(row["origin"]).label),
        }
        for row in rows
    ]
    return sorted(found, key=lambda entry: tuple(entry.values()))


_WAITED = """
SELECT (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM d.made_at - c.opened_at))
        FROM moderation_decision d JOIN moderation_case c ON c.id = d.case_id
        WHERE d.made_at >= %(since)s AND d.made_at < %(until)s AND NOT d.measure = ANY(%(answers)s)
        AND d.made_at >= c.opened_at),  -- a letter that goes on opens its case anew
    (SELECT count(*) FROM moderation_appeal a WHERE a.created_at >= %(since)s AND a.created_at < %(until)s),
    (SELECT count(*) FROM moderation_decision d
     WHERE d.measure = 'undo' AND d.made_at >= %(since)s AND d.made_at < %(until)s)
"""


def _waited(since: datetime, until: datetime) -> tuple[timedelta | None, int, int]:
    """The median time from the opening of a case to its decision, how many appeals came in, how many decisions were
    undone. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_WAITED, {"since": since, "until": until, "answers": [str(measure) for measure in ANSWERS]})
        seconds, appeals, reversals = cursor.fetchone()
    return None if seconds is None else timedelta(seconds=float(seconds)), appeals, reversals


def _month_of(moment: datetime) -> date:
    return timezone.localtime(moment, timezone.get_default_timezone()).date().replace(day=1)


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


def _span(first: date, after: date) -> tuple[datetime, datetime]:
    zone = timezone.get_default_timezone()
    start, end = (datetime(day.year, day.month, day.day, tzinfo=zone) for day in (first, after))
    return start.astimezone(UTC), end.astimezone(UTC)


# --- By year, in the categories of the law

HEAD = (
    "Part", "Applicability", "Service", "Reporting period", "Category", "Section", "Indicator", "Scope", "Value",
    "Contextual information",
)  # fmt: skip
ALL = "All"
HOSTING = "Only for providers of hosting services, including online platforms"
PLATFORMS = "Only for providers of online platforms"
OWN_INITIATIVE = "Number of measures taken at the provider's own initiative"
DETECTED = "Number of measures taken after detection with solely automated means"
LAW = "Number of actions taken on the basis of the law"
TERMS = "Number of actions taken on the basis of the terms and conditions of the service"
SUBMITTED = "Number of complaints submitted to the internal-complaints mechanism"
IN_HOURS = "in hours"
Cell = str | int | float | None
Row = tuple[Cell, ...]


def reported_years(months: list[date]) -> list[int]:
    """The years of these months, the newest first."""
    return sorted({month.year for month in months}, reverse=True)


def transparency_rows(year: int) -> list[Row]:
    """The report of a calendar year, as rows under `HEAD`: parts 1 and 3 to 8 of the templates, each count with the
    part, category and indicator it has there. Four queries, however much was decided."""
    since, until = _span(date(year, 1, 1), date(year + 1, 1, 1))
    community = Community.current()
    names = (str(community.name), f"{year}-01-01/{year}-12-31")
    decided = _decided(since, until)
    noticed = _noticed(since, until)
    rows = [
        *_identified(community, year),
        *_orders(),
        *_notices(noticed, decided),
        *_own("5_own_initiative_illegal", ILLEGAL, [one for one in decided if one["ground"]]),
        *_own("6_own_initiative_TC", AGAINST_TERMS, [one for one in decided if not one["ground"]]),
        *_complaints(since, until),
        *_automated(decided, noticed),
    ]
    return [(part, applies, *names, *rest) for part, applies, *rest in rows]


def _decided(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The decisions of a year, each with its column and category, and the ground of a notice it answers. One query."""
    first = NoticedPlace.objects.filter(case=OuterRef("case")).order_by("pk").values("notice__ground")[:1]
    rows = Decision.objects.filter(made_at__gte=since, made_at__lt=until).annotate(notice=Subquery(first))
    wanted = ("measure", "ground", "origin", "notice", "was_detected_automatically")
    return [_placed(dict(row)) for row in rows.values(*wanted, about=F("rule__category__category"))]


def _placed(row: dict[str, Any]) -> dict[str, Any]:
    row["column"] = RESTRICTIONS[row["measure"]]
    row["category"] = GROUNDS[row["ground"]] if row["ground"] else Category(row["about"] or Category.TERMS)
    return row


def _noticed(since: datetime, until: datetime) -> list[dict[str, Any]]:
    """The places that notices of a year name, and when each was first decided about. One query."""
    decided = Decision.objects.filter(case=OuterRef("case"), made_at__gte=OuterRef("notice__created_at"))
    first = Subquery(decided.order_by("made_at").values("made_at")[:1])
    rows = NoticedPlace.objects.filter(notice__created_at__gte=since, notice__created_at__lt=until)
    wanted = {"ground": F("notice__ground"), "at": F("notice__created_at")}
    return [dict(row) for row in rows.annotate(first=first).values("notice", "first", **wanted)]


def _identified(community: Community, year: int) -> list[Row]:
    said = [
        ("Name of the service provider", str(community.name)),
        ("Date of the publication of the report", timezone.localdate().isoformat()),
        ("Starting date of reporting period", f"{year}-01-01"),
        ("Ending date of reporting period", f"{year}-12-31"),
    ]
    return [("1_report_identification", ALL, None, None, name, None, value, None) for name, value in said]


def _orders() -> list[Row]:
    """Commune records no orders of authorities: whoever received some puts them in."""
    context = "Orders are not recorded by the software; correct this by hand where some were received."
    indicators = ("Number of orders to act against illegal content received", "Number of orders to provide information")
    return [("3_member_states_orders", ALL, "TOTAL", None, name, "TOTAL", 0, context) for name in indicators]


def _notices(noticed: list[dict[str, Any]], decided: list[dict[str, Any]]) -> list[Row]:
    rows: list[Row] = []
    acted = [one for one in decided if one["notice"] and one["column"]]
    for category in (None, *OF_NOTICES):
        mine = [one for one in noticed if category in {None, category_of_notice(one["ground"])}]
        done = [one for one in acted if category in {None, category_of_notice(one["notice"])}]
        waits = [_hours(one["first"] - one["at"]) for one in mine if one["first"] is not None]
        counts: list[tuple[str, Cell, str | None]] = [
            ("Number of notices received", len({one["notice"] for one in mine}), None),
            ("Number of notices received from Trusted flaggers", 0, "Trusted flaggers are not recorded apart."),
            ("Number of specific items of information included in the total number of notices", len(mine), None),
            ("Median time to take action", _median(waits), IN_HOURS),
            (LAW, sum(1 for one in done if one["ground"]), None),
            (TERMS, sum(1 for one in done if not one["ground"]), None),
        ]
        rows += [
            ("4_notices", HOSTING, category or "TOTAL", None, name, None, value, context)
            for name, value, context in counts
        ]
    return rows


def _own(part: str, categories: Sequence[Category], decided: list[dict[str, Any]]) -> list[Row]:
    """Restrictions that no notice asked for; a report by a member under the rules of the place is none."""
    rows: list[Row] = []
    taken = [one for one in decided if one["column"] and not one["notice"]]
    for category in (None, *categories):
        mine = [one for one in taken if category in {None, one["category"]}]
        columns = Counter(one["column"] for one in mine)
        found: list[tuple[str, int]] = [
            (OWN_INITIATIVE, len(mine)),
            (DETECTED, sum(1 for one in mine if one["was_detected_automatically"])),
            *((column, columns[column]) for column in COLUMNS),
        ]
        rows += [(part, ALL, category or "TOTAL", None, name, None, count, None) for name, count in found]
    return rows


def _complaints(since: datetime, until: datetime) -> list[Row]:
    """Appeals that came in during the year, whenever they were decided. One query."""
    answers = Decision.objects.filter(case=OuterRef("case"), measure__in=[M.MAINTAIN, M.UNDO]).order_by("-pk")
    appeals = list(
        Appeal.objects.filter(created_at__gte=since, created_at__lt=until)
        .annotate(answer=Subquery(answers.values("measure")[:1]), answered=Subquery(answers.values("made_at")[:1]))
        .values("answer", "answered", "created_at", measure=F("decision__measure"))
    )
    rows: list[Row] = []
    for indicator in (None, *COMPLAINTS_ABOUT):
        mine = [one for one in appeals if indicator in {None, (RESTRICTIONS[one["measure"]] or "").partition(" ")[0]}]
        waits = [_hours(one["answered"] - one["created_at"]) for one in mine if one["answered"] is not None]
        scopes: list[tuple[str, Cell, str | None]] = [
            ("Total number", len(mine), None),
            ("Decisions upheld", sum(1 for one in mine if one["answer"] == M.MAINTAIN), None),
            ("Decisions partially reversed", 0, None),
            ("Decisions reversed", sum(1 for one in mine if one["answer"] == M.UNDO), None),
            ("Median time", _median(waits), IN_HOURS),
        ]
        rows += [
            (
                "7_appeals_and_recidivism", PLATFORMS if indicator else ALL, None, "Internal complaints mechanism",
                COMPLAINTS_ABOUT[indicator] if indicator else SUBMITTED, scope, value, context,
            )
            for scope, value, context in scopes
        ]  # fmt: skip
    return rows


def _automated(decided: list[dict[str, Any]], noticed: list[dict[str, Any]]) -> list[Row]:
    """Rules hold posts and never decide: every measure is a person's. How right they are is how many of the posts that
    they held were not published as they stood."""
    taken = [one for one in decided if one["column"]]
    own = [one for one in taken if not one["notice"]]
    held = [one for one in decided if one["origin"] == Decision.Origin.HELD and one["was_detected_automatically"]]
    judged = [one for one in held if one["measure"] in {M.APPROVE, M.REFUSE}]
    right = sum(1 for one in judged if one["measure"] == M.REFUSE)
    precision = round(100 * right / len(judged), 2) if judged else None
    error = "" if precision is None else f"; possible error rate {round(100 - precision, 2)} %"
    context = f"Rules only hold posts for a person; of {len(judged)} held ones, {right} were not published{error}."
    solely = "Number of measures solely taken by automated means"
    otherwise = "Number of measures not taken by automated means"
    notices = len({one["notice"] for one in noticed})
    indicators: list[tuple[str, str, str, Cell, str | None]] = [
        (ALL, solely, "Total number", 0, "A person takes every decision."),
        (ALL, otherwise, "Total number", len(taken), None),
        (ALL, solely, "Own-initiative", 0, None),
        (ALL, otherwise, "Own-initiative", len(own), None),
        (ALL, "Accuracy of the automated means - Precision", "Own-initiative", precision, context),
        (HOSTING, "Number of notices solely processed by automated means", "NAM Total", 0, None),
        (HOSTING, "Number of notices not processed by automated means", "NAM Total", notices, None),
    ]
    section = "Use of automated means for content moderation"
    return [("8_automated_means", applies, None, section, *rest) for applies, *rest in indicators]


def _hours(wait: timedelta) -> float:
    return wait.total_seconds() / 3600


def _median(hours: list[float]) -> float | None:
    return round(median(hours), 1) if hours else None
