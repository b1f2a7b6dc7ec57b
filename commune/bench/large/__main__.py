"""Fills a PostgreSQL of its own and measures every list in it. TOPICS in the environment sets the size."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

from commune.embedded import attach


def say(line: str = "") -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> int:
    topics = int(os.environ.get("TOPICS", "1000000"))
    with tempfile.TemporaryDirectory(prefix="commune-large-") as home:
        os.environ |= {"COMMUNE_HOME": home, "COMMUNE_DEVELOPMENT": "1", "DJANGO_SETTINGS_MODULE": "commune.settings"}
        for given in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(given, None)
        attached = attach(Path(home), durable=False)
        try:
            return _measure(topics)
        finally:
            attached.release()


def _measure(topics: int) -> int:
    import django  # noqa: PLC0415 - its settings need the database's address

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from tqdm import tqdm  # noqa: PLC0415

    from commune.bench.large.filling import fill  # noqa: PLC0415
    from commune.bench.large.lists import measured  # noqa: PLC0415
    from forums.models import Post  # noqa: PLC0415

    call_command("migrate", interactive=False, verbosity=0)
    began = time.monotonic()
    with tqdm(total=topics, desc="Filling", unit=" topics", disable=not sys.stderr.isatty()) as bar:
        cast = fill(topics, bar.update)
    posts = Post.objects.count()
    say(f"{topics:,} topics and {posts:,} posts, filled in {time.monotonic() - began:.0f} s.")
    say()
    say(f"{'list':46} {'for':8} {'queries':>7} {'ms':>8}  {'indexes'}")
    faults = 0
    for one in measured(cast):
        faults += bool(one.fault)
        indexes = ", ".join(one.indexes)
        say(f"{one.name:46} {one.reader:8} {one.queries:7} {one.milliseconds:8.1f}  {indexes} {one.fault}")
    if faults:
        say(f"{faults} lists cost more than they may, or read a table from its beginning.")
        return 1
    say("Every list is one question or a few, answered from its indexes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
