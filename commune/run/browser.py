"""Finds a Chromium for the browser tests, or has one installed; writes its path, which `make test` passes on.

Cheapest first: one of the system, Playwright's own if it is there, apt as root, Playwright's download.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWERS_WITHIN = 60
INSTALLED_WITHIN = 300


def works(path: str) -> bool:
    """Whether it really starts: Ubuntu's may be a note about snaps, a downloaded one may lack libraries."""
    command = [path, "--headless", "--no-sandbox", "--disable-gpu", "--dump-dom", "about:blank"]
    try:
        done = subprocess.run(command, capture_output=True, timeout=ANSWERS_WITHIN, check=False)  # noqa: S603 - ours
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"<html" in done.stdout


def attempt(*command: str) -> None:
    """Run an installer for at most five minutes, its words on standard error. If it fails, so be it."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        subprocess.run(  # noqa: S603 - our own commands
            command, stdout=sys.stderr, env=environment, timeout=INSTALLED_WITHIN, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        sys.stderr.write(f"{command[0]}: {error}\n")


def of_the_system() -> Iterator[str]:
    if chosen := os.environ.get("COMMUNE_CHROMIUM"):
        yield chosen
    yield from filter(None, map(shutil.which, NAMES))


def of_playwright() -> Iterator[str]:
    places = os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright"
    for program in ("chrome", "headless_shell", "chrome-headless-shell"):
        yield from map(str, sorted(Path(places).glob(f"chromium*/*/{program}"), reverse=True))


def by_apt() -> Iterator[str]:
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stderr.write("Installing Chromium with apt for the browser tests …\n")
        attempt("apt-get", "update", "-qq")
        attempt("apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium")
        yield from of_the_system()


def by_download() -> Iterator[str]:
    sys.stderr.write("Downloading Playwright's Chromium for the browser tests …\n")
    attempt(sys.executable, "-m", "playwright", "install", "chromium")
    yield from of_playwright()


def main() -> int:
    for way in (of_the_system, of_playwright, by_apt, by_download):
        for path in way():
            if works(path):
                sys.stdout.write(path + "\n")
                return 0
    sys.stderr.write(
        "The browser tests need a Chromium and none could be had: install one (for example `apt install"
        " chromium`, or `.venv/bin/python -m playwright install --with-deps chromium`), then try again.\n"
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
