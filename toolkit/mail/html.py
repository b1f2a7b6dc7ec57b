"""HTML mail to Markdown: what it says, not what it looked like."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from toolkit.mail.prose import escaped, fenced

_BLOCKS = {
    "p", "div", "table", "tr", "center", "section", "article", "header", "footer", "address", "form", "dl", "dt",
    "dd", "h1", "h2", "h3", "h4", "h5", "h6", "body", "html", "fieldset", "hr",
}  # fmt: skip
_SILENT = {"script", "style", "head", "title", "template", "object", "svg"}
_SAFE = ("http://", "https://", "ftp://", "mailto:")
NESTING_LIMIT = 12  # quotes and lists inside each other; deeper ones stay at this depth


class _Page(HTMLParser):
    """Collects Markdown blocks; quotes and lists are prefixes of their lines."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.words: list[str] = []
        self.containers: list[str] = []  # "> ", "- " or "1. "
        self.fresh_item = False
        self.silent = 0
        self.pre: list[str] | None = None
        self.href = ""
        self.linked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif tag == "br":
            self._add("\n")
        elif tag == "pre":
            self._close()
            self.pre = []
        elif tag in {"blockquote", "ul", "ol"}:
            self._close()
            self.containers.append({"blockquote": "> ", "ul": "- ", "ol": "1. "}[tag])
        elif tag == "li":
            self._close()
            self.fresh_item = True
        elif tag == "a":
            self.href = next((value or "" for name, value in attrs if name == "href"), "")
        elif tag == "img":
            self._add(next((f"[{value}]" for name, value in attrs if name == "alt" and value), ""))
        elif tag in {"td", "th"}:
            self._add(" ")
        elif tag in _BLOCKS:
            self._close()

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag == "pre" and self.pre is not None:
            lines = "".join(self.pre).strip("\n").split("\n")
            self.pre = None
            self._emit(fenced(lines))
        elif tag in {"blockquote", "ul", "ol"}:
            self._close()
            prefix = {"blockquote": "> ", "ul": "- ", "ol": "1. "}[tag]
            if prefix in self.containers:
                self.containers.pop(len(self.containers) - 1 - self.containers[::-1].index(prefix))
        elif tag == "a":
            href, self.href = self.href.strip(), ""
            said = "".join(self.linked)
            self.linked = []
            if href.lower().startswith(_SAFE[:3]) and href.rstrip("/") not in said and " " not in href:
                self._add(f" ({href})")
        elif tag == "li" or tag in _BLOCKS:
            self._close()

    def handle_data(self, data: str) -> None:
        if self.silent:
            return
        if self.pre is not None:
            self.pre.append(data)
            return
        if self.href:
            self.linked.append(data)
        self._add(re.sub(r"\s+", " ", data))

    def _add(self, text: str) -> None:
        if self.pre is not None:
            self.pre.append(text)
        elif not self.silent:
            self.words.append(text)

    def _close(self) -> None:
        """End the paragraph."""
        lines = [" ".join(line.split()) for line in "".join(self.words).split("\n")]
        self.words = []
        while lines and not lines[0]:
            lines.pop(0)
        while lines and not lines[-1]:
            lines.pop()
        if not lines:
            return
        paragraph: list[str] = []
        for line, following in zip(lines, [*lines[1:], ""], strict=True):
            paragraph.append(escaped(line) + ("\\" if line and following else ""))
        self._emit(paragraph)

    def _emit(self, lines: list[str]) -> None:
        first, rest = "", ""
        containers = self.containers[:NESTING_LIMIT]
        for at, container in enumerate(containers):
            is_last_list = container != "> " and all(c == "> " for c in containers[at + 1 :])
            blank = container if container == "> " else " " * len(container)
            first += container if is_last_list and self.fresh_item else blank
            rest += blank
        self.fresh_item = False
        for at, line in enumerate(lines):
            self.out.append(((first if at == 0 else rest) + line).rstrip())
        self.out.append(rest.rstrip())

    def done(self) -> str:
        if self.pre is not None:
            self.handle_endtag("pre")
        self._close()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.out)).strip("\n")


def markdown_of_html(html: str) -> str:
    """The words of an HTML mail as Markdown: paragraphs, quotes, lists, code; links spelled out. Never raises."""
    page = _Page()
    try:
        page.feed(html)
        page.close()
    except (AssertionError, ValueError, RecursionError):  # html.parser asserts on some broken declarations
        page.out = [escaped(line.strip()) for line in re.sub(r"<[^<>]*>", " ", html).split("\n")]
    return page.done()


def plain_of_rich(text: str) -> str:
    """text/enriched and text/richtext (RFC 1896, 1341) without their commands."""
    text = re.sub(r"(?is)<(param|comment)>.*?</\1>", "", text)
    text = re.sub(r"(?i)<nl>\s*|</?paragraph>", "\n", text)
    text = re.sub(r"(?i)<lt>", "\x00", text).replace("<<", "\x00")
    return re.sub(r"</?[A-Za-z][\w-]{0,59}>", "", text).replace("\x00", "<")
