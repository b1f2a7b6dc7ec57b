"""One message: its headers, its text parts and its files. Damage is reported, never fatal."""

from __future__ import annotations

import binascii
import email
import email.errors
import email.message
import email.utils
import mimetypes
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.policy import compat32

from django.utils.translation import gettext as _

from toolkit.mail.charsets import decoded, unescaped
from toolkit.mail.headers import Sender, header_text, sender_of, subject_of
from toolkit.text import one_line, storable

PARTS_LIMIT = 200  # parts of one message that are looked at
DEPTH_LIMIT = 20  # levels of nested parts
INLINE_FILE_LIMIT = 20_000  # bytes; a longer inline text file is kept as a file only
NAME_LIMIT = 120  # characters of a file's name

_UUENCODED = re.compile(r"(?ms)^begin [0-7]{3,4} (\S[^\n]{0,200})\n(.*?)^(?:`|[ ])?\n?end[ \t]*$")
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>:\"|?*/\\]+")
# Whatever the standard library raises on bytes it did not expect.
_SURPRISES = (
    ValueError, LookupError, TypeError, AttributeError, AssertionError, RecursionError, OverflowError,
    binascii.Error, email.errors.MessageError,
)  # fmt: skip


class Damaged(Exception):
    """A message that cannot be read at all; says why."""


@dataclass(frozen=True, slots=True)
class File:
    """A part kept as a file. Its name is fit for any file system and leads nowhere else."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Text:
    """A part to read. `kind` is plain, flowed, html, rich or file (shown as it is, under its name)."""

    text: str
    kind: str = "plain"
    name: str = ""


@dataclass(slots=True)
class Message:
    subject: str = ""
    sender: Sender = field(default_factory=lambda: Sender("", ""))
    texts: list[Text] = field(default_factory=list)
    files: list[File] = field(default_factory=list)
    odd: list[str] = field(default_factory=list)


def parse(raw: bytes) -> Message:
    """Read a message. Raises Damaged, with a reason, if nothing can be made of it."""
    if not raw.strip():
        raise Damaged(_("It is empty."))
    try:
        parsed = email.message_from_bytes(raw, policy=compat32)
        message = Message(subject_of(header_text(_field(parsed, "subject")))[0], sender_of(_field(parsed, "from")))
        for part, shown in _parts(parsed, 0):
            if len(message.texts) + len(message.files) >= PARTS_LIMIT:
                message.odd.append(
                    _("It has more than %(limit)d parts: the rest was left out.") % {"limit": PARTS_LIMIT}
                )
                break
            _take(message, part, shown)
    except _SURPRISES as error:
        reason = f"{type(error).__name__}: {str(error)[:200]}"
        raise Damaged(_("It cannot be read (%(reason)s).") % {"reason": reason}) from error
    if not message.texts and not message.files and not message.subject and not parsed.keys():
        raise Damaged(_("It has neither headers nor text."))
    return message


_Part = email.message.Message


def _field(part: _Part, name: str) -> bytes:
    for key, value in part.raw_items():
        if key.lower() == name:
            return str(value).encode("utf-8", "surrogateescape")
    return b""


def _parts(part: _Part, depth: int) -> Iterator[tuple[_Part, bool]]:
    """The leaves, each with whether it is to be shown; of alternatives, only the best one."""
    kind = part.get_content_type()
    children = part.get_payload()
    if not isinstance(children, list) or kind.startswith("message/") or depth >= DEPTH_LIMIT:
        yield part, True
        return
    leaves = [child for child in children if isinstance(child, email.message.Message)]
    if kind == "multipart/alternative":
        leaves = _best(leaves)
    for at, child in enumerate(leaves):
        for leaf, shown in _parts(child, depth + 1):
            yield leaf, shown and (kind != "multipart/related" or at == 0)


def _best(alternatives: list[_Part]) -> list[_Part]:
    for wanted in ("text/plain", "text/html"):
        for part in alternatives:
            if part.get_content_type() == wanted and _data(part).strip():
                return [part, *(other for other in alternatives if _disposition(other) == "attachment")]
    for part in alternatives:
        if part.is_multipart():
            return [part]
    return alternatives[-1:]


def _disposition(part: _Part) -> str:
    return header_text(_field(part, "content-disposition")).partition(";")[0].strip().lower()


def _data(part: _Part) -> bytes:
    if part.is_multipart():
        return part.as_bytes(policy=compat32)
    data = part.get_payload(decode=True)
    return data if isinstance(data, bytes) else b""


def _take(message: Message, part: _Part, shown: bool) -> None:
    kind, data, name = part.get_content_type(), _data(part), _file_name(part)
    disposition = _disposition(part)
    is_text = kind.startswith("text/") or (kind.startswith("multipart/") and not part.is_multipart())
    if part.is_multipart() and kind.startswith("message/"):
        name = name or _name_of_forwarded(part)
    elif is_text and shown and disposition != "attachment" and not (name and (disposition or message.texts)):
        _take_text(message, part, kind, data)
        return
    elif is_text and shown and disposition == "inline" and kind != "text/html" and len(data) <= INLINE_FILE_LIMIT:
        text, odd = decoded(data, _charset(part))
        message.odd.extend(filter(None, [odd]))
        message.texts.append(Text(text, "file", safe_name(name, kind)))
        return
    if data.strip():
        message.files.append(File(safe_name(name, kind), kind[:100], data))


def _take_text(message: Message, part: _Part, kind: str, data: bytes) -> None:
    text, odd = decoded(data, _charset(part))
    message.odd.extend(filter(None, [odd]))
    if not _field(part, "content-transfer-encoding"):
        text = unescaped(text)
    if kind == "text/html":
        message.texts.append(Text(text, "html"))
    elif kind in {"text/enriched", "text/richtext"}:
        message.texts.append(Text(text, "rich"))
    else:
        text, files = _without_uuencoded(text)
        message.files.extend(files)
        flowed = str(_param(part, "format") or "").lower() == "flowed"
        message.texts.append(Text(text, "flowed" if flowed else "plain"))


def _without_uuencoded(text: str) -> tuple[str, list[File]]:
    files: list[File] = []

    def keep(match: re.Match[str]) -> str:
        data = _uudecoded(match[2])
        if not data:
            return match[0]
        name = safe_name(match[1], "application/octet-stream")
        files.append(File(name, mimetypes.guess_type(name)[0] or "application/octet-stream", data))
        return f"[{name}]"

    return (_UUENCODED.sub(keep, text) if "\nend" in text and "begin " in text else text), files


def _uudecoded(text: str) -> bytes:
    try:
        return b"".join(binascii.a2b_uu(line) for line in text.splitlines() if line.strip())
    except (binascii.Error, ValueError):
        return b""


def _param(part: _Part, name: str, header: str = "content-type") -> str:
    """A header's parameter; "" where it is missing or too odd to be read."""
    try:
        value = part.get_param(name, "", header=header)
    except _SURPRISES:
        return ""
    if isinstance(value, tuple):
        return email.utils.collapse_rfc2231_value(value)
    return str(value)


