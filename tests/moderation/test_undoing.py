"""Any sequence of decisions, undone in reverse, gives back the same rows, counters, search results and trust."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from forums.models import Forum, Post, Topic
from forums.queries.counters import drift
from forums.queries.search.find import search
from forums.queries.standing import trust_of
from forums.readers import reader_for
from members.models import Member, SignupBlock
from moderation.actions.cases import open_application, take_up
from moderation.actions.decisions import Ruling, decide, undo
from moderation.models import Case, Decision
from moderation.policies import measures_for
from moderation.queries.settings import offered_measures
from tests.make import (
    held_post,
    make_community,
    make_forum,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
M = Decision.Measure
RUNS = 40 if os.environ.get("COMMUNE_TEST_LONG") else 3
STEPS = 9
# An undone edit is a further version with the old words, and what came back into a forum is fresh there.
MAY_DIFFER = {"version", "edited_at", "fresh_at"}
KINDS: tuple[type[Model], ...] = (Post, Topic, Forum, Member)
FINAL = {M.APPROVE, M.ANSWER, M.MAINTAIN, M.HAND_OVER, M.RETURN, M.ASK_EDIT}  # published, said: not taken back


def world() -> dict[str, Any]:
    make_community()
    here, there = make_forum(), make_forum()
    ann, ben = make_member("ann"), make_member("ben", trust="newcomer")
    topics = [make_topic(here, by=ann, title="Glue"), make_topic(here, by=ben, title="Screws")]
    for number in range(3):
        make_reply(topics[number % 2], by=ann, body=f"Whistling kettle number {number}")
        make_reply(topics[number % 2], by=ben, body=f"Whistling toaster number {number}")
    held = held_post(topics[0], by=make_newcomer())
    guest = make_member(state=Member.State.APPLYING)
    open_application(guest)
    return {
        "people": [ann, ben, held.author], "topics": topics, "there": there, "guest": guest, "rule": make_rule(),
        "moderators": [make_moderator(), make_moderator()],
    }  # fmt: skip


def state(place: dict[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for kind in KINDS:
        for row in kind._default_manager.order_by("pk").values():
            said[f"{kind.__name__} {row['id']}"] = {k: v for k, v in row.items() if k not in MAY_DIFFER}
    reader = reader_for(place["moderators"][0])
    said["found"] = sorted(hit.post.pk for hit in search(reader, "whistling").hits)
    said["trust"] = [trust_of(Member.objects.get(pk=person.pk)) for person in place["people"]]
    said["blocks"] = list(SignupBlock.objects.current().values_list("kind", "value"))
    said["drift"] = drift()
    return said


def differences(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """What is not as it was; of a row the columns alone."""
    said = {}
    for key, now in after.items():
        then = before[key]
        if now != then and isinstance(now, dict):
            said[key] = {name: (then[name], value) for name, value in now.items() if value != then[name]}
        elif now != then:
            said[key] = (then, now)
    return said


def a_case(place: dict[str, Any], dice: random.Random, by: Member) -> Case:
    """Something to decide: what waits, or a post, a topic or a member taken up."""
    waiting = list(Case.objects.open().exclude(kind=Case.Kind.CONFIRM).order_by("pk"))
    if waiting and dice.random() < 0.4:
        return dice.choice(waiting)
    about = dice.choice(["post", "post", "topic", "member"])
    if about == "post":
        return take_up(dice.choice(list(Post.objects.exclude(position=None).order_by("pk"))), by=by)
    if about == "topic":
        return take_up(topic=dice.choice(place["topics"]), by=by)
    return take_up(member=dice.choice(place["people"]), by=by)


def a_ruling(place: dict[str, Any], dice: random.Random, case: Case, by: Member) -> Ruling:
    fits = [m for m in measures_for(case, reader_for(by), offered_measures()) if m not in FINAL]
    post = case.subject.post if case.subject is not None else None
    return Ruling(
        dice.choice(fits), rule=place["rule"], facts="What was done.", message="I did it.",
        until=timezone.now() + timedelta(days=dice.choice([1, 5, 20])), pause=600, into=place["there"],
        body="Other words",
        version=post.version if post is not None else 0, block_kind="domain", block_value=f"s{dice.random()}.example",
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(RUNS))
def test_any_sequence_undone_in_reverse_gives_back_everything(seed: int) -> None:
    dice = random.Random(seed)  # noqa: S311
    place = world()
    before, taken = state(place), []
    for _ in range(STEPS * 3):
        by = dice.choice(place["moderators"])
        try:
            case = a_case(place, dice, by)
            taken.append(decide(case, a_ruling(place, dice, case, by), by=by))
        except Refused:  # what was removed cannot be removed again, and so on: the dice are thrown again
            continue
        if len(taken) == STEPS:
            break
    assert len(taken) >= STEPS // 2, "too few decisions to say anything"
    assert drift() == []
    assert {k: v for k, v in state(place).items() if v != before[k]}, "nothing was changed"

    for decision in reversed(taken):
        undo(Decision.objects.get(pk=decision.pk), by=dice.choice(place["moderators"]), reason="The test says so.")

    assert differences(before, state(place)) == {}
