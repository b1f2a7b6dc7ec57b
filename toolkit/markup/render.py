"""Markdown (CommonMark, tables, strike-through, task lists, footnotes, spoilers, bare links, names) to sanitised HTML.

Raw HTML is never passed through: it shows as it was typed. What markdown-it makes is then cut down by nh3 to a fixed
list of tags and attributes, so a fault in the one is caught by the other. Images from elsewhere become links, because
fetching them would tell their host who reads what. Time and output grow with the length of the text and nothing else:
docs/rendering.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

from toolkit.markup.clean import clean
from toolkit.markup.colours import HIGHLIGHT_LIMIT, coloured
from toolkit.markup.names import NOBODY, Card, File, Reference, Resolver, name_things, own
from toolkit.markup.rules import FOOTNOTE_WAYS_BACK, extend
from toolkit.text import balanced

RENDERER_VERSION = 2
SHIFT = 2  # a post's "# title" is the page's third level
GROWTH = 16  # characters of HTML that a character of Markdown may become, …
GROWTH_FREE = 20_000  # … beyond this many; a text that would become more is shown as it was typed
_PICTURE_SIZES = "(max-width: 48rem) 92vw, 44rem"


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, what it names, the addresses it links to, the files of this site it asks for, and the pages elsewhere
    that a paragraph of it consists of."""

    html: str
    named: tuple[Reference, ...] = ()
    links: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


