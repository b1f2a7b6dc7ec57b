#!/usr/bin/env python3
"""Django's commands, at any time: whether or not `make run` is up, a database and a Redis are there.

With DATABASE_URL and REDIS_URL set, those are used. Otherwise the embedded ones of COMMUNE_HOME are found
running, or started for as long as the command takes (see commune/embedded), and the settings are those of
development.
"""

import importlib.util
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
# Commands that only read and write files.
WITHOUT_SERVICES = {"help", "version", "collectstatic", "catalogue", "findstatic", "diffsettings", "startapp"}


def needs_services(arguments: list[str]) -> bool:
    command = arguments[0] if arguments else "help"
    if command.startswith("-") or "--help" in arguments or "-h" in arguments:
        return False
    return command not in WITHOUT_SERVICES


def in_our_python(arguments: list[str]) -> None:
    """Where Django is missing, become the Python of `.venv`; say what to do where that is missing too."""
    if importlib.util.find_spec("django") is not None:
        return
    ours = ROOT / ".venv" / "bin" / "python"
    if ours.exists() and Path(sys.prefix).resolve() != (ROOT / ".venv").resolve():
        os.execv(ours, [str(ours), str(Path(__file__).resolve()), *arguments])  # noqa: S606 - no shell
    sys.stderr.write("Django is not installed here: run `make install` once, then try again.\n")
    sys.exit(1)


def main() -> None:
    arguments = sys.argv[1:]
    in_our_python(arguments)
    from django.core.management import execute_from_command_line

    from commune import embedded

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commune.settings")
    if not embedded.given("DATABASE_URL"):
        # Whoever leaves the database to us is developing; a server is given one.
        os.environ.setdefault("COMMUNE_DEVELOPMENT", "1")
    if needs_services(arguments):
        try:
            embedded.attach()
        except embedded.Unavailable as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(1)
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
