"""New replies announce themselves: the real process, a real Redis, real connections."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.core.signing import Signer

from commune.embedded import ROOT, Home, Lease
from forums.actions.care import close_topic
from tests.commune.test_run import eventually, free_port
from tests.make import held_post, make_community, make_forum, make_host, make_member, make_reply, make_topic
from toolkit import live, ring, tickets

SITE = "http://forum.example.org"


class Process:
    """One commune.live, and a Redis of its own that can be killed."""

    def __init__(self, folder: Path, settings, *, site: str = SITE, **limits: str) -> None:
        self.home, self.port = Home(folder / "home"), free_port()
        self.home.prepare()
        self.lease = Lease("redis", self.home, durable=False)
        settings.REDIS_URL, settings.SITE_URL = self.lease.url, site
        settings.LIVE_URL = f"http://localhost:{self.port}/live/"
        environment = {
            **os.environ, "REDIS_URL": self.lease.url, "SECRET_KEY": settings.SECRET_KEY, "SITE_URL": site,
            "COMMUNE_DEVELOPMENT": "1", **limits,
        }  # fmt: skip
        environment.pop("DATABASE_URL", None)  # it has no database
        command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", "127.0.0.1", "--no-ws"]
        command += ["--port", str(self.port), "--workers", "1", "--workers-kill-timeout", "5"]
        self.log = folder / "live.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, "commune.live.app:application"],
                cwd=ROOT,
                env=environment,
                stdout=log,
                stderr=log,
                process_group=0,
            )
        assert eventually(lambda: self.healthz() == "redis: there", within=20), self.log.read_text()

    def healthz(self) -> str:
        with contextlib.suppress(OSError):
            return self.ask("healthz")[1]
        return ""

    def ask(self, ticket: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        connection.request(method, f"/live/{ticket}", headers=headers)
        answer = connection.getresponse()
        try:
            return answer.status, answer.read().decode(), dict(answer.getheaders())
        finally:
            connection.close()

    def listen(self, ticket: str) -> Ear:
        return Ear(self.port, ticket)

    def kill(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def end(self) -> None:
        self.kill()
        self.lease.release()


class Ear:
    """One open page."""

    def __init__(self, port: int, ticket: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.sendall(f"GET /live/{ticket} HTTP/1.1\r\nHost: x\r\nOrigin: {SITE}\r\n\r\n".encode())
        self.heard = b""
        self.until(b"\r\n\r\n")
        assert b" 200 " in self.heard, self.heard
        self.until(b"retry:")

    def until(self, word: bytes, within: float = 5.0) -> float:
        """Seconds until it heard this."""
        start = time.monotonic()
        self.socket.settimeout(within)
        while word not in self.heard:
            more = self.socket.recv(4096)
            assert more, self.heard
            self.heard += more
        return time.monotonic() - start

    def is_closed(self, within: float = 5.0) -> bool:
        self.socket.settimeout(within)
        with contextlib.suppress(OSError):
            while more := self.socket.recv(4096):
                self.heard += more
            return True
        return False


@pytest.fixture
def fresh(monkeypatch):
    monkeypatch.setattr(ring, "_silent_until", 0.0)


@pytest.fixture
def process(tmp_path, settings, fresh) -> Iterator[Process]:
    made = Process(tmp_path, settings)
    yield made
    made.end()


@pytest.mark.django_db(transaction=True)
def test_reply_is_heard_within_a_second_and_says_how_far_the_topic_goes_and_nothing_else(process):
    make_community()
    topic = make_topic()
    ear, other = process.listen(tickets.ticket_for(f"topic-{topic.pk}")), process.listen(tickets.ticket_for("topic-0"))

    make_reply(topic, body="A secret word")
    make_reply(topic)

    assert ear.until(b"data: 3\n") < 1
    assert b"secret" not in ear.heard
    assert set(ear.heard.partition(b"\r\n\r\n")[2].decode().split()) >= {"data:", "3"}
    assert b"data: 3" not in other.heard
    head = ear.heard.partition(b"\r\n\r\n")[0].decode().lower()
    assert f"access-control-allow-origin: {SITE}" in head
    assert "content-type: text/event-stream" in head


@pytest.mark.django_db(transaction=True)
def test_page_that_opens_late_hears_what_was_said_before(process):
    make_community()
    topic = make_topic()
    make_reply(topic)

    assert process.listen(tickets.ticket_for(f"topic-{topic.pk}")).until(b"data: 2\n") < 1


@pytest.mark.django_db(transaction=True)
def test_held_reply_is_not_told(process):
    make_community()
    topic = make_topic()
    ear = process.listen(tickets.ticket_for(f"topic-{topic.pk}"))
    ear.until(b"data: 1\n")

    held_post(topic)
    make_reply(topic)

    ear.until(b"data: 2\n")
    assert b"data: 3" not in ear.heard


def test_forged_old_and_borrowed_tickets_are_refused(process, settings):
    good = tickets.ticket_for("topic-1")
    old = Signer(key=settings.SECRET_KEY, salt=tickets.SALT).sign(f"topic-1.{int(time.time()) - 1}")
    other_salt = Signer(key=settings.SECRET_KEY, salt="other").sign("topic-1.99999999999")
    for ticket in (good.replace("topic-1", "topic-2"), old, other_salt, "", "topic-1", "a:b", "%00", "../healthz"):
        assert process.ask(ticket)[0] == 403, ticket
    assert process.ask(good, method="POST")[0] == 405
    process.listen(good)


def test_ticket_is_good_for_half_a_day_and_the_same_all_through_an_hour(monkeypatch):
    hour = 1_800_000_000 // 3600 * 3600
    monkeypatch.setattr(time, "time", lambda: hour + 1)
    ticket = tickets.ticket_for("topic-1")
    monkeypatch.setattr(time, "time", lambda: hour + 3599)
    assert tickets.ticket_for("topic-1") == ticket
    assert tickets.checked(ticket) == ("topic-1", 11 * 3600 + 1)
    monkeypatch.setattr(time, "time", lambda: hour + 12 * 3600)
    assert tickets.checked(ticket) is None


def test_redis_that_dies_and_comes_back_is_heard_again(process, settings):
    ticket = tickets.ticket_for("topic-1")
    ear = process.listen(ticket)
    old = process.lease
    with contextlib.suppress(redis.RedisError):
        redis.Redis.from_url(old.url).shutdown(nosave=True)
    assert eventually(lambda: process.healthz() == "redis: away", within=10)
    assert process.ask(ticket)[0] == 204
    start = time.monotonic()
    live._send("topic-1", 6)  # fails at once, and silently
    assert time.monotonic() - start < 0.5

    server = restarted(old.url, process)
    try:
        assert eventually(lambda: process.healthz() == "redis: there", within=20), process.log.read_text()
        ring._silent_until = 0.0
        live._send("topic-1", 7)
        assert ear.until(b"data: 7\n") < 1
    finally:
        server.kill()
        server.wait()


def restarted(url: str, process: Process) -> subprocess.Popen[bytes]:
    """A Redis at the same port with the same password, as after a crash."""
    from urllib.parse import urlsplit

    from commune.embedded.redis_server import _program

    parts = urlsplit(url)
    command = [_program(), "--port", str(parts.port), "--requirepass", parts.password or "", "--save", ""]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=process.home.path)


def test_two_hundred_pages_listen_at_once_and_all_hear(tmp_path, settings, fresh):
    process = Process(tmp_path, settings, LIMIT_LIVE_CONNECTIONS_PER_ADDRESS="400")
    try:
        ticket = tickets.ticket_for("topic-1")
        before = memory(process.process.pid)
        ears = [process.listen(ticket) for _ in range(200)]

        live._send("topic-1", 9)

        assert max(ear.until(b"data: 9\n") for ear in ears) < 2
        assert memory(process.process.pid) - before < 40_000  # kB
        for ear in ears:
            ear.socket.close()
        assert eventually(lambda: process.listen(ticket) is not None)
    finally:
        process.end()


def memory(pid: int) -> int:
    """kB of the process and its children."""
    pids = [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]
    lines = [line for one in pids for line in Path(f"/proc/{one}/status").read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))


def test_too_many_of_one_address_and_in_all_are_turned_away_until_others_go(tmp_path, settings, fresh):
    process = Process(tmp_path, settings, LIMIT_LIVE_CONNECTIONS_PER_ADDRESS="3", LIMIT_LIVE_HEARTBEAT="1")
    try:
        ticket = tickets.ticket_for("topic-1")
        ears = [process.listen(ticket) for _ in range(3)]
        assert process.ask(ticket)[0] == 503
        ears[0].until(b"\n:\n")  # a heartbeat
        ears.pop().socket.close()
        assert eventually(lambda: works(process, ticket), within=10)
    finally:
        process.end()


def works(process: Process, ticket: str) -> bool:
    with contextlib.suppress(AssertionError):
        process.listen(ticket)
        return True
    return False


def test_reader_who_does_not_read_costs_nothing(process):
    ear = process.listen(tickets.ticket_for("topic-1"))
    ear.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    before = memory(process.process.pid)

    for number in range(1, 3000):
        live._send("topic-1", number)

    assert memory(process.process.pid) - before < 20_000
    assert ear.until(b"data: 2999\n", within=60)  # and in the end it hears the last


def test_it_stops_when_asked_and_ends_what_is_open(process):
    ear = process.listen(tickets.ticket_for("topic-1"))
    start = time.monotonic()

    process.process.send_signal(signal.SIGTERM)

    assert process.process.wait(8) == 0
    assert time.monotonic() - start < 8
    assert ear.is_closed()


def test_the_process_has_no_models_and_no_way_to_the_database():
    program = "import sys, commune.live.app, django.apps\n"
    program += "sys.exit(django.apps.apps.ready or bool({'psycopg', 'forums', 'members'} & set(sys.modules)))"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    assert subprocess.run([sys.executable, "-c", program], cwd=ROOT, env=environment, timeout=60).returncode == 0


# --- The page


@pytest.mark.django_db
def test_last_page_of_a_published_topic_carries_a_ticket_and_others_none(client, settings):
    make_community()
    settings.LIVE_URL = "/live/"
    topic = make_topic()
    for _ in range(20):
        make_reply(topic)
    waiting = held_topic()

    last = client.get(f"{topic.get_absolute_url()}?page=2").content.decode()

    assert f'data-live="/live/{tickets.ticket_for(f"topic-{topic.pk}")}"' in last
    assert 'data-last="21"' in last
    assert "data-live" not in client.get(topic.get_absolute_url()).content.decode()
    client.force_login(waiting.author)
    assert "data-live" not in client.get(waiting.get_absolute_url()).content.decode()
    settings.LIVE_URL = ""
    assert "data-live" not in client.get(f"{topic.get_absolute_url()}?page=2").content.decode()


def held_topic():
    from tests.make import make_newcomer

    topic = make_topic(by=make_newcomer(), body="See https://unknown.example.net/page")
    assert topic.is_waiting
    return topic


@pytest.mark.parametrize(
    ("address", "rule"),
    [
        ("http://localhost:8001/live/", "connect-src 'self' http://localhost:8001;"),
        ("/live/", "connect-src 'self';"),
        ("", "connect-src 'self';"),
    ],
)
@pytest.mark.django_db
def test_policy_names_the_place_where_replies_are_told_and_no_other(client, settings, address, rule):
    settings.LIVE_URL = address

    assert rule in client.get("/healthz")["Content-Security-Policy"]


@pytest.mark.django_db
def test_closed_topics_still_tell_what_hosts_add(client, settings):
    make_community()
    settings.LIVE_URL = "/live/"
    forum = make_forum()
    topic = make_topic(forum, by=make_member())
    close_topic(topic, by=make_host(forum), reason="Done.")

    assert "data-live" in client.get(topic.get_absolute_url()).content.decode()
