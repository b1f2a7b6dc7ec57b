"""One connection to Redis for all who listen here: what is published on a channel wakes that channel's streams."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict

import redis.asyncio as redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from toolkit.tickets import address_of

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds that Redis has to answer
PAUSES = (0.2, 0.5, 1.0, 2.0, 5.0)  # seconds between tries while it is away
LOOK = 15.0  # seconds without a word after which Redis is asked whether it is there


class Stream:
    """What one open page is still to be told: the newest number only, so that a slow reader costs no memory."""

    def __init__(self) -> None:
        self.number = 0
        self.is_over = False
        self._woken = asyncio.Event()

    def tell(self, number: int) -> None:
        if number > self.number:
            self.number = number
            self._woken.set()

    def end(self) -> None:
        self.is_over = True
        self._woken.set()

    async def news(self, patience: float) -> bool:
        """Whether there is anything new, or an end, within so many seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), patience)
        woken = self._woken.is_set()
        self._woken.clear()
        return woken


class Hub:
    """Who listens to what. While Redis is away nobody hears anything; it is tried again until it is back."""

    def __init__(self, url: str) -> None:
        self.is_connected = False
        self.streams: defaultdict[str, set[Stream]] = defaultdict(set)
        self._redis = redis.Redis.from_url(
            url, socket_connect_timeout=PATIENCE, socket_keepalive=True, retry=Retry(NoBackoff(), 0)
        )
        self._pubsub: PubSub | None = None

    @property
    def size(self) -> int:
        return sum(len(streams) for streams in self.streams.values())

    async def join(self, channel: str, stream: Stream) -> None:
        """Let a stream hear a channel, beginning with the last that was said there."""
        address = address_of(channel)
        is_first = not self.streams[address]
        self.streams[address].add(stream)
        with contextlib.suppress(RedisError, OSError, TimeoutError):
            if is_first and self._pubsub is not None:
                await self._pubsub.subscribe(address)
            said = await asyncio.wait_for(self._redis.get(address), PATIENCE)
            if said is not None:
                stream.tell(int(said))

    async def leave(self, channel: str, stream: Stream) -> None:
        address = address_of(channel)
        self.streams[address].discard(stream)
        if not self.streams[address]:
            del self.streams[address]
            with contextlib.suppress(RedisError, OSError):
                if self._pubsub is not None:
                    await self._pubsub.unsubscribe(address)

    def end(self) -> None:
        """Let every stream end."""
        for streams in self.streams.values():
            for stream in streams:
                stream.end()

    async def listen(self) -> None:
        """Hear Redis for ever, whatever happens to it."""
        failures = 0
        while True:
            try:
                async with self._redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await asyncio.wait_for(pubsub.subscribe(address_of("all"), *self.streams), PATIENCE)
                    self._pubsub, self.is_connected, failures = pubsub, True, 0
                    await self._catch_up()
                    await self._hear(pubsub)
            except (RedisError, OSError, TimeoutError) as error:
                if not failures:
                    logger.warning("Redis is away (%s).", type(error).__name__)
                await asyncio.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
                failures += 1
            finally:
                self._pubsub, self.is_connected = None, False

    async def _hear(self, pubsub: PubSub) -> None:
        while True:
            message = await pubsub.get_message(timeout=LOOK)
            if message is None:
                await pubsub.ping()
            elif message["type"] == "message":
                for stream in self.streams.get(message["channel"].decode(), ()):
                    stream.tell(int(message["data"]))

    async def _catch_up(self) -> None:
        """What was said while Redis was away."""
        addresses = list(self.streams)
        if not addresses:
            return
        for address, said in zip(addresses, await self._redis.mget(addresses), strict=True):
            for stream in self.streams.get(address, ()):
                stream.tell(int(said or 0))
