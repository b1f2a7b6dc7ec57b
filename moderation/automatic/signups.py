"""Sign-ups that a person reads first, although everyone may join: by what is known here, and by nothing else."""

from __future__ import annotations

import re
from datetime import timedelta

from django.db.models import Q

from members.models import Member, SignupBlock
from moderation.automatic.codes import SUSPECT_DOMAIN, SUSPECT_WORDS
from moderation.models import Decision
from toolkit import clock

SUSPECT_DAYS = 90  # since somebody with an address of that domain was excluded, or signing up from it was blocked
COMMON_FROM = 5  # members who are well here with addresses of a domain: then it says nothing about anybody
_LINK = re.compile(r"https?://|www\.", re.IGNORECASE)


def suspect_signup(member: Member) -> str:
    """Why a person shall read this sign-up first, as a code; empty where nothing speaks for it. Three queries at most.

    A name or an answer that is a link; an address of a domain of which somebody was excluded, or from which signing up
    was blocked, within 90 days, unless several members are well here with one.
    """
    if _LINK.search(f"{member.name} {member.application}"):
        return SUSPECT_WORDS
    domain = (member.email or "").lower().rpartition("@")[2]
    if not domain:
        return ""
    since = clock.now() - timedelta(days=SUSPECT_DAYS)
    gone = Decision.objects.filter(
        measure__in=[Decision.Measure.EXCLUDE, Decision.Measure.SWEEP], made_at__gt=since, undone_by=None,
        concerned__email__iendswith=f"@{domain}",
    )  # fmt: skip
    blocked = SignupBlock.objects.filter(Q(value=domain) | Q(value__endswith=f"@{domain}"), made_at__gt=since)
    if not (gone.exists() or blocked.exists()):
        return ""
    others = Member.objects.taking_part().filter(email__iendswith=f"@{domain}").exclude(pk=member.pk)
    return "" if others[:COMMON_FROM].count() >= COMMON_FROM else f"{SUSPECT_DOMAIN} {domain}"
