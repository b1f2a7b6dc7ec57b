"""The second, independent cleaning: whatever the renderer made, only these tags and attributes remain."""

from __future__ import annotations

import re

import nh3

_TAGS = {
    "a", "abbr", "blockquote", "br", "code", "del", "details", "div", "em", "h3", "h4", "h5", "h6", "hr", "img", "li",
    "ol", "p", "pre", "s", "section", "span", "strong", "sub", "summary", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "a": {"href", "title", "class", "id", "rel"},
    "img": {"src", "srcset", "sizes", "alt", "title", "width", "height", "loading"},
    "details": {"class"},
    "li": {"class", "id"},
    "ol": {"start", "class"},
    "p": {"class"},
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
_SCHEMES = {"http", "https", "mailto", "tel", "xmpp", "geo", "magnet", "ftp"}
_CLASS = re.compile(
    r"(language-[\w+#.-]{1,40}|footnote[\w-]*|footnotes(-\w+)?|task-list-item|contains-task-list|mention|tagged|titled"
    r"|file|picture|not-shown|image-link|wide|spoiler|said|card|card-site|p|[a-z][a-z0-9]{0,3})"
)
_OWN_FILE = re.compile(r"/a/\d+/[^\s,\"'<>]+")
_SRCSET = re.compile(rf"{_OWN_FILE.pattern} \d+w(?:, {_OWN_FILE.pattern} \d+w)*")
_SIZES = re.compile(r"[\w .:,()-]{1,100}")


def clean(html: str, *, more: set[str] | None = None) -> str:
    return nh3.clean(
        html,
        tags=_TAGS | (more or set()),
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes=_SCHEMES,
        link_rel=None,
        strip_comments=True,
    )


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _CLASS.fullmatch(word)]
        return " ".join(kept) or None
    if name == "id":
        return value if value.startswith(("fn", "fnref")) else None
    if name == "rel":
        return "nofollow ugc noopener"
    shape = {"src": _OWN_FILE, "srcset": _SRCSET, "sizes": _SIZES}.get(name)
    return value if shape is None or shape.fullmatch(value) else None
