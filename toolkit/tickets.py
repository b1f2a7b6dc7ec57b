"""Tickets: signed, without a name on them, they let whoever holds one listen to one channel for some hours.

Knows no database, because the process that checks them has none (commune.live).
"""

from __future__ import annotations

import hashlib
import time

from django.conf import settings
from django.core.signing import BadSignature, Signer

HOURS = 12  # a ticket is good for 11 to 12 hours: the same one all through an hour, so that pages stay the same
SALT = "commune.live"


def ticket_for(channel: str) -> str:
    """A ticket for a channel (such as "topic-12"): given to those who may read what it tells of."""
    until = (int(time.time()) // 3600 + HOURS) * 3600
    return _signer().sign(f"{channel}.{until}")


def checked(ticket: str) -> tuple[str, float] | None:
    """The channel of a ticket and the seconds it is still good for; None if it is forged or too old."""
    try:
        channel, _dot, until = _signer().unsign(ticket).rpartition(".")
    except BadSignature:
        return None
    left = int(until) - time.time()
    return (channel, left) if left > 0 else None


def address_of(channel: str) -> str:
    """Where a channel is in Redis, which several communities may share: its numbered databases do not part channels."""
    ours = hashlib.sha256(f"{SALT}{settings.SECRET_KEY}".encode()).hexdigest()[:16]
    return f"live:{ours}:{channel}"


def _signer() -> Signer:
    return Signer(key=settings.SECRET_KEY, salt=SALT)
