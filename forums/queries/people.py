"""What a member's page shows of their words."""

from __future__ import annotations

from forums.limits import TOPICS_PER_PAGE
from forums.models import Draft, Post
from forums.readers import Reader


def recent_posts(reader: Reader, member_id: int) -> list[Post]:
    """A member's latest posts that this reader may read. One query."""
    return list(
        Post.objects.readable_by(reader)
        .published()
        .filter(author_id=member_id)
        .select_related("topic", "topic__forum")
        .order_by("-published_at")[:TOPICS_PER_PAGE]
    )


def drafts_of(member_id: int) -> list[Draft]:
    """One's own drafts, newest first. One query."""
    return list(Draft.objects.filter(member_id=member_id).select_related("topic", "forum"))
