"""What the commands that import a forum's archive have in common."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from tqdm import tqdm

from forums.actions.imports import Account, import_discussions, make_rooms, mapped_rooms
from forums.models import Forum
from toolkit.archives import Archive, Line, Unreadable
from toolkit.verdicts import Refused

ODD_SHOWN = 200  # lines about single posts; further ones are counted


class ImportForum(BaseCommand, ABC):
    """Read an archive, choose the forums, import, and account for every record."""

    @abstractmethod
    def read(self, file: Path, site: str, progress: Callable[[int], object]) -> Archive:
        """The archive, in the shape that all formats have in common."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the archive")
        where = parser.add_mutually_exclusive_group(required=True)
        where.add_argument("--forum", metavar="SLUG", default="", help="the address of the forum for everything")
        where.add_argument("--forums", metavar="FILE", type=Path, help='a TOML file: "name there" = "address here"')
        where.add_argument("--make-forums", action="store_true", help="make the forums that the archive has")
        parser.add_argument("--site", default="", metavar="URL", help="where it was, for links and attribution")
        parser.add_argument("--name", default="", help="what the archive is known by in later runs; else found in it")
        parser.add_argument("--language", choices=["fr", "en"], default="", help="of all posts; else found for each")
        parser.add_argument("--progress", action="store_true", help="show a progress bar even without a terminal")

    def handle(self, *args: Any, file: Path, site: str, name: str, language: str, progress: bool, **said: Any) -> None:
        shown = progress or sys.stderr.isatty()
        try:
            archive = self._archive(file, site, shown)
            archive.name = name or archive.name
            forum_of = self._forums(archive, language, said)
            with tqdm(total=archive.total, desc=_("Importing"), unit=" " + _("posts"), disable=not shown) as bar:
                account = import_discussions(archive, forum_of, lang=language, progress=bar.update)
        except (Unreadable, Refused) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            self.stderr.write(_("Stopped. Run the same command again to go on."))
            sys.exit(130)
        self._tell(account)

    def _archive(self, file: Path, site: str, shown: bool) -> Archive:
        if site and not site.startswith(("http://", "https://")):
            raise CommandError(_("“%(site)s” is no address: begin with https://.") % {"site": site})
        with tqdm(desc=_("Reading"), unit="B", unit_scale=True, disable=not shown) as bar:
            return self.read(file, site, bar.update)

    def _forums(self, archive: Archive, language: str, said: dict[str, Any]) -> Callable[[str], Forum]:
        if said["forum"]:
            one = forum_of_slug(said["forum"])
            return lambda _name: one
        names = archive.forums or [archive.name]
        if said["make_forums"]:
            rooms = make_rooms(names, lang=language)
        else:
            rooms = mapped_rooms(_bytes_of(said["forums"]), names)
        first = rooms[names[0]]
        return lambda name: rooms.get(name, first)

    def _tell(self, account: Account) -> None:
        """The table of accounts: read = imported + already there + left out, and why."""
        kinds = _kinds()
        rows = [(kinds[kind], line) for kind, line in account.ledger.lines.items() if line.read]
        heads = ["", pgettext("how many messages", "Read"), _("Imported"), _("Already there"), _("Left out")]
        cells = [
            [kind, *(str(n) for n in (line.read, line.imported, line.known, line.left_out.total()))]
            for kind, line in rows
        ]
        widths = [max(len(row[column]) for row in [heads, *cells]) for column in range(len(heads))]
        for row in [heads, *cells]:
            self.stdout.write("  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip())
        for kind, line in rows:
            self._tell_left_out(kind, line)
        self.stdout.write(_("New topics: %(n)d") % {"n": account.new_topics})
        for odd in account.odd[:ODD_SHOWN]:
            self.stdout.write(f"{odd.id}: {odd.what}")
        if len(account.odd) > ODD_SHOWN:
            self.stdout.write(_("… and %(n)d more.") % {"n": len(account.odd) - ODD_SHOWN})

    def _tell_left_out(self, kind: str, line: Line) -> None:
        for reason, number in line.left_out.most_common():
            said = {"kind": kind, "n": number, "reason": reason}
            self.stdout.write(_("%(kind)s left out: %(n)d, %(reason)s.") % said)


def forum_of_slug(slug: str) -> Forum:
    """Raises CommandError, naming those that there are, if there is no such forum."""
    found = Forum.objects.filter(slug=slug).first()
    if found is None:
        slugs = ", ".join(Forum.objects.values_list("slug", flat=True)) or _("none")
        raise CommandError(
            _("There is no forum “%(slug)s”. The forums are: %(slugs)s.") % {"slug": slug, "slugs": slugs}
        )
    return found


def _bytes_of(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        said = {"file": file, "reason": error.strerror or error}
        raise Refused(_("“%(file)s” cannot be read: %(reason)s.") % said) from error


def _kinds() -> dict[str, str]:
    """The lines of a ledger, in words."""
    return {
        "topics": _("Topics"),
        "posts": _("Posts"),
        "questions": _("Questions"),
        "answers": _("Answers"),
        "comments": _("Comments"),
        "votes": _("Votes"),
        "likes": _("Likes"),
        "revisions": _("Revisions"),
        "tags": _("Tags"),
        "users": _("People"),
        "descriptions": _("Descriptions"),
        "links": _("Links"),
        "badges": _("Badges"),
        "polls": _("Polls"),
    }
