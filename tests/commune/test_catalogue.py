from __future__ import annotations

import pytest

from commune.management.commands.catalogue import collected, faults
from toolkit.typography import english_faults, french_faults


def test_both_catalogues_are_complete_and_typographically_right():
    assert len(list(collected())) > 500
    assert faults() == []


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("Vraiment\u202f?", 0),
        ("Vraiment ?", 1),
        ("Vraiment?", 1),
        ("Motif\u00a0: règle", 0),
        ("Motif : règle", 1),
        ("Motif: règle", 1),
        ("à 12:30 précises", 0),
        ("«\u00a0oui\u00a0»", 0),
        ("« oui »", 2),
        ("l’outil", 0),
        ("l'outil", 1),
        ('dire "oui"', 1),
        ("attendez…", 0),
        ("attendez...", 1),
        ("0 réponse(s)", 1),
        ("https://example.org/?a=b;c", 0),
        ("%(name)s\u00a0: %(n)d", 0),
    ],
)
def test_french_typography_is_judged(text, faults):
    assert len(french_faults(text)) == faults


def test_english_typography_is_judged():
    assert english_faults("It’s “right”…") == []
    assert len(english_faults('It\'s "wrong"...')) == 3
