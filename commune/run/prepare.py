"""What is to be done between starting the database and serving, in one process: Django starts but once.

Run as `python -m commune.run.prepare ANSWERS`; the file ANSWERS gets what is to be shown once the site is up.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import sys
from pathlib import Path

import django
from django.core.management import CommandError, call_command
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from commune.demo import logins
from commune.embedded import Home


class Failed(Exception):
    """A step did not work; the message says which and why."""


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def quietly(what: str, name: str, *arguments: str, **options: object) -> str:
    """Run a management command; gives what it wrote, which nobody needs to see unless it fails."""
    heard = io.StringIO()
    try:
        call_command(name, *arguments, stdout=heard, stderr=heard, **options)
    except CommandError as error:
        raise Failed(f"{heard.getvalue()}{what} failed: {error}") from error
    except SystemExit as error:
        if error.code:
            raise Failed(f"{heard.getvalue()}{what} failed.") from error
    except Exception:
        sys.stderr.write(heard.getvalue() + f"{what} failed:\n")
        raise
    return heard.getvalue()


def migrate() -> None:
    executor = MigrationExecutor(connections[DEFAULT_DB_ALIAS])
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        say(f"Bringing the database up to date ({len(plan)} migrations) …")
        quietly("Bringing the database up to date", "migrate", interactive=False, verbosity=1)


def first_run(home: Home) -> Path:
    """The file that says that this database has had its first run; removed with every new database."""
    database = os.environ.get("DATABASE_URL") or os.environ["DATABASE_URL_FILE"]
    which = hashlib.sha256(database.encode()).hexdigest()[:16]
    return home.run / f"first-run-{which}"


def fill_in(home: Home, *, demo: bool) -> None:
    """On the first run, the demo community. All or nothing: interrupted, it begins anew next time."""
    done = first_run(home)
    if done.exists():
        return
    if demo:
        say("Filling in a small community to look at …")
        quietly("Filling in the demo", "load_demo", "--if-empty")
    home.run.mkdir(parents=True, exist_ok=True)
    done.touch()


def prepare(answers: Path) -> None:
    home = Home.named()
    demo = os.environ.get("DEMO", "1") != "0"
    django.setup()
    quietly("Checking the settings", "check")
    migrate()
    quietly("Compiling the translations", "catalogue", "compile")
    quietly("Collecting the static files", "collectstatic", interactive=False, verbosity=0)
    fill_in(home, demo=demo)
    # For the end, when somebody looks: a link while there is no admin yet, the logins while there is a demo.
    told = quietly("Looking for an admin", "setup_link").splitlines()
    answers.write_text(json.dumps({"told": told, "logins": logins() if demo else []}))


def main(arguments: list[str]) -> int:
    try:
        prepare(Path(arguments[0]))
    except Failed as error:
        sys.stderr.write(f"{error}\n")
        return 1
    except OperationalError as error:
        said = str(error).strip().splitlines()[-1]
        sys.stderr.write(f"The database does not answer ({said}): look at DATABASE_URL.\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
