"""Automatic rules: what is read by a person before others see it. They hold; they never remove."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from forums.models import Forum
from members.models import Member
from moderation.models import AllowedDomain, Decision
from toolkit.markup import links_in

HELD_FOR_LINK = "link"
HELD_BY_DECISION = "standing"


def judge_draft(author: Member, forum: Forum | None, body: str) -> str | None:
    """Why this must be read first, as a code that `moderation.wording` words; None to publish.

    A newcomer's first post with a link to a domain that is not allowed yet; anybody's while `held_until` lasts.
    """
    if author.is_held:
        return HELD_BY_DECISION
    if not author.is_newcomer:
        return None
    unknown = unknown_hosts(links_in(body))
    if not unknown or Decision.objects.filter(concerned=author, measure=Decision.Measure.APPROVE).exists():
        return None
    return f"{HELD_FOR_LINK} {' '.join(unknown)}"[:400]


def unknown_hosts(hosts: list[str]) -> list[str]:
    """Those of the hosts that no admin or moderator has allowed; sub-domains of an allowed one are allowed."""
    own = (urlsplit(settings.SITE_URL).hostname or "").lower()
    asked = {host: _parents(host) for host in hosts if host != own}
    names = {name for parents in asked.values() for name in parents}
    allowed = set(AllowedDomain.objects.filter(domain__in=names).values_list("domain", flat=True)) if names else set()
    return [host for host, parents in asked.items() if not allowed.intersection(parents)]


def _parents(host: str) -> list[str]:
    parts = host.split(".")
    return [".".join(parts[index:]) for index in range(len(parts))]
