"""The help for members: Markdown files of docs/help, which are read on the site and in the project alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from toolkit.markup import render_trusted

SLUGS = ("writing", "drafts", "editing", "intents", "reactions", "reading")  # in the order in which one needs them


@dataclass(frozen=True, slots=True)
class HelpPage:
    slug: str
    title: str
    html: str


@cache
def help_pages(language: str) -> dict[str, HelpPage]:
    """Every page in a language, by its slug; read once, as they come with the code."""
    folder = settings.BASE_DIR / "docs" / "help" / language
    found = {}
    for slug in SLUGS:
        title, _newline, text = (folder / f"{slug}.md").read_text(encoding="utf-8").partition("\n")
        found[slug] = HelpPage(slug, title.removeprefix("# "), render_trusted(text))
    return found
