"""Telling code and aligned layout from prose, line by line."""

from __future__ import annotations

import re
from enum import IntEnum


class Shape(IntEnum):
    BLANK = 0
    PROSE = 1
    CODE = 2  # code, tables, drawings: what must keep its columns
    UNSURE = 3


BLANK, PROSE, CODE, UNSURE = Shape.BLANK, Shape.PROSE, Shape.CODE, Shape.UNSURE

_RULE = re.compile(r"^\s*(?:([-=_*#~+%.])\1{4,}|(?:[-=*_+]\s?){6,})\s*$")
TITLE_IN_RULE = re.compile(r"^\s*[-=*#_+%~]{4,}[ <>\[]+(\S.*?\w.*?)[ <>\]]+[-=*#_+%~]{4,}\s*$")
_KEYWORD = re.compile(
    r"^\s*(?:let|val|type|module|open|class|method|external|exception|and|fun|function|match|begin|end|done|do|in|"
    r"struct|sig|inherit|object|if|then|else|while|for|try|with|return|static|int|void|char|typedef|def|import|from|"
    r"virtual|mutable|rec|where|#\s?(?:include|define|ifdef|ifndef|endif|if|else|undef|directory|load|open|use))\b"
)
_SURE = re.compile(
    r"\s*(?:#\s?(?:include|define|ifn?def|endif|undef)\b|\(\*|/\*|\*/|[{}\])]+[;,]?\s*$|[~^]+\s*$"
    r"|\|\s?[\w\[(_'\"].*->|[-:] ?[\w']+ ?:? .*=$|[\w.']+ : .*->|- ?: .+ = "
    r"|(?:let|val|external|method)\s+(?:rec\s+|virtual\s+|private\s+)?[\w'(]+.*[=:]|type\s+[\w'( ,)]+="
    r"|module\s+\w+\s*[:=(]|(?:def|class)\s+\w+.*:$|(?:struct|sig|begin|end|done)\s*;*\s*$"
    r"|open\s+[A-Z]\w*;*$|[$%] ?[\w./-]+(?:\s+\S+)*$|#\s?\w.*(?:;;|=|\())"
    r"|(?:---|\+\+\+|\*\*\*) \S+.*|@@ |diff |- : "
)
_SURE_END = re.compile(r";;\s*(?:\(\*.*)?$|\*\)\s*$")
_OPERATOR = re.compile(
    r"->|:=|<-|::|(?<!=)==(?!=)|&&|\|\||\.\(|\+\.|\*\.|=>|!=|<>|\[\||\|\]|\+\+|[\w)]\(|\(\)|\w\.\w+\("
)
_ENDS = re.compile(r"(?:[;{}=|\\]|->|\bin|\bdo|\bthen|\bwith|\bof|\bstruct|\bbegin|\()\s*$")
_WORD = re.compile(r"^[(\"'«`\[*_/-]*[A-Za-zÀ-ÖØ-öø-ÿœ]+(?:['’`-][A-Za-zÀ-ÖØ-öø-ÿœ]*)*[)\"'»`\].,;:!?*_/…-]*$")
_GAP = re.compile(r"[^\s.:;!?] {3,}\S")
_DRAWING = re.compile(r"[─-╿▀-▟]|[+|][-=]{3,}[+|]|(?<!\S)[|\\/_]{2,}|[\\/_|]{3,}|\^{2,}")
_PROMPT = re.compile(r"\s*[$%] [\w./~-]+|> {6,}\S.*\bversion \d")
_WEB = re.compile(r"^\s*<?(?:URL:)?(?:https?|ftp|mailto)://?\S+>?[.,;]?$")
_COMMAND = re.compile(r"(?:^|\s)--?[A-Za-z]|\S/\w|\w_\w|[<>|$]")
_NO_SYMBOLS = dict.fromkeys(map(ord, "=<>|{}[]();:*+/\\^~@#_&%$"))
_LIST = re.compile(r"^\s*(?:[-*+•·o]|\d{1,3}[.)]|\([a-z\d]\)|[a-z]\)) +\S")


def is_rule(line: str) -> bool:
    """A line drawn with dashes, stars and the like."""
    return bool(_RULE.match(line))


def is_layout(line: str) -> bool:
    """A line whose columns matter: wide gaps between words, or drawing."""
    bare = line.strip()
    return bool(_GAP.search(bare) or _DRAWING.search(line)) and not is_rule(line)


def shapes_of(lines: list[str]) -> list[Shape]:
    """What each line is; lines that alone would leave a doubt follow their neighbours, blank ones too."""
    shapes = [_shape(line) for line in lines]
    for start, end in _chunks(lines):
        shapes[start:end] = _settled(lines[start:end], shapes[start:end])
    _adopt_between(lines, shapes)
    _blank_inside_code(shapes)
    return [PROSE if shape is UNSURE else shape for shape in shapes]


