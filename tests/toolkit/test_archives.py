"""Archives of forums are read without trust: what is hostile or broken is refused in one sentence."""

from __future__ import annotations

import io
import json
import os
import tarfile
import zipfile
from pathlib import Path

import pytest

from toolkit.archives import (
    Names,
    Unreadable,
    markdown_of_page,
    read_discourse,
    read_json,
    read_stackexchange,
    repaired,
)
from toolkit.archives.rows import rows_of
from toolkit.archives.zipped import Zipped
from toolkit.markup import render, text_of

ARCHIVES = os.environ.get("COMMUNE_ARCHIVES", "")
BOMB = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {b} "{"&" + a + ";"}{"&" + a + ";"}">' for a, b in zip("abcdefgh", "bcdefghi", strict=True))
    + ']><posts><row Id="&i;"/></posts>'
)
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><posts><row Id="1">&a;</row></posts>'
DTD = '<!DOCTYPE posts SYSTEM "http://example.org/posts.dtd"><posts><row Id="1"/></posts>'


def one_sentence(error: pytest.ExceptionInfo) -> str:
    said = str(error.value)
    assert said.endswith(".")
    assert "\n" not in said
    return said


# --- XML


@pytest.mark.parametrize("xml", [BOMB, EXTERNAL, DTD], ids=["bomb", "external", "dtd"])
def test_xml_that_declares_anything_is_refused(xml):
    with pytest.raises(Unreadable, match="declares a DTD or entities") as error:
        list(rows_of(io.BytesIO(xml.encode()), "Posts.xml"))
    one_sentence(error)


@pytest.mark.parametrize(
    "data",
    [b"", b"<posts><row Id=", b"<posts></rows>", b"\xff\xfe\x00", b'<?xml version="1.0" encoding="klingon"?><a/>'],
)
def test_xml_that_is_broken_is_refused(data):
    with pytest.raises(Unreadable, match="not well-formed XML") as error:
        list(rows_of(io.BytesIO(data), "Posts.xml"))
    one_sentence(error)


def test_rows_come_one_by_one_with_their_attributes():
    rows = rows_of(io.BytesIO('<posts><row Id="1" Title="é"/><other/><row Id="2"/></posts>'.encode()), "Posts.xml")
    assert list(rows) == [{"Id": "1", "Title": "é"}, {"Id": "2"}]


@pytest.mark.skipif(not ARCHIVES, reason="COMMUNE_ARCHIVES names no folder")
def test_known_xml_bombs_are_refused():
    outcomes = {}
    with tarfile.open(Path(ARCHIVES) / "robustness" / "xml-bombs.tar") as bombs:
        for member in bombs.getmembers():
            if member.name.endswith(".xml"):
                try:
                    outcomes[Path(member.name).name] = len(list(rows_of(bombs.extractfile(member), member.name)))
                except Unreadable:
                    outcomes[Path(member.name).name] = "refused"
    assert outcomes == {
        "simple.xml": 0,
        "simple-ns.xml": 0,
        **dict.fromkeys(
            [
                "quadratic.xml",
                "external_file.xml",
                "cyclic.xml",
                "external.xml",
                "dtd.xml",
                "xmlbomb.xml",
                "xmlbomb2.xml",
            ],
            "refused",
        ),
    }


# --- Zip files


