"""Words without their markup: for excerpts, mails and search."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from toolkit.text import balanced

_BREAKS = {"p", "br", "li", "tr", "blockquote", "pre", "h2", "h3", "h4", "h5", "h6", "div", "table", "hr"}

_CURTAINS = {"details", "summary", "div"}


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self.quoted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "blockquote":
            self.quoted += 1
        if tag in _BREAKS:
            self.pieces.append("\n")
        if tag in {"td", "th"}:
            self.pieces.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.quoted -= 1
        if tag in _BREAKS:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        self.pieces.append(data)


class _OwnWords(_Words):
    """Leaves out what was quoted, what is hidden until it is opened, and what other sites say of themselves."""

    def __init__(self) -> None:
        super().__init__()
        self.curtains: list[str] = []  # the open <details>, <summary> and <div> around what is read

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        super().handle_starttag(tag, attrs)
        if tag in _CURTAINS:
            self.curtains.append("card" if ("class", "card") in attrs else tag)

    def handle_endtag(self, tag: str) -> None:
        super().handle_endtag(tag)
        if tag in _CURTAINS and self.curtains:
            self.curtains.pop()

    def handle_data(self, data: str) -> None:
        is_hidden = "card" in self.curtains or self.curtains.count("details") > self.curtains.count("summary")
        if not self.quoted and not is_hidden:
            super().handle_data(data)


def text_of(html: str) -> str:
    """All the words of sanitised HTML, a line for each block."""
    return _parsed(_Words(), html)


def excerpt_of(html: str, length: int = 200) -> str:
    """The first own words (quotes left out) of sanitised HTML on one line, at most `length` characters."""
    words = " ".join(_parsed(_OwnWords(), html).split()) or " ".join(text_of(html).split())
    if len(words) > length:
        words = words[: length - 1].rsplit(" ", 1)[0].rstrip(",;:.") + "…"
    return balanced(words)


def _parsed(parser: _Words, html: str) -> str:
    parser.feed(html)
    parser.close()
    return re.sub(r"\n\s*\n+", "\n", "".join(parser.pieces)).strip()
