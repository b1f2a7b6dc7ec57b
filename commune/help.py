"""The help for members: Markdown files of docs/help, which are read on the site and in the project alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from django.conf import settings

from forums.limits import (
    CONVERSATION_SEATS,
    INVITATIONS_PER_HOUR,
    QUOTA_BYTES,
    REGULAR_AFTER_DAYS,
    REGULAR_AFTER_POSTS,
    TRUSTED_AFTER_DAYS,
    TRUSTED_AFTER_POSTS,
    UPLOADS_PER_HOUR,
)
from members.limits import CLAIM_LINK_HOURS, CLOSING_DAYS, PICTURE_BYTES
from toolkit.markup import render_trusted

SLUGS = (
    "writing",
    "drafts",
    "editing",
    "intents",
    "reactions",
    "reading",
    "following",
    "searching",
    "conversations",
    "people",
    "trust",
    "claiming",
)  # in the order in which one needs them


# What the pages say in {braces}: the limits in force, not typed a second time.
NUMBERS = {
    "member_posts": TRUSTED_AFTER_POSTS,
    "member_days": TRUSTED_AFTER_DAYS,
    "regular_posts": REGULAR_AFTER_POSTS,
    "regular_days": REGULAR_AFTER_DAYS,
    "closing_days": CLOSING_DAYS,
    "claim_hours": CLAIM_LINK_HOURS,
    "picture_mb": PICTURE_BYTES // (1024 * 1024),
    "seats": CONVERSATION_SEATS,
    **{f"invitations_{trust}": number for trust, number in INVITATIONS_PER_HOUR.items()},
    **{f"uploads_{trust}": number for trust, number in UPLOADS_PER_HOUR.items()},
    **{f"quota_{trust}": size // (1024 * 1024) for trust, size in QUOTA_BYTES.items()},
}


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
        for name, number in NUMBERS.items():
            text = text.replace("{" + name + "}", str(number))
        found[slug] = HelpPage(slug, title.removeprefix("# "), render_trusted(text))
    return found
