from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from tqdm import tqdm

from forums.actions.rendering import render_again
from forums.models import Post
from toolkit.markup import RENDERER_VERSION


class Command(BaseCommand):
    help = (
        "Render posts again whose HTML is of an older renderer, or shows a name that has changed. The worker does this "
        "by itself, a little at a time; stop and start this as you like."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        left = Post.objects.filter(renderer_version__lt=RENDERER_VERSION).count()
        done = 0
        with tqdm(total=left, unit=" posts", file=self.stderr, disable=None) as bar:
            while step := render_again():
                done += step
                bar.update(step)
        self.stdout.write(f"{done} posts rendered again.")
