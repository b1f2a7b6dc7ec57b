"""French typography as Commune's own texts keep it, and a check that names what is wrong.

The norm chosen: U+202F before ; ! ?, U+00A0 before : and inside guillemets, the curved apostrophe, one-character
ellipsis, no straight quotes. Used on catalogues and on texts that admins and Commune write, never on members' posts.
"""

from __future__ import annotations

import re

NARROW = "\u202f"
FIXED = "\u00a0"

# What is no running text: placeholders, URLs, code, tags, entities and times of day.
_NOT_TEXT = re.compile(
    r"%\(\w+\)[sd]|\{[^{}]*\}|https?://\S+|mailto:\S+|`[^`]*`|<[^<>]+>|&\w+;|\b\d{1,2}:\d{2}\b|\bHX-\S+"
)

_FAULTS = (
    (re.compile(r"[^\s\u202f][;!?]+(?=\s|$|[»)])"), "U+202F is missing before ; ! or ?"),
    (re.compile(r"[ \u00a0][;!?]"), "before ; ! ? stands U+202F, not another space"),
    (re.compile(r"[^\s\u00a0]:(?=\s|$)"), "U+00A0 is missing before the colon"),
    (re.compile(r"[ \u202f]:(?=\s|$)"), "before a colon stands U+00A0, not another space"),
    (re.compile(r"«[^\u00a0]|«$"), "after « stands U+00A0"),
    (re.compile(r"[^\u00a0]»|^»"), "before » stands U+00A0"),
    (re.compile(r"\w'\w"), "the apostrophe is ’"),
    (re.compile(r'"'), "quotes are « »"),
    (re.compile(r"\.\.\."), "the ellipsis is one character"),
    (re.compile(r"\(s\)|\(e\)|\(es\)"), "plurals and genders are not bracketed"),
)


def french_faults(text: str) -> list[str]:
    """What is typographically wrong in a French text, one sentence each; empty when nothing is."""
    plain = _NOT_TEXT.sub("x", text)
    return [fault for pattern, fault in _FAULTS if pattern.search(plain)]


def english_faults(text: str) -> list[str]:
    """What is typographically wrong in an English text: straight quotes and apostrophes, three dots."""
    plain = _NOT_TEXT.sub("x", text)
    faults = []
    if re.search(r"\w'\w", plain):
        faults.append("the apostrophe is ’")
    if '"' in plain:
        faults.append("quotes are “ ”")
    if "..." in plain:
        faults.append("the ellipsis is one character")
    return faults
