"""Markdown (CommonMark, tables, strike-through, task lists, footnotes, bare links, @names) to sanitised HTML.

Raw HTML is never passed through: it shows as it was typed. What markdown-it makes is then cut down by nh3 to a fixed
list of tags and attributes, so a fault in the one is caught by the other. Images from elsewhere become links, because
fetching them would tell their host who reads what.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.tasklists import tasklists_plugin
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

RENDERER_VERSION = 1
HIGHLIGHT_LIMIT = 20_000  # characters of code; longer blocks are shown plain
SHIFT = 2  # a post's "# title" is the page's third level

_NAME = re.compile(r"(?<![\w@/.])@([a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9_])?)(?![\w@])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Named:
    """A member that a text names: whom, and where the name leads."""

    member_id: int
    username: str
    href: str


Resolver = Callable[[frozenset[str]], dict[str, Named]]
"""Given lower-cased names, answers those that are somebody. Called at most once a text."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """Safe HTML, the members it names, and the addresses it links to."""

    html: str
    named: tuple[int, ...] = ()
    links: tuple[str, ...] = field(default=())


def nobody(names: frozenset[str]) -> dict[str, Named]:
    """A resolver that knows no one."""
    return {}


_TAGS = {
    "a", "abbr", "blockquote", "br", "code", "del", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "input", "li",
    "ol", "p", "pre", "s", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title", "class", "id", "rel"},
    "img": {"src", "alt", "title", "width", "height", "loading"},
    "input": {"type", "checked", "disabled", "class"},
    "li": {"class", "id"},
    "ol": {"start", "class"},
    "ul": {"class"},
    "pre": {"class", "tabindex"},
    "code": {"class"},
    "span": {"class"},
    "div": {"class", "tabindex", "role"},
    "section": {"class"},
    "sup": {"class"},
    "td": {"class"},
    "th": {"class"},
    "hr": {"class"},
}
_SCHEMES = {"http", "https", "mailto", "tel", "xmpp", "geo", "magnet"}


def _coloured(code: str, language: str, _attrs: str) -> str:
    """Highlighted code as spans with classes (never inline styles), or nothing for an unknown language."""
    if not language or len(code) > HIGHLIGHT_LIMIT:
        return ""
    try:
        lexer = get_lexer_by_name(language.lower())
    except ClassNotFound:
        return ""
    return str(highlight(code, lexer, HtmlFormatter(nowrap=True)))


def _is_own(src: str) -> bool:
    return src.startswith("/a/")


class _PostRenderer(RendererHTML):
    """Commune's own ways with some tokens."""

    def image(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        token = tokens[idx]
        alt = self.renderInlineAsText(token.children or [], options, env)
        src = str(token.attrGet("src") or "")
        if not _is_own(src):
            link = Token("link_open", "a", 1, attrs={"href": src, "class": "image-link"})
            return self.renderToken([link], 0, options, env) + (_escaped(alt) or _escaped(src)) + "</a>"
        token.attrSet("alt", alt)
        token.attrSet("loading", "lazy")
        return self.renderToken(tokens, idx, options, env)

    def html_inline(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        """The only raw HTML is the task lists' checkboxes: signs that need no label say the same."""
        return "\u2611" if "checked" in tokens[idx].content else "\u2610"

    def table_open(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return '<div class="wide" tabindex="0" role="group"><table>'

    def table_close(self, tokens: Sequence[Token], idx: int, options: Any, env: Any) -> str:
        return "</table></div>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


_WWW = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[/?#][^\s<>\"«»]*)?", re.IGNORECASE)


def _length_of_www(_linkify: Any, text: str, position: int) -> int:
    """How long an address without a scheme is, after its "www."; a full stop or comma at its end is not part of it."""
    found = _WWW.match(text, position)
    return len(found[0].rstrip(".,;:!?)'’")) if found else 0


def _with_scheme(_linkify: Any, match: Any) -> None:
    match.url = f"http://{match.url}"


def _build() -> MarkdownIt:
    parser = MarkdownIt(
        "commonmark",
        {"html": False, "linkify": True, "highlight": _coloured, "maxNesting": 40},
        renderer_cls=_PostRenderer,
    )
    parser.enable(["table", "strikethrough", "linkify"])
    parser.use(footnote_plugin).use(tasklists_plugin)
    if parser.linkify is not None:  # "lexer.ml" and "main.cc" are files, not sites
        parser.linkify.set({"fuzzy_link": False, "fuzzy_email": False})
        parser.linkify.add("www.", {"validate": _length_of_www, "normalize": _with_scheme})
    parser.disable(["inline_html", "html_inline", "html_block"], ignoreInvalid=True)
    return parser


_parser = _build()


def render(text: str, *, resolver: Resolver = nobody, scope: str = "") -> Rendered:
    """Markdown as safe HTML. `scope` sets footnote addresses of several texts on one page apart."""
    env: dict[str, Any] = {"docId": scope} if scope else {}
    tokens = _parser.parse(text, env)
    named = _name_members(tokens, resolver)
    _shift_headings(tokens)
    html = _clean(str(_parser.renderer.render(tokens, _parser.options, env)))
    html = html.replace("<pre>", '<pre tabindex="0">')  # what scrolls can be reached by keyboard
    return Rendered(html, tuple(dict.fromkeys(named)), tuple(_links(tokens)))


def render_trusted(text: str) -> str:
    """Markdown that admins write (rules, pages): the same rules, but headings start at the second level."""
    return _clean(str(_parser.render(text, {})), more={"h1", "h2"}).replace("<h1>", "<h2>").replace("</h1>", "</h2>")


def links_in(text: str) -> list[str]:
    """The hosts that a Markdown text links to, lower case, without duplicates, in order."""
    hosts = (urlsplit(link).hostname for link in _links(_parser.parse(text, {})) if _splits(link))
    return list(dict.fromkeys(host.lower() for host in hosts if host))


def _splits(link: str) -> bool:
    try:
        urlsplit(link)
    except ValueError:
        return False
    return True


def _links(tokens: Iterable[Token]) -> Iterable[str]:
    for token in tokens:
        if token.type == "link_open":
            yield str(token.attrGet("href") or "")
        elif token.type == "image":
            yield str(token.attrGet("src") or "")
        if token.children:
            yield from _links(token.children)


def _clean(html: str, *, more: set[str] | None = None) -> str:
    return nh3.clean(
        html,
        tags=_TAGS | (more or set()),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


_CLASS = re.compile(
    r"(language-[\w+#.-]{1,40}|footnote[\w-]*|footnotes(-\w+)?|task-list-item(-checkbox)?|contains-task-list|enabled"
    r"|mention|image-link|wide|[a-z][a-z0-9]{0,3})"
)
_STYLE = re.compile(r"text-align:(left|right|center)")


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _CLASS.fullmatch(word)]
        return " ".join(kept) or None
    if name == "id":
        return value if value.startswith(("fn", "fnref")) else None
    if name == "src":
        return value if _is_own(value) else None
    if tag == "input" and name == "type":
        return "checkbox"
    if tag == "a" and name == "rel":
        return "nofollow ugc noopener"
    return value


def _shift_headings(tokens: Iterable[Token]) -> None:
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(6, int(token.tag[1]) + SHIFT)}"
        elif token.type in {"th_open", "td_open"} and (style := str(token.attrGet("style") or "")):
            aligned = _STYLE.match(style)
            token.attrs = {"class": f"al{aligned[1][0]}"} if aligned else {}
        for child in token.children or ():
            if child.type == "link_open" and not str(child.attrGet("href") or "").startswith(("/", "#")):
                child.attrSet("rel", "nofollow ugc noopener")


def _name_members(tokens: Sequence[Token], resolver: Resolver) -> list[int]:
    """Turn @names in running text (not in code, not in links) into links; answers the ids of those named."""
    inline = [token for token in tokens if token.type == "inline" and token.children]
    spots = [child for token in inline for child in _running_text(token.children or [])]
    wanted = frozenset(match[1].lower() for child in spots for match in _NAME.finditer(child.content))
    known = resolver(wanted) if wanted else {}
    if not known:
        return []
    named: list[int] = []
    for token in inline:
        running = {id(child) for child in _running_text(token.children or [])}
        fresh: list[Token] = []
        for child in token.children or []:
            if id(child) in running and "@" in child.content:
                fresh.extend(_split(child, known, named))
            else:
                fresh.append(child)
        token.children = fresh
    return named


def _running_text(children: Sequence[Token]) -> Iterable[Token]:
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type == "text" and not depth:
            yield child


def _split(token: Token, known: dict[str, Named], named: list[int]) -> Iterable[Token]:
    end = 0
    for match in _NAME.finditer(token.content):
        who = known.get(match[1].lower())
        if who is None:
            continue
        if match.start() > end:
            yield _text(token.content[end : match.start()])
        yield Token("link_open", "a", 1, attrs={"href": who.href, "class": "mention"})
        yield _text(f"@{who.username}")
        yield Token("link_close", "a", -1)
        named.append(who.member_id)
        end = match.end()
    if end < len(token.content):
        yield _text(token.content[end:])


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)
