"""Where the embedded services of one home live, and whether anything can be kept there."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 1024 * 1024
# What a new database writes before its first row (about 40 MB of files and a 16 MB journal), with room to
# live in.
ROOM_FOR_A_NEW_DATABASE = 200 * MEGABYTE
# Below this PostgreSQL would soon stop on its own, in the middle of somebody's sentence.
ROOM_TO_START = 48 * MEGABYTE
LOG_LIMIT = 5 * MEGABYTE


class Unavailable(Exception):
    """A service cannot be had. The message is one sentence: what is wrong and what to do about it."""


@dataclass(frozen=True)
class Home:
    """The folder in which one installation keeps its database, its Redis, its logs and its files."""

    path: Path

    @classmethod
    def named(cls, path: Path | str | None = None) -> Home:
        """The home at `path`, else the one that COMMUNE_HOME names, else `.local` beside manage.py."""
        chosen = path or os.environ.get("COMMUNE_HOME") or ROOT / ".local"
        return cls(Path(os.path.abspath(Path(chosen).expanduser())))

    @property
    def run(self) -> Path:
        """Locks, sockets and process ids: nothing here matters once everything has stopped."""
        return self.path / "run"

    @property
    def log(self) -> Path:
        return self.path / "log"

    @property
    def postgres(self) -> Path:
        return self.path / "postgres"

    @property
    def redis(self) -> Path:
        return self.path / "redis"

    def prepare(self) -> None:
        """Make the folders. Refuses a home that cannot be written to, or a disk that is full."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            for folder in (self.run, self.log):
                folder.mkdir(exist_ok=True)
            # Writing is the only honest test: root, read-only mounts and quotas mock permission bits.
            with tempfile.TemporaryFile(dir=self.run) as probe:
                probe.write(b"\0" * 4096)
                probe.flush()
        except OSError as error:
            raise self.explained(error) from error
        self.insist_on_room(ROOM_TO_START)

    def insist_on_room(self, needed: int) -> None:
        """Refuse when fewer than `needed` bytes are free on the home's disk."""
        free = shutil.disk_usage(self.path).free
        if free < needed:
            raise Unavailable(
                f"The disk that holds {self.path} has {free // MEGABYTE} MB left and Commune needs"
                f" {needed // MEGABYTE} MB: free some room there, or point COMMUNE_HOME at another disk."
            )

    def explained(self, error: OSError) -> Unavailable:
        """The sentence for an error met while writing into this home."""
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return self.full()
        return Unavailable(
            f"Commune cannot write to {self.path} ({error.strerror or error}): make that folder writable for"
            " you, or point COMMUNE_HOME at one that is."
        )

    def full(self) -> Unavailable:
        return Unavailable(
            f"The disk that holds {self.path} is full: free some room there (200 MB will do), or point"
            " COMMUNE_HOME at another disk."
        )


def tail(path: Path, *, since: int = 0, lines: int = 20) -> list[str]:
    """The last `lines` lines written to a log after byte `since`; empty when there is no log."""
    try:
        with path.open("rb") as log:
            size = log.seek(0, os.SEEK_END)
            log.seek(max(since, size - 64 * 1024))
            return log.read().decode("utf-8", "replace").splitlines()[-lines:]
    except OSError:
        return []


def open_log(path: Path) -> tuple[int, int]:
    """Open a log for appending; gives its descriptor and its length. A log past 5 MB becomes `.1` first."""
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_name(path.name + ".1"))
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o640)
    return descriptor, os.fstat(descriptor).st_size