def _shape(line: str) -> Shape:
    bare = line.strip()
    if not bare:
        return BLANK
    if is_rule(line):
        return UNSURE
    if _WEB.match(line) or TITLE_IN_RULE.match(line):
        return PROSE
    words = bare.split()
    plain = sum(bool(_WORD.match(word)) for word in words)
    is_wordy = len(words) >= 4 and plain >= 0.75 * len(words) and len(_GAP.findall(bare)) < 2
    if is_wordy and "   " not in bare and bare.translate(_NO_SYMBOLS) == bare:
        return PROSE
    score = _score(line, bare)
    if score >= 3 and not (is_wordy and score < 4):
        return CODE
    if is_wordy and score < 3:
        return PROSE
    if _LIST.match(line):
        return PROSE if plain * 2 >= len(words) - 1 else UNSURE
    if line.startswith("    ") and plain < 0.6 * len(words) and _COMMAND.search(bare):
        return CODE
    return CODE if score >= 2 and plain < 0.6 * len(words) else UNSURE


def _score(line: str, bare: str) -> int:
    """How much a line looks like code: 0 not at all, 4 surely."""
    score = 0
    if _SURE.match(line) or _SURE_END.search(line):
        score += 3
    if _PROMPT.match(line):
        score += 4
    if _KEYWORD.match(line):
        score += 1
    score += min(2, len(_OPERATOR.findall(bare)))
    if _ENDS.search(bare):
        score += 1
    if is_layout(line):
        score += 2
    if len(bare) - len(bare.translate(_NO_SYMBOLS)) > 0.2 * len(bare):
        score += 1
    if line.startswith("  ") and score:
        score += 1
    return score


def _chunks(lines: list[str]) -> list[tuple[int, int]]:
    """Where paragraphs (runs without blank lines) begin and end."""
    chunks, start = [], None
    for at, line in enumerate([*lines, ""]):
        if line and start is None:
            start = at
        elif not line and start is not None:
            chunks.append((start, at))
            start = None
    return chunks


def _settled(lines: list[str], shapes: list[Shape]) -> list[Shape]:
    """The shapes of one paragraph's lines, with fewer doubts."""
    code, prose = shapes.count(CODE), shapes.count(PROSE)
    columns = sum(is_layout(line) for line, shape in zip(lines, shapes, strict=True) if shape is not PROSE)
    if columns >= 2 and columns * 2 >= len(lines):
        return [CODE] * len(lines)
    if code and code >= 2 * prose and code * 3 >= len(lines):
        return [CODE] * len(lines)
    if not code:
        return shapes
    if prose and code <= prose and max(_run_lengths(shapes)) < 2 and not _is_indented_apart(lines, shapes):
        return [PROSE] * len(lines)
    settled = list(shapes)
    for at, shape in enumerate(shapes):
        if (
            shape is UNSURE
            and at
            and settled[at - 1] is CODE
            and (lines[at].startswith(" ") or _later(shapes, at) is CODE)
        ):
            settled[at] = CODE
    return settled


def _run_lengths(shapes: list[Shape]) -> list[int]:
    lengths, current = [0], 0
    for shape in shapes:
        current = current + 1 if shape is CODE else 0
        lengths.append(current)
    return lengths


def _is_indented_apart(lines: list[str], shapes: list[Shape]) -> bool:
    """A line of code set off by its indentation inside a paragraph of prose."""
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    return any(
        shape is CODE and len(line) - len(line.lstrip()) >= margin + 2
        for line, shape in zip(lines, shapes, strict=True)
    )


def _later(shapes: list[Shape], at: int) -> Shape:
    return next((shape for shape in shapes[at + 1 :] if shape is not UNSURE), PROSE)


def _adopt_between(lines: list[str], shapes: list[Shape]) -> None:
    """Paragraphs that leave a doubt are code where both neighbours are, or one is and they are indented."""
    chunks = _chunks(lines)
    for number, (start, end) in enumerate(chunks):
        if any(shape in {CODE, PROSE} for shape in shapes[start:end]) or is_rule(lines[start]):
            continue
        before = number > 0 and shapes[chunks[number - 1][1] - 1] is CODE
        after = number + 1 < len(chunks) and shapes[chunks[number + 1][0]] is CODE
        indented = all(line.startswith("  ") for line in lines[start:end])
        if (before and after) or (indented and (before or after)):
            shapes[start:end] = [CODE] * (end - start)


def _blank_inside_code(shapes: list[Shape]) -> None:
    last = -1
    for at, shape in enumerate(shapes):
        if shape is CODE:
            if 0 <= last < at - 1 and all(between is BLANK for between in shapes[last + 1 : at]):
                shapes[last + 1 : at] = [CODE] * (at - last - 1)
            last = at
        elif shape is not BLANK:
            last = -1
