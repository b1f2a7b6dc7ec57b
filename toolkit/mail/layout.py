"""Plain-text mail to Markdown: quotes, code, lists, verse and hard-wrapped prose, told apart by their look."""

from __future__ import annotations

import re
from itertools import groupby

from toolkit.mail.code import CODE, PROSE, TITLE_IN_RULE, Shape, is_layout, is_rule, shapes_of
from toolkit.mail.prose import escaped, fenced
from toolkit.mail.signatures import without_signature

QUOTE_DEPTH_LIMIT = 8  # quotes inside quotes; deeper ones stay at this depth
UNWRAPPED = 100  # characters; longer lines were not broken by hand, so each is a paragraph's own
NARROW = 44  # characters; paragraphs no wider than this are verse, addresses, lists of names

_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_QUOTE = re.compile(r"^ {0,3}(?:[A-Z]{1,4})?> ?")
_ALONE = re.compile(r"^<?(?:URL:)?(?:https?|ftp)://\S+>?$")
_BANNER = re.compile(r"^> {6,}\S.*\bversion \d")
_HEADER_BAR = re.compile(r"^ ?\|\s(?:From|To|Subject|Date|Sujet|De) ?: ")
_BAR = re.compile(r"^ {0,1}[|:](?: |$)")
_SUPERCITE = re.compile(r"^>{3,}\s*(\S.*(?:writes|wrote|said|écrit|ecrit|<\S+@\S+>).*:?)$")
_DIFF_HUNK = re.compile(r"^\d+(?:,\d+)?[acd]\d+(?:,\d+)?$")
_SAID = re.compile(
    r"(?:writes?|wrote|said|says|asks?|asked|écrit|ecrit|écrivait|dit|demande|repond|répond)\b.*:?$|:$", re.I
)
_ITEM = re.compile(r"^( *)([-*+•·o]|\d{1,3}[.)]) +(\S.*)$")


def markdown_of(text: str, *, flowed: bool = False) -> str:
    """What a plain-text mail says, as Markdown that looks like what its author saw.

    Quoted lines become quotes, code and aligned layout fenced blocks, hard-wrapped paragraphs flow again, short
    lines stay lines, and no character formats by accident. A signature comes last, after a dash. Nothing is left
    out but blank lines and rules around signatures.
    """
    lines = [_CONTROLS.sub("", line).expandtabs(8).rstrip() for line in text.split("\n")]
    if flowed:
        lines = _unflowed(lines)
    body, signature = without_signature(_trimmed(lines))
    blocks = _blocks(body, 0)
    while len(blocks) > 1 and blocks[-1] == ["---"]:
        blocks.pop()
    if signature:
        blocks.append(_signature(signature))
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _trimmed(lines: list[str]) -> list[str]:
    start, end = 0, len(lines)
    while start < end and not lines[start]:
        start += 1
    while end > start and not lines[end - 1]:
        end -= 1
    return lines[start:end]


def _unflowed(lines: list[str]) -> list[str]:
    """RFC 3676: a line that ended in a space goes on. The spaces are gone by now, so long lines are joined by their
    look as in any other mail; only space-stuffing is undone here."""
    return [line[1:] if line.startswith(" ") and line[1:2] in {">", " "} else line for line in lines]


def _signature(lines: list[str]) -> list[str]:
    if sum(is_layout(line) for line in lines) >= 2:
        return ["—", "", *fenced(lines)]
    said = [escaped(line.strip()) for line in lines if line.strip()]
    return ["—\\", *(line + "\\" for line in said[:-1]), said[-1]]


