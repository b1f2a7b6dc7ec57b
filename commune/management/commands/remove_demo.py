from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from commune.demo.removal import remove_demo
from commune.setup import setup_link


class Command(BaseCommand):
    help = "Take the demo community away, and nothing else: what real people wrote stays."

    def handle(self, *args: Any, **options: Any) -> None:
        done = remove_demo()
        self.stdout.write(
            f"Gone: {done.topics} topics, {done.posts} posts, {done.members} members, {done.forums} forums."
        )
        for line in done.kept:
            self.stdout.write(f"Kept: {line}")
        link = setup_link()
        if link:
            self.stdout.write(f"Set up your own community here, once: {link}")
