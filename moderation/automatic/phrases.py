"""Words and phrases that a rule looks for: whole words, folded as names are; a star stands for the rest of a word.

No regular expression comes from an admin. The one that a phrase with stars becomes has no choice to go back on but
inside one word, of at most 60 letters, so it takes no longer than the text is long.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache

from toolkit.text import words_folded

_SYNTAX = str.maketrans({"*": None, "\\": None, "`": None, "~": None})  # inside a word it shows nothing
_HALF = "zqstarqz"  # stands for a star while the rest is folded


def spoken(text: str) -> str:
    """The words of a Markdown text, folded, with one space around each: what phrases are looked for in."""
    return f" {' '.join(words_folded(html.unescape(text).translate(_SYNTAX)))} "


def is_phrase(line: str) -> bool:
    """Whether a line can be looked for: it has a letter or digit, and stars stand at the beginning or end of words."""
    words = line.split()
    return bool(words_folded(line)) and all("*" not in word.strip("*") and word.strip("*") for word in words)


@lru_cache(maxsize=4096)
def _compiled(line: str) -> str | re.Pattern[str]:
    """A string to find, or a pattern where a star stands at the end of a word inside the phrase."""
    folded = " ".join(words_folded(line.replace("*", _HALF)))
    starts, ends = not folded.startswith(_HALF), not folded.endswith(_HALF)
    inner = folded[0 if starts else len(_HALF) : len(folded) if ends else -len(_HALF)]
    whole = f"{' ' if starts else ''}{inner}{' ' if ends else ''}"
    if _HALF not in whole:
        return whole
    return re.compile("[^ ]*".join(re.escape(part) for part in whole.split(_HALF)))


def found_in(text: str, lines: Iterable[str]) -> list[str]:
    """Those of the lines that stand in a text made by `spoken`, as they were written, in their order."""
    found = []
    for line in lines:
        phrase = _compiled(line)
        if phrase in text if isinstance(phrase, str) else phrase.search(text):
            found.append(line)
    return found


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]
