"""The supervisor: starts everything, watches it, stops it. `make run` becomes this process.

In order: PostgreSQL and Redis (see commune.embedded), `prepare`, then web, live, worker and beat. When one of them
ends, or somebody presses Ctrl-C, all of them are stopped. One thread, so that children can ask the kernel to
be told of our death.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import FrameType

from commune.embedded import ROOT, Attached, Home, Unavailable, attach
from commune.embedded.locks import open_lock, taken
from commune.embedded.processes import before_exec
from commune.run.address import Address, Broken
from commune.run.parts import MARK, Part, bury_the_last, patiently

READY_WITHIN = 60.0
# Seconds that each part has to finish what it is doing, once told to stop.
PATIENCE = {"web": 8.0, "live": 6.0, "beat": 5.0, "worker": 10.0}


class Asked(BaseException):
    """Somebody asked us to stop: Ctrl-C, SIGTERM, or the terminal was closed."""


def say(line: str = "") -> None:
    # The terminal may be gone (its window was closed): that is no reason not to stop in order.
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


class Supervisor:
    """One run of Commune in one home."""

    def __init__(self) -> None:
        self.home = Home.named()
        self.address = Address.from_environment()
        self.live = self.address
        self.parts: list[Part] = []
        self.preparing: subprocess.Popen[bytes] | None = None
        self.services: Attached | None = None
        self.stopping = False
        self.hurried = False

    def on_signal(self, number: int, frame: FrameType | None) -> None:
        """The first signal stops everything in order; another one, at once."""
        if self.stopping:
            self.hurried = True
        else:
            self.stopping = True
            raise Asked

    def run(self) -> None:
        """Start everything and watch it. Ends only by an exception: `Asked`, `Broken` or `Unavailable`."""
        began = time.monotonic()
        self.home.prepare()
        self._lock()
        if bury_the_last(self.home.path):
            say("An earlier run was killed and left something running: it is gone now.")
        self.address.insist_that_it_is_free()
        self.live = self.address.neighbour()
        self.services = attach(self.home.path)
        answers = self._prepare()
        self._start()
        self._wait_until_healthy()
        self._greet(answers, time.monotonic() - began)
        self._watch()

    def stop(self) -> None:
        """Stop everything that `run` started, in order, within a minute."""
        self.stopping = True
        if self.preparing is not None and self.preparing.poll() is None:
            self.preparing.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.preparing.wait(10)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.preparing.pid, signal.SIGKILL)
        for name in PATIENCE:
            for part in [part for part in self.parts if part.name == name]:
                self._stop_part(part)
        if self.services is not None:
            self.services.release()

    def _stop_part(self, part: Part) -> None:
        others = [other for other in self.parts if other is not part]
        # A worker that does not finish its task in time is told to drop it; it is taken up again next time.
        for number, seconds in ((signal.SIGTERM, PATIENCE[part.name]), (signal.SIGQUIT, 2.0)):
            if self.hurried or part.ended():
                break
            part.ask(number)
            deadline = time.monotonic() + seconds
            while not self.hurried and time.monotonic() < deadline and not patiently([part], 0.2):
                for other in others:
                    other.listen()  # a full pipe would hold it up
        part.sweep()
        self.parts.remove(part)

    def _lock(self) -> None:
        """One supervisor per home. The lock lasts as long as this process; the file says where it serves."""
        path = self.home.run / "supervisor"
        lock = open_lock(path)
        if not taken(lock, fcntl.LOCK_EX):
            where = path.read_text().strip()
            raise Broken(f"Commune is already running in {self.home.path}{f', at {where}' if where else ''}.")
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{self.address.url}\n".encode(), 0)

    def _environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "COMMUNE_DEVELOPMENT": os.environ.get("COMMUNE_DEVELOPMENT") or "1",
            "COMMUNE_HOME": str(self.home.path),
            "DJANGO_SETTINGS_MODULE": "commune.settings",
            "HOST": self.address.host,
            "LIVE_URL": os.environ.get("LIVE_URL", f"{self.live.local_url}/live/"),
            "PORT": str(self.address.port),
            "PYTHONUNBUFFERED": "1",
            MARK: str(self.home.path),
        }

    def _prepare(self) -> dict[str, list[str]]:
        """Run `prepare` in a process of its own, so that Django does not stay in this one; what it says."""
        answers = self.home.run / "prepared.json"
        answers.unlink(missing_ok=True)
        self.preparing = subprocess.Popen(  # noqa: S603 - our own command
            [sys.executable, "-m", "commune.run.prepare", str(answers)],
            stdin=subprocess.DEVNULL,
            cwd=ROOT,
            env=self._environment(),
            process_group=0,
            preexec_fn=before_exec(ends_with=signal.SIGTERM),  # we have one thread
        )
        while self.preparing.poll() is None:
            time.sleep(0.05)
        if self.preparing.returncode != 0:
            raise Broken("Commune is not ready to run: see above.")
        heard: dict[str, list[str]] = json.loads(answers.read_text())
        answers.unlink(missing_ok=True)
        return heard

    def _start(self) -> None:
        python, environment = sys.executable, self._environment()
        celery = [python, "-m", "celery", "-A", "commune"]
        granian = [python, "-m", "granian", "--host", self.address.host, "--workers", "1", "--no-ws"]
        granian += ["--workers-kill-timeout", "5"]
        web = ["--interface", "wsgi", "--port", str(self.address.port), "--blocking-threads", "8"]
        live = ["--interface", "asgi", "--port", str(self.live.port)]
        commands = {
            "web": [*granian, *web, "commune.wsgi:application"],
            "live": [*granian, *live, "commune.live.app:application"],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip"]
            + ["--without-mingle"],
            "beat": [*celery, "beat", "--loglevel", "INFO", "--pidfile="],
        }
        for name, command in commands.items():
            self.parts.append(Part(name, command, environment, self.home.log / f"{name}.log"))

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while not self.address.healthy():
            self._insist_that_all_live()
            if time.monotonic() > deadline:
                web = self.parts[0]
                raise Broken(_last_words(f"The site has not answered for {READY_WITHIN:.0f} seconds.", web.last_words))
            patiently(self.parts, 0.1)

    def _insist_that_all_live(self) -> None:
        for part in self.parts:
            part.listen()
            if part.ended():
                patiently([part], 0.1)
                code = part.process.returncode
                how = f"was killed by signal {-code}" if code < 0 else f"ended with code {code}"
                raise Broken(_last_words(f"The {part.name} {how}, so everything stops.", part.last_words))
        for lease in self.services.leases if self.services else []:
            if lease.lost():
                raise Broken(_last_words(f"{lease.label} has stopped, so everything stops.", lease.last_words()))

    def _greet(self, answers: dict[str, list[str]], seconds: float) -> None:
        say()
        say(f"Commune is at {self.address.url}/  (ready in {seconds:.1f} s)")
        for line in answers["told"] + answers["logins"]:
            say(f"  {line}")
        say(f"Logs: {_short(self.home.log)}/    Stop: Ctrl-C")

    def _watch(self) -> None:
        with selectors.DefaultSelector() as ears:
            for part in self.parts:
                ears.register(part.output, selectors.EVENT_READ, part)
            while True:
                for key, _events in ears.select(timeout=0.5):
                    if not key.data.listen():
                        ears.unregister(key.fileobj)
                self._insist_that_all_live()


def _last_words(what: str, words: Iterable[str]) -> str:
    said = [f"  {line}" for line in words]
    return "\n".join([what, "Its last words:", *said]) if said else what


def _short(path: Path) -> str:
    with contextlib.suppress(ValueError):
        return str(path.relative_to(Path.cwd()))
    return str(path)


def main() -> int:
    """Run until asked to stop (0) or until something breaks (1)."""
    try:
        supervisor = Supervisor()
    except Broken as error:
        sys.stderr.write(f"{error}\n")
        return 1
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, supervisor.on_signal)
    code = 1
    try:
        supervisor.run()
    except Asked:
        code = 0
        say("\nStopping …")
    except (Broken, Unavailable) as error:
        with contextlib.suppress(OSError):
            sys.stderr.write(f"{error}\n")
    finally:
        supervisor.stop()
    if code == 0:
        say("Everything has stopped.")
    return code