def _blocks(lines: list[str], depth: int) -> list[list[str]]:
    """The Markdown blocks of some lines, quotes included."""
    marked = _quoted(lines) if depth < QUOTE_DEPTH_LIMIT else [False] * len(lines)
    blocks: list[list[str]] = []
    for is_quote, run in groupby(zip(marked, lines, strict=True), key=lambda pair: pair[0]):
        inner = [line for _, line in run]
        if not is_quote:
            blocks.extend(_paragraphs(_trimmed(inner)))
            continue
        bare = _trimmed([_unmarked(line) for line in inner])
        inside = "\n\n".join("\n".join(block) for block in _blocks(bare, depth + 1))
        if inside:
            blocks.append([f"> {line}".rstrip() for line in inside.split("\n")])
    return blocks


def _unmarked(line: str) -> str:
    return _QUOTE.sub("", line, count=1) if _QUOTE.match(line) else _BAR.sub("", line, count=1)


def _quoted(lines: list[str]) -> list[bool]:
    """Which lines are quoted. Blank lines between two quoted ones count as quoted."""
    marked = [bool(_QUOTE.match(line)) for line in lines]
    for start, end in _bar_runs(lines):
        marked[start:end] = [True] * (end - start)
    for at, line in enumerate(lines):
        if _SUPERCITE.match(line) or _in_diff(lines, at) or _is_banner(lines, at):
            marked[at] = False
    last = -1
    for at, line in enumerate(lines):
        if marked[at]:
            if last >= 0 and all(not between for between in lines[last + 1 : at]):
                marked[last:at] = [True] * (at - last)
            last = at
        elif line:
            last = -1
    return marked


def _bar_runs(lines: list[str]) -> list[tuple[int, int]]:
    """Runs of lines quoted with "|" or ":": two or more, after words that announce them, not the cases of a match."""
    runs = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _BAR.match(lines[end]):
            end += 1
        if end - at >= 2 and not any(" -> " in line for line in lines[at:end]):
            before = next((line for line in reversed(lines[:at]) if line), "")
            if _SAID.search(before.strip()) or any(_HEADER_BAR.match(line) for line in lines[at:end]):
                runs.append((at, end))
        at = max(end, at + 1)
    return runs


def _is_banner(lines: list[str], at: int) -> bool:
    """A program's own "> " line (">       Caml Light version 0.5"), not a quote: alone, and far indented."""
    around = lines[max(0, at - 1) : at] + lines[at + 1 : at + 2]
    return bool(_BANNER.match(lines[at])) and not any(line.startswith(">") for line in around)


def _in_diff(lines: list[str], at: int) -> bool:
    if not lines[at].startswith("> "):
        return False
    for line in reversed(lines[max(0, at - 200) : at]):
        if _DIFF_HUNK.match(line):
            return True
        if line and not line.startswith(("> ", "< ", "---")):
            return False
    return False


def _paragraphs(lines: list[str]) -> list[list[str]]:
    """Blocks of unquoted lines. Code keeps the blank lines inside it."""
    shapes = shapes_of(lines)
    blocks: list[list[str]] = []
    at = 0
    while at < len(lines):
        end = at
        while end < len(lines) and _same(shapes[at], shapes[end]):
            end += 1
        run = _trimmed(lines[at:end])
        if shapes[at] == CODE:
            blocks.append(fenced(run))
        elif run:
            blocks.extend(_prose(run))
        at = end
    return blocks


def _same(first: Shape, other: Shape) -> bool:
    return (first == CODE) == (other == CODE) and (first in {PROSE, other} or other != PROSE)


def _prose(lines: list[str]) -> list[list[str]]:
    blocks: list[list[str]] = []
    for is_blank, chunk in groupby(lines, key=lambda line: not line):
        if not is_blank:
            blocks.extend(_chunk(list(chunk)))
    return blocks


