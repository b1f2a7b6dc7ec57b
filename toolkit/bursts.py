"""How often somebody at one network address may do what needs no account."""

from __future__ import annotations

import ipaddress

from django.core.cache import cache
from django.http import HttpRequest


def too_many(request: HttpRequest, name: str, *, per_hour: int) -> bool:
    """Count one more, and say whether it is more than `per_hour` from this network address (of IPv6, its /64). Nothing
    is kept for longer than the hour. Redis away: nobody is stopped."""
    key = f"{name}:{_network(request.META.get('REMOTE_ADDR') or '')}"
    cache.add(key, 0, 3600)
    try:
        return int(cache.incr(key)) > per_hour
    except ValueError:  # the hour ended in between, or nothing could be kept
        return False


def _network(address: str) -> str:
    """What one household has: an IPv4 address, a /64 of IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else address
