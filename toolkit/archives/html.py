"""HTML of a forum's posts to the Markdown that Commune writes.

markdownify walks the page; what is here is what it cannot know: which characters format in our grammar, how a
quotation, a mention, a preview or a spoiler looks there, and that "<stdin>" is no tag.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urljoin

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString
from markdownify import ATX, BACKSLASH, MarkdownConverter

from toolkit.archives.emoji import emoji_of
from toolkit.mail.prose import escaped

DEEPEST = 100  # tags inside each other; a page that goes deeper comes in as its words alone

_NAMES_OF_TAGS = """
a abbr acronym address article aside b base big blockquote body br caption center cite code col colgroup
dd del details dfn div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 head header
hr html i iframe img ins kbd legend li link main mark meta nav nobr noscript ol p path picture pre q s
samp script section small source span strike strong style sub summary sup svg table tbody td tfoot th
thead time tr tt u ul use var video wbr
"""
_TAGS = frozenset(_NAMES_OF_TAGS.split())
_SILENT_CLASSES = {"meta", "quote-controls", "avatar", "site-icon", "onebox-metadata", "anchor"}
_SILENT = ["script", "style", "head", "noscript", "svg", "template", "meta", "link", "base"]
_NO_TAG = re.compile(r"<(?=/?([A-Za-z][^\s>/]*))|<(?![A-Za-z/!?])")
_ADDRESS = re.compile(r"(?:https?|ftp)://[^\s<>]+|mailto:[^\s<>]+", re.IGNORECASE)
_LANGUAGE = re.compile(r"(?:lang|language|prettyprint-override lang)-([\w+#.-]{1,40})$")
_NOT_CODE_NAMES = {"auto", "nohighlight", "none", "plaintext", "text", "default"}
_SUPERSCRIPT = str.maketrans("0123456789+-=()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿ")
_SUBSCRIPT = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


@dataclass(frozen=True, slots=True)
class Names:
    """Who knows what a page names."""

    member: Callable[[str], str] = lambda _handle: ""
    """The username here of whoever was called so there, or nothing."""
    address: Callable[[str], str] = lambda _address: ""
    """Where an address of that place leads here, or nothing."""
    quoted: Callable[[str, str], str] = lambda _topic, _number: ""
    """Where the post is now whose topic and number a quotation gives, or nothing."""
    site: str = ""
    """What addresses without a host belong to."""


def markdown_of_page(html: str, names: Names | None = None) -> str:
    """The words of a post's HTML as Markdown. Never raises; scripts, styles and hidden things are left out."""
    soup = BeautifulSoup(_NO_TAG.sub(_literal, html), "html.parser")
    if _is_too_deep(soup):
        return "\n\n".join(escaped(" ".join(line.split())) for line in soup.get_text("\n").split("\n") if line.strip())
    names = names or Names()
    here = _prepare(soup, names)
    return _tidied(_Converter(names, here).convert_soup(soup))


def _literal(match: re.Match[str]) -> str:
    """ "<stdin>" and "a < b" are words, not tags."""
    name = (match[1] or "").lower()
    return "<" if name.rstrip(";,.") in _TAGS and name in _TAGS else "&lt;"


def _is_too_deep(soup: BeautifulSoup) -> bool:
    level: list[Tag] = [soup]
    for _ in range(DEEPEST):
        level = [child for tag in level for child in tag.children if isinstance(child, Tag)]
        if not level:
            return False
    return True


# --- What a page is made into before it is walked


def _prepare(soup: BeautifulSoup, names: Names) -> set[str]:
    """Answers the addresses of posts here that it wrote into the page."""
    tags = [(tag, tag.name, _classes(tag)) for tag in soup.find_all(True)]
    for tag, name, classes in tags:
        if name in _SILENT or classes & _SILENT_CLASSES:
            tag.decompose()
    for tag, name, _css in tags:
        if name in {"tt", "code"} and not tag.decomposed:
            _set_code_apart(soup, tag)
    for tag, name, _css in tags:
        if name == "br" and not tag.decomposed and tag.find_parent("pre") is not None:
            tag.replace_with("\n")
    for tag, name, classes in tags:
        if not tag.decomposed and (
            name in {"iframe", "video"} or classes & {"onebox", "lazyYT"} and name in {"aside", "div"}
        ):
            _leave_address(soup, tag, names)
    here = set()
    for tag, name, classes in tags:
        if tag.decomposed:
            continue
        if name == "aside" and "quote" in classes:
            here.add(_say_who(soup, tag, names))
        elif name in {"div", "blockquote"} and classes & {"spoiler", "spoiled"}:
            tag.name, tag["class"] = "details", "spoiler"
        elif name == "a" and "lightbox" in classes:
            image = tag.find("img")
            if isinstance(image, Tag):
                image["src"] = tag.get("href") or image.get("src") or ""
                tag.replace_with(image)
    return here - {""}


def _classes(tag: Tag) -> set[str]:
    said = tag.get("class")
    return set(said.split() if isinstance(said, str) else said or ())


