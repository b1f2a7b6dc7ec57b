from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from forums.queries.counters import drift


class Command(BaseCommand):
    help = "Recompute every counter and report what drifted; fails when anything did."

    def handle(self, *args: Any, **options: Any) -> None:
        found = drift()
        for one in found:
            self.stdout.write(f"{one.counter} of {one.row} says {one.says}, counted {one.is_really}")
        if found:
            raise CommandError(f"{len(found)} counters drifted.")
        self.stdout.write("Every counter is right.")
