from __future__ import annotations

from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from commune.bench import MODULES, each


class Command(BaseCommand):
    help = "Measure what hostile input costs at a size and at twice that size; fails where it grows too fast."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("words", nargs="*", help="Only cases whose name contains one of these words.")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = 0
        self.stdout.write(f"{'case':44} {'n':>8} {'n, ms':>9} {'2n, ms':>9} {'ratio':>6} {'out':>9}")
        for name in MODULES:
            wanted = (
                case
                for case in import_module(name).cases()
                if not options["words"] or any(word in case.name for word in options["words"])
            )
            for one in each(wanted):
                faults += bool(one.fault)
                self.stdout.write(
                    f"{one.case.name:44} {one.case.size:8} {one.once * 1000:9.1f} {one.twice * 1000:9.1f}"
                    f" {one.ratio:6.2f} {one.output:9} {one.fault}"
                )
        if faults:
            raise CommandError(f"{faults} cases grow too fast, or too large.")
        self.stdout.write("Every case is within its bounds.")