def _set_code_apart(soup: BeautifulSoup, tag: Tag) -> None:
    """Code of several lines is a block, whatever the page called it."""
    tag.name = "code"
    if tag.find_parent("pre") is not None:
        return
    is_block = tag.find(["br", "p"]) is not None or not _has_words_beside(tag)
    for line_break in tag.find_all("br"):
        after = line_break.next_sibling
        if isinstance(after, NavigableString) and after.startswith("\n"):
            after.replace_with(str(after)[1:])
        line_break.replace_with("\n")
    for paragraph in tag.find_all("p"):
        paragraph.append("\n")
        paragraph.unwrap()
    if is_block and "\n" in tag.get_text().strip():
        tag.wrap(soup.new_tag("pre"))


def _has_words_beside(tag: Tag) -> bool:
    return any(str(beside).strip() for beside in (*tag.previous_siblings, *tag.next_siblings))


def _leave_address(soup: BeautifulSoup, tag: Tag, names: Names) -> None:
    """A preview or a player becomes a link to what it showed."""
    title, address = "", str(tag.get("src") or tag.get("data-youtube-src") or "")
    if tag.get("data-youtube-id"):
        title = str(tag.get("data-youtube-title") or "")
        address = f"https://www.youtube.com/watch?v={quote(str(tag['data-youtube-id']))}"
    headline, source = tag.select_one("h3 a[href], h4 a[href]"), tag.find("source")
    link = headline or tag.find("a", href=True)
    if not address and isinstance(source, Tag):
        address = str(source.get("src") or "")
    if not address and isinstance(link, Tag):
        address = str(link["href"])
        title = link.get_text() if headline is not None else ""
    address = urljoin(names.site + "/", address) if names.site or address.startswith("//") else address
    if not address.startswith(("http://", "https://", "//", "/")):
        tag.decompose()
        return
    paragraph, anchor = (
        soup.new_tag("p"),
        soup.new_tag("a", href=f"https:{address}" if address[:2] == "//" else address),
    )
    anchor.string = " ".join(title.split()) or str(anchor["href"])
    paragraph.append(anchor)
    tag.replace_with(paragraph)


def _say_who(soup: BeautifulSoup, tag: Tag, names: Names) -> str:
    """A quotation begins with who said it, leading to where it was said. Answers that place."""
    title, words = tag.select_one("div.title"), tag.find("blockquote")
    if not isinstance(words, Tag):
        tag.unwrap()
        return ""
    who = str(tag.get("data-username") or "")
    if title is not None:
        told = title.get_text().strip()
        who = who or (told.removesuffix(":").strip() if told.endswith(":") else "")
    place = names.quoted(str(tag.get("data-topic") or ""), str(tag.get("data-post") or ""))
    if who:
        first = soup.new_tag("p")
        label = soup.new_tag("a", href=place) if place else soup.new_tag("strong")
        label.string = who
        first.append(label)
        first.append(":")
        words.insert(0, first)
    tag.replace_with(words)
    return place if who else ""


# --- Walking


