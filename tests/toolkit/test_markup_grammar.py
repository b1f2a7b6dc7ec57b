"""Grammar beyond CommonMark, and what bounds it."""

from __future__ import annotations

import json
import os
import re
import unicodedata
from pathlib import Path

import pytest

from commune.bench.markup import RESOLVER, TEXTS
from toolkit.markup import Card, File, Named, Place, Resolver, excerpt_of, links_in, mailed, render, text_of
from toolkit.markup.render import GROWTH, GROWTH_FREE
from toolkit.text import balanced, is_blank, is_legible, one_line, storable

NAUGHTY = Path(os.environ.get("COMMUNE_ARCHIVES", "")) / "robustness" / "blns.json"
SITE = "https://forum.example.org"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("It was ||the *butler*||.", 'It was <details class="spoiler"><summary>Spoiler</summary>the <em>butler</em></details>.'),  # noqa: E501
        ("a || b || c", None),
        ("|||a|||", None),
        ("||a", None),
        ("`||a||`", "<code>||a||</code>"),
        ("**||a||**", '<strong><details class="spoiler"><summary>Spoiler</summary>a</details></strong>'),
    ],
)  # fmt: skip
def test_spoiler_opens_without_a_script(text, html):
    made = render(text).html
    if html is None:
        assert made == f"<p>{text}</p>\n"
    elif "details" in html:
        assert made == f'<div class="p">{html}</div>\n'  # a paragraph cannot hold what opens
    else:
        assert made == f"<p>{html}</p>\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("::: details How\nSo.\n:::\nAfter", "<details><summary>How</summary>\n<p>So.</p>\n</details>\n<p>After</p>\n"),
        ("::: details\nSo.", "<details><summary>Spoiler</summary>\n<p>So.</p>\n</details>\n"),
        ("Before\n::: details A *b*\n- c\n:::", "<p>Before</p>\n<details><summary>A <em>b</em></summary>\n<ul>\n<li>c</li>\n</ul>\n</details>\n"),  # noqa: E501
        ("::: details a\n::: details b\nc\n:::\nd\n:::", "<details><summary>a</summary>\n<details><summary>b</summary>\n<p>c</p>\n</details>\n<p>d</p>\n</details>\n"),  # noqa: E501
        ("::: details a\n```\n:::\n```\n:::", '<details><summary>a</summary>\n<pre tabindex="0"><code>:::\n</code></pre>\n</details>\n'),  # noqa: E501
        ("> ::: details a\n> b\n\nc", "<blockquote>\n<details><summary>a</summary>\n<p>b</p>\n</details>\n</blockquote>\n<p>c</p>\n"),  # noqa: E501
        ("::: warning\na\n:::", "<p>::: warning\na\n:::</p>\n"),
        ("    ::: details a", '<pre tabindex="0"><code>::: details a\n</code></pre>\n'),
    ],
)  # fmt: skip
def test_details_open_and_close_as_blocks(text, html):
    assert render(text).html == html


def test_what_is_hidden_is_left_out_of_excerpts_and_mails_and_found_by_the_search():
    html = render("He is ||the murderer||!\n\n::: details The end\nThey all die.\n:::\nGood book.").html

    assert excerpt_of(html) == "He is Spoiler! The end Good book."
    assert "murderer" in text_of(html)
    assert "all die" in text_of(html)
    said = mailed(html, site=SITE)
    assert "murderer" not in said
    assert "all die" not in said
    assert "[The end…]" in said
    assert "Good book." in said


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("> [Zoe](/p/3/):\n> words", '<p class="said"><a href="/p/3/">Zoe</a></p>\n<p>words</p>\n'),
        ("> [Zoe](/p/3/):\n>\n> words", '<p class="said"><a href="/p/3/">Zoe</a></p>\n<p>words</p>\n'),
        ("> [Zoe](/p/3/): words", '<p><a href="/p/3/">Zoe</a>: words</p>\n'),
        ("> a\n>\n> [Zoe](/p/3/):\n> b", '<p>a</p>\n<p><a href="/p/3/">Zoe</a>:\nb</p>\n'),
    ],
)
def test_first_line_of_a_quote_says_whose_words_they_are(text, html):
    assert render(text).html == f"<blockquote>\n{html}</blockquote>\n"


