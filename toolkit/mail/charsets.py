"""Bytes to text where labels are missing or lie."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes
from django.utils.translation import gettext as _

from toolkit.text import storable

# Labels seen on real mail that Python's codecs do not know.
_ALIASES = {
    "x-mac-roman": "mac_roman",
    "macintosh": "mac_roman",
    "x-sjis": "shift_jis",
    "x-gbk": "gbk",
    "x-euc-jp": "euc_jp",
    "iso-8859-8-i": "iso8859_8",
    "ks_c_5601-1987": "cp949",
    "gb2312": "gb18030",
    "windows-874": "cp874",
    "latin1": "latin_1",
    "latin-9": "iso8859_15",
    "ansi": "cp1252",
}
# Codecs that are no charset of mail, or may raise or expand in surprising ways.
_REFUSED = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem", "utf-7"}
# Those that say nothing: what they label is often not ASCII at all.
_SAYS_NOTHING = {"ascii", ""}
_CANDIDATES = ("cp1252", "mac_roman", "cp850")
_FRENCH = set("éèêëàâçùûüîïôöœæÉÈÊÀÂÇÎÔ")
_COMMON = set("éèàêç")
_FINE = set("«»°€§£’‘“”…–—·\xa0²³½ñáíóúäßøåãõìòÄÖÜÅØÑÁ¿¡")
_ESCAPED = re.compile(r"(?<=[a-zé'’])=([CDEF][0-9A-F])(?=[a-z .,:;)\n]|$)|\b=([CDEF][0-9A-F])(?=[a-z])")
_SURE_ESCAPED = re.compile(r"[a-z]=E[0-9A-F][a-z]|[a-z]'=E[0-9A-F][a-z]")


def codec_of(label: str | None) -> str:
    """The name of Python's codec for a charset label, or "" for none, an unknown or an unfit one."""
    name = (label or "").strip().strip("\"'").lower()
    try:
        found = codecs.lookup(_ALIASES.get(name, name) or "undefined")
    except (LookupError, ValueError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True)
    return found.name if is_text and found.name.replace("-codec", "") not in _REFUSED else ""


def decoded(data: bytes, label: str | None = None) -> tuple[str, str]:
    """The text of these bytes, and what was odd about their label ("" when nothing was).

    In this order: the declared charset, UTF-8 strictly, then whichever of cp1252, Mac Roman and cp850 makes the most
    plausible French or English, then charset-normalizer, then Latin-1. Never raises.
    """
    codec = codec_of(label)
    if codec not in _SAYS_NOTHING:
        text = _strictly(data, "cp1252" if codec == "iso8859-1" else codec)
        if text is None and codec == "iso8859-1":
            text = _strictly(data, codec)
        if text is not None:
            return storable(text), ""
    text, used = _guessed(data)
    if used != "ascii" and label and codec not in _SAYS_NOTHING:
        odd = _("Its text is not in %(label)s as it says: read as %(used)s.")
        return storable(text), odd % {"label": label.strip()[:40], "used": used}
    if label and not codec and used != "ascii":
        odd = _("Its charset “%(label)s” is unknown: read as %(used)s.")
        return storable(text), odd % {"label": label.strip()[:40], "used": used}
    return storable(unescaped(text)), ""


def _guessed(data: bytes) -> tuple[str, str]:
    for codec in ("ascii", "utf-8"):
        text = _strictly(data, codec)
        if text is not None:
            return text, codec
    best, best_score, used = "", 0, ""
    for codec in _CANDIDATES:
        text = _strictly(data, codec)
        score = _plausibility(text) if text is not None else 0
        if text is not None and score > best_score:
            best, best_score, used = text, score, codec
    if used:
        return best, used
    match = from_bytes(data[:20_000]).best()
    text = _strictly(data, match.encoding) if match is not None else None
    if match is not None and text is not None:
        return text, match.encoding
    return data.decode("latin-1"), "latin-1"


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _plausibility(text: str) -> int:
    """How much the characters beyond ASCII look like letters of French words; below 1: not at all."""
    score = 0
    for at, char in enumerate(text):
        if char < "\x80":
            continue
        before, after = text[at - 1 : at], text[at + 1 : at + 2]
        if "\x80" <= char < "\xa0":
            score -= 4
        elif char in _FRENCH:
            score += 3 if char in _COMMON else 2
            if char.isupper() and before.islower():
                score -= 5
        elif char in _FINE:
            score += 1 if char.isalpha() or not (before.isalpha() and after.isalpha()) or char in "’‘" else -3
        else:
            score -= 3 if before.isalpha() and after.isalpha() else 1
    return score


def unescaped(text: str) -> str:
    """French letters that were left in quoted-printable ("Lyc=E9e"), where that is what they surely are."""
    if not _SURE_ESCAPED.search(text):
        return text
    return _ESCAPED.sub(lambda match: _letter(match), text)


def _letter(match: re.Match[str]) -> str:
    char = chr(int(match[1] or match[2], 16))
    return char if char in _FRENCH else match[0]
