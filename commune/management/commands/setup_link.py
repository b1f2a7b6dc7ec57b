from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from commune.setup import setup_link


class Command(BaseCommand):
    help = "Print the one-time address that sets up an empty community; nothing once that is done."

    def handle(self, *args: Any, **options: Any) -> None:
        link = setup_link()
        if link:
            self.stdout.write(f"Set up your community here, once: {link}")
