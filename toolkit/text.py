"""What people type, made fit to store: no NUL, no lone surrogates, one kind of line end, no towers of accents."""

from __future__ import annotations

import difflib
import re
import unicodedata
from functools import cache

MARKS = 8  # combining marks kept on one letter; no language needs as many
MARKS_IN_LINE = 4  # in titles and names, which stand close to other people's

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\x01-\x08\x0b\x0c\x0e-\x1f\x7f]")


# Letters, by their category, that show nothing: Hangul fillers, the empty Braille pattern.
_BLANK_LETTERS = frozenset("\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


def storable(text: str) -> str:
    """The text with what PostgreSQL cannot hold left out, line ends as \\n, and at most 8 marks on a letter."""
    clean = _UNSTORABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")
    return _fewer_marks(clean, MARKS)


def one_line(text: str) -> str:
    """A title or a name: storable, without invisible or direction-changing characters, spaces folded, at most 4 marks
    on a letter."""
    clean = _INVISIBLE.sub("", unicodedata.normalize("NFC", storable(text)))
    return re.sub(r"[ \n\t]+", " ", _fewer_marks(clean, MARKS_IN_LINE)).strip()


def is_legible(text: str) -> bool:
    """Whether a title has at least one letter or digit that can be seen."""
    return any(character.isalnum() and character not in _BLANK_LETTERS for character in text)


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen: spaces, invisible characters, marks without a letter."""
    return not any(
        unicodedata.category(character)[0] not in "ZCM" and character not in _BLANK_LETTERS for character in text
    )


def _fewer_marks(text: str, most: int) -> str:
    return text if text.isascii() else _marks(most).sub(r"\1", text)


@cache
def _marks(most: int) -> re.Pattern[str]:
    """What matches more than `most` combining marks in a row, keeping the first of them in its group."""
    points = [n for n in range(0x300, 0x1FFFF) if unicodedata.category(chr(n)) in {"Mn", "Me"}]
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    marks = "".join(f"{chr(first)}-{chr(last)}" for first, last in runs)
    return re.compile(f"([{marks}]{{{most}}})[{marks}]+")


_DIRECTIONS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ENDS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"} | dict.fromkeys(
    "\u2066\u2067\u2068", "\u2069"
)
_NESTED_DIRECTIONS = 16  # further changes of direction are left out


def balanced(text: str) -> str:
    """The text with every change of writing direction ended inside it: none reaches what stands after."""
    if text.isascii() or not _DIRECTIONS.search(text):
        return text
    pieces: list[str] = []
    open_: list[str] = []
    end = 0
    for match in _DIRECTIONS.finditer(text):
        pieces.append(text[end : match.start()])
        end, control = match.end(), match[0]
        if control in _ENDS and len(open_) < _NESTED_DIRECTIONS:
            open_.append(_ENDS[control])
            pieces.append(control)
        elif open_ and control == open_[-1]:
            pieces.append(open_.pop())
    return "".join([*pieces, text[end:], *reversed(open_)])


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


class _Looks(dict[int, int | str | None]):
    """For `str.translate`: of a decomposed, case-folded text, what each character looks like; filled as it is asked."""

    def __missing__(self, point: int) -> int | str | None:
        character = chr(point)
        hidden = unicodedata.combining(character) or unicodedata.category(character) == "Cf"
        look = None if hidden or character in _BLANK_LETTERS else _LOOKALIKES.get(point, point)
        self[point] = look
        return look


_LOOKS = _Looks()


def _looks(text: str) -> str:
    """The text as it looks at a glance: compatibility forms, accents, case, common confusables, nothing invisible."""
    return unicodedata.normalize("NFKD", text).casefold().translate(_LOOKS)


def name_key(name: str) -> str:
    """A name folded so that look-alikes meet: compatibility forms, accents, case, separators, common confusables."""
    return re.sub(r"[\W_]+", "", _looks(name))


WORD_LENGTH = 60  # characters of a word by which it is known


def words_folded(text: str) -> list[str]:
    """The words of a text, in order, each folded as names are: letters and digits only, so that look-alikes meet."""
    return [word[:WORD_LENGTH] for word in re.findall(r"[^\W_]+", _looks(text))]


def tag_key(name: str) -> str:
    """A tag folded: accents and case do not matter, inner spaces and separators count as one hyphen."""
    folded = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(c for c in folded if not unicodedata.combining(c))
    return re.sub(r"[\s_/\\-]+", "-", bare).strip("-")


_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*%#]')


def file_name(name: str, *, bytes_: int = 120) -> str:
    """A file's name fit to store, to stand in an address and to be saved under: its last part only, no control or
    direction characters, none that a system forbids, at most so many bytes with the end (".jpg") kept."""
    last = re.split(r"[/\\]", one_line(name))[-1]
    clean = _NOT_IN_FILE_NAMES.sub("_", last).strip(" .")
    stem, dot, end = clean.rpartition(".")
    if not dot or len(end) > 10:
        stem, dot, end = clean, "", ""
    room = bytes_ - len(f"{dot}{end}".encode())
    stem = stem.encode()[:room].decode(errors="ignore").strip(" .")
    return f"{stem}{dot}{end}" if is_legible(stem) else f"file{dot}{end}"


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Lines of a diff as (kind, text): "same", "gone" or "new"; long unchanged stretches are cut."""
    kinds = {"-": "gone", "+": "new", " ": "same"}
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=2, lineterm="")
    return [(kinds[line[0]], line[1:]) for line in list(lines)[2:] if line[0] in kinds]
