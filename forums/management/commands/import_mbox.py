from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from tqdm import tqdm

from forums.actions.imports import Report, import_archive
from forums.management.importing import forum_of_slug
from toolkit.mail import Archive, read_archive


class Command(BaseCommand):
    help = (
        "Import a mailing list's archive (mbox) into a forum. May be run again: what is there already is passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the mbox file")
        parser.add_argument("--forum", required=True, metavar="SLUG", help="the forum's address")
        parser.add_argument("--language", choices=["fr", "en"], default="", help="of all messages; else found for each")
        parser.add_argument("--progress", action="store_true", help="show a progress bar even without a terminal")

    def handle(self, *args: Any, file: Path, forum: str, language: str, progress: bool, **options: Any) -> None:
        there = forum_of_slug(forum)
        shown = progress or sys.stderr.isatty()
        archive = self._archive(file, shown)
        total = sum(len(thread) for thread in archive.threads)
        try:
            with tqdm(total=total, desc=_("Importing"), unit=" " + _("messages"), disable=not shown) as bar:
                report = import_archive(archive, there, lang=language, progress=bar.update)
        except KeyboardInterrupt:
            self.stderr.write(_("Stopped. Run the same command again to go on."))
            sys.exit(130)
        self._tell(archive, report)

    def _archive(self, file: Path, shown: bool) -> Archive:
        try:
            size = file.stat().st_size
            with tqdm(total=size, desc=_("Reading"), unit="B", unit_scale=True, disable=not shown) as bar:
                archive = read_archive(file, progress=bar.update)
        except OSError as error:
            raise CommandError(
                _("“%(file)s” cannot be read: %(reason)s.") % {"file": file, "reason": error.strerror or error}
            ) from error
        if not any(place.entry.is_headed for thread in archive.threads for place in thread):
            raise CommandError(_("“%(file)s” is not a mailbox (mbox): it holds no message.") % {"file": file})
        return archive

    def _tell(self, archive: Archive, report: Report) -> None:
        lines = [
            (pgettext("how many messages", "Read"), archive.read),
            (_("Imported"), report.imported),
            (_("Already there"), report.known),
            (_("Repeated in the file"), archive.repeated),
            (_("Damaged"), report.damaged),
            (_("Threads"), len(archive.threads)),
            (_("New topics"), report.new_topics),
            (_("New authors"), report.new_authors),
            (_("Authors known before"), report.known_authors),
            (_("Odd cases"), len(archive.odd)),
        ]
        width = max(len(name) for name, _count in lines)
        for name, count in lines:
            self.stdout.write(f"{name:<{width}}  {count}")
        for odd in sorted(archive.odd, key=lambda odd: odd.number):
            said = {"number": odd.number, "id": odd.external_id, "what": odd.what}
            self.stdout.write(_("Message %(number)d <%(id)s>: %(what)s") % said)
