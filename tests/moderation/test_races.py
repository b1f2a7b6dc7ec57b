from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, decide
from moderation.models import Decision
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
