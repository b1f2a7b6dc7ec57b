"""Bringing in what was discussed elsewhere, without anybody being told. The only public door of the package."""

from forums.actions.imports.discussions import Account, Odd, import_discussions
from forums.actions.imports.mail import Report, import_archive
from forums.actions.imports.rooms import make_rooms, mapped_rooms

__all__ = ["Account", "Odd", "Report", "import_archive", "import_discussions", "make_rooms", "mapped_rooms"]
