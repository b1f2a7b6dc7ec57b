"""Files that come with imported posts, and words too many for one."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from forums.models import Attachment
from toolkit.mail import File
from toolkit.text import storable

FILE_MAX_SIZE = 10 * 1024 * 1024  # bytes; a larger file is named in the post, not kept


def kept(file: File, *, told: str, at: datetime) -> Attachment | None:
    """The row of a file, whose bytes are in the storage; None for one that is too large.

    Its path follows from where it came from (`told`), so that a run that was interrupted leaves no second copy.
    """
    if len(file.data) > FILE_MAX_SIZE:
        return None
    path = f"attachments/imported/{sha256(told.encode('utf-8', 'replace') + file.data).hexdigest()[:48]}"
    if default_storage.exists(path) and default_storage.size(path) != len(file.data):
        default_storage.delete(path)
    if not default_storage.exists(path):
        path = default_storage.save(path, ContentFile(file.data))
    return Attachment(
        name=storable(file.name)[:120],
        file=path,
        content_type=storable(file.content_type)[:100],
        size=len(file.data),
        created_at=at,
    )


def cut(words: str, limit: int) -> str:
    """The beginning of a Markdown text, at the end of a paragraph where there is one; a code block is closed."""
    if len(words) <= limit:
        return words
    short = words[: limit - 10]
    end = short.rfind("\n\n")
    short = short[:end] if end > limit // 2 else short
    fence = ""
    for line in short.split("\n"):
        marks = line[: len(line) - len(line.lstrip("`"))]
        if not fence and len(marks) >= 3:
            fence = marks
        elif fence and line.strip() == fence:
            fence = ""
    return f"{short}\n{fence}" if fence else short
