"""What a page says of itself in its head, as plain words. Expressions with bounds read it, not a parser: whatever a
page holds, they look at each character a bounded number of times."""

from __future__ import annotations

import codecs
import html
import re
from dataclasses import dataclass

from toolkit.text import is_legible, one_line

READ = 200_000  # characters of a page that are looked at
TITLE, DESCRIPTION, SITE = 200, 300, 80  # characters kept

_META = re.compile(r"<meta\s([^<>]{1,3000})>", re.IGNORECASE)
_TITLE = re.compile(r"<title(?:\s[^<>]{0,200})?>([^<]{1,2000})", re.IGNORECASE)
_ATTRIBUTE = re.compile(
    r"""([a-z:-]{1,40})\s{0,9}=\s{0,9}(?:"([^"]{0,2500})"|'([^']{0,2500})'|([^\s"'>]{1,2500}))""", re.I
)
_CHARSET = re.compile(rb"<meta[^<>]{1,200}?charset\s{0,9}=\s{0,9}[\"']?([\w:.-]{1,40})", re.IGNORECASE)
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


@dataclass(frozen=True, slots=True)
class Headline:
    """A page's title (empty: it has none that can be read), description and site."""

    title: str
    description: str
    site: str


def headline_of(body: bytes, *, charset: str = "") -> Headline:
    """What a page says of itself."""
    text = _decoded(body, charset)[:READ]
    told: dict[str, str] = {}
    for meta in _META.finditer(text):
        given = {a[1].lower(): a[2] or a[3] or a[4] or "" for a in _ATTRIBUTE.finditer(meta[1])}
        name = (given.get("property") or given.get("name") or "").lower()
        if name and given.get("content"):
            told.setdefault(name, given["content"])
    named = _TITLE.search(text)
    title = _words(told.get("og:title") or (named[1] if named else "") or told.get("twitter:title", ""), TITLE)
    description = _words(told.get("og:description") or told.get("description", ""), DESCRIPTION)
    site = _words(told.get("og:site_name", ""), SITE)
    return Headline(*(words if is_legible(words) else "" for words in (title, description, site)))


def _decoded(body: bytes, charset: str) -> str:
    named = next((name for mark, name in _BOMS if body.startswith(mark)), "")
    if not named and not charset:
        found = _CHARSET.search(body[:2048])
        charset = found[1].decode("ascii") if found else ""
    try:
        codec = codecs.lookup(named or charset or "utf-8")
        is_text = getattr(codec, "_is_text_encoding", True) and codec.name not in {"idna", "punycode"}
        return body.decode(codec.name if is_text else "utf-8", "replace")
    except (LookupError, ValueError):
        return body.decode("utf-8", "replace")


def _words(text: str, length: int) -> str:
    words = one_line(html.unescape(text))
    return words if len(words) <= length else words[: length - 1].rsplit(" ", 1)[0] + "…"
