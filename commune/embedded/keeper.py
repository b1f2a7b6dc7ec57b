"""The keeper of one embedded service: a process that starts it, and stops it when nobody uses it any more.

Everybody who uses the service holds a shared lock on `run/NAME.users`; the kernel lets go of it when they
die, whatever they die of. The keeper holds `run/NAME.keeper` while it lives and tries for the users' lock
from time to time: once it has it, nobody is left. Were the keeper itself killed, the kernel would tell the
service to stop (see `processes`).

Run as `python -m commune.embedded.keeper NAME HOME durable|throwaway`; says one line of JSON on its standard
output.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import signal
import sys
import time
from pathlib import Path
from types import FrameType

from commune.embedded.locks import open_lock, taken
from commune.embedded.places import Home, Unavailable, tail
from commune.embedded.postgres_server import Postgres
from commune.embedded.processes import until
from commune.embedded.redis_server import Redis

SERVICES: dict[str, type[Postgres] | type[Redis]] = {"postgres": Postgres, "redis": Redis}
PAUSE = 0.1


def keep(name: str, home: Home, *, durable: bool) -> int:
    """Be the keeper of service `name` until its last user has left; the exit code."""
    keeper_path, users_path = home.run / f"{name}.keeper", home.run / f"{name}.users"
    keeper, users = open_lock(keeper_path), open_lock(users_path)
    # Somebody who looks whether there is a keeper holds this lock for an instant: hence more than one try.
    if not until(lambda: taken(keeper, fcntl.LOCK_EX), 0.3, pause=0.05):
        answer({"busy": True})
        return 0
    state = home.run / f"{name}.state"
    state.unlink(missing_ok=True)
    asked_to_stop = []

    def stop(number: int, frame: FrameType | None) -> None:
        asked_to_stop.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for those who use us
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    service = SERVICES[name](home, durable=durable)
    try:
        url = service.start()
        said = json.dumps({"url": url, "keeper": os.getpid()})
        with open(os.open(f"{state}.new", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(said)
        os.replace(f"{state}.new", state)
        answer({"url": url})
        while service.alive() and not asked_to_stop and _there(keeper, keeper_path):
            if taken(users, fcntl.LOCK_EX):
                break
            time.sleep(PAUSE)
        return 0 if service.alive() else 1
    except Unavailable as error:
        answer({"unavailable": str(error)})
        return 1
    finally:
        with contextlib.suppress(OSError):
            state.unlink(missing_ok=True)
        service.stop()


def _there(descriptor: int, path: Path) -> bool:
    """Whether the file we hold is still the one at its path: somebody may have deleted the home under us."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except OSError:
        return False


def answer(what: dict[str, object]) -> None:
    """Tell whoever started us, who may have gone since."""
    with contextlib.suppress(OSError):
        os.write(1, json.dumps(what).encode() + b"\n")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)


def main(arguments: list[str]) -> int:
    name, path, durable = arguments
    home = Home.named(path)
    try:
        return keep(name, home, durable=durable == "durable")
    except OSError as error:
        if not home.path.exists():
            return 1  # deleted under us
        said = tail(home.log / f"{name}.log", lines=1)
        answer({"unavailable": str(home.explained(error)), "last": said})
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
