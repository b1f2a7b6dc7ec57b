"""The embedded services, for real: each test has a home of its own and starts what it needs in it."""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from commune import embedded
from commune.embedded import ROOT, Home, Lease, Unavailable
from commune.embedded.processes import is_running

USER = """
import os, sys
from commune import embedded
try:
    embedded.attach(sys.argv[1], durable=False)
except embedded.Unavailable as error:
    sys.exit(f"unavailable: {error}")
print(os.environ["DATABASE_URL"], os.environ["REDIS_URL"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    place = Home.named(tmp_path / "home")
    place.prepare()
    yield place
    for name in ("postgres", "redis"):
        for pid in keeper_and_server(place, name):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@contextlib.contextmanager
def leased(name: str, home: Home, *, durable: bool = False) -> Iterator[Lease]:
    lease = Lease(name, home, durable=durable)
    try:
        yield lease
    finally:
        lease.release()


def environment() -> dict[str, str]:
    unset = {"DATABASE_URL", "REDIS_URL", "COMMUNE_HOME"}
    return {name: value for name, value in os.environ.items() if name not in unset}


def user_of(home: Home) -> subprocess.Popen[str]:
    """Another process that uses both services until its standard input is closed."""
    return subprocess.Popen(
        [sys.executable, "-c", USER, str(home.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment(),
    )


def heard_from(user: subprocess.Popen[str]) -> list[str]:
    assert user.stdout is not None
    return user.stdout.readline().split()


def keeper_and_server(home: Home, name: str) -> list[int]:
    """The process ids of a service's keeper and of the server itself, keeper first; empty when there are
    none."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().decode().split("\0")
            if command[1:5] == ["-m", "commune.embedded.keeper", name, str(home.path)]:
                found.append(int(entry.name))
    for keeper in list(found):
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{keeper}/task/{keeper}/children").read_text().split()
            found += [int(child) for child in children]
    return [pid for pid in found if is_running(pid)]


def servers_of(home: Home) -> list[int]:
    """Both keepers and both servers, once those keepers that came too late have gone."""
    assert eventually(lambda: [len(keeper_and_server(home, name)) for name in ("postgres", "redis")] == [2, 2])
    return keeper_and_server(home, "postgres") + keeper_and_server(home, "redis")


def eventually(happens: Callable[[], object], *, within: float = 20.0) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.05)
    return bool(happens())


def ask(url: str, sql: str) -> object:
    with psycopg.connect(url, connect_timeout=10, autocommit=True) as connection:
        row = connection.execute(sql).fetchone()  # type: ignore[call-overload]
    return row[0] if row else None


