"""Grammar that CommonMark does not have, and bounds on what it has.

Every rule here reads each character a bounded number of times; `docs/rendering.md` says which library rule each of
them replaces and why, `make bench` measures them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table
from markdown_it.rules_block.blockquote import blockquote
from markdown_it.rules_block.list import list_block
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Delimiter
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.footnote.index import footnote_def, footnote_ref

DEEPEST = 36  # levels of blocks (a quote is one, a list two); further markers are shown as they were typed
TABLE_COLUMNS = 60  # a wider table is shown as it was typed
EMPTY_CELLS = 4_000  # that the library adds to short rows of one table (65,536 by itself)
FOOTNOTE_CALLS = 400  # of one text; further ones are shown as they were typed
FOOTNOTE_WAYS_BACK = 5  # arrows from one note back to its calls

_BLOCK = ["paragraph", "reference", "blockquote", "list"]

BlockRule = Callable[[StateBlock, int, int, bool], bool]


def extend(parser: MarkdownIt) -> None:
    """Give the parser Commune's grammar and bounds."""
    import_module("markdown_it.rules_block.table").MAX_AUTOCOMPLETED_CELLS = EMPTY_CELLS  # type: ignore[attr-defined]
    parser.block.ruler.at("blockquote", _not_too_deep(blockquote), {"alt": _BLOCK})
    parser.block.ruler.at("list", _not_too_deep(list_block), {"alt": _BLOCK[:3]})
    parser.block.ruler.at("table", _narrow_table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before("fence", "details", _not_too_deep(_details), {"alt": _BLOCK})
    parser.use(footnote_plugin, inline=False)
    parser.block.ruler.at("footnote_def", _not_too_deep(footnote_def), {"alt": ["paragraph", "reference"]})
    parser.inline.ruler.at("footnote_ref", _footnote_call)
    parser.inline.add_terminator_char("|")
    parser.inline.ruler.before("strikethrough", "spoiler", _spoiler_marks)
    parser.inline.ruler2.before("emphasis", "spoiler", _pair_spoilers)
    parser.inline.ruler.at("linkify", _address)
    parser.core.ruler.at("linkify", _addresses_without_scheme)
    parser.core.ruler.after("inline", "tasks", _tick_tasks)
    parser.core.ruler.push("attributions", _set_attributions_apart)
    parser.core.ruler.push("spoiler_paragraphs", _open_paragraphs_of_spoilers)


def _not_too_deep(rule: BlockRule) -> BlockRule:
    """The rule, except at the bottom: there markdown-it would drop the rest of the text."""

    def bounded(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < DEEPEST and rule(state, start, end, silent)

    return bounded


def _narrow_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table of a bounded width: rows are filled up with empty cells, so that columns cost as many times the rows."""
    if start + 1 < end and state.src.count("|", state.bMarks[start + 1], state.eMarks[start + 1]) > TABLE_COLUMNS + 1:
        return False
    return table(state, start, end, silent)


# --- ::: details Summary

_DETAILS = re.compile(r"(:{3,})[ \t]*(?:details|spoiler)(?:[ \t]+(.*))?$", re.IGNORECASE)
_FENCE_END = re.compile(r":{3,}[ \t]*$")


def _details(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A block that opens on demand, from "::: details Summary" to ":::" (or to the end of what it stands in)."""
    opening = None if state.is_code_block(start) else _DETAILS.match(_line(state, start))
    if opening is None:
        return False
    if silent:
        return True
    last = _end_of_details(state, start, end)
    token = state.push("details_open", "details", 1)
    token.meta = {"summary": (opening[2] or "").strip()}
    token.map = [start, last]
    summary = state.push("inline", "", 0)
    summary.content = token.meta["summary"] or "Spoiler"  # the one word that is the same in both languages
    summary.map, summary.children = [start, start], []
    state.push("summary_end", "summary", 0)
    old_parent, old_max, state.parentType, state.lineMax = state.parentType, state.lineMax, "container", last
    state.md.block.tokenize(state, start + 1, last)
    state.parentType, state.lineMax = old_parent, old_max
    state.push("details_close", "details", -1)
    state.line = last + (1 if last < end and _FENCE_END.match(_line(state, last)) else 0)
    return True


def _end_of_details(state: StateBlock, start: int, end: int) -> int:
    """The line of the ":::" that closes the block; without one, where the block it stands in ends."""
    depth, fence = 1, ""
    for line in range(start + 1, end):
        text = _line(state, line)
        if text and state.sCount[line] < state.blkIndent:
            return line
        if fence:
            fence = "" if text.startswith(fence) and not text.strip(fence[0] + " \t") else fence
        elif text.startswith(("```", "~~~")):
            fence = text[: len(text) - len(text.lstrip(text[0]))]
        elif _DETAILS.match(text):
            depth += 1
        elif _FENCE_END.match(text):
            depth -= 1
            if not depth:
                return line
    return end


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


# --- ||spoiler||


def _spoiler_marks(state: StateInline, silent: bool) -> bool:
    """Two bars open or close a hidden passage; alone between spaces, or three of them, they are bars."""
    if silent or state.src[state.pos] != "|":
        return False
    scanned = state.scanDelims(state.pos, True)
    token = state.push("text", "", 0)
    token.content = "|" * scanned.length
    if scanned.length == 2:
        place = len(state.tokens) - 1
        state.delimiters.append(
            Delimiter(marker=ord("|"), length=0, token=place, end=-1, open=scanned.can_open, close=scanned.can_close)
        )
    state.pos += scanned.length
    return True


def _pair_spoilers(state: StateInline) -> None:
    for delimiters in (state.delimiters, *(meta["delimiters"] for meta in state.tokens_meta if meta)):
        for opener in delimiters:
            if opener.marker == ord("|") and opener.end != -1:
                for place, name, nesting in ((opener.token, "open", 1), (delimiters[opener.end].token, "close", -1)):
                    token = state.tokens[place]
                    token.type, token.tag, token.nesting, token.content = f"spoiler_{name}", "details", nesting, ""


def _open_paragraphs_of_spoilers(state: StateCore) -> None:
    """A paragraph cannot hold <details>: where one does, a block that looks the same takes its place."""
    tokens = state.tokens
    for before, inline, after in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if before.type != "paragraph_open" or not any(c.type == "spoiler_open" for c in inline.children or ()):
            continue
        before.tag = after.tag = "div"
        before.attrSet("class", "p")


# --- Who is quoted


def _set_attributions_apart(state: StateCore) -> None:
    """ "> [Zoe](/p/12/):" as the first line of a quote says whose words they are: a paragraph of its own."""
    fresh: list[Token] = []
    for index, token in enumerate(state.tokens):
        children = token.children or []
        kinds = [child.type for child in children[:5]]
        begins = index > 1 and state.tokens[index - 2].type == "blockquote_open"
        if (
            begins
            and kinds[:4] == ["link_open", "text", "link_close", "text"]
            and str(children[0].attrGet("href") or "").startswith("/")
            and children[3].content.strip() == ":"
            and kinds[4:] in (["softbreak"], [])
        ):
            fresh[-1].attrSet("class", "said")
            said, rest = children[:3], children[5:]  # the colon is for the eye where one writes
            token.children = rest or said
            if rest:
                fresh += [
                    Token("inline", "", 0, level=token.level, children=said),
                    Token("paragraph_close", "p", -1, level=token.level - 1, block=True),
                    Token("paragraph_open", "p", 1, level=token.level - 1, block=True),
                ]
        fresh.append(token)
    state.tokens = fresh


# --- Footnotes

_CALL = re.compile(r"\[\^[^\s\[\]]{1,60}\]")


def _footnote_call(state: StateInline, silent: bool) -> bool:
    """The library's rule, asked only where a whole call stands: it searches to the end of the text otherwise."""
    if state.src[state.pos] != "[" or not _CALL.match(state.src, state.pos, state.posMax):
        return False
    if state.env.get("calls", 0) >= FOOTNOTE_CALLS or not footnote_ref(state, silent):
        return False
    state.env["calls"] = state.env.get("calls", 0) + (not silent)
    return True


# --- Bare addresses

# One match takes the whole run, so that no character is looked at twice.
_AFTER_SCHEME = re.compile(r"://[^\s<>\"«»`\x00-\x20]*", re.IGNORECASE)
_AFTER_MAILTO = re.compile(r":[\w.+-]{1,64}@[\w-]+(?:\.[\w-]+)+")
_WWW = re.compile(r"(?<![\w./@:-])www\.[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:[:/?#][^\s<>\"«»`]*)?", re.IGNORECASE)
_HOST = re.compile(r"(?:\[[0-9a-f:.]+\]|[\w-]+(?:\.[\w-]+)*\.?)(?::\d{1,5})?(?=[/?#]|$)", re.IGNORECASE)
_SCHEME = re.compile(r"(?<![\w.+-])(?:https?|ftp|mailto)$", re.IGNORECASE)
_PAIRS = {")": "(", "]": "[", "}": "{"}


def _trimmed(address: str) -> str:
    """The address without the punctuation of the sentence around it; closing brackets stay where they were opened."""
    end, spare = len(address), {close: address.count(close) - address.count(open_) for close, open_ in _PAIRS.items()}
    while end:
        last = address[end - 1]
        if last in _PAIRS:
            if spare[last] <= 0:
                break
            spare[last] -= 1
        elif last not in ".,;:!?'’”*_~|…([{":
            break
        end -= 1
    return address[:end]


def _address(state: StateInline, silent: bool) -> bool:
    """An address with its scheme, found before emphasis is: its underscores and stars are its own."""
    if state.src[state.pos] != ":" or state.linkLevel > 0:
        return False
    scheme = _SCHEME.search(state.pending[-8:])
    if scheme is None:
        return False
    is_mail = scheme[0].lower() == "mailto"
    rest = (_AFTER_MAILTO if is_mail else _AFTER_SCHEME).match(state.src, state.pos, state.posMax)
    if rest is None:
        return False
    address = scheme[0] + _trimmed(rest[0])
    href = _checked(state.md, address) if is_mail or _HOST.match(address, len(scheme[0]) + 3) else ""
    if not silent and href:
        state.pending = state.pending[: -len(scheme[0])]
        link = state.push("link_open", "a", 1)
        link.attrs, link.markup, link.info = {"href": href}, "linkify", "auto"
        state.push("text", "", 0).content = state.md.normalizeLinkText(address)
        close = state.push("link_close", "a", -1)
        close.markup, close.info = "linkify", "auto"
    elif not silent:
        state.pending += rest[0]
        state.pos += len(rest[0])
        return True
    state.pos += len(address) - len(scheme[0])
    return True


def _checked(parser: MarkdownIt, address: str) -> str:
    """The address as it may stand in a link, or nothing."""
    href = parser.normalizeLink(address)
    return href if parser.validateLink(href) else ""


def _addresses_without_scheme(state: StateCore) -> None:
    """ "www.example.org" in running text becomes a link. "lexer.ml" does not: it is a file."""
    for token in state.tokens:
        if token.type != "inline" or "www." not in token.content.lower():
            continue
        fresh: list[Token] = []
        depth = 0
        for child in token.children or []:
            depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
            fresh.extend(_cut_at_www(state.md, child) if child.type == "text" and not depth else [child])
        token.children = fresh


def _cut_at_www(parser: MarkdownIt, token: Token) -> list[Token]:
    pieces, end = [], 0
    for match in _WWW.finditer(token.content):
        address = _trimmed(match[0])
        href = _checked(parser, f"http://{address}")
        if href:
            pieces += [plain(token.content[end : match.start()])] if match.start() > end else []
            pieces += linked(href, address, markup="linkify")
            end = match.start() + len(address)
    return [*pieces, *([plain(token.content[end:])] if end < len(token.content) else [])] if pieces else [token]


def plain(content: str) -> Token:
    return Token("text", "", 0, content=content)


def linked(href: str, text: str, *, css: str = "", markup: str = "") -> list[Token]:
    """The three tokens of a link."""
    attrs: dict[str, Any] = {"href": href} | ({"class": css} if css else {})
    return [
        Token("link_open", "a", 1, attrs=attrs, markup=markup, info="auto" if markup else ""),
        plain(text),
        Token("link_close", "a", -1, markup=markup, info="auto" if markup else ""),
    ]


# --- Tasks

_TASK = re.compile(r"\[([ xX])\][ \t\n]")


def _tick_tasks(state: StateCore) -> None:
    """ "[ ]" and "[x]" at the beginning of a list's item are signs that need no label; the list loses its bullets."""
    lists: list[Token] = []
    for index, token in enumerate(state.tokens):
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            lists.append(token)
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            lists.pop()
        elif token.type == "inline" and lists and (task := _TASK.match(token.content)):
            before = [earlier.type for earlier in state.tokens[index - 2 : index]]
            first = (token.children or [plain("")])[0]
            if before == ["list_item_open", "paragraph_open"] and first.content.startswith(task[0][:3]):
                first.content = ("☐" if task[1] == " " else "☑") + first.content[3:]
                state.tokens[index - 2].attrSet("class", "task-list-item")
                lists[-1].attrSet("class", "contains-task-list")
