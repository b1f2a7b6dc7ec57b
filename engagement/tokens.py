"""Addresses that stop a list of mails without signing in: opaque, naming member and list, never expiring."""

from __future__ import annotations

from django.conf import settings
from django.core import signing
from django.urls import reverse

REPLIES, DIGEST = "replies", "digest"
_signer = signing.Signer(salt="engagement.unsubscribe")


def unsubscribe_url(member_id: int, what: str) -> str:
    token = signing.b62_encode(member_id) + "." + what
    return str(settings.SITE_URL) + reverse("engagement:unsubscribe", args=[_signer.sign(token)])


def read_token(token: str) -> tuple[int, str] | None:
    """The member and the list, or None for a token that is not ours."""
    try:
        number, _dot, what = _signer.unsign(token).partition(".")
        return (signing.b62_decode(number), what) if what in {REPLIES, DIGEST} else None
    except (signing.BadSignature, ValueError):
        return None
