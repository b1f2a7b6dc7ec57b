"""Telling pages that are open that something is new. Never waits nor fails: pages miss nothing without it."""

from __future__ import annotations

import logging
from functools import lru_cache

import redis
from django.conf import settings
from django.db import transaction
from redis.backoff import NoBackoff
from redis.retry import Retry

from toolkit import ring
from toolkit.tickets import HOURS, address_of

logger = logging.getLogger(__name__)


def tell(channel: str, number: int) -> None:
    """After the commit, tell whoever listens to `channel` how far it goes now; and those who begin to listen later."""
    transaction.on_commit(lambda: _send(channel, number), robust=True)


def _send(channel: str, number: int) -> None:
    if not settings.LIVE_URL or ring.is_silent():
        return
    address = address_of(channel)
    try:
        with _redis(settings.REDIS_URL).pipeline(transaction=False) as line:
            line.set(address, number, ex=HOURS * 3600)
            line.publish(address, number)
            line.execute()
    except (redis.RedisError, OSError) as error:
        ring.fall_silent()  # it is the same Redis
        logger.warning("Nobody heard of %s (%s).", channel, type(error).__name__)


@lru_cache(maxsize=4)
def _redis(url: str) -> redis.Redis:
    patience = {"socket_timeout": ring.PATIENCE, "socket_connect_timeout": ring.PATIENCE}
    return redis.Redis.from_url(url, retry=Retry(NoBackoff(), 0), **patience)
