"""Header lines to text, addresses, Message-IDs and subjects."""

from __future__ import annotations

import base64
import binascii
import email.utils
import quopri
import re
from dataclasses import dataclass

from toolkit.mail.charsets import decoded
from toolkit.text import one_line

_WORD = re.compile(rb"=\?([^?\s]{1,40})\?([bBqQ])\?([^?]*?)\?=")
_BETWEEN_WORDS = re.compile(rb"(\?=)[ \t\r\n]+(=\?)")
_ID = re.compile(r"<([^<>\s][^<>]{0,990}?)\s*>")
_REPLY = re.compile(r"^\s*(?:re|ré|réf|ref|rép|rep|aw|sv|antw)\s*(?:\[\d+\]|\^\d+|\(\d+\))?\s*[:：]\s*", re.IGNORECASE)
_FORWARD = re.compile(r"^\s*(?:fwd?|tr|wg)\s*:\s*", re.IGNORECASE)
_LIST_TAG = re.compile(r"^\s*\[(?=[^\]]*[a-z])[\w .:/+-]{2,30}\]\s*")
_FORWARDED = re.compile(r"\s*\((?:fwd|was:?[^()]*|suite)\)\s*$", re.IGNORECASE)
# What mail programs put where people wrote no subject.
_SAYS_NOTHING = {
    "",
    "your mail",
    "no subject",
    "(no subject)",
    "sans objet",
    "(sans objet)",
    "none",
    "(none)",
}
_ADDRESS = re.compile(r"[^\s<>()\",;:\\]+@[^\s<>()\",;:\\]+")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who wrote: an address in lower case ("" if none was given) and a name ("" likewise)."""

    address: str
    name: str


def header_text(raw: bytes) -> str:
    """A header's value on one line: encoded words decoded, raw 8-bit letters too. Never raises."""
    unfolded = re.sub(rb"\r?\n[ \t]*", b" ", raw)
    unfolded = _BETWEEN_WORDS.sub(rb"\1\2", unfolded)
    pieces: list[str] = []
    end = 0
    for match in _WORD.finditer(unfolded):
        pieces.append(decoded(unfolded[end : match.start()])[0])
        pieces.append(_word(match))
        end = match.end()
    pieces.append(decoded(unfolded[end:])[0])
    return one_line("".join(pieces).replace("\n", " ").replace("\t", " "))


def _word(match: re.Match[bytes]) -> str:
    label = match[1].decode("ascii", "replace").partition("*")[0]
    try:
        if match[2] in b"bB":
            data = base64.b64decode(match[3] + b"=" * (-len(match[3]) % 4))
        else:
            data = quopri.decodestring(match[3], header=True)
    except (binascii.Error, ValueError):
        return decoded(match[0])[0]
    return decoded(data, label)[0] if data or not match[3] else decoded(match[0])[0]


def sender_of(raw: bytes) -> Sender:
    """Who a From line names: "Name <address>", "address (Name)" or an address alone."""
    text = header_text(raw)
    found = re.search(r"<\s*([^<>\s]+)\s*>", text)
    if found:
        return Sender(_address(found[1]), _name(text[: found.start()]) or _name(text[found.end() :]))
    bare = _ADDRESS.search(text)
    if bare is None:
        name, address = email.utils.parseaddr(text)
        return Sender(_address(address), _name(name))
    comment = re.search(r"\((.*)\)", text[bare.end() :]) or re.search(r"\((.*)\)", text[: bare.start()])
    return Sender(_address(bare[0]), _name(comment[1]) if comment else _name(text[: bare.start()]))


def _address(text: str) -> str:
    return text.strip("<>\"'. ").lower()[:254]


def _name(text: str) -> str:
    name = one_line(text).strip(" \"'()<>,;:").replace('\\"', '"')
    name = re.sub(r"\\([()\"])", r"\1", name)
    return "" if "@" in name or not any(c.isalnum() for c in name) else name[:60].strip()


def ids_in(text: str) -> list[str]:
    """The Message-IDs in a line of any text, in order, without brackets. Addresses in free text look the same."""
    closed = text + ">" if text.count("<") > text.count(">") else text
    return list(dict.fromkeys(" ".join(found.split()) for found in _ID.findall(closed)))


def message_id_of(text: str) -> str:
    """The Message-ID a header names, brackets or not; "" if none."""
    found = ids_in(text)
    if found:
        return found[0]
    bare = text.strip().strip("<>")
    return bare if bare and " " not in bare and len(bare) > 3 else ""


def subject_of(text: str) -> tuple[str, bool]:
    """A subject without its Re:, Ré:, Réf:, Fwd: and list tags, and whether it looked like a reply's."""
    is_reply, before = False, None
    title = one_line(text)
    while title != before:
        before = title
        if _REPLY.match(title):
            is_reply, title = True, _REPLY.sub("", title, count=1)
        title = _FORWARD.sub("", title, count=1)
        if _REPLY.match(_LIST_TAG.sub("", title, count=1)) or title == before:
            tagless = _LIST_TAG.sub("", title, count=1)
            title = tagless or title
    return _FORWARDED.sub("", title).strip(), is_reply


def subject_key(title: str) -> str:
    """A title folded for comparing: case, spaces and closing punctuation do not matter; "" when it says nothing."""
    key = re.sub(r"\W+", " ", title.casefold()).strip()
    return "" if title.casefold().strip(" .") in _SAYS_NOTHING or not key else key
