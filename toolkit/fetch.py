"""One page from a stranger's address, without being turned against the network one stands in.

Names are resolved here, every answer is checked, and the connection goes to the very address that was checked: a name
that answers differently the second time gains nothing. Redirects are followed by hand, each through the same checks.
One deadline and one count of bytes hold for everything together, headers and slow drips included.
"""

from __future__ import annotations

import io
import ipaddress
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from urllib.parse import quote, urljoin, urlsplit

SECONDS = 8.0  # for everything: names, connections, redirects, the page
BYTES = 512 * 1024  # of a page, on the wire and unpacked; the rest is left unread
HEADER_BYTES = 64 * 1024
REDIRECTS = 3
PORTS = frozenset({80, 443})
PAGES = frozenset({"text/html", "application/xhtml+xml"})

SockAddress = tuple[int, tuple[str, int]]  # a family, and an address with its port
Resolve = Callable[[str, int], list[SockAddress]]

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_NAT64_LOCAL = ipaddress.IPv6Network("64:ff9b:1::/48")


class Unreachable(Exception):
    """There is no page to be had there; the message says why in a word or two, for the record."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: the address it came from in the end, the charset its headers name (or nothing), its first bytes."""

    url: str
    charset: str
    body: bytes


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet: not private, loopback, link-local, shared (CGNAT),
    multicast or reserved, nor an IPv6 address that carries such an IPv4 one (mapped, 6to4, Teredo, NAT64)."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64_LOCAL or ip.is_site_local:
            return False
        carried = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ())]
        if ip in _NAT64:
            carried.append(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF))
        inside = [one for one in carried if one is not None]
        if inside:
            return all(is_public(str(one)) for one in inside)
    return ip.is_global and not (ip.is_multicast or ip.is_reserved or ip.is_loopback or ip.is_link_local)


def resolved(host: str, port: int) -> list[SockAddress]:
    """Every address of a name."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [(family, (str(address[0]), port)) for family, *_, address in found]


def fetch(
    url: str,
    *,
    agent: str,
    seconds: float = SECONDS,
    ports: Collection[int] = PORTS,
    may_connect: Callable[[str], bool] = is_public,
    resolve: Resolve = resolved,
) -> Fetched:
    """The HTML page at an address. `ports`, `may_connect` and `resolve` are for tests against local servers.

    Raises Unreachable, and nothing else, whatever the other side does.
    """
    deadline = time.monotonic() + seconds
    try:
        for _ in range(REDIRECTS + 1):
            answer = _asked(url, agent, deadline, ports, may_connect, resolve)
            if isinstance(answer, Fetched):
                return answer
            url = answer
    except (OSError, HTTPException, ValueError, zlib.error) as error:
        raise Unreachable(type(error).__name__) from error
    raise Unreachable("too many redirects")


def _asked(
    url: str,
    agent: str,
    deadline: float,
    ports: Collection[int],
    may_connect: Callable[[str], bool],
    resolve: Resolve,
) -> Fetched | str:
    """The page, or the address it redirects to."""
    parts = urlsplit(quote(url, safe="%/:=&?~#+!$,;'@()*[]"))
    host = parts.hostname or ""
    if parts.scheme not in {"http", "https"} or not host or parts.username is not None:
        raise Unreachable("no such address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    if port not in ports:
        raise Unreachable("port")
    found = _within(deadline, lambda: resolve(host, port))
    if not found or not all(may_connect(address[0]) for _, address in found):
        raise Unreachable("not a public address")
    with closing(_connected(found[0], deadline, host if parts.scheme == "https" else "")) as wire:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        named = f"[{host}]" if ":" in host else host
        wire.sendall(
            f"GET {target} HTTP/1.1\r\nHost: {named}{'' if port in {80, 443} else f':{port}'}\r\n"
            f"User-Agent: {agent}\r\nAccept: text/html\r\nAccept-Encoding: gzip, identity\r\n"
            "Connection: close\r\n\r\n".encode("ascii")
        )
        response = HTTPResponse(_Wire(wire, deadline))  # type: ignore[arg-type]  # only `makefile` is used of it
        response.begin()
        return _answered(response, url)


def _answered(response: HTTPResponse, url: str) -> Fetched | str:
    if response.status in {301, 302, 303, 307, 308} and (target := response.headers.get("Location")):
        return urljoin(url, target)
    if response.status != 200:
        raise Unreachable(f"status {response.status}")
    if response.headers.get_content_type() not in PAGES:
        raise Unreachable("not a page")
    charset = response.headers.get_content_charset() or ""
    return Fetched(url, charset, _unpacked(response.read(BYTES), response.headers.get("Content-Encoding", "")))


def _unpacked(body: bytes, encoding: str) -> bytes:
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return body
    if encoding not in {"gzip", "x-gzip"}:
        raise Unreachable("packed in an unknown way")
    return zlib.decompressobj(wbits=31).decompress(body, BYTES)


def _within(deadline: float, ask: Callable[[], list[SockAddress]]) -> list[SockAddress]:
    """What the resolver answers, if it does so in time: it cannot be interrupted, only left to itself."""
    answers: list[list[SockAddress]] = []

    def run() -> None:
        try:
            answers.append(ask())
        except (OSError, UnicodeError):
            answers.append([])

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(_left(deadline))
    if not answers:
        raise Unreachable("no answer in time")
    return answers[0]


def _connected(to: SockAddress, deadline: float, secured_for: str) -> socket.socket:
    """A connection, and for a name to be `secured_for` the handshake too: both within the deadline."""
    family, address = to
    plain = socket.socket(family, socket.SOCK_STREAM)
    try:
        plain.settimeout(_left(deadline))
        plain.connect(address)
        plain.settimeout(_left(deadline))
        if secured_for:
            return ssl.create_default_context().wrap_socket(plain, server_hostname=secured_for)
    except BaseException:
        plain.close()
        raise
    return plain


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise Unreachable("no answer in time")
    return left


class _Wire:
    """What HTTPResponse wants of a socket: a file, whose every read keeps to the deadline and to the count."""

    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self.wire, self.deadline = wire, deadline

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(_Bounded(self.wire, self.deadline), 8192)


class _Bounded(io.RawIOBase):
    def __init__(self, wire: socket.socket, deadline: float) -> None:
        self.wire, self.deadline, self.room = wire, deadline, BYTES + HEADER_BYTES

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self.room <= 0:
            raise Unreachable("too much")
        self.wire.settimeout(_left(self.deadline))
        read = self.wire.recv_into(buffer)
        self.room -= read
        return read
