"""Why a post was held, as a case keeps it: a code, then what it is about. `moderation.wording` says it in words."""

from __future__ import annotations

from moderation.models import AutomaticRule

HELD_FOR_LINK = "link"
HELD_BY_DECISION = "standing"
HELD_BY_RULE = "rule"
HELD_BY_FORUM = "forum"
SUSPECT_DOMAIN = "domain"
SUSPECT_WORDS = "words"
LENGTH = 400  # characters: the column's


def code_of(rule: AutomaticRule, matched: str) -> str:
    """For a rule about unknown sites the sites, which whoever decides may allow; else the rule's names as they are
    today, and what it met: a case says so also after the rule was renamed."""
    if rule.is_about_unknown_sites:
        return f"{HELD_FOR_LINK} {matched}"[:LENGTH]
    return "\t".join([f"{HELD_BY_RULE} {rule.pk}", rule.name_fr, rule.name_en, matched])[:LENGTH]
