"""A message's text parts as one Markdown text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from toolkit.mail.html import markdown_of_html, plain_of_rich
from toolkit.mail.layout import markdown_of
from toolkit.mail.message import Message, Text
from toolkit.mail.prose import escaped, fenced

_QUOTED = re.compile(r"^\s{0,2}(?:[A-Za-z]{0,4}>|\|\s)")


@dataclass(frozen=True, slots=True)
class MessageBody:
    """Markdown of at most `limit` characters, what the author said without quotes, and what did not fit."""

    markdown: str
    own_words: str
    whole: str  # the full text when the Markdown was cut, else ""


def body_of(message: Message, *, limit: int) -> MessageBody:
    """The text parts joined. Above `limit` characters (of Markdown) it is cut at a line, and `whole` holds all."""
    plain = "\n\n".join(_plain(text) for text in message.texts)
    own = "\n".join(line for line in plain.split("\n") if not _QUOTED.match(line)) if plain else ""
    markdown = _joined(message.texts)
    if len(markdown) <= limit:
        return MessageBody(markdown, own, "")
    return MessageBody(_cut(message.texts, limit), own, plain.strip("\n"))


def _cut(texts: list[Text], limit: int) -> str:
    """The beginning of the texts as Markdown within the limit."""
    kept = limit
    while kept > 200:
        shortened, left = [], kept
        for text in texts:
            if left <= 0:
                break
            part = text.text if len(text.text) <= left else _whole_lines(text.text[:left])
            shortened.append(Text(part, text.kind, text.name))
            left -= len(text.text)
        markdown = _joined(shortened)
        if len(markdown) <= limit:
            return markdown
        kept = min(int(kept * limit / len(markdown) * 0.97), kept - 100)
    return ""


def _whole_lines(text: str) -> str:
    return text.rpartition("\n")[0] or text


def _joined(texts: list[Text]) -> str:
    return "\n\n".join(filter(None, (_markdown(text) for text in texts)))


def _plain(text: Text) -> str:
    return re.sub(r"<[^<>]{0,2000}>", " ", text.text) if text.kind == "html" else text.text


def _markdown(text: Text) -> str:
    if text.kind == "html":
        return markdown_of_html(text.text)
    if text.kind == "file":
        lines = text.text.expandtabs(8).rstrip().split("\n")
        return "\n".join([f"**{escaped(text.name)}**", "", *fenced(lines)])
    if text.kind == "rich":
        return markdown_of(plain_of_rich(text.text))
    return markdown_of(text.text, flowed=text.kind == "flowed")
