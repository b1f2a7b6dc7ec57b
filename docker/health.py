"""Whether the service of this container is well: ends with 0 if so. Usage: health.py web|live|worker|beat"""

from __future__ import annotations

import os
import socket
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

# Celery beat writes its schedule down every three minutes.
BEAT_PATIENCE = 7 * 60.0  # seconds


def web() -> str:
    """Asks the page that asks the database, by the site's own name; what is wrong, if anything."""
    request = urllib.request.Request(  # noqa: S310 - the address is ours
        f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/healthz",
        headers={"Host": urlsplit(os.environ.get("SITE_URL", "")).netloc or "localhost"},
    )
    try:
        with urllib.request.urlopen(request, timeout=8) as answer:  # noqa: S310
            return "" if answer.status == 200 else f"/healthz answers {answer.status}"
    except OSError as error:
        return f"/healthz: {error}"


def live() -> str:
    """Asks whether it answers at all: it is well also while Redis is away."""
    address = f"http://127.0.0.1:{os.environ.get('PORT', '8000')}/live/healthz"
    try:
        with urllib.request.urlopen(address, timeout=8) as answer:  # noqa: S310 - the address is ours
            return "" if answer.status == 200 else f"/live/healthz answers {answer.status}"
    except OSError as error:
        return f"/live/healthz: {error}"


def worker() -> str:
    """Becomes Celery's own question to the worker of this container."""
    name = f"celery@{socket.gethostname()}"
    os.execvp(  # noqa: S606 - no shell
        "celery",  # noqa: S607 - the one of this image
        ["celery", "--app", "commune", "inspect", "--timeout", "10", "--destination", name, "ping"],
    )


def beat() -> str:
    """Looks at when beat last wrote its schedule down; what is wrong, if anything."""
    home = Path(os.environ.get("COMMUNE_HOME", "/data"))
    written = [path.stat().st_mtime for path in home.glob("beat-schedule*")]
    if not written:
        return f"no schedule in {home}"
    age = time.time() - max(written)
    return "" if age < BEAT_PATIENCE else f"the schedule was last written {age:.0f} seconds ago"


CHECKS = {"web": web, "live": live, "worker": worker, "beat": beat}


def main(arguments: list[str]) -> int:
    """Check the service named by the first argument."""
    wrong = CHECKS[arguments[0]]()
    if wrong:
        sys.stderr.write(f"{wrong}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