def test_mail_has_whole_addresses_and_no_picture_that_needs_a_session():
    resolver = Resolver(files=lambda found: {a: File(("file", 1), a, "c.jpg", "A cat", a, "", 8, 8) for a in found})
    said = mailed(render("[in](/t/1/) [out](https://example.org) ![](/a/1/c.jpg)", resolver=resolver).html, site=SITE)

    assert f'<a href="{SITE}/t/1/">in</a>' in said
    assert '<a href="https://example.org"' in said
    assert f'<a href="{SITE}/a/1/c.jpg" class="picture">[A cat]</a>' in said


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("See https://example.org/a_b_c/d_e.", ["https://example.org/a_b_c/d_e"]),
        ("(https://example.org/x_(y)) https://example.org/(", ["https://example.org/x_(y)", "https://example.org/"]),
        ("*https://example.org/* **https://example.org**", ["https://example.org/", "https://example.org"]),
        ("www.example.org/a, lexer.ml and main.cc", ["http://www.example.org/a"]),
        ("https://exämple.org/ü http://localhost:8000/ http://[::1]:80/x", ["https://xn--exmple-cua.org/%C3%BC", "http://localhost:8000/", "http://[::1]:80/x"]),  # noqa: E501
        ("mailto:ann@example.org ann@example.org", ["mailto:ann@example.org"]),
        ("xhttps://example.org http:// http://. javascript://x https:example.org", []),
        ("« https://example.org/page »", ["https://example.org/page"]),
        ("`https://example.org`", []),
        ("[https://example.org/a](https://example.org/b)", ["https://example.org/b"]),
        ("||https://example.org/a||", ["https://example.org/a"]),
    ],
)  # fmt: skip
def test_bare_addresses_are_links(text, links):
    assert list(render(text).links) == links


def test_tasks_are_signs_and_only_at_the_beginning_of_an_item():
    html = render("- [ ] a\n- [x] **b**\n- c [ ] d\n\n[ ] e\n\n1. [X] f").html

    assert html.count("☐") == 1
    assert html.count("☑") == 2
    assert "c [ ] d" in html
    assert "<p>[ ] e</p>" in html
    assert html.count('class="task-list-item"') == 3


def test_resolver_is_asked_at_most_once_a_kind_and_not_for_nothing():
    asked: list[tuple[str, tuple[str, ...]]] = []

    def ask(kind):
        return lambda found: asked.append((kind, tuple(found))) or {}

    resolver = Resolver(
        **{kind: ask(kind) for kind in ("members", "tags", "places", "files", "cards")}, site=SITE, bare=RESOLVER.bare
    )
    render("Words, `@ann #tag /t/1/` and [a link](https://example.org).", resolver=resolver)
    assert asked == []

    render(
        f"@ann @Bob @ann #one #ONE /t/1/ {SITE}/t/2/ ![](/a/1/x) [f]({SITE}/a/2/y)\n\nhttps://example.org",
        resolver=resolver,
    )
    assert asked == [
        ("members", ("ann", "bob")),
        ("tags", ("one",)),
        ("places", ("/t/1/", "/t/2/")),
        ("files", ("/a/1/x", "/a/2/y")),
        ("cards", ("https://example.org",)),
    ]


def test_what_a_resolver_says_is_escaped():
    evil = '"><script>alert(1)</script>'
    resolver = Resolver(
        members=lambda found: {n: Named(1, evil, f"/m/{evil}") for n in found},
        places=lambda found: {a: Place(f"/t/{evil}", evil, (), (("topic", 1),)) for a in found},
        files=lambda found: {a: File(("file", 1), f"/a/1/{evil}", evil, evil, f"/a/1/{evil}", "", 1, 1) for a in found},
        cards=lambda found: {a: Card(evil, evil, evil) for a in found},
        bare=RESOLVER.bare,
    )
    html = render("@ann /t/1/ ![](/a/1/x) [y](/a/1/x)\n\nhttps://example.org/", resolver=resolver).html

    assert "<script" not in html
    assert html.count("&lt;script&gt;") >= 4


def test_picture_carries_its_size_and_its_copies_and_loads_late():
    file = File(("file", 1), "/a/1/c.jpg", "c.jpg", "A cat", "/a/1/c.jpg?w=960", "/a/1/c.jpg?w=480 480w, /a/1/c.jpg?w=960 960w", 1600, 900)  # fmt: skip  # noqa: E501
    resolver = Resolver(files=lambda found: dict.fromkeys(found, file))
    html = render("![](/a/1/c.jpg)", resolver=resolver).html

    for said in ('width="1600"', 'height="900"', 'loading="lazy"', 'alt="A cat"', f'srcset="{file.srcset}"', "sizes="):
        assert said in html
    assert "<a " not in render("[![x](/a/1/c.jpg)](https://e.org)", resolver=resolver).html.replace(
        '<a href="https://e.org"', ""
    )


