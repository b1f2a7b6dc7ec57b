"""The help: files of the project, read on the site, the same in both languages."""

from __future__ import annotations

import re

import pytest

from commune.embedded import ROOT
from commune.help import SLUGS
from tests.make import make_community

FOLDER = ROOT / "docs" / "help"


def words(path) -> str:
    """The file without its code, where typography is the code's."""
    text = re.sub(r"^(`{3,})[^`]*?\n.*?^\1$", "", path.read_text(), flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`+[^`]*`+", "", text)


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_served_and_linked_in_both_languages(client, language):
    make_community()
    index = client.get("/help/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
    for slug in SLUGS:
        html = client.get(f"/help/{slug}/", HTTP_ACCEPT_LANGUAGE=language).content.decode()
        title = (FOLDER / language / f"{slug}.md").read_text().partition("\n")[0].removeprefix("# ")
        assert f"<h1>{title}</h1>" in html
        assert f'<a href="/help/{slug}/">{title}</a>' in index
    assert 'id="keys"' in index
    assert client.get("/help/nothing/").status_code == 404


def test_both_languages_have_the_same_pages_and_the_same_parts():
    assert {path.stem for path in FOLDER.rglob("*.md")} == set(SLUGS)
    for slug in SLUGS:
        parts = [
            [
                line.partition(" ")[0]
                for line in words(FOLDER / lang / f"{slug}.md").splitlines()
                if line.startswith("#")
            ]
            for lang in ("fr", "en")
        ]
        assert parts[0] == parts[1], slug


@pytest.mark.parametrize("slug", SLUGS)
def test_french_typography_is_right(slug):
    text = words(FOLDER / "fr" / f"{slug}.md")

    assert re.findall(r"[^\n|:-] [;!?:»]|«[ \w]|\w'\w|\.\.\.", text) == []
    assert re.findall(r"\w[;!?]", text) == []


def test_help_tells_of_every_piece_of_markdown():
    for language in ("fr", "en"):
        text = (FOLDER / language / "writing.md").read_text()
        for sign in (
            "**",
            "~~",
            "||",
            "::: details",
            "- [x]",
            "[^1]:",
            "```python",
            "@camille",
            "#",
            "|---",
            "> ",
            "![",
        ):
            assert sign in text, sign
