"""A member's own files."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, Sum

from forums.limits import QUOTA_BYTES
from forums.models import Attachment, Seat
from members.models import Member
from toolkit.paging import KeyPage, page_by_key

FILES_PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class FilesPage:
    files: KeyPage[Attachment]
    used: int
    quota: int

    @property
    def used_share(self) -> int:
        """Per cent of the quota, at most 100."""
        return min(100, self.used * 100 // self.quota)


def files_page(member: Member, *, after: str = "") -> FilesPage:
    """What a member has uploaded, newest first, with the posts that show it; `is_left`: in a conversation that they
    have left. Two queries."""
    seat = Seat.objects.filter(topic=OuterRef("post__topic"), member=member, left_at=None)
    own = Attachment.objects.filter(member=member, is_stored=True).select_related("post__topic")
    own = own.annotate(is_left=Q(post__topic__is_conversation=True) & ~Exists(seat))
    used = int(member.attachments.aggregate(used=Sum("size"))["used"] or 0)
    return FilesPage(
        page_by_key(own, by="created_at", size=FILES_PER_PAGE, after=after), used, QUOTA_BYTES[member.trust]
    )