class _Converter(MarkdownConverter):  # type: ignore[misc]  # markdownify names its methods after tags
    """markdownify with our grammar."""

    def __init__(self, names: Names, here: set[str]) -> None:
        super().__init__(
            heading_style=ATX, newline_style=BACKSLASH, bullets="-", table_infer_header=True, autolinks=False
        )
        self.names, self.here = names, here

    def escape(self, text: str, parent_tags: set[str]) -> str:
        flat = re.sub(r"\s*\n\s*", " ", text)
        lead = flat[: len(flat) - len(flat.lstrip(" "))]
        tail = flat[len(flat.rstrip(" ")) :] if flat.strip(" ") else ""
        return lead + escaped(flat.strip(" ")) + tail

    def process_text(self, el: NavigableString, parent_tags: set[str] | None = None) -> str:
        text = str(super().process_text(el, parent_tags=parent_tags))
        before = el.previous_sibling
        return text.lstrip(" \n") if isinstance(before, Tag) and before.name == "br" else text

    def convert_a(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        classes = _classes(el)
        said = el.get_text()
        if "mention" in classes or "mention-group" in classes:
            username = self.names.member(said.strip().lstrip("@"))
            return f"@{username}" if username else text
        if "hashtag" in classes or "_noformat" in parent_tags:
            return text
        href = self._led(str(el.get("href") or ""))
        inner = text.strip()
        if not href or not inner:
            return text
        if href.startswith("/") and said.strip().startswith(("http://", "https://")):
            return f"{text[: len(text) - len(text.lstrip())]}{href}{text[len(text.rstrip()) :]}"
        if inner.startswith("![") or "](" in inner:  # a picture or a link inside: that one leads on
            return text
        before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        if said.strip() == href and not re.search(r"[\\`*\[\]~_|]", href) and href.startswith(("http", "ftp")):
            return f"{before}<{href}>{after}"
        if inner.startswith("<") and inner.endswith(">"):
            inner = _label(said)
        return f"{before}[{_no_links(inner, said)}]({_target(href)}){after}"

    def _led(self, href: str) -> str:
        """Where a link leads now: to what was imported, or where it led, with its host."""
        if href in self.here:
            return href
        whole = urljoin(self.names.site + "/", href) if self.names.site else href
        whole = f"https:{whole}" if whole.startswith("//") else whole
        here = self.names.address(whole)
        if here:
            return here
        return whole if _ADDRESS.match(whole) else ""

    def convert_span(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        classes = _classes(el)
        if "mention" in classes:
            return self.convert_a(el, text, parent_tags)
        if "spoiler" in classes or "spoiled" in classes:
            return f"||{text.strip()}||" if text.strip() else ""
        if "bbcode-b" in classes:
            return str(self.convert_b(el, text, parent_tags))
        return str(self.convert_em(el, text, parent_tags)) if "bbcode-i" in classes else text

    def convert_img(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        alt, src = " ".join(str(el.get("alt") or "").split()), str(el.get("src") or "")
        if "emoji" in _classes(el):
            return emoji_of(alt or str(el.get("title") or ""))
        href = self._led(src)
        if not href:
            return _label(alt)
        return f"![{_label(alt or href.rstrip('/').rpartition('/')[2].partition('?')[0][:60])}]({_target(href)})"

    def convert_pre(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        lines = el.get_text().replace("\r\n", "\n").strip("\n").rstrip().split("\n")
        if not any(line.strip() for line in lines):
            return ""
        if "_inline" in parent_tags:
            return str(self.convert_code(el, " ".join(el.get_text().split()), parent_tags - {"_noformat"}))
        longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
        fence = "`" * max(3, longest + 1)
        return "\n\n" + "\n".join([fence + _language(el), *lines, fence]) + "\n\n"

    def convert_code(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        text = re.sub(r"\s*\n\s*", " ", text) if "pre" not in parent_tags else text
        return str(super().convert_code(el, text, parent_tags))

    def convert_details(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        if "_inline" in parent_tags:
            return text
        summary = el.find("summary")
        title = " ".join(summary.get_text().split()) if isinstance(summary, Tag) else ""
        fence = ":" * (3 + len(el.find_all("details")))
        return f"\n\n{fence} details {_label(title)}".rstrip() + f"\n\n{text.strip()}\n\n{fence}\n\n"

    def convert_summary(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return ""

    def convert_q(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"“{text}”"

    def convert_dt(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n**{text.strip()}**\n\n" if text.strip() else ""

    def convert_dd(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return f"\n\n{text.strip()}\n\n"

    def convert_sup(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        small = text.translate(_SUPERSCRIPT)
        return (
            small
            if small.isnumeric() and len(text) < 9
            else (f"^{text}" if text.strip() and "](" not in text else text)
        )

    def convert_sub(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        small = text.translate(_SUBSCRIPT)
        return small if len(text) < 9 and text.isdecimal() else text

    def convert_header(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(self.convert_div(el, text, parent_tags))

    convert_center = convert_address = convert_figure = convert_footer = convert_nav = convert_main = convert_header
    convert_aside = convert_form = convert_fieldset = convert_header

    def convert_strike(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(self.convert_del(el, text, parent_tags))

    def convert_cite(self, el: Tag, text: str, parent_tags: set[str]) -> str:
        return str(self.convert_em(el, text, parent_tags))

    convert_var = convert_dfn = convert_cite


def _language(pre: Tag) -> str:
    code = pre.find("code")
    classes = [*(pre.get("class") or []), *((code.get("class") or []) if isinstance(code, Tag) else [])]
    for name in (match[1].lower() for css in classes if (match := _LANGUAGE.match(str(css)))):
        if name not in _NOT_CODE_NAMES:
            return name
    return ""


def _label(text: str) -> str:
    return escaped(" ".join(text.split())).replace("<", "").replace(">", "") if text else ""


def _no_links(inner: str, said: str) -> str:
    """The words of a link, which must hold no link of their own."""
    return re.sub(r"([\[\]])", r"\\\1", " ".join(said.split())) if _ADDRESS.search(inner) else inner


def _target(href: str) -> str:
    """An address as it may stand in brackets."""
    if re.search(r"[\s()<>\\]", href):
        return re.sub(r"[\s()<>\\]", lambda match: quote(match[0], safe=""), href)
    return href


# --- Afterwards

_FENCE = re.compile(r"[> \-\d.]*(`{3,})")


def _tidied(markdown: str) -> str:
    """Blank lines and line ends in order, code left alone."""
    out: list[str] = []
    fence = ""
    for line in markdown.split("\n"):
        opening = _FENCE.match(line)
        if fence:
            fence = "" if opening and opening[1] == fence and line.strip("> `") == "" else fence
        elif opening:
            fence = opening[1]
        else:
            line = line.rstrip(" ")
            if line.strip("> ") == "\\":
                line = line.replace("\\", "").rstrip(" ")
            if not line.strip("> ") and out and out[-1].endswith("\\") and not out[-1].endswith("\\\\"):
                out[-1] = out[-1][:-1].rstrip(" ")
            if not line.strip() and out and not out[-1].strip():
                continue
        out.append(line)
    while out and not out[-1].strip():
        out.pop()
    text = "\n".join(out).strip("\n")
    return text[:-1].rstrip() if text.endswith("\\") and not text.endswith("\\\\") else text
