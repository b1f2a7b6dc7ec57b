"""Addresses by which somebody who cannot sign in contests a decision: opaque, naming it, good as long as the six months
last (`may_appeal` says so)."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

from moderation.models import Decision

_signer = signing.Signer(salt="moderation.appeal")
WITHOUT_SIGNING_IN = frozenset(
    {Decision.Measure.EXCLUDE, Decision.Measure.SWEEP, Decision.Measure.DECLINE, Decision.Measure.BLOCK}
)


def appeal_url(decision: Decision) -> str:
    return str(settings.SITE_URL) + reverse("moderation:contest-by-link", args=[_signer.sign(str(decision.pk))])


def decision_of(token: str) -> int | None:
    """The decision that a link names, or None for a token that is not ours."""
    try:
        return int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
