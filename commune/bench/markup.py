"""Markdown that was made to hurt: the cases known of CommonMark's parsers, those of our own grammar, and those found
while this was written. Each is rendered with a resolver that knows everything it is asked for: the dearest one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from commune.bench import Case
from toolkit.markup import Card, File, Named, Place, Resolver, excerpt_of, links_in, render
from toolkit.markup.colours import HIGHLIGHT_LIMIT, LANGUAGES, coloured
from toolkit.markup.render import GROWTH, GROWTH_FREE
from toolkit.text import balanced, one_line, storable

SIZE = 30_000  # characters; twice that is the longest post by default

RESOLVER = Resolver(
    members=lambda names: {name: Named(1, name, f"/m/{name}/") for name in names},
    tags=lambda keys: {key: Named(2, key, f"/tags/{key}/") for key in keys},
    places=lambda found: {a: Place("/t/1/x/", "A title", (("target", 3),), (("topic", 1),)) for a in found},
    files=lambda found: {a: File(("file", 4), a, "x.jpg", "", f"{a}?w=9", "", 800, 600) for a in found},
    cards=lambda found: {a: Card("A title", "What it says", "Site") for a in found},
    site="https://forum.example.org",
    bare=re.compile(r"(?<![\w/.:@-])/[tp]/[0-9]+(?:/[\w-]*)*(?![\w/-])"),
)

TEXTS: dict[str, Callable[[int], str]] = {
    "nested strong emphasis": lambda n: "*a **a " * (n // 14) + "b" + " a** a*" * (n // 14),
    "emphasis closers without openers": lambda n: "a_ " * (n // 3),
    "emphasis openers without closers": lambda n: "_a " * (n // 3),
    "star openers": lambda n: "*a " * (n // 3),
    "mismatched emphasis": lambda n: "*a_ " * (n // 4),
    "openers of threes": lambda n: "a**b" + "c* " * (n // 3),
    "stars alone": lambda n: "*" * n,
    "tildes": lambda n: "~~a " * (n // 4),
    "tilde run": lambda n: "~" * n,
    "link closers": lambda n: "a]" * (n // 2),
    "link openers": lambda n: "[a" * (n // 2),
    "link openers and emphasis": lambda n: "[ a_" * (n // 4),
    "open brackets": lambda n: "[" * n,
    "brackets both ways": lambda n: "[" * (n // 2) + "a" + "]" * (n // 2),
    "[ (](": lambda n: "[ (](" * (n // 5),
    "![[]()": lambda n: "![[]()" * (n // 6),
    "[](": lambda n: "[](" * (n // 3),
    "![](": lambda n: "![](" * (n // 4),
    "[a](<b": lambda n: "[a](<b" * (n // 6),
    "[a](b": lambda n: "[a](b" * (n // 5),
    "[a](b 'c": lambda n: "[a](b 'c" * (n // 8),
    "links in links": lambda n: "[a](b" * (n // 6) + ")" * (n // 6),
    "nested parentheses": lambda n: "[a](" + "(" * n,
    "hard link and emphasis": lambda n: "**x [a*b**c*](d)" * (n // 16),
    "autolink openers": lambda n: "<" * n,
    "<http:": lambda n: "<http:a" * (n // 7),
    "unclosed comments": lambda n: "<!--" * (n // 4),
    "<?": lambda n: "<?" * (n // 2),
    "<!A": lambda n: "<!A " * (n // 4),
    "entities": lambda n: "&amp;" * (n // 5),
    "broken entities": lambda n: "&a" * (n // 2),
    "nested quotes": lambda n: "> " * (n // 2) + "x",
    "quotes on many lines": lambda n: ("> " * 100 + "a\n") * (n // 202),
    "nested lists on one line": lambda n: "- " * (n // 2) + "x",
    "ordered on one line": lambda n: "1. " * (n // 3) + "x",
    "deep list": lambda n: "".join(" " * i + "- a\n" for i in range(int((2 * n) ** 0.5))),
    "deep list of twos": lambda n: "".join("  " * i + "* a\n" for i in range(int(n**0.5))),
    "empty lines in deep list": lambda n: "- " * 30 + "x" + "\n" * n,
    "empty lines in quoted list": lambda n: "> " + "- " * 30 + "x" + "\n> " * (n // 3),
    "emphasis in deep quote": lambda n: ">" * (n // 2) + "a*" * (n // 4),
    "flat list": lambda n: "- a\n" * (n // 4),
    "task list": lambda n: "- [ ] a\n" * (n // 8),
    "loose list": lambda n: "- a\n\n" * (n // 5),
    "backtick run": lambda n: "`" * n,
    "backtick runs growing": lambda n: "".join("e" + "`" * i for i in range(int((2 * n) ** 0.5))),
    "backticks alternating": lambda n: "`a``b" * (n // 5),
    "backticks one and many": lambda n: "``" + "`a" * (n // 2),
    "fence openers": lambda n: "```\n~~~\n" * (n // 8),
    "unclosed fences in list": lambda n: "- ```\n" * (n // 6),
    "references defined": lambda n: "".join(f"[{i}]: u\n" for i in range(n // 9)),
    "reference used often": lambda n: "[a]: /" + "u" * (n // 2) + "\n\n" + "[a] " * (n // 8),
    "references unfinished": lambda n: "[a]: \n" * (n // 6),
    "reference labels long": lambda n: "[" + "a" * n + "]: x",
    "[a][": lambda n: "[a][" * (n // 4),
    "[x\\n": lambda n: "[x\n" * (n // 3),
    "pipes": lambda n: "|" * n,
    "table wide": lambda n: "|a" * (n // 6) + "\n" + "|-" * (n // 6) + "\n" + "|b" * (n // 6),
    "table of empty rows": lambda n: "|a" * int(n**0.5) + "\n" + "|-" * int(n**0.5) + "\n" + "a\n" * (n // 4),
    "table delimiters": lambda n: "a\n" + "|-" * (n // 2),
    "table rows": lambda n: "|a|b|\n|-|-|\n" + "|c|d|\n" * (n // 6),
    "tables many": lambda n: "a|b\n-|-\n\n" * (n // 9),
    "paragraph before tables": lambda n: "a\n-\n" * (n // 4),
    "setext": lambda n: "a\n" * (n // 2) + "=",
    "footnote used often": lambda n: "[^1]: x\n\n" + "[^1]" * (n // 4),
    "footnotes defined": lambda n: "".join(f"[^{i}]: x\n\n[^{i}]\n\n" for i in range(n // 22)),
    "footnote openers": lambda n: "[^1]: x\n\n" + "[^" * (n // 2),
    "footnotes inline nested": lambda n: "^[" * (n // 2),
    "footnotes inline closed": lambda n: "^[" * (n // 3) + "]" * (n // 3),
    "footnotes in footnotes": lambda n: "".join(f"[^{i}]: a [^{i + 1}]\n" for i in range(n // 20)) + "\n[^0]",
    "footnotes nested": lambda n: "".join(" " * (4 * i) + f"[^{i}]: a\n" for i in range(int((n / 2) ** 0.5))),
    "addresses": lambda n: "http://a.b " * (n // 11),
    "addresses joined": lambda n: "http://a.b" * (n // 10),
    "address of slashes": lambda n: "http://" + "/" * n,
    "address of brackets": lambda n: "http://a.b/" + "(" * n,
    "address of dots": lambda n: "http://" + "a." * (n // 2),
    "www": lambda n: "www." * (n // 4),
    "www.a": lambda n: "www.a " * (n // 6),
    "colons": lambda n: "://" * (n // 3),
    "http:": lambda n: "http:" * (n // 5),
    "mailto": lambda n: "mailto:" * (n // 7),
    "mailto@": lambda n: "mailto:a@" * (n // 9),
    "addresses in emphasis": lambda n: "*http://a.b* " * (n // 13),
    "double slashes": lambda n: "//" * (n // 2),
    "a//": lambda n: "a//b.c " * (n // 7),
    "members": lambda n: "@zoe " * (n // 5),
    "member signs": lambda n: "@" * n,
    "tags": lambda n: "#tag " * (n // 5),
    "tag signs": lambda n: "#" * n,
    "lines": lambda n: "a\n" * (n // 2),
    "escapes": lambda n: "\\a" * (n // 2),
    "backslashes": lambda n: "\\" * n,
    "hard breaks": lambda n: "a  \n" * (n // 4),
    "spaces": lambda n: "a" + " " * n + "b",
    "spaces before breaks": lambda n: (" " * 100 + "\n") * (n // 101),
    "tabs": lambda n: "\t" * n + "x",
    "one word": lambda n: "a" * n,
    "code spans": lambda n: "`a` " * (n // 4),
    "indented code": lambda n: "    a\n" * (n // 6),
    "thematic": lambda n: "* " * (n // 2),
    "headings": lambda n: "# a\n" * (n // 4),
    "spoilers": lambda n: "||a|| " * (n // 6),
    "spoiler signs": lambda n: "||a" * (n // 3),
    "details": lambda n: "::: details a\n" * (n // 14),
    "details closed": lambda n: "::: details a\n:::\n" * (n // 18),
    "details closed deep": lambda n: "::: details a\n" * (n // 18) + ":::\n" * (n // 18),
    "own links": lambda n: "/t/1/ " * (n // 6),
    "own links full": lambda n: "https://forum.example.org/t/1/x/ " * (n // 33),
    "images": lambda n: "![](/a/1/x) " * (n // 12),
    "images abroad": lambda n: "![](http://a.b/c) " * (n // 18),
    "bidi": lambda n: "\u202e\u2067" * (n // 2),
    "zalgo": lambda n: "a" + "\u0301" * n,
    "highlighted": lambda n: "```python\n" + "+" * n + "\n```",
    "highlighted blocks": lambda n: "```c\n+-\n```\n" * (n // 12),
    "html like": lambda n: "<a " * (n // 3),
    "quotes": lambda n: "\"'" * (n // 2),
}

# What lexers of programming languages stumble over.
SEEDS = ("a", "(", "<", '"', "\\", '"\\', "/*", "#", "{", "${", "a:", "a.", "0", "<?", "a\n", " a\n", "a = ", "&", "=")


def cases() -> Iterator[Case]:
    """Every hostile text through the renderer, and some through the functions beside it."""
    for name, make in TEXTS.items():
        yield Case(f"render: {name}", make, _rendered, SIZE, _most)
    for name in ("open brackets", "addresses joined", "nested quotes", "reference used often", "colons"):
        yield Case(f"links_in: {name}", TEXTS[name], lambda text: str(links_in(text)), SIZE)
    for name in ("spoilers", "nested quotes", "headings", "table rows"):
        yield Case(f"excerpt_of: {name}", partial(_rendered_at, name), excerpt_of, SIZE)
    for what in (storable, one_line, balanced):
        for name in ("zalgo", "bidi", "spaces"):
            yield Case(f"{what.__name__}: {name}", TEXTS[name], what, SIZE)
    for language in sorted(LANGUAGES):
        yield Case(f"coloured: {language}", _code, partial(_coloured, language), HIGHLIGHT_LIMIT // 2)


def _rendered_at(name: str, n: int) -> str:
    return _rendered(TEXTS[name](n))


def _rendered(text: str) -> str:
    return render(text, resolver=RESOLVER).html


def _most(text: str) -> int:
    """Escaping and the second cleaning may add a little to what is compared with the bound."""
    return 2 * (GROWTH * len(text) + GROWTH_FREE)


def _code(n: int) -> list[str]:
    lines = [f"{seed * 40}\n" for seed in SEEDS]
    return [seed * (n // len(seed)) for seed in SEEDS] + [line * (n // len(line)) for line in lines]


def _coloured(language: str, codes: Sequence[str]) -> str:
    return "".join(coloured(code, language) for code in codes)
