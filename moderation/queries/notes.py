"""Notes on a member."""

from __future__ import annotations

from forums.readers import Reader
from members.models import Member
from moderation.models import MemberNote

NOTES_SHOWN = 20


def notes_on(reader: Reader, member: Member | None) -> list[MemberNote]:
    """What this reader may read of the notes about a member, the newest first. One query, or none."""
    if member is None or not reader.moderates_everywhere:
        return []
    notes = MemberNote.objects.visible_to(reader).filter(member=member)
    return list(notes.select_related("author").order_by("-created_at", "-pk")[:NOTES_SHOWN])
