"""Where a mail ends and its signature begins."""

from __future__ import annotations

import re

from toolkit.mail.code import is_rule

SIGNATURE_LINES = 20  # at most, after a "-- " line
BLOCK_LINES = 14  # at most, after a drawn rule

_DASHES = re.compile(r"^-{2,4}$")
_CONTACT = re.compile(
    r"@|\b(?:t[eé]l|phone|fax|e-?mail|mailto|https?:|www\.|university|universit|institut|inria|street|rue|cedex)\b",
    re.IGNORECASE,
)
_TITLED = re.compile(r"^[-=*_]{8,}.{1,50}[-=*_]{8,}\s*$")
_QUOTED = re.compile(r"^\s?>")


def without_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines without their signature, and the signature's lines (empty: none was found).

    It begins at the last "-- " line, or at a drawn rule near the end, where what follows has an address or a number.
    """
    at = _after_dashes(lines)
    if at is None:
        at = _after_rule(lines)
    if at is None:
        return lines, []
    body, signature = lines[:at], [line for line in lines[at:] if not _DASHES.match(line)]
    while body and (not body[-1] or is_rule(body[-1])):
        body.pop()
    while signature and (not signature[0] or is_rule(signature[0])):
        signature.pop(0)
    while signature and (not signature[-1] or is_rule(signature[-1])):
        signature.pop()
    return (body, signature) if body and signature else (lines, [])


def _after_dashes(lines: list[str]) -> int | None:
    for at in range(len(lines) - 1, max(-1, len(lines) - SIGNATURE_LINES - 2), -1):
        if _DASHES.match(lines[at]):
            rest = lines[at + 1 :]
            return at if not any(_QUOTED.match(line) for line in rest) else None
    return None


def _after_rule(lines: list[str]) -> int | None:
    found = None
    for at in range(len(lines) - 1, max(-1, len(lines) - BLOCK_LINES - 1), -1):
        line = lines[at]
        if _QUOTED.match(line) or line.rstrip().endswith(";;"):
            break
        if (is_rule(line) or _TITLED.match(line)) and len(line.strip()) >= 8:
            rest = [text for text in lines[at + 1 :] if text and not is_rule(text)]
            if rest and any(_CONTACT.search(text) for text in rest) and max(map(len, rest)) < 90:
                found = at
    return found
