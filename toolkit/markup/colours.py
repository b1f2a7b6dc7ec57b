"""Code in colours, by classes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

HIGHLIGHT_LIMIT = 20_000  # characters of code a text; what goes beyond is shown plain
# Languages coloured, by Pygments' own names. Each was measured (commune/bench/markup.py): some other lexers take time
# that grows with the square of what they read.
LANGUAGES = frozenset(
    """
    apacheconf awk bash batch c clojure cmake console cpp csharp css csv d dart diff docker elixir elm erlang fsharp
    fortran gdscript go graphql groovy haskell html http ini java javascript jinja json julia kotlin latex lisp lua
    make markdown matlab nginx nim nix objective-c ocaml pascal perl php powershell prolog protobuf python r ruby rust
    scala scheme scss sml sql swift systemd tcl terraform toml typescript vbnet vhdl vim xml yaml zig
    """.split()  # noqa: SIM905 - ninety lines otherwise
)


@lru_cache(maxsize=256)
def _lexer(language: str) -> Any:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return None
    return lexer if LANGUAGES & {name.lower() for name in (lexer.name, *lexer.aliases)} else None


def coloured(code: str, language: str) -> str:
    """Highlighted code as spans with classes (never inline styles), or nothing for an unknown language."""
    lexer = _lexer(language.lower()) if 0 < len(language) <= 40 and len(code) <= HIGHLIGHT_LIMIT else None
    return "" if lexer is None else str(highlight(code, lexer, HtmlFormatter(nowrap=True)))
