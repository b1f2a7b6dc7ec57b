"""What those who moderate need not see before they ask for it: images, and passages with insults.

An image is a link to itself: it is not loaded before somebody follows it; a script puts it in its place then. A passage
(a paragraph, a list, a table: what stands at the outermost level) with a word of the admin's list is closed; what is
shown of it has the words struck out, and from three of them on nothing is shown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape, unescape

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from moderation.limits import PASSAGE_OF_INSULTS
from moderation.queries.rota import AtWork
from toolkit.markup import text_of

_TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)((?:[^<>\"]|\"[^\"]*\")*)>", re.IGNORECASE)
_PICTURE = re.compile(r"<img\b(?:[^<>\"]|\"[^\"]*\")*>")
_LINKED = re.compile(rf"<a\b(?:[^<>\"]|\"[^\"]*\")*>\s*({_PICTURE.pattern})\s*</a>")
_ATTRIBUTE = re.compile(r"\b(src|srcset|sizes|alt|width|height)=\"([^\"]*)\"")
_VOID = {"br", "hr", "img", "input", "wbr"}
SHOWN_OF_A_PASSAGE = 240  # characters
STRUCK = "•••"


@dataclass(frozen=True, slots=True)
class Cover:
    """What is covered for somebody: nothing, where they have switched it off."""

    is_on: bool = True
    words: re.Pattern[str] | None = None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where words of the list stand in a text, whatever their capitals and accents."""
        return [found.span() for found in self.words.finditer(_folded(text))] if self.is_on and self.words else []


def cover_for(who: AtWork) -> Cover:
    """What this one of the team wants covered."""
    return Cover(words=pattern_of(who.covered_words)) if who.known.blurs else Cover(is_on=False)


def pattern_of(words: str) -> re.Pattern[str] | None:
    """Any of these words, one on each line, as whole words, their plain plural included."""
    lines = sorted({_folded(line.strip()) for line in words.splitlines() if line.strip()}, key=len, reverse=True)
    if not lines:
        return None
    return re.compile(rf"(?<!\w)(?:{'|'.join(re.escape(line) for line in lines)})(?:e?s|x)?(?!\w)")


def covered(html: str, cover: Cover) -> SafeString:
    """HTML that the markup has sanitised, with what is to be covered closed."""
    if not cover.is_on:
        return mark_safe(html)  # noqa: S308 - sanitised when it was written
    html = _LINKED.sub(lambda found: _link_to(found[1]), html)
    html = _PICTURE.sub(lambda found: _link_to(found[0]), html)
    return mark_safe("".join(_closed(part, cover) for part in _passages(html)))  # noqa: S308


def covered_excerpt(words: str, cover: Cover, *, length: int = 160) -> SafeString:
    """The beginning of a text as a paragraph; closed, where insults stand in it."""
    text = Truncator(" ".join(words.split())).chars(length)
    paragraph = format_html('<p class="excerpt" dir="auto">{}</p>', text)
    spans = cover.spans(text)
    return _behind(text, spans, paragraph) if spans else paragraph


def _link_to(picture: str) -> str:
    """A link in the place of a picture; its size and words come along for the script that shows it in place."""
    said = dict(_ATTRIBUTE.findall(picture))
    alt = unescape(said.get("alt", ""))
    label = _("Show the image: %(alt)s") % {"alt": alt} if alt else _("Show the image")
    kept = "".join(f' data-{name}="{value}"' for name, value in said.items() if name not in {"src", "sizes"})
    href = said.get("src", "")
    opened = f'<a class="covered-image" href="{href}" target="_blank" rel="noopener"{kept}>'
    return f"{opened}{escape(label)}</a>"


def _passages(html: str) -> Iterator[str]:
    """The HTML in pieces that each open and close what they hold."""
    depth = start = 0
    for tag in _TAG.finditer(html):
        if tag[2].lower() in _VOID:
            continue
        depth += -1 if tag[1] else 1
        if depth == 0:
            yield html[start : tag.end()]
            start = tag.end()
    yield html[start:]


def _closed(part: str, cover: Cover) -> str:
    text = " ".join(text_of(part).split())
    spans = cover.spans(text)
    return _behind(text, spans, mark_safe(part)) if spans else part  # noqa: S308


def _behind(text: str, spans: list[tuple[int, int]], original: SafeString) -> SafeString:
    if len(spans) < PASSAGE_OF_INSULTS:
        shown = "".join(_struck(text, spans))
        summary = format_html('<span dir="auto">{}</span>', Truncator(shown).chars(SHOWN_OF_A_PASSAGE))
    else:
        said = ngettext("A passage with %(n)d insult", "A passage with %(n)d insults", len(spans)) % {"n": len(spans)}
        summary = format_html("<span>{}</span>", said)
    more = _("Show the words")
    return format_html(
        '<details class="covered"><summary>{} <strong>{}</strong></summary>{}</details>', summary, more, original
    )


def _struck(text: str, spans: list[tuple[int, int]]) -> Iterator[str]:
    end = 0
    for start, stop in spans:
        yield text[end:start]
        yield STRUCK
        end = stop
    yield text[end:]


def _folded(text: str) -> str:
    """Without capitals and accents, character by character: places stay what they are."""
    return "".join(unicodedata.normalize("NFD", char)[0].lower()[:1] for char in text)
