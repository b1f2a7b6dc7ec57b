from __future__ import annotations

import os
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from commune.rule_quality import ARCHIVES, Judged, counted, judged, set_of
from moderation.models import AutomaticRule


class Command(BaseCommand):
    help = (
        "Say what the automatic rules that are on would do on a set of adverts and innocent posts, and on the archives "
        "of COMMUNE_ARCHIVES, if it names a folder. Nothing is written."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--show", action="store_true", help="also show what was wrongly held and what passed")

    def handle(self, *args: Any, show: bool, **options: Any) -> None:
        rules = list(AutomaticRule.objects.on())
        for kind in ("advert", "innocent"):
            found = list(judged(set_of(kind), rules, together=False))
            self._sum_up(kind, found)
            if show:
                self._show([one for one in found if one.is_held == (kind == "innocent")])
        folder = os.environ.get("COMMUNE_ARCHIVES", "")
        for name, (file, posts) in ARCHIVES.items() if folder else ():
            found = list(judged(list(posts(Path(folder) / file)), rules, together=True))
            self._sum_up(name, found)
            if show:
                self._show([one for one in found if one.is_held])

    def _sum_up(self, name: str, found: list[Judged]) -> None:
        told = counted(found)
        read = told.pop("read")
        self.stdout.write(f"{name}: {read}")
        for what, count in told.items():
            self.stdout.write(f"  {count:>5}  {100 * count / read:6.2f} %  {what}")

    def _show(self, found: list[Judged]) -> None:
        for one in found:
            names = ", ".join(rule.name_en for rule in one.rules)
            self.stdout.write(f"  – [{one.written.sort}] {' '.join(one.written.body.split())[:200]} ({names})")
