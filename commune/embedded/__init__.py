"""A PostgreSQL and a Redis of one's own, for development and tests: nothing to install, nothing to configure.

`attach()` is the door. Services are shared by all processes of a home and stop when the last of them has
left; see `keeper` for how, and docs/running.md for what it looks like from outside.
"""

from __future__ import annotations

import atexit
import os
from pathlib import Path

from commune.embedded.lease import Lease
from commune.embedded.places import ROOT, Home, Unavailable

__all__ = ["ROOT", "Attached", "Home", "Lease", "Unavailable", "attach", "given"]

VARIABLES = {"postgres": "DATABASE_URL", "redis": "REDIS_URL"}


def given(variable: str) -> bool:
    """Whether the environment names a service of its own, as NAME or as NAME_FILE."""
    return bool(os.environ.get(variable) or os.environ.get(f"{variable}_FILE"))


class Attached:
    """What this process uses of a home's embedded services: none, one or both."""

    def __init__(self, home: Home, leases: list[Lease]) -> None:
        self.home = home
        self.leases = leases

    def release(self) -> None:
        """Give everything back, the last taken first; wait until what nobody else uses has stopped."""
        while self.leases:
            self.leases.pop().release()


def attach(home: Path | str | None = None, *, durable: bool = True) -> Attached:
    """Put DATABASE_URL and REDIS_URL into the environment, those that are not there yet.

    Finds the embedded services of `home` (default: COMMUNE_HOME, else `.local`) running, or starts them for
    as long as this process lives; makes the home and the database if there are none. Does nothing when both
    variables are set. `durable=False` is for tests: fast, and broken after a power cut. Raises `Unavailable`
    with one sentence.
    """
    place = Home.named(home)
    wanting = [name for name, variable in VARIABLES.items() if not given(variable)]
    attached = Attached(place, [])
    if not wanting:
        return attached
    place.prepare()
    try:
        for name in wanting:
            attached.leases.append(Lease(name, place, durable=durable))
    except OSError as error:
        attached.release()
        raise place.explained(error) from error
    except BaseException:
        attached.release()
        raise
    for lease in attached.leases:
        os.environ[VARIABLES[lease.name]] = lease.url
    atexit.register(attached.release)
    return attached
