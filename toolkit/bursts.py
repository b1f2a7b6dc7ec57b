"""How often somebody at one network address may do what needs no account."""

from __future__ import annotations

from django.core.cache import cache
from django.http import HttpRequest


def too_many(request: HttpRequest, name: str, *, per_hour: int) -> bool:
    """Count one more, and say whether it is more than `per_hour` from this network address. Nothing is kept for longer
    than the hour. Redis away: nobody is stopped."""
    key = f"{name}:{request.META.get('REMOTE_ADDR')}"
    cache.add(key, 0, 3600)
    try:
        return int(cache.incr(key)) > per_hour
    except ValueError:  # the hour ended in between, or nothing could be kept
        return False