def _chunk(lines: list[str]) -> list[list[str]]:
    """Blocks of one paragraph of the mail: rules and titles apart, then lists, then words."""
    blocks: list[list[str]] = []
    words: list[str] = []
    for line in lines:
        titled = TITLE_IN_RULE.match(line)
        supercited = _SUPERCITE.match(line)
        if is_rule(line):
            title = words.pop().strip() if len(words) == 1 and len(words[0].strip()) <= 60 else ""
            blocks.extend(_words(words))
            if title:
                blocks.append([f"**{escaped(title)}**" if "*" not in title else escaped(title)])
            if not title or line.strip()[0] in "*#":
                blocks.append(["---"])
            words = []
        elif titled or supercited:
            blocks.extend(_words(words))
            words = []
            said = (titled or supercited)[1]  # type: ignore[index]
            blocks.append([f"**{escaped(said)}**" if titled and "*" not in said else escaped(said)])
        else:
            words.append(line)
    blocks.extend(_words(words))
    while len(blocks) > 1 and blocks[-1] == ["---"] == blocks[-2]:
        blocks.pop()
    return blocks


def _words(lines: list[str]) -> list[list[str]]:
    """A list where the lines look like one, paragraphs around it."""
    if not lines:
        return []
    items = [at for at, line in enumerate(lines) if _ITEM.match(line)]
    if not _is_list(lines, items):
        return [_flow(lines)]
    blocks = [_flow(lines[: items[0]])] if items[0] else []
    end = items[-1] + 1
    indent = len(lines[items[-1]]) - len(lines[items[-1]].lstrip())
    width = max(map(len, lines))
    while end < len(lines) and (
        len(lines[end]) - len(lines[end].lstrip()) > indent or not _is_hard_break(lines[end - 1], lines[end], width)
    ):
        end += 1
    blocks.append(_list(lines[items[0] : end]))
    return blocks + ([_flow(lines[end:])] if lines[end:] else [])


def _is_list(lines: list[str], items: list[int]) -> bool:
    if len(items) >= 2:
        return True
    return len(items) == 1 and items[0] == 0 and len(" ".join(line.strip() for line in lines)) > 60


def _list(lines: list[str]) -> list[str]:
    """Markdown of a list: items inside each other by their indentation."""
    out: list[str] = []
    levels: list[tuple[int, int]] = []  # indentation in the mail, indentation of the content in Markdown
    text: list[str] = []

    def flush() -> None:
        if text:
            lead = " " * levels[-1][1]
            flowing = _flow(text)
            out[-1] += flowing[0]
            out.extend(lead + line for line in flowing[1:])
            text.clear()

    for line in lines:
        item = _ITEM.match(line)
        if item is None:
            text.append(line.strip() if text else line)
            continue
        flush()
        while levels and len(item[1]) <= levels[-1][0] and (len(levels) > 1 or len(item[1]) < levels[-1][0] + 1):
            levels.pop()
        lead = levels[-1][1] if levels else 0
        marker = item[2] if item[2][0].isdigit() else "-"
        out.append(" " * lead + marker + " ")
        levels.append((len(item[1]), lead + len(marker) + 1))
        text.append(item[3])
    flush()
    return out


def _flow(lines: list[str]) -> list[str]:
    """A paragraph whose soft line breaks are gone and whose hard ones are kept."""
    margin = min(len(line) - len(line.lstrip()) for line in lines)
    lines = [line[margin:] for line in lines]
    width = max(len(line) for line in lines)
    paragraphs, current = [], lines[0].strip()
    for line, following in zip(lines, lines[1:], strict=False):
        if _is_hard_break(line, following, width):
            paragraphs.append(current)
            current = following.strip()
        else:
            current = f"{current} {following.strip()}"
    paragraphs.append(current)
    return [escaped(" ".join(p.split())) + ("\\" if at < len(paragraphs) else "") for at, p in enumerate(paragraphs, 1)]


def _is_hard_break(line: str, following: str, width: int) -> bool:
    if width <= NARROW or len(line) > UNWRAPPED or _ITEM.match(following):
        return True
    if _ALONE.match(line.strip()) or _ALONE.match(following.strip()):
        return True
    if following.startswith("  ") and not line.startswith("  ") and line.rstrip().endswith((".", ":", "!", "?")):
        return True
    first = following.split()[0] if following.split() else ""
    return len(line) + 1 + len(first) <= 0.72 * width