class _PostRenderer(RendererHTML):
    """Commune's own ways with some tokens."""

    def text(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return _escaped(balanced(tokens[idx].content))

    def code_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f"<code>{_escaped(balanced(tokens[idx].content))}</code>"

    def code_block(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return f'<pre tabindex="0"><code>{_escaped(_balanced_lines(tokens[idx].content))}</code></pre>\n'

    def fence(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """What scrolls can be reached by keyboard; colours stop once a text has had its share of them."""
        content = _balanced_lines(tokens[idx].content)
        language = (tokens[idx].info.split() or [""])[0]
        env["coloured"] = env.get("coloured", 0) + len(content)
        html = coloured(content, language) if env["coloured"] <= HIGHLIGHT_LIMIT else ""
        named = f' class="language-{_escaped(language)}"' if language else ""
        return f'<pre tabindex="0"><code{named}>{html or _escaped(content)}</code></pre>\n'

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        alt = " ".join(self.renderInlineAsText(token.children or [], options, env).split())
        src = str(token.attrGet("src") or "")
        if not token.meta.get("own"):
            link = Token("link_open", "a", 1, attrs={"href": src, "class": "image-link", "rel": "nofollow"})
            return self.renderToken([link], 0, options, env) + (_escaped(alt) or _escaped(src)) + "</a>"
        file: File | None = token.meta.get("file")
        if file is None:  # not the author's, or not for everybody who reads this
            return f'<span class="not-shown">{_escaped(alt) or "…"}</span>'
        if not file.src:
            return f'<a href="{_escaped(file.href)}" class="file">{_escaped(alt or file.name)}</a>'
        return _picture(file, alt, linked=not env.get("in_link"))

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["in_link"] = True
        return self.renderToken(tokens, idx, options, env)

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        env["in_link"] = False
        return self.renderToken(tokens, idx, options, env)

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide" tabindex="0" role="group"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>"

    def details_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "<details><summary>"

    def summary_end(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</summary>\n"

    def spoiler_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """The word is the same in both languages: stored HTML does not know who reads it."""
        return '<details class="spoiler"><summary>Spoiler</summary>'

    def card(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        card: Card = tokens[idx].meta["card"]
        address = str(tokens[idx].attrGet("href"))
        host = urlsplit(address).hostname or ""
        site = f"{card.site} · {host}" if card.site and card.site.lower() != host else host
        told = f"<p>{_escaped(balanced(card.description))}</p>" if card.description else ""
        link = f'<a href="{_escaped(address)}" rel="nofollow">{_escaped(balanced(card.title))}</a>'
        return f'<div class="card"><p>{link}</p>{told}<p class="card-site">{_escaped(balanced(site))}</p></div>\n'

    def footnote_anchor(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """A note called very often does not answer with as many arrows."""
        if tokens[idx].meta["subId"] >= FOOTNOTE_WAYS_BACK:
            return ""
        name = self.rules["footnote_anchor_name"](tokens, idx, options, env)
        sub = f":{tokens[idx].meta['subId']}" if tokens[idx].meta["subId"] else ""
        return f' <a href="#fnref{name}{sub}" class="footnote-backref">\u21a9\ufe0e</a>'


def _picture(file: File, alt: str, *, linked: bool) -> str:
    more = f' srcset="{_escaped(file.srcset)}" sizes="{_PICTURE_SIZES}"' if file.srcset else ""
    image = (
        f'<img src="{_escaped(file.src)}"{more} alt="{_escaped(alt or file.alt or file.name)}"'
        f' width="{file.width}" height="{file.height}" loading="lazy">'
    )
    return f'<a href="{_escaped(file.href)}" class="picture">{image}</a>' if linked else image


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _balanced_lines(code: str) -> str:
    return "\n".join(map(balanced, code.split("\n")))


def _build() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 40}, renderer_cls=_PostRenderer)
    parser.enable(["table", "strikethrough", "linkify"])
    extend(parser)
    parser.disable(["html_inline", "html_block"])
    ours = parser.renderer.footnote_anchor  # type: ignore[attr-defined]
    parser.renderer.rules["footnote_anchor"] = ours  # type: ignore[attr-defined]  # the plugin has put its own there
    return parser


_parser = _build()


def render(text: str, *, resolver: Resolver = NOBODY, scope: str = "") -> Rendered:
    """Markdown as safe HTML. `scope` sets footnote addresses of several texts on one page apart."""
    env: dict[str, Any] = {"docId": scope} if scope else {}
    tokens = _parser.parse(text, env)
    found = name_things(tokens, resolver)
    _settle(tokens, resolver, len(text))
    html = str(_parser.renderer.render(tokens, _parser.options, env))
    html = clean(html if len(html) <= GROWTH * len(text) + GROWTH_FREE else _as_typed(text))
    return Rendered(html, tuple(found.references), tuple(_links(tokens)), found.files, found.alone)


def render_trusted(text: str) -> str:
    """Markdown that admins write (rules, pages): the same rules, but headings start at the second level."""
    html = clean(str(_parser.render(text, {})), more={"h1", "h2"})
    return html.replace("<h1>", "<h2>").replace("</h1>", "</h2>")


def links_in(text: str) -> list[str]:
    """The hosts that a Markdown text links to, lower case, without duplicates, in order."""
    hosts = (urlsplit(link).hostname for link in _links(_parser.parse(text, {})) if _splits(link))
    return list(dict.fromkeys(host.lower() for host in hosts if host))


def _as_typed(text: str) -> str:
    paragraphs = re.split(r"\n{2,}", text)
    return "\n".join(f"<p>{_escaped(balanced(p))}</p>".replace("\n", "<br>\n") for p in paragraphs if p.strip())


def _splits(link: str) -> bool:
    try:
        urlsplit(link)
    except ValueError:
        return False
    return True


def _links(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        if token.type in {"link_open", "card"}:
            yield str(token.attrGet("href") or "")
        elif token.type == "image":
            yield str(token.attrGet("src") or "")
        if token.children:
            yield from _links(token.children)


_STYLE = re.compile(r"text-align:(left|right|center)")


def _settle(tokens: Iterable[Token], resolver: Resolver, length: int) -> None:
    """Levels of headings, alignment by classes, the weight of links. An address defined once and used without end
    leads nowhere once all addresses together are longer than twice the text."""
    spare = 2 * length + GROWTH_FREE
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + SHIFT)}"
        elif token.type in {"th_open", "td_open"} and (style := str(token.attrGet("style") or "")):
            aligned = _STYLE.match(style)
            token.attrs = {"class": f"al{aligned[1][0]}"} if aligned else {}
        for child in token.children or ():
            if child.type not in {"link_open", "image"}:
                continue
            spare -= sum(len(str(value)) for value in child.attrs.values())
            href = str(child.attrGet("href") or "")
            if spare < 0:
                child.attrs = {}
            elif child.type == "link_open" and not own(href, resolver) and not href.startswith("#"):
                child.attrSet("rel", "nofollow ugc noopener")
