from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.markup import Named, Resolver, excerpt_of, links_in, render, render_trusted, text_of
from toolkit.text import name_key, one_line, storable, tag_key

ARCHIVES = Path(os.environ.get("COMMUNE_ARCHIVES", ""))
SPEC = ARCHIVES / "robustness" / "commonmark-spec.json"
PAYLOADS = ARCHIVES / "robustness" / "xss-payloads.txt"


known = Resolver(members=lambda names: {n: Named(7, n, f"/m/{n}/") for n in names if n == "zoe"})


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("# Title", "<h3>Title</h3>\n"),
        ("###### Deep", "<h6>Deep</h6>\n"),
        ("~~gone~~", "<p><s>gone</s></p>\n"),
        ("<b>raw</b>", "<p>&lt;b&gt;raw&lt;/b&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("![alt](https://elsewhere.example/i.png)", None),
        ("@zoe and @nobody", '<p><a href="/m/zoe/" class="mention">@zoe</a> and @nobody</p>\n'),
        ("`@zoe` ann@zoe.example", None),
    ],
)
def test_markdown_becomes_this_html(text, html):
    rendered = render(text, resolver=known)
    if html is not None:
        assert rendered.html == html


def test_image_from_elsewhere_is_a_link_and_is_not_fetched():
    html = render("![a cat](https://elsewhere.example/cat.png)").html

    assert "<img" not in html
    assert 'href="https://elsewhere.example/cat.png"' in html
    assert "a cat" in html


def test_names_in_code_and_links_are_left_alone():
    rendered = render("`@zoe` [@zoe](https://example.org) ann@zoe.example", resolver=known)

    assert rendered.named == ()


def test_external_links_carry_no_weight_and_own_ones_do():
    html = render("[out](https://example.org) [in](/t/1/x/)").html

    assert '<a href="https://example.org" rel="nofollow ugc noopener">out</a>' in html
    assert '<a href="/t/1/x/">in</a>' in html


def test_code_is_coloured_by_classes_and_never_by_styles():
    html = render("```python\ndef f():\n    return 1\n```").html

    assert '<span class="k">def</span>' in html
    assert "style" not in html


def test_hosts_that_a_text_links_to():
    text = "[a](https://A.example/x) lexer.ml https://c.example:8080/ <https://d.example> ![i](http://e.example/i)"

    assert links_in(text) == ["a.example", "c.example", "d.example", "e.example"]


def test_headings_of_trusted_texts_start_at_the_second_level():
    assert render_trusted("# A\n\n## B") == "<h2>A</h2>\n<h2>B</h2>\n"


def test_excerpt_leaves_out_quotes_and_ends_at_a_word():
    html = render("> Somebody said much.\n\nMy own answer is rather long indeed.").html

    assert excerpt_of(html, 20) == "My own answer is…"
    assert text_of(html).startswith("Somebody said much.")


@pytest.mark.parametrize(
    "text", ["> " * 10_000 + "x", "[" * 20_000, "*" * 20_000, "`" * 20_000, "a\n" * 20_000, "@zoe " * 2_000]
)
def test_pathological_text_is_rendered_all_the_same(text):
    assert isinstance(render(text, resolver=known).html, str)


def examples() -> list[str]:
    """The 655 examples of CommonMark where the archives are at hand, else a few of our own."""
    if SPEC.is_file():
        return [example["markdown"] for example in json.loads(SPEC.read_text())]
    return ["\tfoo", "- a\n  - b\n\n    c", "[a]: /x\n\n[a]", "***a** b*", "<a><b>", "&#0;", "![a][b]"]


def test_every_commonmark_example_renders():
    found = examples()
    assert len(found) == (655 if SPEC.is_file() else 7)
    for example in found:
        assert isinstance(render(example).html, str)


ALWAYS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    '![a](x"onerror="alert(1))',
    "<a href='vbscript:x'>",
    "`<script>`",
]


def test_no_payload_leaves_a_tag_or_attribute_that_could_run():
    lines = PAYLOADS.read_text(errors="replace").splitlines() if PAYLOADS.is_file() else ALWAYS
    for line in [*ALWAYS, *lines]:
        html = render(storable(line)).html
        tags = re.findall(r"<[^>]*>", html)
        runs = re.compile(r"<script|<svg|<iframe|<object|\son\w+\s*=|javascript:|style=", re.IGNORECASE)
        assert [tag for tag in tags if runs.search(tag)] == [], line


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zoé", "zoe"), ("admin", "аdmin"), ("p0l", "pol"), ("ann-bell", "annbell"), ("Ａｎｎ", "ann"), ("bi1l", "bill")],
)
def test_names_that_look_alike_have_one_key(one, other):
    assert name_key(one) == name_key(other)


@given(st.text(alphabet=st.characters(codec=None), max_size=400))
@settings(max_examples=2000 if "COMMUNE_TEST_LONG" in os.environ else 200, deadline=None)
def test_whatever_is_typed_can_be_stored_rendered_and_cleaned_once(text):
    kept = storable(text)
    html = render(kept, resolver=known).html

    kept.encode()
    assert storable(kept) == kept
    assert one_line(one_line(text)) == one_line(text)
    assert tag_key(tag_key(text)) == tag_key(text)
    assert not re.search(
        r"<(?!/?(?:a|abbr|blockquote|br|code|del|details|div|em|h[3-6]|hr|img|li|ol|p|pre|s|section|span|strong"
        r"|sub|summary|sup|table|tbody|td|th|thead|tr|ul)\b)",
        html,
    )


def test_titles_are_one_visible_line():
    assert one_line("  Two\u200b  words\u202e\n and\x00 a line ") == "Two words and a line"
    assert tag_key("  Café  Crème ") == "cafe-creme"
