"""The ASGI application: /live/TICKET answers with server-sent events, each one number. No database, no names, no words.

Run by granian (`docker/entrypoint live`, or `make run`), one process for all who listen.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commune.settings")

from django.conf import settings
from granian.utils.proxies import wrap_asgi_with_proxy_headers

from commune.live.hub import Hub, Stream
from commune.live.limits import CONNECTIONS, CONNECTIONS_PER_ADDRESS, HEARTBEAT_SECONDS
from toolkit.tickets import checked

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

PATH = "/live/"
SEND_PATIENCE = 10.0  # seconds that a reader has to take what is sent
RETRY = 5_000  # milliseconds after which a browser that lost us asks again


class Live:
    """The application and what it remembers: how many listen, and from where."""

    def __init__(self) -> None:
        self.hub: Hub | None = None
        self.listening: asyncio.Task[None] | None = None
        self.from_address: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """From the server's start to its end."""
        await receive()
        self._hub()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._hub().end()
        if self.listening is not None:
            self.listening.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    def _hub(self) -> Hub:
        if self.hub is None:
            self.hub = Hub(settings.REDIS_URL)
            self.listening = asyncio.create_task(self.hub.listen())
        return self.hub

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        hub, path = self._hub(), scope["path"]
        if path == f"{PATH}healthz":
            await _say(send, 200, b"redis: there" if hub.is_connected else b"redis: away")
            return
        ticket = checked(path.removeprefix(PATH)) if path.startswith(PATH) else None
        address = (scope.get("client") or ("",))[0]
        if scope["method"] != "GET":
            await _say(send, 405)
        elif ticket is None:
            await _say(send, 403)
        elif not hub.is_connected:
            await _say(send, 204)
        elif hub.size >= CONNECTIONS or self.from_address[address] >= CONNECTIONS_PER_ADDRESS:
            await _say(send, 503)
        else:
            self.from_address[address] += 1
            try:
                await _stream(hub, *ticket, receive, send)
            finally:
                self.from_address[address] -= 1
                if not self.from_address[address]:
                    del self.from_address[address]


async def _stream(hub: Hub, channel: str, seconds: float, receive: Receive, send: Send) -> None:
    """Tell one open page what its channel says, until it goes, its ticket ends, or we do."""
    stream = Stream()
    gone = asyncio.create_task(_until_gone(receive, stream))
    ends = asyncio.get_running_loop().time() + seconds
    try:
        await hub.join(channel, stream)
        headers = [(b"content-type", b"text/event-stream"), (b"cache-control", b"no-store"), *_headers()]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await _write(send, f"retry: {RETRY}\n\n")
        while not stream.is_over and asyncio.get_running_loop().time() < ends:
            is_news = await stream.news(HEARTBEAT_SECONDS)
            if not stream.is_over:
                await _write(send, f"data: {stream.number}\n\n" if is_news else ":\n\n")
        await _write(send, "", more=False)
    except (OSError, TimeoutError):
        pass  # the reader is gone, or does not read
    finally:
        gone.cancel()
        await hub.leave(channel, stream)


async def _until_gone(receive: Receive, stream: Stream) -> None:
    with contextlib.suppress(OSError):
        while (await receive())["type"] != "http.disconnect":
            pass
    stream.end()


async def _write(send: Send, text: str, *, more: bool = True) -> None:
    message = {"type": "http.response.body", "body": text.encode(), "more_body": more}
    await asyncio.wait_for(send(message), SEND_PATIENCE)


async def _say(send: Send, status: int, body: bytes = b"") -> None:
    headers = [(b"content-type", b"text/plain"), (b"cache-control", b"no-store"), *_headers()]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _headers() -> list[tuple[bytes, bytes]]:
    """Pages of this site may listen, and no others."""
    return [(b"access-control-allow-origin", settings.SITE_URL.encode()), (b"vary", b"Origin")]


application = wrap_asgi_with_proxy_headers(Live(), settings.TRUSTED_PROXIES)