# --- Direction, marks, invisible characters


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("abc", "abc"),
        ("\u202eabc", "\u202eabc\u202c"),
        ("a\u202cb\u2069", "ab"),
        ("\u2067a\u202eb", "\u2067a\u202eb\u202c\u2069"),
        ("\u2067a\u202cb\u2069", "\u2067ab\u2069"),
        ("\u200fשלום\u200e", "\u200fשלום\u200e"),
    ],
)
def test_changes_of_direction_end_where_they_began(text, kept):
    assert balanced(text) == kept
    assert balanced(kept) == kept


@pytest.mark.parametrize(
    "text", ["\u202e@zoe\u202e **x\u2066** `y\u202e`", "# \u202ex", "```\n\u202ea\nb\n```", "|\u2067a|b|\n|-|-|"]
)
def test_no_direction_reaches_beyond_its_own_stretch_of_text(text):
    for piece in re.split(r"<[^>]*>|\n", render(text, resolver=RESOLVER).html):
        opened = sum(piece.count(c) for c in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068")
        assert opened == sum(piece.count(c) for c in "\u202c\u2069"), piece


def test_towers_of_marks_are_cut_and_languages_are_not():
    tower = "Z" + "\u0301\u0489\u0e31" * 200 + "algo"
    for text in (storable(tower), one_line(tower)):
        assert max(len(run) for run in re.findall(r"[\u0300-\u036f\u0489\u0e31]+", text)) <= 8
    vietnamese, hebrew, thai = "Nguyễn Việt", "בְּרֵאשִׁ֖ית", "ที่นั่น"
    for word in (vietnamese, unicodedata.normalize("NFD", vietnamese), hebrew, thai):
        assert storable(word) == word
    assert one_line(tower) == one_line(one_line(tower))


@pytest.mark.parametrize(
    ("text", "legible", "blank"),
    [
        ("", False, True),
        ("  \n\t ", False, True),
        ("\u200b\u2060\ufeff", False, True),
        ("\u3164\u115f\uffa0\u2800", False, True),
        ("\u0301\u0302", False, True),
        ("\xa0\u2003", False, True),
        ("\U000e0041\U000e0042", False, True),
        ("!?", False, False),
        ("🙂", False, False),
        ("été", True, False),
        ("Ответ", True, False),
        ("3", True, False),
    ],
)
def test_what_shows_nothing_is_known(text, legible, blank):
    assert (is_legible(text), is_blank(text)) == (legible, blank)


# --- Bounds


def test_text_deeper_than_the_bound_is_shown_as_typed_and_not_lost():
    html = render("> " * 10_000 + "the last word").html

    assert html.count("<blockquote>") <= 36
    assert "the last word" in html
    assert "at the bottom" in render("- " * 500 + "at the bottom").html


@pytest.mark.parametrize("name", TEXTS)
def test_output_of_every_hostile_text_is_bounded(name):
    text = TEXTS[name](60_000 if "COMMUNE_TEST_LONG" in os.environ else 6_000)
    html = render(text, resolver=RESOLVER).html

    assert len(html) <= 2 * (GROWTH * len(text) + GROWTH_FREE)
    assert isinstance(links_in(text), list)
    excerpt_of(html)


def test_long_address_used_without_end_is_followed_by_few_links():
    text = "[a]: /" + "u" * 5_000 + "\n\n" + "[a] " * 5_000
    html = render(text).html

    assert len(html) < 3 * len(text) + 50_000
    assert html.count('<a href="/u') == 14
    assert "a a a" in re.sub("<[^>]*>", "", html)


def test_text_that_would_grow_beyond_measure_is_shown_as_typed():
    wide = "|a" * 40 + "\n" + "|-" * 40 + "\n" + "b\n" * 100 + "\n"
    assert render(wide.replace("b\n" * 90, "")).html.startswith("<div")
    html = render(wide * 50).html

    assert html.startswith("<p>|a|a")
    assert len(html) < 3 * len(wide * 50)


def test_every_naughty_string_renders_stores_and_stays_text():
    strings = json.loads(NAUGHTY.read_text()) if NAUGHTY.is_file() else ["", "\x00", "<b>", "Ω≈ç√∫", "\u202etest", "Ṱ̺̺̕o͞"]
    for string in strings:
        html = render(storable(string), resolver=RESOLVER).html
        html.encode()
        tags = re.findall(r"<[^>]*>", html)
        assert [t for t in tags if re.search(r"<script|<svg|<iframe|\son\w+\s*=|javascript:|style=", t, re.I)] == []
        assert one_line(string) == one_line(one_line(string))
