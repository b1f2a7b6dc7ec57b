"""Plain-text mail as Markdown: what is quoted, code, list, verse or prose. Looked at as HTML, as readers do."""

import re

import pytest

from toolkit.mail import markdown_of
from toolkit.markup import render, text_of


def html(mail: str) -> str:
    return re.sub(r"\s*\n\s*", "", render(markdown_of(mail)).html)


def test_hard_wrapped_prose_flows_and_short_lines_stay():
    mail = (
        "Hello,\n\nThis is a paragraph that somebody broke by hand so that it would fit\n"
        "into the eighty columns of a terminal, as one did in those days, and so\non.\n\n"
        "12, rue des Lilas\n75020 Paris\n"
    )
    assert markdown_of(mail) == (
        "Hello,\n\nThis is a paragraph that somebody broke by hand so that it would fit into the eighty columns of a "
        "terminal, as one did in those days, and so on.\n\n12, rue des Lilas\\\n75020 Paris"
    )


def test_quotes_nest_and_stay_apart_from_the_answer():
    mail = "Anne wrote:\n>> is it so?\n> I think\n>\n> yes\nSo do I.\n"
    assert html(mail) == (
        "<p>Anne wrote:</p><blockquote><blockquote><p>is it so?</p></blockquote><p>I think</p><p>yes</p></blockquote>"
        "<p>So do I.</p>"
    )


@pytest.mark.parametrize("marker", ["> ", " > ", ">", "XL> ", "| ", ": "])
def test_every_way_to_quote_is_a_quote(marker):
    mail = f"Anne a écrit :\n{marker}c'est ainsi\n{marker}et pas autrement\nBon.\n"
    assert html(mail) == (
        "<p>Anne a écrit :</p><blockquote><p>c'est ainsi<br>et pas autrement</p></blockquote><p>Bon.</p>"
    )


def test_the_cases_of_a_match_are_no_quote():
    mail = "I wrote:\n\nlet f = function\n| A -> 1\n| B x -> x * 2\n;;\n\nand it works for me here.\n"
    assert html(mail) == (
        '<p>I wrote:</p><pre tabindex="0"><code>let f = function| A -&gt; 1| B x -&gt; x * 2;;</code></pre>'
        "<p>and it works for me here.</p>"
    )


def test_the_cases_of_a_match_are_no_quote_even_after_words_that_announce_one():
    assert "<blockquote>" not in html("Then he wrote:\n| A -> 1\n| B x -> x * 2\n")


def test_a_short_line_above_long_ones_stays_a_line():
    assert markdown_of("Dear all,\nhere is a line that goes on up to the margin of the screen, and then\nends.") == (
        "Dear all,\\\nhere is a line that goes on up to the margin of the screen, and then ends."
    )


def test_code_keeps_its_columns_and_blank_lines():
    code = "let rec fact n =\n  if n = 0 then 1\n  else n * fact (n - 1);;\n\nlet () =\n  print_int (fact 5)"
    assert markdown_of(f"Here is what I tried:\n\n{code}\n\nWhat do you think of it?") == (
        f"Here is what I tried:\n\n```\n{code}\n```\n\nWhat do you think of it?"
    )


def test_a_table_keeps_its_columns_and_back_ticks_do_not_end_it():
    table = "name      size   ```\nfirst     1 kB   x\nsecond    22 kB  y"
    assert markdown_of(table) == f"````\n{table}\n````"


def test_what_a_program_printed_after_a_mark_is_no_quote_but_indented_words_are():
    assert "<blockquote>" not in html(">       Caml Light version 0.5\n\n#let x = 1;;\nx : int = 1\n")
    assert html(">       it is so\n") == "<blockquote><p>it is so</p></blockquote>"


def test_code_inside_a_quote_stays_code():
    assert html("You said:\n> let x = ref 0;;\n> x := !x + 1;;\n") == (
        '<p>You said:</p><blockquote><pre tabindex="0"><code>let x = ref 0;;x := !x + 1;;</code></pre></blockquote>'
    )


def test_lists_are_lists_inside_each_other():
    mail = "Changes:\n* Language:\n  - new words\n    and more of them\n  - labels\n* Types\n"
    assert html(mail) == (
        "<p>Changes:</p><ul><li>Language:<ul><li>new words<br>and more of them</li><li>labels</li></ul></li>"
        "<li>Types</li></ul>"
    )


def test_a_name_after_a_dash_is_no_list():
    assert html("Best regards,\n\n- Anne Petit\n") == "<p>Best regards,</p><p>- Anne Petit</p>"


@pytest.mark.parametrize(
    "line",
    [
        "*not bold* and _not slanted_ and __init__",
        "# no title",
        "1. no list",
        "2) no list",
        "+ no list",
        "a `tick` and [a](b) and ![x](y) and [^1]",
        "<b>no tag</b> &amp; <not@a.link> http",
        "~~kept~~ and a | b",
        "see lexer.ml and README.md",
        "write to anne@example.org or mailto:anne@example.fr or @anne",
        "that is in C:\\temp\\*.txt they say",
        "a === b they say so",
        "[ ] no box",
    ],
)
def test_nothing_in_prose_formats_by_accident(line):
    shown = render("before\n\n" + markdown_of(f"so: {line}")).html
    assert text_of(shown).split("\n")[-1].strip() == f"so: {line}".strip()
    assert set(re.findall(r"<(\w+)", shown)) == {"p"}
    shown = render(markdown_of(line)).html
    assert not set(re.findall(r"<(\w+)", shown)) - {"p", "hr", "blockquote"}


@pytest.mark.parametrize(
    "url", ["http://example.org/~anne/a_b_c.html", "https://example.org/x?a=1&b=2", "www.example.org"]
)
def test_addresses_of_the_web_are_links(url):
    full = (url if "://" in url else f"http://{url}").replace("&", "&amp;")
    for mail in (f"see {url}, there", f"see {url}", f"see\n{url}\nthere"):
        assert f'href="{full}"' in render(markdown_of(mail)).html


def test_a_signature_comes_last_after_a_dash():
    assert markdown_of("So it is.\n\n-- \nAnne Petit\nÉcole du Lac\n") == "So it is.\n\n—\\\nAnne Petit\\\nÉcole du Lac"
    drawn = "So it is.\n\n----------\nAnne Petit     École\nTel: 12         Annecy\n----------\n"
    assert markdown_of(drawn) == "So it is.\n\n—\n\n```\nAnne Petit     École\nTel: 12         Annecy\n```"


def test_a_mail_that_is_only_a_signature_is_kept():
    assert markdown_of("-- \nAnne") != ""


@pytest.mark.parametrize(
    "mail", [">" * 500 + " deep", "> \n" * 3000, "- x\n" * 3000, "(" * 5000, "-" * 9000, "| a\n" * 2000]
)
def test_absurd_mails_are_rendered_in_good_time(mail):
    assert render(markdown_of(mail)).html is not None


def test_nothing_is_lost():
    mail = "Bonjour,\n\n> avant\n\nvoici :\n   let x = 1;;\n\n* un\n* deux\n\nfin 1 2 3\n"
    words = re.findall(r"\w+", mail)
    assert re.findall(r"\w+", text_of(render(markdown_of(mail)).html)) == words
