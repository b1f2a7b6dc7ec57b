"""What people type, made fit to store: no NUL, no lone surrogates, one kind of line end."""

from __future__ import annotations

import re
import unicodedata

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


def storable(text: str) -> str:
    """The text with what PostgreSQL cannot hold left out and line ends as \\n."""
    return _UNSTORABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def one_line(text: str) -> str:
    """A title or a name: storable, without invisible or direction-changing characters, spaces folded."""
    clean = _INVISIBLE.sub("", unicodedata.normalize("NFC", storable(text)))
    return re.sub(r"[ \n\t]+", " ", clean).strip()


# Letters and digits that a person cannot tell apart at a glance (from Unicode's confusables, the common ones).
_LOOKALIKES = str.maketrans(
    {
        **dict(
            zip("\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0455\u0501", "aeopcyxisd", strict=True)
        ),  # Cyrillic
        **dict(zip("\u03bf\u03b1\u03bd\u03c1\u03ba\u03b9\u03c4\u03c5", "oavpkitu", strict=True)),  # Greek
        "0": "o",
        "1": "l",
        "|": "l",
    }
)


def name_key(name: str) -> str:
    """A name folded so that look-alikes meet: compatibility forms, accents, case, separators, common confusables."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[\W_]+", "", bare.translate(_LOOKALIKES))


def tag_key(name: str) -> str:
    """A tag folded: accents and case do not matter, inner spaces and separators count as one hyphen."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[\s_/\\-]+", "-", bare).strip("-")
