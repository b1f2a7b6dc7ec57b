"""A post's HTML as it can stand in a mail: whole addresses, words instead of pictures that need a session to be seen,
nothing of a spoiler (mail programs show what a browser keeps closed)."""

from __future__ import annotations

import re

_LOCAL = re.compile(r' href="(/[^"]*)"')
_PICTURE = re.compile(r"<img [^<>]*>")
_ALT = re.compile(r' alt="([^"]*)"')
_SPOILER = re.compile(r'<details(?: class="spoiler")?><summary>|</summary>|</details>')


def mailed(html: str, *, site: str) -> str:
    """Sanitised HTML for a mail. `site` is the address of the site, without a slash at its end."""
    html = _PICTURE.sub(lambda image: f"[{alt[1]}]" if (alt := _ALT.search(image[0])) else "", _open_only(html))
    return _LOCAL.sub(rf' href="{site}\1"', html)


def _open_only(html: str) -> str:
    """Of what opens on demand only the summary, in brackets."""
    kept: list[str] = []
    hidden = end = 0
    for mark in _SPOILER.finditer(html):
        if not hidden:
            kept.append(html[end : mark.start()])
        if mark[0] == "</summary>":
            kept += [] if hidden else ["…] "]
            hidden += 1
        elif mark[0] == "</details>":
            hidden = max(0, hidden - 1)
        elif not hidden:
            kept.append(" [")
        end = mark.end()
    return "".join(kept) + (html[end:] if not hidden else "")