def note(url: str, word: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS note (word text)")
        connection.execute("INSERT INTO note VALUES (%s)", [word])


# --- PostgreSQL


def test_a_new_home_gets_a_database_that_is_still_there_next_time(home: Home) -> None:
    with leased("postgres", home, durable=True) as lease:
        assert ask(lease.url, "SELECT current_database()") == "commune"
        assert ask(lease.url, "SHOW server_encoding") == "UTF8"
        assert ask(lease.url, "SELECT lower('ÉŒ')") == "éœ"
        assert ask(lease.url, "SELECT string_agg(w, '' ORDER BY w) FROM unnest(ARRAY['b', 'a', 'B']) w") == "Bab"
        assert ask(lease.url, "SHOW fsync") == "on"
        assert ask(lease.url, "SHOW max_connections") == "100"
        note(lease.url, "kept")
    assert keeper_and_server(home, "postgres") == []

    with leased("postgres", home, durable=False) as lease:
        assert ask(lease.url, "SELECT word FROM note") == "kept"
        assert [ask(lease.url, f"SHOW {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "off",
            "off",
            "off",
        ]
    assert sorted(path.name for path in home.path.iterdir()) == ["log", "postgres", "run"]


def test_the_socket_is_closed_to_others(home: Home) -> None:
    with leased("postgres", home):
        assert (home.run / "postgres").stat().st_mode & 0o077 == 0


def test_a_home_whose_path_is_too_long_for_a_socket(tmp_path: Path) -> None:
    deep = Home.named(tmp_path / ("d" * 120) / "home")
    deep.prepare()
    with leased("postgres", deep) as lease:
        assert str(deep.path) not in lease.url
        assert ask(lease.url, "SELECT 1") == 1


def test_a_folder_that_only_its_owner_may_enter(tmp_path: Path) -> None:
    (tmp_path / "private").mkdir(mode=0o700)
    private = Home.named(tmp_path / "private" / "home")
    private.prepare()
    with leased("postgres", private) as lease:
        assert ask(lease.url, "SELECT 1") == 1
    assert (tmp_path / "private").stat().st_mode & 0o777 == 0o700


def test_what_an_interrupted_first_run_leaves_is_cleared_away(home: Home) -> None:
    user = user_of(home)
    assert eventually(lambda: list(home.path.glob("postgres.new-*")))
    for pid in keeper_and_server(home, "postgres")[:1]:
        os.kill(pid, signal.SIGKILL)
    user.kill()
    user.wait()
    user.communicate()
    assert not (home.path / "postgres").exists()
    assert list(home.path.glob("postgres.new-*"))

    with leased("postgres", home) as lease:
        assert ask(lease.url, "SELECT current_database()") == "commune"
    assert not list(home.path.glob("postgres.new-*"))


def test_a_folder_that_is_no_database_is_moved_aside_and_not_deleted(home: Home) -> None:
    home.postgres.mkdir()
    (home.postgres / "PG_VERSION").write_text("18\n")
    with leased("postgres", home) as lease:
        assert ask(lease.url, "SELECT 1") == 1
    (aside,) = home.path.glob("postgres.broken-*")
    assert (aside / "PG_VERSION").read_text() == "18\n"


def test_a_database_of_another_version_is_refused_in_one_sentence(home: Home) -> None:
    (home.postgres / "global").mkdir(parents=True)
    (home.postgres / "global" / "pg_control").touch()
    (home.postgres / "PG_VERSION").write_text("14\n")
    with pytest.raises(Unavailable, match=r"written by PostgreSQL 14, and this is PostgreSQL 18: dump it"):
        Lease("postgres", home)
    assert (home.postgres / "PG_VERSION").read_text() == "14\n"


def test_a_pid_file_that_tells_of_nobody_is_no_obstacle(home: Home) -> None:
    with leased("postgres", home) as lease:
        note(lease.url, "kept")
    pid_file = home.postgres / "postmaster.pid"
    # As PostgreSQL's own account: of other people's processes it knows that they cannot be its own.
    sleeper = subprocess.Popen(["sleep", "60"], user=home.postgres.stat().st_uid if os.geteuid() == 0 else None)
    try:
        for content in (f"{sleeper.pid}\n{home.postgres}\n", "", "rubbish\n", "4194303\n"):
            pid_file.write_text(content)
            with leased("postgres", home) as lease:
                assert ask(lease.url, "SELECT word FROM note") == "kept"
        assert sleeper.poll() is None
    finally:
        sleeper.kill()
        sleeper.wait()


def test_a_server_that_was_killed_comes_back_with_what_was_committed(home: Home) -> None:
    with leased("postgres", home, durable=True) as lease:
        note(lease.url, "kept")
        _keeper, server = keeper_and_server(home, "postgres")
        assert not lease.lost()
        os.kill(server, signal.SIGKILL)
        assert eventually(lease.lost)
        assert any("ready to accept connections" in line for line in lease.last_words())
    with leased("postgres", home) as lease:
        assert ask(lease.url, "SELECT word FROM note") == "kept"


# --- Redis


def test_redis_keeps_what_it_holds_behind_a_password(home: Home) -> None:
    with leased("redis", home, durable=True) as lease:
        client = redis.from_url(lease.url)
        client.set("word", "kept")
        client.close()
        port = lease.url.rsplit(":", 1)[1]
        with pytest.raises(redis.AuthenticationError):
            redis.from_url(f"redis://127.0.0.1:{port}").ping()
    assert keeper_and_server(home, "redis") == []
    with leased("redis", home, durable=True) as lease:
        client = redis.from_url(lease.url)
        assert client.get("word") == b"kept"
        assert lease.url.rsplit(":", 1)[1] == port
        client.close()


def test_redis_data_that_cannot_be_read_is_moved_aside(home: Home) -> None:
    home.redis.mkdir()
    (home.redis / "appendonly.aof").write_bytes(b"this is no append-only file\n" * 10)
    with leased("redis", home, durable=True) as lease:
        assert redis.from_url(lease.url).ping()
    (aside,) = home.path.glob("redis.broken-*")
    assert (aside / "appendonly.aof").read_bytes().startswith(b"this is no")


def test_a_redis_of_the_system_serves_where_there_is_no_wheel(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from commune.embedded import redis_server

    bundled = redis_server._program()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    with pytest.raises(Unavailable, match=r"There is no Redis here: install your system's Redis or Valkey"):
        redis_server.Redis(home).start()

    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "valkey-server").symlink_to(bundled)
    server = redis_server.Redis(home, durable=False)
    try:
        assert redis.from_url(server.start()).ping()
    finally:
        server.stop()


def test_a_missing_postgres_wheel_is_said_in_one_sentence(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    from commune.embedded import postgres_server

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unavailable, match=r"PostgreSQL is not installed here: run `pip install .*or set DATABASE_URL"):
        postgres_server.Postgres(home).start()


# --- Sharing


def test_many_who_come_at_once_share_one(home: Home) -> None:
    users = [user_of(home) for _ in range(4)]
    try:
        heard = [heard_from(user) for user in users]
        assert len(heard[0]) == 2
        assert heard == [heard[0]] * 4
        assert len(servers_of(home)) == 4
    finally:
        for user in users:
            user.communicate("")
    assert keeper_and_server(home, "postgres") == keeper_and_server(home, "redis") == []


def test_the_last_to_leave_stops_them_even_if_killed(home: Home) -> None:
    first, second = user_of(home), user_of(home)
    url, _redis = heard_from(first)
    heard_from(second)
    servers = servers_of(home)

    first.kill()
    first.communicate()
    time.sleep(0.5)  # long enough for a keeper to look several times
    assert ask(url, "SELECT 1") == 1
    assert all(map(is_running, servers))

    second.kill()
    second.communicate()
    assert eventually(lambda: not any(map(is_running, servers)))


@pytest.mark.parametrize("at_once", [True, False])
def test_a_killed_keeper_takes_its_server_along_and_the_next_start_heals(home: Home, at_once: bool) -> None:
    with leased("postgres", home, durable=True) as lease, leased("redis", home) as other:
        note(lease.url, "kept")
        servers = servers_of(home)
        os.kill(servers[0], signal.SIGKILL)
        os.kill(servers[2], signal.SIGKILL)
        assert eventually(lambda: lease.lost() and other.lost())
        # Either while the old servers are still on their way out, or when they have gone by themselves.
        assert at_once or eventually(lambda: not any(map(is_running, servers)))
        with leased("postgres", home) as again, leased("redis", home) as another:
            assert ask(again.url, "SELECT word FROM note") == "kept"
            assert redis.from_url(another.url).ping()
            assert not any(map(is_running, servers))


def test_servers_without_a_keeper_are_ended_before_new_ones_start(home: Home) -> None:
    from commune.embedded import postgres_server, redis_server

    old = [postgres_server.Postgres(home, durable=False), redis_server.Redis(home, durable=False)]
    try:
        note(old[0].start(), "kept")
        old[1].start()
        with leased("postgres", home) as lease, leased("redis", home) as other:
            assert not any(server.alive() for server in old)
            assert ask(lease.url, "SELECT word FROM note") == "kept"
            assert redis.from_url(other.url).ping()
    finally:
        for server in old:
            server.stop()


def test_a_home_deleted_under_its_keeper_leaves_nothing_running(home: Home) -> None:
    user = user_of(home)
    heard_from(user)
    servers = servers_of(home)
    shutil.rmtree(home.path)
    assert eventually(lambda: not any(map(is_running, servers)))
    user.communicate("")
    assert user.returncode == 0


# --- attach


def test_attach_leaves_alone_what_the_environment_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/commune")
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("REDIS_URL_FILE", "/run/secrets/redis")
    attached = embedded.attach(tmp_path / "home")
    assert attached.leases == []
    assert os.environ["DATABASE_URL"] == "postgres://db.example/commune"
    assert "REDIS_URL" not in os.environ
    assert not (tmp_path / "home").exists()


def test_attach_adds_only_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://db.example/commune")
    monkeypatch.setenv("REDIS_URL", "to be removed again by monkeypatch")
    monkeypatch.delenv("REDIS_URL")
    monkeypatch.setenv("COMMUNE_HOME", str(tmp_path / "home"))
    attached = embedded.attach(durable=False)
    try:
        assert [lease.name for lease in attached.leases] == ["redis"]
        assert redis.from_url(os.environ["REDIS_URL"]).ping()
        assert not (tmp_path / "home" / "postgres").exists()
    finally:
        attached.release()


def test_a_home_that_cannot_be_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=ROOT,
        env={**environment(), "COMMUNE_HOME": str(tmp_path / "file" / "home")},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        f"Commune cannot write to {tmp_path}/file/home (Not a directory): make that folder writable for you,"
        " or point COMMUNE_HOME at one that is.\n"
    )


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=256m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("only root can mount a small disk")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_a_full_disk_is_said_in_one_sentence_and_heals_once_there_is_room(small_disk: Path) -> None:
    home = Home.named(small_disk / "home")
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"\0" * 100 * 2**20)
    home.prepare()
    with pytest.raises(Unavailable, match=r"has \d+ MB left and Commune needs 200 MB: free some room there"):
        Lease("postgres", home)
    assert not home.postgres.exists()

    ballast.unlink()
    with leased("postgres", home) as lease:
        note(lease.url, "kept")
    with contextlib.suppress(OSError), ballast.open("wb") as file:
        while True:
            file.write(b"\0" * 2**20)
    with pytest.raises(Unavailable, match=r"is full: free some room there|needs 48 MB: free some room there"):
        home.prepare()
    # Nobody asked first: PostgreSQL itself runs into it.
    with pytest.raises(Unavailable, match=r"is full: free some room there"):
        Lease("postgres", home)
    ballast.unlink()
    with leased("postgres", home) as lease:
        assert ask(lease.url, "SELECT word FROM note") == "kept"
