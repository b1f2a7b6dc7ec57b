"""Words as Markdown that means exactly these words."""

from __future__ import annotations

import re

# An address of the web, without the punctuation that follows it in a sentence.
_URL = re.compile(
    r"<?(?:URL:)?((?:https?|ftp)://[^\s<>\"]*[^\s<>\"'.,;:!?)\]}*_`]"
    r"|(?<![\w@./-])www\.[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}(?:/[\w./~%#?=&+-]*[\w/])?)>?",
    re.IGNORECASE,
)
_ACTIVE = re.compile(r"([\\`*\[\]~])|(<)(?=[A-Za-z/!?])|(&)(?=#?\w+;)")
_UNDERSCORE = re.compile(r"(?<![^\W_])_|_(?![^\W_])")
_MAILTO = re.compile(r"\b(mailto):", re.IGNORECASE)
_AT_START = re.compile(r"^(\s*)(?:([#>|]|=(?==*\s*$))|([+-])(?=\s|$|-*\s*$)|(:)(?=::)|(\d{1,9})([.)])(?=\s|$))")


def escaped(line: str) -> str:
    """One line (or re-flowed paragraph) of prose, so that nothing in it formats by accident. Addresses of the web
    stay links; e-mail addresses and file names are none to the renderer."""
    pieces: list[str] = []
    end = 0
    for match in _URL.finditer(line):
        pieces.append(_words(line[end : match.start()]))
        pieces.append(_link(match, ends_line=match.end() == len(line.rstrip())))
        end = match.end()
    pieces.append(_words(line[end:]))
    return _AT_START.sub(_start, "".join(pieces), count=1)


def begun_as_words(line: str) -> str:
    """A line whose marks are meant, except one that would make of it a title, a quote or a list."""
    return _AT_START.sub(_start, line, count=1)


def _link(match: re.Match[str], *, ends_line: bool) -> str:
    """A link that the renderer finds by itself, or in brackets where what is in it or after it (the backslash of a
    hard line break) would not stay apart."""
    url = match[1]
    is_active = re.search(r"[\\`*\[\]~_|]", url) is not None
    if url.lower().startswith("www."):
        if is_active:
            return _words(match[0])
        return f"[{url}](http://{url})" if ends_line else url
    return f"<{url}>" if is_active or ends_line or match[0][0] == "<" else url


def _words(text: str) -> str:
    text = _ACTIVE.sub(lambda m: "\\" + (m[1] or m[2] or m[3]), text)
    text = _UNDERSCORE.sub(r"\\_", text).replace("|", "\\|")
    return _MAILTO.sub(r"\1\\:", text)


def _start(match: re.Match[str]) -> str:
    if match[2] == "|":  # escaped already
        return match[0]
    if match[5]:
        return f"{match[1]}{match[5]}\\{match[6]}"
    return f"{match[1]}\\{match[2] or match[3] or match[4]}"


def fenced(lines: list[str]) -> list[str]:
    """The lines as they are, in a fence longer than any run of back-ticks in them."""
    lines = [line for at, line in enumerate(lines) if line.strip() or any(map(str.strip, lines[max(0, at - 2) : at]))]
    longest = max((len(run) for line in lines for run in re.findall(r"`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    margin = min((len(line) - len(line.lstrip(" ")) for line in lines if line.strip()), default=0)
    return [fence, *(line[margin:] if line.strip() else "" for line in lines), fence]