def zipped(path: Path, **members: str | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


@pytest.mark.parametrize(
    "name", ["../Posts.xml", "a/../../Posts.xml", "/etc/Posts.xml", "..\\Posts.xml", "C:\\Posts.xml"]
)
def test_a_zip_whose_names_lead_out_of_it_is_refused(tmp_path, name):
    file = zipped(tmp_path / "a.zip", **{"Users.xml": "<users/>", name: "<posts/>"})
    for read in (read_stackexchange, read_discourse):
        with pytest.raises(Unreadable, match="leads out of it") as error:
            read(file)
        one_sentence(error)
    assert list(tmp_path.iterdir()) == [file]


def test_a_zip_that_grows_too_much_is_refused(tmp_path):
    file = zipped(tmp_path / "a.zip", **{"Posts.xml": b" " * 20_000_000})
    with pytest.raises(Unreadable, match="grow more than 200 times") as error:
        Zipped(file)
    one_sentence(error)


def test_a_member_larger_than_asked_for_is_refused(tmp_path):
    file = zipped(tmp_path / "a.zip", **{"a.json": os.urandom(2 * 1024**2)})
    with pytest.raises(Unreadable, match="larger than 1 MB"):
        Zipped(file).read("a.json", most=1024**2)


@pytest.mark.parametrize("what", ["text", "empty", "cut", "missing", "folder"])
def test_what_is_no_zip_is_refused(tmp_path, what):
    whole = zipped(tmp_path / "a.zip", **{"Posts.xml": "<posts/>" * 200})
    file = tmp_path / "b.zip"
    if what == "text":
        file.write_text("no zip")
    elif what == "empty":
        file.touch()
    elif what == "cut":
        file.write_bytes(whole.read_bytes()[:60])
    elif what == "folder":
        file.mkdir()
    for read in (read_stackexchange, read_discourse):
        with pytest.raises(Unreadable) as error:
            read(file)
        one_sentence(error)


def test_a_damaged_member_is_told_of(tmp_path):
    file = zipped(tmp_path / "a.zip", **{"Users.xml": "<users/>", "Posts.xml": os.urandom(4000).hex()})
    data = bytearray(file.read_bytes())
    at = data.index(b"Posts.xml") + 500
    data[at : at + 40] = b"\0" * 40
    file.write_bytes(data)
    with pytest.raises(Unreadable, match="damaged|well-formed") as error:
        read_stackexchange(file)
    one_sentence(error)


# --- JSON


@pytest.mark.parametrize(
    ("json_said", "sentence"),
    [
        ("[", "not JSON: .* in line 1, column"),
        ("\xff", "not in UTF-8"),
        ("[" * 200_000, "not JSON"),
        ("{}", r"forum\.json should be: \[…\]"),
        ("[3]", r"\[0\] should be: {…}"),
        ('[{"nid": 1, "title": 2, "posts": []}]', r"\[0\]\.title should be"),
        (
            '[{"nid": 1, "title": "t", "posts": [{"id": 1, "date": "yesterday", "html": ""}]}]',
            r"posts\[0\]\.date is not a date",
        ),
        ('[{"nid": 1, "title": "t", "posts": [{"id": 1, "date": "2005-01-01"}]}]', r"posts\[0\]\.html should be"),
        (
            '[{"nid": 1, "title": "t", "posts": [{"id": true, "date": "2005-01-01", "html": ""}]}]',
            r"posts\[0\]\.id should be",
        ),
        (
            '[{"nid": 1, "title": "t", "posts": [{"id": 1, "date": "2005-01-01", "html": ""},'
            ' {"id": 1, "date": "2005-01-01", "html": ""}]}]',
            r"posts\[1\] has an id",
        ),
    ],
)
def test_json_of_another_shape_is_refused_naming_the_place(tmp_path, json_said, sentence):
    file = tmp_path / "forum.json"
    file.write_bytes(json_said.encode("latin-1"))
    with pytest.raises(Unreadable, match=sentence) as error:
        read_json(file)
    one_sentence(error)


@pytest.mark.parametrize(
    ("topic", "sentence"),
    [
        ({"a": 1}, "it has no post_stream"),
        ({"id": 1, "post_stream": []}, "post_stream should be"),
        ({"post_stream": {"posts": [1]}, "id": 1}, r"posts\[0\] should be"),
        ({"post_stream": {"posts": []}}, "id should be"),
        (
            {"id": 1, "post_stream": {"posts": [{"id": 2, "username": "a", "post_number": 1, "created_at": 3}]}},
            "created_at should be",
        ),
    ],
)
def test_a_topic_that_discourse_did_not_write_is_refused(tmp_path, topic, sentence):
    file = zipped(tmp_path / "a.zip", **{"t.1.json": json.dumps(topic)})
    with pytest.raises(Unreadable, match=sentence) as error:
        read_discourse(file)
    one_sentence(error)


def test_a_stackexchange_row_without_its_columns_is_refused(tmp_path):
    file = zipped(tmp_path / "a.zip", **{"Users.xml": "<users/>", "Posts.xml": '<posts><row PostTypeId="1"/></posts>'})
    with pytest.raises(Unreadable, match=r"A row of Posts\.xml has no Id"):
        read_stackexchange(file)


# --- HTML to Markdown


NAMES = Names(
    member=lambda name: "ann" if name == "Ann" else "",
    address=lambda address: "/p/7/" if address.endswith("/t/x/3/2") else "",
    quoted=lambda topic, number: f"/p/{number}/" if topic == "3" else "",
    site="https://forum.example.org",
)

PAGES = {
    "bold and slanted": ("<p>a <b>b</b> <em>c</em> <strike>d</strike></p>", "a **b** *c* ~~d~~"),
    "marks are words": ("<p>*a* _b_ `c` [d](e) | f</p>", r"\*a\* \_b\_ \`c\` \[d\](e) \| f"),
    "lines": ("<p>one<br>\n- two<br/># three</p>", "one\\\n\\- two\\\n\\# three"),
    "no tag": ("<p>read <stdin> if 1 < 2 & <ffff80138e06></p>", r"read \<stdin> if 1 < 2 & \<ffff80138e06>"),
    "tags as words": (
        "<p><select name='a'><option>b</option></select></p>",
        r"\<select name='a'>\<option>b\</option>\</select>",
    ),
    "code": ("<p>the <code>a|b*c</code></p>", "the `a|b*c`"),
    "block with language": (
        '<pre><code class="lang-python hljs">def f():\n    return "`"\n</code></pre>',
        '```python\ndef f():\n    return "`"\n```',
    ),
    "block without": ('<pre><code class="lang-auto">```\nx\n</code></pre>', "````\n```\nx\n````"),
    "code over lines": ("<code>x = 1<br />\ny = 2</code>", "```\nx = 1\ny = 2\n```"),
    "nested lists": (
        "<ul><li>one<ol><li>two</li><li>three</li></ol></li><li><p>four</p><p>five</p></li></ul>",
        "- one\n  1. two\n  2. three\n- four\n\n  five",
    ),
    "quotes": ("<blockquote><p>a</p><blockquote><p>b</p></blockquote></blockquote><p>c</p>", "> a\n>\n> > b\n\nc"),
    "table": (
        "<table><thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1|2</td><td>3</td></tr></tbody></table>",
        "| a | b |\n| --- | --- |\n| 1\\|2 | 3 |",
    ),
    "links": (
        '<p><a href="https://a.example/b_(c)">d [e]</a> <a href="https://a.example/">https://a.example/</a></p>',
        r"[d \[e\]](https://a.example/b_%28c%29) <https://a.example/>",
    ),
    "link of the site": ('<p><a href="/about">us</a></p>', "[us](https://forum.example.org/about)"),
    "script link": ('<p><a href="javascript:alert(1)">x</a></p>', "x"),
    "link to what was imported": ('<p><a href="/t/x/3/2">there</a></p>', "[there](/p/7/)"),
    "bare link to it": (
        '<p><a href="https://forum.example.org/t/x/3/2">https://forum.example.org/t/x/3/2</a></p>',
        "/p/7/",
    ),
    "image": ('<p><img src="//cdn.example/a.png" alt="a [cat]"></p>', r"![a \[cat\]](https://cdn.example/a.png)"),
    "lightbox": (
        '<div class="lightbox-wrapper"><a class="lightbox" href="https://c.example/full.png">'
        '<img alt="cat" src="s.png">'
        '<div class="meta"><span class="filename">cat</span></div></a></div>',
        "![cat](https://c.example/full.png)",
    ),
    "emoji": (
        '<p>hi <img class="emoji" alt=":slight_smile:" src="x"> <img class="emoji" alt=":odd:" src="x"></p>',
        "hi 🙂 :odd:",
    ),
    "mentions": (
        '<p><a class="mention" href="/u/ann">@Ann</a>, <span class="mention">@bob</span></p>',
        "@ann, @bob",
    ),
    "quotation": (
        '<aside class="quote" data-post="2" data-topic="3"><div class="title"><div class="quote-controls"></div>'
        '<img class="avatar" src="a"> Zoe:</div><blockquote><p>Words</p></blockquote></aside><p>Mine.</p>',
        "> [Zoe](/p/2/):\n>\n> Words\n\nMine.",
    ),
    "quotation from elsewhere": (
        '<aside class="quote" data-post="2" data-topic="9" data-username="Zoe"><div class="title">x</div>'
        "<blockquote><p>Words</p></blockquote></aside>",
        "> **Zoe**:\n>\n> Words",
    ),
    "preview": (
        '<aside class="onebox"><header class="source"><a href="https://g.example/r">G</a></header><article>'
        '<h3><a href="https://g.example/r">A thing</a></h3><p>What it says of itself</p></article></aside>',
        "[A thing](https://g.example/r)",
    ),
    "video": (
        '<div class="lazyYT" data-youtube-id="ab_c" data-youtube-title="A film"></div>',
        "[A film](https://www.youtube.com/watch?v=ab_c)",
    ),
    "spoilers": (
        '<p>so <span class="spoiler">dead</span></p><div class="spoiler"><p>all of them</p></div>'
        "<details><summary>More</summary><p>x</p></details>",
        "so ||dead||\n\n::: details\n\nall of them\n\n:::\n\n::: details More\n\nx\n\n:::",
    ),
    "small letters": ("<p>x<sup>2</sup> H<sub>2</sub>O</p>", "x² H₂O"),
    "silence": ("<script>alert(1)</script><style>p{}</style><p>a</p><!-- b -->", "a"),
    "nothing": ("<p> </p><br>", ""),
}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_becomes_the_markdown_that_one_would_write(name):
    html, markdown = PAGES[name]
    assert markdown_of_page(html, NAMES) == markdown


def test_a_quotation_renders_with_its_author_apart():
    html, _markdown = PAGES["quotation"]
    assert render(markdown_of_page(html, NAMES)).html.startswith(
        '<blockquote>\n<p class="said"><a href="/p/2/">Zoe</a></p>\n<p>Words</p>'
    )


@pytest.mark.parametrize(
    "html", ["<div>" * 5_000 + "deep", "<ul><li>" * 500 + "deep", "<b" * 10_000, "<a href='" * 500]
)
def test_a_page_without_end_is_read_all_the_same(html):
    assert isinstance(markdown_of_page(html), str)


def test_no_word_of_a_page_is_lost():
    html = "".join(html for html, _markdown in PAGES.values())
    shown = text_of(render(markdown_of_page(html, NAMES)).html)
    for word in ("three", "five", "alert", "Words", "Mine", "dead"):
        assert (word in shown) == (word != "alert")


# --- Mojibake


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("l'Ã©tÃ© Â« chaud Â»", "l'été « chaud »"),
        ("Å“uvre, câ€™est", "œuvre, c’est"),
        ("plain", "plain"),
        ("été", "été"),
        ("convert('Ã§a') donne ça", "convert('Ã§a') donne ça"),  # quoted so: the rest was read rightly
        ("Ã seul", "Ã seul"),
        ("日本", "日本"),
        ("Ã\x81 Ã©", "Á é"),
    ],
)
def test_only_what_is_certainly_misread_is_repaired(text, meant):
    assert repaired(text) == meant
