from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from forums.management.importing import ImportForum
from toolkit.archives import Archive, read_json


class Command(ImportForum):
    help = "Import a forum from a JSON file (see docs/importing.md). Run again, it passes over what is there already."

    def read(self, file: Path, site: str, progress: Callable[[int], object]) -> Archive:
        return read_json(file, site=site, progress=progress)
