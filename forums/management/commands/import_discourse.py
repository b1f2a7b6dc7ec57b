from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from forums.management.importing import ImportForum
from toolkit.archives import Archive, read_discourse


class Command(ImportForum):
    help = (
        "Import a zip of Discourse topics (as /t/ID.json gives them). Run again, it passes over what is there already."
    )

    def read(self, file: Path, site: str, progress: Callable[[int], object]) -> Archive:
        return read_discourse(file, site=site, progress=progress)
