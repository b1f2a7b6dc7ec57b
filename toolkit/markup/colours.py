"""Code in colours, by classes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from markdown_it.common.utils import escapeHtml
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

HIGHLIGHT_LIMIT = 10_000  # characters of code a text; what goes beyond is shown plain
# Many lexers take time that grows with the square of what they read, or worse (measured: 10,000 characters of repeated
# "a" lines took Java's 4 s). So they read a piece at a time, cut at an empty line where there is one.
PIECE = 2_000  # characters
LANGUAGES = frozenset(
    """
    apacheconf awk bash batch c clojure cmake console cpp csharp css d dart diff docker elixir elm erlang fsharp
    fortran gdscript go graphql groovy haskell html http ini java javascript jinja json julia kotlin latex lisp lua
    make markdown matlab nginx nim nix objective-c ocaml pascal perl php powershell prolog protobuf python r ruby rust
    scala scheme scss sml sql swift systemd tcl terraform toml typescript vbnet vhdl vim xml yaml zig
    """.split()  # noqa: SIM905 - ninety lines otherwise
)

_FORMATTER = HtmlFormatter(nowrap=True)


@lru_cache(maxsize=256)
def _lexer(language: str) -> Any:
    try:
        lexer = get_lexer_by_name(language, stripnl=False)
    except ClassNotFound:
        return None
    return lexer if LANGUAGES & {name.lower() for name in (lexer.name, *lexer.aliases)} else None


def coloured(code: str, language: str) -> str:
    """Highlighted code as spans with classes (never inline styles), or nothing for an unknown language."""
    lexer = _lexer(language.lower()) if 0 < len(language) <= 40 and len(code) <= HIGHLIGHT_LIMIT else None
    if lexer is None:
        return ""
    return "".join(
        str(highlight(piece, lexer, _FORMATTER)) if len(piece) <= PIECE else escapeHtml(piece)
        for piece in _pieces(code)
    )


def _pieces(code: str) -> Iterator[str]:
    """The code in pieces of whole lines, of at most PIECE characters where the lines allow it."""
    piece: list[str] = []
    length = 0
    for line in code.splitlines(keepends=True):
        if piece and (length + len(line) > PIECE or (length > PIECE // 2 and not line.strip())):
            yield "".join(piece)
            piece, length = [], 0
        piece.append(line)
        length += len(line)
    if piece:
        yield "".join(piece)
