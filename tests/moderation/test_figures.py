"""What is moderated, in figures: nothing under three can be read or worked out; the year in the law's categories."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import product
from uuid import uuid4

import pytest
from django.utils import timezone

from moderation.actions.cases import report, take_up
from moderation.actions.decisions import Ruling, appeal, decide, undo
from moderation.actions.notices import give_notice
from moderation.categories import COLUMNS, GROUNDS, RESTRICTIONS
from moderation.models import Category, Decision, Ground, RuleCategory, Settings
from moderation.queries.figures import Table, month_figures, published_months, without_what_tells
from moderation.queries.places import Place
from tests.make import (
    held_post,
    make_admin,
    make_community,
    make_forum,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit import clock

pytestmark = pytest.mark.django_db
M = Decision.Measure
OCTOBER = datetime(2025, 10, 10, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _community():
    make_community()


@pytest.fixture
def tom():
    return make_moderator("tom")


@pytest.fixture
def rule():
    return make_rule(title_en="Be kind", title_fr="Soyez aimables")


def hidden(topic, by, rule=None, *, at=OCTOBER, ground="", author=None):
    post = make_reply(topic, by=author) if author else make_reply(topic)
    with clock.at(at):
        case = take_up(post, by=by)
    with clock.at(at + timedelta(hours=2)):
        ruling = Ruling(M.HIDE, rule=rule, ground=ground, why="It is.", facts="Zq private words.", message="I hid it.")
        return decide(case, ruling, by=by)


def kept(topic, by, *, at=OCTOBER):
    post = make_reply(topic)
    with clock.at(at):
        case = report(by=make_member(), post=post).case
    with clock.at(at + timedelta(hours=2)):
        return decide(case, Ruling(M.KEEP), by=by)


# --- The months


def test_public_log_counts_by_month_without_names(client, tom, rule):
    topic, ann = make_topic(), make_member("ann")
    for _ in range(3):
        hidden(topic, tom, rule, author=ann)
    for _ in range(4):
        kept(topic, tom)

    html = client.get("/moderation/log/2025-10/").content.decode()

    for said in ("<td>hidden</td><td", "Be kind", "kept", "the team’s own initiative", "2 hours", "October 2025"):
        assert said in html
    figures = month_figures(date(2025, 10, 1))
    assert [dict(table.rows) for table in figures.tables] == [
        {"kept": 4, "hidden": 3},
        {"no rule named": 4, "Be kind": 3},
        {"a report by a member": 4, "the team’s own initiative": 3},
    ]
    assert (figures.total, figures.median) == (7, timedelta(hours=2))
    for hidden_word in ("Ann", "Zq", "tom", f"/p/{topic.last_post_id}"):
        assert hidden_word not in html.partition("<main")[2].partition("</main")[0]


def test_count_under_three_is_not_told_and_neither_is_the_total(client, tom, rule):
    topic = make_topic()
    for _ in range(2):
        hidden(topic, tom, rule)
    for _ in range(5):
        kept(topic, tom)

    html = client.get("/moderation/log/2025-10/").content.decode().partition("<main")[2]

    assert "fewer than 3" in html
    assert "at least 6" in html
    assert ">7<" not in html
    assert ">2<" not in html


def test_month_of_so_few_tells_nothing_but_that(client, tom, rule):
    hidden(make_topic(), tom, rule)

    html = client.get("/moderation/log/2025-10/").content.decode()

    assert "Fewer than 3 decisions this month" in html
    assert "<table" not in html


def test_table_that_gives_another_away_is_withheld(tom, rule):
    """Six hidden under one rule, two of them by notice: origin alone would tell 4, and the rest the other 2."""
    topic = make_topic()
    for _ in range(4):
        hidden(topic, tom, rule)
    for _ in range(2):
        post = make_reply(topic)
        with clock.at(OCTOBER):
            case = report(by=make_member(), post=post).case
            decide(case, Ruling(M.HIDE, rule=rule, facts="x", message="m"), by=tom)

    figures = month_figures(date(2025, 10, 1))

    assert [str(table.title) for table in figures.withheld] == ["By where it came from"]
    assert figures.total == 6


def _readings(tables):
    """Every number of decisions that tables of these counts could come from, with what each covered count could be."""
    shown = [[count for count in table.counts.values() if count >= 3] for table in tables]
    covered = [table.covered for table in tables]
    found = []
    for guess in product(*(list(product((1, 2), repeat=n)) for n in covered)):
        totals = {sum(kept) + sum(said) for kept, said in zip(shown, guess, strict=True)}
        if len(totals) == 1 and totals.pop() >= 3:
            found.append(guess)
    return found


@pytest.mark.parametrize("seed", range(6))
def test_nothing_covered_has_one_value_left(seed):
    """Somebody with a pencil tries every number that fits all the tables: each covered count stays open."""
    shapes = [c for n in (1, 2, 3) for c in product((1, 2, 3, 5), repeat=n)]
    by_total: dict[int, list[tuple[int, ...]]] = {}
    for counts in shapes:
        by_total.setdefault(sum(counts), []).append(counts)
    for total, same in by_total.items():
        if total < 3:
            continue
        for number, trio in enumerate(product(same[:9], repeat=3)):
            if number % 6 != seed:
                continue
            tables = [Table(str(n), Counter({str(i): c for i, c in enumerate(t)})) for n, t in enumerate(trio)]
            kept, _gone = without_what_tells(tables)
            assert kept
            readings = _readings(kept)
            for at, table in enumerate(kept):
                for cell in range(table.covered):
                    assert {reading[at][cell] for reading in readings} == {1, 2}, trio


def test_running_month_and_months_to_come_are_not_there(client, tom, rule):
    topic = make_topic()
    for _ in range(3):
        hidden(topic, tom, rule, at=timezone.now())
    now = timezone.localtime()

    assert client.get(f"/moderation/log/{now:%Y-%m}/").status_code == 404
    assert client.get("/moderation/log/2031-01/").status_code == 404
    assert client.get("/moderation/log/2025-13/").status_code == 404
    assert "No month is over" in client.get("/moderation/log/").content.decode()


def test_months_without_a_gap_so_that_a_missing_one_says_nothing(tom, rule):
    hidden(make_topic(), tom, rule, at=datetime(2025, 8, 3, tzinfo=UTC))

    months = published_months()

    assert months[-3:] == [date(2025, 10, 1), date(2025, 9, 1), date(2025, 8, 1)]
    assert months[0] == (timezone.localdate().replace(day=1) - timedelta(days=1)).replace(day=1)


def test_appeals_and_reversals_of_a_month(tom, rule):
    topic, other = make_topic(), make_moderator()
    for n in range(4):
        decision = hidden(topic, tom, rule)
        with clock.at(OCTOBER + timedelta(days=5)):
            if n < 3:
                case = appeal(decision, by=decision.concerned, happened="I quoted.", wanted="Show it.").case
                decide(case, Ruling(M.UNDO, message="You are right."), by=other)
            else:
                undo(decision, by=tom, reason="I was wrong.")

    figures = month_figures(date(2025, 10, 1))

    assert (figures.appeals, figures.reversals, figures.total) == (3, 4, 4)
    assert month_figures(date(2025, 11, 1)).appeals is None


def test_single_entries_are_off_until_the_admin_publishes_them_and_never_lead_to_a_post(client, tom, rule):
    topic, sealed = make_topic(), make_topic(make_forum(audience="team"), by=tom)
    secret_rule = make_rule(sealed.forum, title_en="Zqsealed")
    for _ in range(3):
        hidden(topic, tom, rule)
        hidden(sealed, tom, secret_rule, author=make_moderator())
    assert "One by one" not in client.get("/moderation/log/2025-10/").content.decode()

    Settings.objects.create(pk=1, publishes_entries=True)

    html = client.get("/moderation/log/2025-10/").content.decode().partition("<main")[2].partition("</main")[0]
    entries = html.partition("One by one")[2]
    assert entries.count("<tr><td>hidden</td>") == 3  # of what everybody may see
    assert "/p/" not in html
    assert "/decision/" not in html
    assert "Zqsealed" not in html
    assert "a rule of one forum" in html


@pytest.mark.parametrize("many", [3, 12])
def test_month_costs_the_same_however_much_was_decided(client, many, tom, rule, django_assert_max_num_queries):
    Settings.objects.create(pk=1, publishes_entries=True)
    topic = make_topic()
    for _ in range(many):
        hidden(topic, tom, rule)

    with django_assert_max_num_queries(11):
        client.get("/moderation/log/2025-10/")


def test_team_keeps_its_log_with_names(client, tom, rule):
    decision = hidden(make_topic(), tom, rule, author=make_member("ann"))
    client.force_login(tom)

    html = client.get("/moderation/log/").content.decode()

    assert f'<li id="decision-{decision.pk}">' in html
    assert "Ann" in html


# --- The year, in the categories of the law


def test_every_measure_and_ground_has_its_place_in_the_law():
    assert set(M.values) == set(RESTRICTIONS)
    assert {column for column in RESTRICTIONS.values() if column} <= set(COLUMNS)
    assert set(GROUNDS) == set(Ground.values)
    assert {measure for measure in Decision.RESTRICTING if RESTRICTIONS[measure] is None} == {M.WARN, M.DECLINE}


def report_of(client, year=2025):
    response = client.get(f"/moderation/transparency/{year}.csv")
    assert response.status_code == 200
    assert response["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def value(rows, part, indicator, *, category="TOTAL", scope=""):
    (row,) = [
        row
        for row in rows
        if row["Part"].startswith(part)
        and (row["Indicator"], row["Category"], row["Scope"]) == (indicator, category, scope)
    ]
    return row["Value"]


OWN = "Number of measures taken at the provider's own initiative"
DISABLED = "Visibility restriction Disable"


def test_own_initiative_by_law_and_by_rule_with_what_was_restricted(client, tom, rule):
    RuleCategory.objects.create(rule=rule, category=Category.CYBER_VIOLENCE)
    other, topic = make_rule(), make_topic()
    hidden(topic, tom, rule)
    hidden(topic, tom, other)
    hidden(topic, tom, ground=Ground.HATE)
    kept(topic, tom)
    hidden(topic, tom, rule, at=datetime(2024, 10, 1, tzinfo=UTC))
    client.force_login(tom)

    rows = report_of(client)

    assert value(rows, "6", OWN) == "2"
    assert value(rows, "6", OWN, category=Category.CYBER_VIOLENCE) == "1"
    assert value(rows, "6", DISABLED, category=Category.TERMS) == "1"
    assert value(rows, "5", OWN) == "1"
    assert value(rows, "5", DISABLED, category=Category.SPEECH) == "1"
    assert value(rows, "5", "Account restriction Suspension") == "0"
    assert value(rows, "3", "Number of orders to provide information", scope="TOTAL") == "0"
    assert {row["Reporting period"] for row in rows} == {"2025-01-01/2025-12-31"}


def test_notices_and_what_was_done_about_them(client, tom, rule):
    topic = make_topic()
    said = {"explanation": "x", "language": "en", "name": "A", "email": "a@example.net"}
    for hours, ground in ((3, Ground.RIGHTS), (7, Ground.OTHER), (0, Ground.FRAUD)):
        post = make_reply(topic)
        with clock.at(OCTOBER):
            notice = give_notice(key=uuid4(), places=[Place(f"/p/{post.pk}/", post=post)], ground=ground, **said)
        if hours:
            ruling = Ruling(M.HIDE, ground=ground, why="It is.", facts="x", message="m")
            with clock.at(OCTOBER + timedelta(hours=hours)):
                decide(notice.places.get().case, ruling, by=tom)
    client.force_login(tom)

    rows = report_of(client)

    assert value(rows, "4", "Number of notices received") == "3"
    assert value(rows, "4", "Number of notices received", category=Category.RIGHTS) == "1"
    assert value(rows, "4", "Number of notices received", category=Category.UNSPECIFIED_NOTICE) == "1"
    assert value(rows, "4", "Number of notices received from Trusted flaggers") == "0"
    assert value(rows, "4", "Median time to take action") == "5.0"
    assert value(rows, "4", "Median time to take action", category=Category.FRAUD) == ""
    assert value(rows, "4", "Number of actions taken on the basis of the law") == "2"
    assert value(rows, "5", OWN) == "0"  # not on our own initiative: a notice asked


def test_complaints_and_how_right_the_rules_were(client, tom, rule):
    topic, aicha = make_topic(), make_moderator("aicha")
    for measure in (M.MAINTAIN, M.UNDO):
        decision = hidden(topic, tom, rule)
        with clock.at(OCTOBER + timedelta(days=1)):
            case = appeal(decision, by=decision.concerned, happened="I quoted.", wanted="Show it.").case
        with clock.at(OCTOBER + timedelta(days=1, hours=6)):
            decide(case, Ruling(measure, message="So."), by=aicha)
    for measure in (M.APPROVE, M.REFUSE, M.REFUSE, M.REFUSE):
        with clock.at(OCTOBER):
            case = held_post(topic).subject.cases.get()
            decide(case, Ruling(measure, rule=rule, facts="x"), by=tom)
    client.force_login(tom)

    rows = report_of(client)

    submitted = "Number of complaints submitted to the internal-complaints mechanism"
    assert [
        value(rows, "7", submitted, category="", scope=scope) for scope in ("Total number", "Decisions upheld")
    ] == [
        "2",
        "1",
    ]
    assert value(rows, "7", submitted, category="", scope="Decisions reversed") == "1"
    assert value(rows, "7", submitted, category="", scope="Median time") == "6.0"
    precision = "Accuracy of the automated means - Precision"
    assert value(rows, "8", precision, category="", scope="Own-initiative") == "75.0"
    solely = "Number of measures solely taken by automated means"
    assert value(rows, "8", solely, category="", scope="Total number") == "0"
    assert value(rows, "6", "Number of measures taken after detection with solely automated means") == "3"


@pytest.mark.parametrize(
    ("who", "status"),
    [("visitor", 403), ("member", 403), ("moderator of a forum", 403), ("moderator", 200), ("admin", 200)],
)
def test_report_is_for_the_team_of_the_whole_until_it_is_published(client, who, status):
    make = {
        "member": make_member,
        "moderator of a forum": lambda: make_moderator(forum=make_forum()),
        "moderator": make_moderator,
        "admin": make_admin,
    }
    if who in make:
        client.force_login(make[who]())
    assert client.get("/moderation/transparency/2025.csv").status_code == status

    Settings.objects.create(pk=1, publishes_figures=True)

    assert client.get("/moderation/transparency/2025.csv").status_code == 200
    assert client.get(f"/moderation/transparency/{timezone.localtime().year}.csv").status_code == status
    assert client.get("/moderation/transparency/2099.csv").status_code == 404


def test_published_report_of_a_past_year_is_linked_from_the_log(client, tom, rule):
    hidden(make_topic(), tom, rule)
    assert "/moderation/transparency/" not in client.get("/moderation/log/").content.decode()

    Settings.objects.create(pk=1, publishes_figures=True)

    html = client.get("/moderation/log/").content.decode()
    assert "/moderation/transparency/2025.csv" in html
    assert f"/moderation/transparency/{timezone.localtime().year}.csv" not in html


def test_name_that_a_spreadsheet_would_run_is_harmless(client, tom):
    make_community(name_en="=HYPERLINK(1)", name_fr="=HYPERLINK(1)")
    client.force_login(tom)

    assert {row["Service"] for row in report_of(client)} == {"'=HYPERLINK(1)"}


@pytest.mark.parametrize("many", [1, 9])
def test_report_costs_the_same_however_much_was_decided(client, many, tom, rule, django_assert_max_num_queries):
    topic = make_topic()
    for _ in range(many):
        hidden(topic, tom, rule)
    client.force_login(tom)

    with django_assert_max_num_queries(7):  # session, member, reader; community, decisions, notices, appeals
        report_of(client)


def test_settings_and_categories_are_set_in_the_administration(admin_client, rule):
    assert admin_client.get("/admin/moderation/settings/add/").status_code == 200
    said = {"publishes_entries": "on", "covered_words": "x"}
    assert admin_client.post("/admin/moderation/settings/add/", said).status_code == 302
    assert Settings.current().publishes_entries
    assert admin_client.get("/admin/moderation/settings/add/").status_code == 403
    said = {"rule": rule.pk, "category": Category.SPEECH}
    assert admin_client.post("/admin/moderation/rulecategory/add/", said).status_code == 302