def _charset(part: _Part) -> str:
    return one_line(_param(part, "charset").encode("ascii", "replace").decode("ascii"))[:60]


def _file_name(part: _Part) -> str:
    for header, param in (("content-disposition", "filename"), ("content-type", "name")):
        name = _param(part, param, header)
        if name:
            return header_text(name.encode("utf-8", "surrogateescape"))
    return ""


def _name_of_forwarded(part: _Part) -> str:
    inner = part.get_payload()
    first = inner[0] if isinstance(inner, list) and inner else None
    subject = header_text(_field(first, "subject")) if isinstance(first, email.message.Message) else ""
    return f"{subject[:80] or 'message'}.eml"


def safe_name(name: str, content_type: str = "") -> str:
    """A file's name without path, control characters or leading dots, at most 120 characters, never empty."""
    last = re.split(r"[/\\]", storable(name).strip())[-1]
    clean = one_line(_UNFIT.sub("-", last)).strip(" .-")
    if not clean:
        return "file" + (mimetypes.guess_extension(content_type) or "")
    stem, dot, suffix = clean.rpartition(".")
    if len(clean) <= NAME_LIMIT:
        return clean
    return f"{stem[: NAME_LIMIT - len(suffix) - 1]}.{suffix}" if dot and len(suffix) <= 12 else clean[:NAME_LIMIT]
