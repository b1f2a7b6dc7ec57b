"""A user's side of an embedded service: have it started if need be, say when one is done with it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import select
import subprocess
import sys
import time

from commune.embedded.locks import open_lock, taken
from commune.embedded.places import ROOT, Home, Unavailable, open_log, tail
from commune.embedded.processes import is_running, until

PATIENCE = 90.0
LABELS = {"postgres": "PostgreSQL", "redis": "Redis"}


class Lease:
    """The use of one embedded service by this process (and those forked from it), until released or dead."""

    def __init__(self, name: str, home: Home, *, durable: bool = True) -> None:
        """Find the service `name` running in `home` or have it started; refuses with `Unavailable`."""
        self.name = name
        self.label = LABELS[name]
        self.home = home
        self._users: int | None = open_lock(home.run / f"{name}.users")
        self._owner = os.getpid()
        try:
            self.url = self._obtain(durable=durable)
        except BaseException:
            os.close(self._users)
            self._users = None
            raise

    def lost(self) -> bool:
        """Whether the service has ended under us."""
        return not self._kept()

    def last_words(self) -> list[str]:
        """The last twenty lines of its log."""
        return tail(self.home.log / f"{self.name}.log")

    def release(self) -> None:
        """Give the service back. If nobody else uses it, wait until it has stopped (at most 40 seconds)."""
        if self._users is None or self._owner != os.getpid():
            return
        os.close(self._users)
        self._users = None
        until(self._stopped_or_shared, 40.0, pause=0.03)

    def _stopped_or_shared(self) -> bool:
        if not self._kept():
            return True
        try:
            probe = open_lock(self.home.run / f"{self.name}.users")
        except OSError:
            return True  # the home is being deleted
        try:
            if taken(probe, fcntl.LOCK_EX):
                return False  # nobody uses it, and its keeper is about to see that
            # Shared by others: theirs to stop. Not to be shared: its keeper is stopping it.
            return taken(probe, fcntl.LOCK_SH)
        finally:
            os.close(probe)

    def _obtain(self, *, durable: bool) -> str:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            # Not to be had while a keeper is stopping the service: then we wait, and start it anew.
            if self._users is None or not taken(self._users, fcntl.LOCK_SH):
                time.sleep(0.05)
            elif self._kept():
                if url := self._announced():
                    return url
                time.sleep(0.05)
            elif url := self._started(durable=durable):
                return url
        raise Unavailable(
            f"The embedded {self.label} in {self.home.path} has neither started nor stopped for"
            f" {PATIENCE:.0f} seconds: see {self.home.log / self.name}.log, and start again."
        )

    def _kept(self) -> bool:
        """Whether a keeper lives."""
        try:
            probe = os.open(self.home.run / f"{self.name}.keeper", os.O_RDWR | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            return not taken(probe, fcntl.LOCK_SH)
        finally:
            os.close(probe)

    def _announced(self) -> str | None:
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            state = json.loads((self.home.run / f"{self.name}.state").read_text())
            # A keeper that was killed leaves its announcement behind.
            if is_running(int(state["keeper"])):
                return str(state["url"])
        return None

    def _started(self, *, durable: bool) -> str | None:
        """Start a keeper; the URL, or None when another keeper was faster."""
        log, _length = open_log(self.home.log / f"{self.name}.log")
        try:
            keeper = subprocess.Popen(  # noqa: S603 - our own command
                [
                    *(sys.executable, "-m", "commune.embedded.keeper"),
                    *(self.name, str(self.home.path), "durable" if durable else "throwaway"),
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=ROOT,
                start_new_session=True,
            )
        finally:
            os.close(log)
        said = _line(keeper, PATIENCE)
        # It outlives us: it is not ours to wait for, and Python need not warn about that.
        keeper.returncode = 0
        try:
            heard = json.loads(said)
        except ValueError:
            words = " ".join(self.last_words()[-1:]) or "it said nothing"
            raise Unavailable(
                f"The embedded {self.label} did not start ({words}): see {self.home.log / self.name}.log."
            ) from None
        if "unavailable" in heard:
            raise Unavailable(str(heard["unavailable"]))
        return str(heard["url"]) if "url" in heard else None


def _line(process: subprocess.Popen[bytes], patience: float) -> bytes:
    """The first line that the process says; what there is of it when it ends or `patience` runs out."""
    pipe = process.stdout
    heard = b""
    deadline = time.monotonic() + patience
    while pipe is not None and b"\n" not in heard:
        ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))
        more = os.read(pipe.fileno(), 65536) if ready else b""
        if not more:
            break
        heard += more
    if pipe is not None:
        pipe.close()
    return heard
