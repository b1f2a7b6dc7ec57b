"""Titles of imported topics."""

from __future__ import annotations

from django.utils import translation
from django.utils.translation import gettext as _

from forums.limits import TITLE_MAX_LENGTH
from toolkit.mail import escaped
from toolkit.text import one_line


def title_of(said: str, lang: str) -> str:
    """A topic's title: what it was, or words that say there was none; at most 140 characters."""
    title = one_line(said)
    if not title:
        with translation.override(lang):
            return _("(no subject)")
    if len(title) <= TITLE_MAX_LENGTH:
        return title
    return title[: TITLE_MAX_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def whole_title(said: str) -> str:
    """What a first post begins with, where the title had to be cut; nothing otherwise."""
    title = one_line(said)
    return f"**{escaped(title)}**\n\n" if len(title) > TITLE_MAX_LENGTH else ""
