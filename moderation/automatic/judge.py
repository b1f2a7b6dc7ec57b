"""The gatekeeper: what all rules that are on say of words that somebody writes."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from forums.gatekeepers import Level, Remark, Words
from forums.models import Appointment
from forums.models.forums import ReadsFirst
from moderation.automatic.codes import HELD_BY_DECISION, HELD_BY_FORUM, code_of
from moderation.automatic.conditions import met
from moderation.automatic.facts import Facts
from moderation.models import AutomaticRule
from toolkit import clock


def judge(words: Words) -> list[Remark]:
    """What is to be said of these words, holds first, rules about words before those about links.

    One query, and six more at most where rules ask for what is not known yet, however many rules there are; one more
    where something is to be held: whoever moderates or hosts there is not held by a rule. While `held_until` lasts all
    is held, by decision. In private only rules about unknown sites are asked: no machine reads what people tell one
    another.
    """
    if words.author.is_held:
        return [Remark(Level.HOLD, HELD_BY_DECISION)]
    if _is_read_first(words) and not _is_team(words):
        return [Remark(Level.HOLD, HELD_BY_FORUM)]
    rules = list(AutomaticRule.objects.on())
    if words.forum is None:
        rules = [rule for rule in rules if rule.is_about_unknown_sites and rule.level == Level.HOLD]
    facts = Facts(
        words.author,
        words.body,
        title=words.title,
        at=clock.now(),
        post=words.post,
        is_change=words.post is not None,
    )
    remarks = list(_remarks(rules, facts))
    if any(remark.level == Level.HOLD for remark in remarks) and words.forum is not None and _is_team(words):
        remarks = [remark for remark in remarks if remark.level != Level.HOLD]
    return sorted(remarks, key=lambda remark: (_ORDER[remark.level], remark.reason.startswith("link")))


_ORDER = {Level.HOLD: 0, Level.ASK: 1, Level.HINT: 2}


def _remarks(rules: list[AutomaticRule], facts: Facts) -> Iterable[Remark]:
    facts.longest_rate = max((rule.rate_minutes or 0 for rule in rules), default=0)
    for rule in rules:
        matched = met(rule, facts)
        if matched is not None:
            yield Remark(Level(rule.level), code_of(rule, matched), str(rule.sentence), rule.pk, matched)


def _is_read_first(words: Words) -> bool:
    """Whether the forum has what such an author writes read first. A change of what stands there is not."""
    if words.forum is None or words.post is not None:
        return False
    policy = words.forum.reads_first
    return policy == ReadsFirst.ALL or (policy == ReadsFirst.NEWCOMERS and words.author.is_newcomer)


def _is_team(words: Words) -> bool:
    """Whether they moderate or host there. One query."""
    there = Q(forum=None) | Q(forum=words.forum)
    return Appointment.objects.current().filter(there, member=words.author).exists()
