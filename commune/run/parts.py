"""One part of a running Commune: a child process in a group of its own, and its log."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from commune.embedded import ROOT
from commune.embedded.places import open_log
from commune.embedded.processes import before_exec, is_running, until

# In the environment of everything that a supervisor starts, with its home: what carries it is known again.
MARK = "COMMUNE_RUN"
LAST_WORDS = 20


class Part:
    """A child that writes to `log`, each line with its time and the part's name before it."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str], log: Path) -> None:
        """Start it. The kernel tells it to stop should we die without having done so."""
        self.name = name
        self.last_words: deque[str] = deque(maxlen=LAST_WORDS)
        self._rest = b""
        self._log, _length = open_log(log)
        self.process = subprocess.Popen(  # noqa: S603 - our own commands
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=ROOT,
            env=dict(environment),
            process_group=0,  # Ctrl-C in the terminal is for the supervisor, which stops the parts in order
            preexec_fn=before_exec(ends_with=signal.SIGTERM),  # we have one thread
        )
        assert self.process.stdout is not None  # noqa: S101 - we asked for a pipe
        self.output = self.process.stdout.fileno()
        os.set_blocking(self.output, False)

    def listen(self) -> bool:
        """Write down what it has said since last time; whether there may be more to come."""
        while True:
            try:
                said = os.read(self.output, 65536)
            except BlockingIOError:
                return True
            except OSError:
                return False
            *lines, self._rest = (self._rest + said).split(b"\n")
            if not said and self._rest:
                lines, self._rest = [self._rest], b""
            for line in lines:
                self._write_down(line.decode("utf-8", "replace").rstrip())
            if not said:
                return False

    def _write_down(self, line: str) -> None:
        self.last_words.append(line)
        stamped = f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self.name:6} | {line}\n"
        # A log that cannot be written (the disk is full) must not take the site down with it.
        with contextlib.suppress(OSError):
            os.write(self._log, stamped.encode())

    def ended(self) -> bool:
        return self.process.poll() is not None

    def ask(self, number: int) -> None:
        """Send it a signal; its own children are its own to stop."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)

    def sweep(self) -> None:
        """Kill what is left of its group and close its log."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(5)
        self.listen()
        with contextlib.suppress(OSError):
            os.close(self._log)
        if self.process.stdout is not None:
            self.process.stdout.close()


def bury_the_last(home: Path, *, patience: float = 5.0) -> int:
    """End what an earlier supervisor of this home, itself killed, left behind; how many processes.

    They have been told to stop when it died, so they get `patience` seconds to do so before they are killed.
    """
    left_behind = _marked(home)
    until(lambda: not any(is_running(pid) for pid in left_behind), patience, pause=0.1)
    for pid in _marked(home):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    until(lambda: not _marked(home), 5.0, pause=0.1)
    return len(left_behind)


def _marked(home: Path) -> list[int]:
    mark = os.fsencode(f"{MARK}={home}")
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if mark in (entry / "environ").read_bytes().split(b"\0") and is_running(int(entry.name)):
                found.append(int(entry.name))
    return [pid for pid in found if pid != os.getpid()]


def patiently(parts: Sequence[Part], seconds: float) -> bool:
    """Wait until all of `parts` have ended, listening to them meanwhile; whether they have."""
    deadline = time.monotonic() + seconds
    while not all(part.ended() for part in parts):
        for part in parts:
            part.listen()
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
