"""A statement of reasons for each measure, ground and language, as a lawyer could read it: files in `golden`.

To write them anew after a change of wording: `COMMUNE_GOLDEN=write`, then read the difference.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone, translation

from forums.models import Forum, Post, Rule, Topic
from members.models import Community, Member
from moderation.models import Case, Decision, DecisionText, Ground, Subject
from moderation.wording import draft_for, statement_of
from tests.make import make_community

pytestmark = pytest.mark.django_db
GOLDEN = Path(__file__).parent / "golden"
M = Decision.Measure
ENDS = datetime(2026, 12, 24, 18, 0, tzinfo=UTC)
FACTS = {
    "fr": "Vous avez écrit « espèce d’incapable » à un autre membre.",
    "en": "You wrote “you useless man” to a member.",
}
WHY = {
    "fr": "Ces mots visent une personne et non ce qu’elle a fait.",
    "en": "These words are about a person, not about what they did.",
}
# What Article 17(3) of Regulation (EU) 2022/2065 asks for, by the name of the point that says it.
POINTS = {
    "en": {
        "(a) the measure": "Measure",
        "(a) what it covers": "What it covers",
        "(a) territory": "Where it holds",
        "(a) duration": "For how long",
        "(b) facts": "Facts",
        "(b) notice or own initiative": "Where it came from",
        "(c) automated means": "Automatic means",
        "(d), (e) ground": ("Ground", "Ground of law"),
        "(d), (e) why": "Why",
        "(f) redress": "What you can do",
    },
    "fr": {
        "(a) the measure": "Mesure",
        "(a) what it covers": "Ce qu’elle vise",
        "(a) territory": "Où elle vaut",
        "(a) duration": "Durée",
        "(b) facts": "Faits",
        "(b) notice or own initiative": "Origine",
        "(c) automated means": "Moyens automatiques",
        "(d), (e) ground": ("Fondement", "Fondement légal"),
        "(d), (e) why": "Pourquoi",
        "(f) redress": "Ce que vous pouvez faire",
    },
}


def made(measure: str, ground: str, language: str) -> tuple[Case, Decision]:
    """A decision that is in no database, as complete as a real one."""
    member = Member(pk=7, username="ann", name="Ann Fisher", language=language, state=Member.State.ACTIVE)
    topic = Topic(pk=3, title="Glue or screws?", author=member, forum=Forum(pk=2, slug="wood"))
    about_topic = measure in {M.CLOSE, M.SLOW}
    subject = Subject(pk=5, topic=topic) if about_topic else Subject(pk=5, post=Post(pk=9, topic=topic, author=member))
    if measure in {M.HOLD, M.SUSPEND, M.EXCLUDE, M.WARN, M.BLOCK}:
        subject = Subject(pk=5, member=member)
    rule = Rule(
        pk=1, title_fr="On critique l’objet, pas la personne", title_en="Criticise the object, not the person",
        text_fr="Dites ce qui ne va pas dans la réparation.", text_en="Say what is wrong with the repair.",
    )  # fmt: skip
    needs_end = measure in {M.SLOW, M.HOLD, M.SUSPEND, M.BLOCK}
    second = measure in {M.EXCLUDE, M.SWEEP}
    decision = Decision(
        pk=1, measure=measure, subject=subject, concerned=member, actor=Member(pk=8, username="tom", name="Tom Okafor"),
        rule=None if ground else rule, ground=ground,
        origin=Decision.Origin.NOTICE if ground else Decision.Origin.REPORT,
        was_detected_automatically=measure in {M.RETURN, M.REFUSE}, made_at=datetime(2026, 11, 25, 9, 30, tzinfo=UTC),
        until=ENDS if needs_end else None,
        provisional_until=datetime(2026, 11, 28, 9, 30, tzinfo=UTC) if second else None,
        after={"hidden": [1, 2, 3], "value": "spam.example"},
    )  # fmt: skip
    case = Case(pk=1, kind=Case.Kind.REPORT, subject=subject)
    message = draft_for(
        case, measure, by=decision.actor, rule=decision.rule, ground=ground, facts=FACTS[language], until=decision.until
    )
    decision.text = DecisionText(
        facts=FACTS[language], why=WHY[language], message=message or "Dites d’où vient la photo."
    )
    return case, decision


def as_text(measure: str, language: str) -> str:
    parts = []
    for ground in ("", *Ground.values):
        _case, decision = made(measure, ground, language)
        statement = statement_of(decision, language=language)
        with translation.override(language):
            title = f"{decision.get_measure_display()} / {Ground(ground).label if ground else decision.rule.title}"  # type: ignore[union-attr]
        lines = [f"=== {title}", "", statement.message, f"— {statement.signature}", ""]
        lines += [f"{name}: {value}" for name, value in statement.points]
        parts.append("\n".join(lines))
    return "\n\n\n".join(parts) + "\n"


MEASURES = sorted(Decision.REASONED)


@pytest.fixture(autouse=True)
def _community() -> Any:
    make_community()
    with timezone.override("Europe/Paris"):
        yield


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("measure", MEASURES)
def test_statement_reads_as_agreed(measure: str, language: str) -> None:
    path, text = GOLDEN / f"{measure}.{language}.txt", as_text(measure, language)
    if os.environ.get("COMMUNE_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")

    assert path.read_text(encoding="utf-8") == text


def test_no_golden_file_is_left_over() -> None:
    assert {path.name for path in GOLDEN.iterdir()} == {f"{m}.{lang}.txt" for m in MEASURES for lang in ("fr", "en")}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("measure", MEASURES)
def test_no_point_of_article_17_is_missing(measure: str, language: str) -> None:
    for ground in ("", *Ground.values):
        points = dict(statement_of(made(measure, ground, language)[1], language=language).points)
        for asked, name in POINTS[language].items():
            names = name if isinstance(name, tuple) else (name,)
            assert any(points.get(one, "").strip() for one in names), (asked, ground)


@pytest.mark.parametrize("measure", MEASURES)
def test_statement_begins_with_somebody_who_says_i_and_never_we(measure: str) -> None:
    french, english = (statement_of(made(measure, "", lang)[1], language=lang) for lang in ("fr", "en"))

    assert french.signature == "Tom Okafor, pour la modération"
    assert english.signature == "Tom Okafor, for the moderation"
    for words in (french.message.lower(), english.message.lower()):
        assert not {"nous", "we", "our", "notre"} & set(words.replace("’", " ").split()), words


def test_settlement_bodies_are_named_only_where_they_are_owed() -> None:
    said = dict(statement_of(made(M.HIDE, "", "en")[1], language="en").points)["What you can do"]
    assert "certified body" not in said
    community = Community.current()
    community.has_settlement_bodies = True
    community.save()

    said = dict(statement_of(made(M.HIDE, "", "en")[1], language="en").points)["What you can do"]

    assert "certified body" in said
