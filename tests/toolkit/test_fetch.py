"""Pages fetched from hostile places: real local servers, each misbehaving in one way."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.fetch import BYTES, Unreachable, fetch, is_public
from toolkit.pages import headline_of

PAGE = b"<!doctype html><title>A page</title>"


def answer(body: bytes = PAGE, *headers: str, status: str = "200 OK", kind: str = "text/html; charset=utf-8") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {kind}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


@contextmanager
def server(speak, address: str = "127.0.0.1"):
    """A server that reads a request and lets `speak(connection, request)` misbehave. Yields its port and what it was
    asked."""
    listening = socket.create_server((address, 0))
    asked: list[str] = []

    def one(connection: socket.socket) -> None:
        with connection:
            try:
                asked.append(connection.recv(65536).decode())
                speak(connection, asked[-1])
            except OSError:
                pass

    def run() -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connection,), daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    try:
        yield listening.getsockname()[1], asked
    finally:
        listening.close()


def says(data: bytes):
    return lambda connection, request: connection.sendall(data)


def get(url: str, *ports: int, seconds: float = 5, may_connect=lambda address: True, **more):
    return fetch(
        url, agent="Test (+https://forum.example/)", ports=ports, may_connect=may_connect, seconds=seconds, **more
    )


def test_page_is_fetched_with_a_polite_request():
    with server(says(answer())) as (port, asked):
        page = get(f"http://localhost:{port}/a/b?c=d#e", port)

    assert (page.body, page.charset) == (PAGE, "utf-8")
    assert asked[0].splitlines()[:3] == [
        "GET /a/b?c=d HTTP/1.1",
        f"Host: localhost:{port}",
        "User-Agent: Test (+https://forum.example/)",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1", "100.127.255.255", "192.0.0.1", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.9",
        "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12::1", "fec0::1", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
        "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::", "2002:c0a8:101::1",
        "2001:0:4136:e378:8000:63bf:f5ff:fffe", "not an address",
    ],
)  # fmt: skip
def test_address_that_is_not_the_publics_is_refused(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_address_is_not_refused(address):
    assert is_public(address)


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "0"],
)
def test_no_spelling_of_this_machine_is_connected_to(host):
    with server(says(answer())) as (port, asked):
        with pytest.raises(Unreachable):
            get(f"http://{host}:{port}/", port, may_connect=is_public)
        assert asked == []
        assert get(f"http://127.0.0.1:{port}/", port).body == PAGE  # it would have answered


def test_redirect_to_this_machine_is_refused():
    """The first address is allowed (as if it were public), the second is what really must not be reached."""
    with server(says(answer(b"secret")), "127.0.0.2") as (inner, inside):
        redirect = answer(b"", f"Location: http://127.0.0.2:{inner}/metadata", status="302 Found")
        with server(says(redirect)) as (outer, asked):
            with pytest.raises(Unreachable, match="not a public address"):
                get(f"http://127.0.0.1:{outer}/", outer, inner, may_connect=lambda address: address == "127.0.0.1")
            assert (len(asked), inside) == (1, [])
            assert get(f"http://127.0.0.1:{outer}/", outer, inner).body == b"secret"


def test_name_that_answers_differently_the_second_time_gains_nothing():
    answers = [["127.0.0.1"], ["127.0.0.2"]]
    resolved: list[str] = []

    def resolve(host, port):
        now = answers[min(len(resolved), 1)]
        resolved.append(host)
        return [(socket.AF_INET, (address, port)) for address in now]

    with server(says(answer(b"good"))) as (port, asked), server(says(answer(b"bad")), "127.0.0.2") as (_, inside):
        page = get(f"http://rebind.example:{port}/", port, resolve=resolve, may_connect=lambda a: a == "127.0.0.1")

    assert (page.body, resolved, inside) == (b"good", ["rebind.example"], [])
    assert len(asked) == 1


def test_name_with_one_private_address_among_public_ones_is_refused():
    def resolve(host, port):
        return [(socket.AF_INET, ("1.1.1.1", port)), (socket.AF_INET, ("10.0.0.1", port))]

    with pytest.raises(Unreachable, match="not a public address"):
        get("http://mixed.example/", 80, resolve=resolve, may_connect=is_public)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:word@127.0.0.1/", "http://",
        "//x/",
        "http://127.0.0.1:22/", "http://127.0.0.1:99999/", "http://[::1/", "http://127.0.0.1:port/", "javascript:1", "",
    ],
)  # fmt: skip
def test_other_schemes_names_and_ports_are_refused(url):
    with pytest.raises(Unreachable):
        fetch(url, agent="Test", may_connect=lambda address: True, seconds=2)


def test_redirects_are_followed_three_times_and_no_more():
    def speak(connection, request):
        number = int(request.split("/")[1].split(" ")[0])
        connection.sendall(answer() if number == 0 else answer(b"", f"Location: /{number - 1}", status="301 Moved"))

    with server(speak) as (port, _):
        assert get(f"http://127.0.0.1:{port}/3", port).body == PAGE
        with pytest.raises(Unreachable, match="too many redirects"):
            get(f"http://127.0.0.1:{port}/4", port)


def drip(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n")
    while True:
        connection.sendall(b"a")
        time.sleep(0.1)


def drip_headers(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n")
    while True:
        connection.sendall(b"X")
        time.sleep(0.1)


def silence(connection, request):
    time.sleep(10)


@pytest.mark.parametrize("speak", [drip, drip_headers, silence])
def test_slow_server_is_left_when_the_time_is_over(speak):
    with server(speak) as (port, _):
        began = time.monotonic()
        with pytest.raises(Unreachable):
            get(f"http://127.0.0.1:{port}/", port, seconds=1)
        assert 0.9 < time.monotonic() - began < 2


def test_slow_resolver_is_left_when_the_time_is_over():
    def resolve(host, port):
        time.sleep(5)
        return []

    began = time.monotonic()
    with pytest.raises(Unreachable, match="no answer in time"):
        get("http://slow.example/", 80, seconds=0.5, resolve=resolve)
    assert time.monotonic() - began < 2


def endless_headers(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"X-More: " + b"a" * 4000 + b"\r\n")


def endless_header(connection, request):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
    while True:
        connection.sendall(b"a" * 65536)


def endless_patience(connection, request):
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)


@pytest.mark.parametrize("speak", [endless_headers, endless_header, endless_patience])
def test_endless_headers_are_not_read_to_the_end(speak):
    with server(speak) as (port, _), pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", port)


def test_endless_page_is_read_as_far_as_allowed():
    def speak(connection, request):
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + PAGE)
        while True:
            connection.sendall(b"a" * 65536)

    with server(speak) as (port, _):
        page = get(f"http://127.0.0.1:{port}/", port)

    assert (page.body[: len(PAGE)], len(page.body)) == (PAGE, BYTES)


def test_packed_bomb_is_unpacked_as_far_as_allowed():
    bomb = gzip.compress(PAGE + b"\0" * 300_000_000, compresslevel=9)
    assert len(bomb) < 400_000
    with server(says(answer(bomb, "Content-Encoding: gzip"))) as (port, _):
        page = get(f"http://127.0.0.1:{port}/", port)

    assert (page.body[: len(PAGE)], len(page.body)) == (PAGE, BYTES)


@pytest.mark.parametrize(
    "said",
    [
        answer(kind="image/png"),
        answer(kind="application/octet-stream"),
        answer(status="404 Not Found"),
        answer(status="204 No Content"),
        answer(b"\x00rubbish", "Content-Encoding: gzip"),
        answer(PAGE, "Content-Encoding: br"),
        answer(b"", "Location: ", status="302 Found"),
        answer(b"", "Location: http://[", status="302 Found"),
        b"",
        b"rubbish\r\n\r\n",
        b"HTTP/9.9 abc\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\nZZZ\r\n",
    ],
)
def test_whatever_is_no_page_is_unreachable_and_nothing_else(said):
    with server(says(said)) as (port, _), pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", port)


def test_server_that_is_not_there_is_unreachable():
    with server(says(b"")) as (port, _):
        pass
    with pytest.raises(Unreachable):
        get(f"http://127.0.0.1:{port}/", port)
    with pytest.raises(Unreachable):
        get(f"https://127.0.0.1:{port}/", port)


def test_headline_prefers_what_a_page_says_for_this_purpose():
    body = b"""<html><head><title>Long | Site</title><meta name="description" content="plain">
    <meta property='og:title' content='Caf&eacute; &amp; &lt;b&gt;cr\xc3\xa8me&lt;/b&gt;'>
    <meta content="The &quot;best&quot;" property=og:description><meta property="og:site_name" content="Site"></head>"""
    headline = headline_of(body)

    assert (headline.title, headline.description, headline.site) == ("Café & <b>crème</b>", 'The "best"', "Site")


@pytest.mark.parametrize(
    ("body", "charset", "title"),
    [
        ("<title>Été</title>".encode("latin-1"), "iso-8859-1", "Été"),
        (b'<meta charset="windows-1252"><title>\x93q\x94</title>', "", "“q”"),
        ("<title>日本</title>".encode("shift_jis"), "Shift_JIS", "日本"),
        ("\ufeff<title>Été</title>".encode("utf-16-le"), "", "Été"),
        (b"<title>x</title>", "no-such-charset", "x"),
        (b"<title>x</title>", "base64", "x"),
        (b"<title>x</title>", "idna", "x"),
        (b"<title>a\xff</title>", "utf-8", "a\ufffd"),
        (b"<title>\xe2\x80\xae \xe3\x85\xa4</title>", "utf-8", ""),
        (b"<title>" + b"word " * 100 + b"</title>", "utf-8", ("word " * 40).strip()[:194] + "…"),
        (b"no head at all", "", ""),
    ],
)
def test_headline_is_words_whatever_the_bytes(body, charset, title):
    assert headline_of(body, charset=charset).title == title


@given(st.binary(max_size=300), st.sampled_from(["", "utf-8", "utf-16", "hz", "undefined", "unicode_escape", "\x00"]))
def test_no_bytes_upset_the_headline(body, charset):
    headline_of(b"<title>" + body + b"</title><meta name=description content=" + body, charset=charset)


@pytest.mark.parametrize(
    "piece", [b"<meta ", b"<title", b"<title>", b"<meta a='", b'<meta a="b" ', b"<", b"a=", b"<meta content="]
)
def test_hostile_head_is_read_in_time(piece):
    began = time.monotonic()
    headline_of(piece * (500_000 // len(piece)))
    assert time.monotonic() - began < 3
