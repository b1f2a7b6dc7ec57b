from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connections
from django.utils import timezone

from forums.models import Forum, Post, Topic
from forums.queries.counters import drift
from forums.readers import reader_for
from moderation.actions.cases import claim, report
from moderation.actions.decisions import Ruling, decide
from moderation.models import Case, Decision, DecisionText, Report, Subject
from moderation.queries import queue
from tests.make import make_community, make_member, make_moderator, make_reply, make_rule, make_topic
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db(transaction=True)


def test_of_two_moderators_deciding_at_once_one_decides_and_the_other_is_told_who_did():
    make_community()
    post, rule = make_reply(make_topic()), make_rule()
    case = report(by=make_member(), post=post).case
    moderators = [make_moderator("tom"), make_moderator("aicha")]
    together = Barrier(2)

    def hide(moderator):
        try:
            together.wait(10)
            return decide(case, Ruling(Decision.Measure.HIDE, rule=rule, facts="x", message="y"), by=moderator)
        except Refused as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(hide, moderators))

    (decision,) = [o for o in outcomes if isinstance(o, Decision)]
    (refusal,) = [o for o in outcomes if isinstance(o, Refused)]
    assert str(refusal.reason) == f"{decision.actor.shown_name} has already decided on this: hidden."
    assert Decision.objects.count() == 1
    post.topic.refresh_from_db()
    assert post.topic.post_count == 1


CASES = 500 if os.environ.get("COMMUNE_TEST_LONG") else 64


def many_cases(number: int) -> Topic:
    """A topic of so many reported posts, written in bulk."""
    topic, ann, ben, now = make_topic(), make_member(), make_member(), timezone.now()
    Post.objects.bulk_create(
        Post(
            topic=topic, author=ann, body=f"Words {n}", html=f"<p>Words {n}</p>", renderer_version=1, lang="en",
            state=Post.State.PUBLISHED, position=n + 2, published_at=now, created_at=now, idempotency_key=uuid4(),
        )
        for n in range(number)
    )  # fmt: skip
    last = topic.posts.order_by("-position").first()
    Topic.objects.filter(pk=topic.pk).update(
        post_count=number + 1, last_position=number + 1, last_shown=number + 1, last_post=last, last_author=ann
    )
    Forum.objects.filter(pk=topic.forum_id).update(post_count=number + 1)
    subjects = Subject.objects.bulk_create(Subject(post=post) for post in topic.posts.filter(position__gt=1))
    cases = Case.objects.bulk_create(
        Case(subject=subject, kind="report", band=Case.Band.REST, opened_at=now) for subject in subjects
    )
    Report.objects.bulk_create(Report(case=case, reporter=ben, words="Rude.", created_at=now) for case in cases)
    return topic


def test_eight_moderators_at_once_decide_each_case_once_and_the_log_is_the_state():
    make_community()
    topic, rule = many_cases(CASES), make_rule()
    moderators = [make_moderator() for _ in range(8)]
    together = Barrier(8)

    def work(number):
        dice, told = random.Random(number), []  # noqa: S311
        by = moderators[number]
        try:
            together.wait(20)
            while waiting := queue(reader_for(by)):
                case = dice.choice(waiting[:12])
                measure = dice.choice(["keep", "hide", "warn"])
                words = f"{number}/{case.pk}/{measure}"
                try:
                    if dice.random() < 0.5:
                        claim(case, by=by)
                    decide(case, Ruling(measure, rule=rule, facts=words, message=words), by=by)
                    told.append(words)
                except Refused:
                    continue
                finally:
                    connections.close_all()  # as a request ends
        finally:
            connections.close_all()
        return told

    with ThreadPoolExecutor(8) as pool:
        told = [words for one in pool.map(work, range(8)) for words in one]

    assert not Case.objects.open().exists()
    assert set(Counter(Decision.objects.values_list("case", flat=True)).values()) == {1}
    assert Decision.objects.count() == CASES
    assert sorted(DecisionText.objects.values_list("facts", flat=True)) == sorted(told)
    hidden = Decision.objects.filter(measure="hide").values_list("subject__post", flat=True)
    assert set(topic.posts.filter(state="removed").values_list("pk", flat=True)) == set(hidden)
    assert drift() == []
