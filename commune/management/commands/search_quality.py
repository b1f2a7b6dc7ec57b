from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from commune.search_quality import Found, figures, import_archives, judge, judged
from forums.readers import reader_for

SCRATCH = "commune_search_quality"


class Command(BaseCommand):
    help = "Ask search the judged questions on the archives of COMMUNE_ARCHIVES, in a database that is thrown away."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--current", action="store_true", help="ask the database as it is; import nothing")

    def handle(self, *args: Any, current: bool, **options: Any) -> None:
        if current:
            self._ask()
            return
        folder = os.environ.get("COMMUNE_ARCHIVES", "")
        if not folder:
            raise CommandError("COMMUNE_ARCHIVES names no folder: set it to where the archives are, or use --current.")
        before = connection.settings_dict["NAME"]
        connection.settings_dict["TEST"]["NAME"] = SCRATCH
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        try:
            for said in import_archives(Path(folder)):
                self.stderr.write(said)
            self._ask()
        finally:
            connection.creation.destroy_test_db(before, verbosity=0)

    def _ask(self) -> None:
        found = []
        for one in judge(reader_for(None), judged()):
            found.append(one)
            self.stdout.write(f"{one.rank or '–':>3}  {one.question.lang}  {one.question.words}")
        for lang in ("fr", "en", ""):
            self._sum_up(lang or "all", [one for one in found if lang in {"", one.question.lang}])

    def _sum_up(self, name: str, found: list[Found]) -> None:
        asked, on_top, reciprocal = figures(found)
        self.stdout.write(f"{name}: {on_top} of {asked} on top, mean reciprocal rank {reciprocal:.3f}")
