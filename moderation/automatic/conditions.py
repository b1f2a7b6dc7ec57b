"""Whether a rule is met: all conditions that it gives hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from members.models import Trust
from moderation.automatic.facts import Facts, domains_over
from moderation.automatic.phrases import found_in, lines_of
from moderation.models import AutomaticRule

MATCHED_LENGTH = 200  # characters


class _Unmet(Exception):
    """A condition does not hold."""


def met(rule: AutomaticRule, facts: Facts) -> str | None:
    """What the rule met, in a few words to show ("casino, jackpot"); None where a condition does not hold.

    What needs no query is asked first. A rule about rates is never met by a change of a post.
    """
    try:
        pieces = [piece for condition in _CONDITIONS for piece in condition(rule, facts)]
    except _Unmet:
        return None
    joined = (" " if rule.is_about_unknown_sites else ", ").join(dict.fromkeys(pieces))
    return joined[:MATCHED_LENGTH]


def _need(*, holds: bool) -> None:
    if not holds:
        raise _Unmet


def _who(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if rule.trust_at_most:
        _need(holds=Trust.values.index(facts.trust) <= Trust.values.index(rule.trust_at_most))
    if rule.younger_than_hours is not None:
        _need(holds=facts.age < timedelta(hours=rule.younger_than_hours))
    return ()


def _length(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if rule.text_at_most is not None:
        _need(holds=facts.words_beside_links <= rule.text_at_most)
    return ()


def _words(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if not rule.words:
        return ()
    found = found_in(facts.spoken, lines_of(rule.words))
    _need(holds=len(found) >= rule.words_at_least)
    return found


def _sites(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if rule.links_to:
        wanted = set(lines_of(rule.links_to.lower()))
        found = [host for host in facts.hosts if wanted.intersection(domains_over(host))]
        _need(holds=bool(found))
        return found
    return ()


def _links(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if rule.links_at_least is None:
        return ()
    _need(holds=len(facts.hosts) >= rule.links_at_least)
    hosts = facts.unknown_hosts if rule.links_are == AutomaticRule.Links.UNKNOWN else facts.hosts
    _need(holds=len(hosts) >= rule.links_at_least)
    return hosts


def _history(rule: AutomaticRule, facts: Facts) -> Iterable[str]:
    if rule.posts_at_most is not None:
        _need(holds=facts.has_at_most(rule.posts_at_most))
    if rule.is_unapproved:
        _need(holds=facts.is_unapproved)
    return ()


def _address(rule: AutomaticRule, facts: Facts) -> Iterator[str]:
    if rule.address_is_new:
        _need(holds=facts.address_is_new)
        yield "@" + (facts.author.email or "").rpartition("@")[2].lower()


def _rate(rule: AutomaticRule, facts: Facts) -> Iterator[str]:
    if rule.rate_posts is not None and rule.rate_minutes is not None:
        written = 0 if facts.is_change else facts.posts_within(rule.rate_minutes)
        _need(holds=written >= rule.rate_posts)
        yield f"{written} / {rule.rate_minutes} min"


def _likeness(rule: AutomaticRule, facts: Facts) -> Iterator[str]:
    if rule.repeated_times is not None:
        _need(holds=facts.alike.repeated >= rule.repeated_times)
        yield f"× {facts.alike.repeated + 1}"
    if rule.like_removed is not None:
        _need(holds=facts.alike.removed >= rule.like_removed)
        yield f"{facts.alike.removed} % /p/{facts.alike.removed_post}/"


_CONDITIONS: tuple[Callable[[AutomaticRule, Facts], Iterable[str]], ...] = (
    _who, _length, _words, _sites, _links, _history, _address, _rate, _likeness,
)  # fmt: skip
