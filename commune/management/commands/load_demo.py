from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from commune.demo.play import play
from forums.models import Forum
from members.models import Community, Member


class Command(BaseCommand):
    help = "Fill an empty Commune with the demo community (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="Do nothing, silently, where anything is.")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEVELOPMENT:
            raise CommandError("The demo has known passwords: it loads in development only.")
        if Member.objects.exists() or Forum.objects.exists() or Community.current().is_set_up:
            if options["if_empty"]:
                return
            raise CommandError("This Commune is not empty; the demo would mix with what is there.")
        stage = play()
        self.stdout.write(f"The demo is in: {len(stage.topics)} topics, {len(stage.posts)} posts.")
