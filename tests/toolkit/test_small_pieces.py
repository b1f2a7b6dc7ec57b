from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.utils.translation import override

from commune.branding import DARK_PAPER, LIGHT_PAPER, contrast, stylesheet
from toolkit import clock
from toolkit.bilingual import Bilingual


class Thing:
    name = Bilingual()

    def __init__(self, fr: str, en: str) -> None:
        self.name_fr, self.name_en = fr, en


@pytest.mark.parametrize(
    ("language", "fr", "en", "said", "lang", "marked"),
    [
        ("fr", "Le seuil", "The step", "Le seuil", "fr", "Le seuil"),
        ("en", "Le seuil", "The step", "The step", "en", "The step"),
        ("en", "Le seuil", "", "Le seuil", "fr", '<span lang="fr">Le seuil</span>'),
        ("fr", "", "<b>", "<b>", "en", '<span lang="en">&lt;b&gt;</span>'),
    ],
)
def test_text_in_two_languages_falls_back_and_knows_its_own(language, fr, en, said, lang, marked):
    with override(language):
        name = Thing(fr, en).name
        assert (name, name.lang, name.marked) == (said, lang, marked)


def test_clock_says_what_it_was_told_and_only_inside():
    moment = datetime(2020, 1, 1, tzinfo=UTC)
    with clock.at(moment):
        assert clock.now() == moment
    assert clock.now() > moment


@pytest.mark.parametrize("accent", ["#ffff00", "#000000", "#ffffff", "#a2431f", "#7fffd4", "#336699"])
def test_any_accent_is_made_legible_on_both_papers(accent):
    said = dict(part.split(":") for part in stylesheet(accent).strip()[6:-1].split(";"))

    assert contrast(said["--accent-light"], LIGHT_PAPER) >= 4.5
    assert contrast(said["--accent-dark"], DARK_PAPER) >= 4.5
    assert contrast(said["--on-accent-light"], said["--accent-light"]) >= 4.5
    assert contrast(said["--on-accent-dark"], said["--accent-dark"]) >= 4.5
