"""What a member's page shows of their words."""

from __future__ import annotations

from forums.limits import TOPICS_PER_PAGE
from forums.models import Bookmark, Draft, Poll, PollOption, Post, Reaction
from forums.readers import Reader
from members.models import Member
from toolkit.paging import KeyPage, page_by_key

NAMES_SHOWN = 500


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
    return list(Draft.objects.filter(member_id=member_id).select_related("topic", "forum", "post__topic"))


def bookmarks_of(reader: Reader, *, after: str = "") -> KeyPage[Bookmark]:
    """One's own bookmarks, newest first, those whose post is gone left out. One query."""
    kept = Bookmark.objects.filter(
        member_id=reader.member_id or 0, post__state=Post.State.PUBLISHED, post__topic__forum_id__in=reader.readable
    ).select_related("post__topic__forum", "post__author")
    return page_by_key(kept, moment="created_at", size=TOPICS_PER_PAGE, after=after)


def reactions_to(post: Post) -> list[tuple[str, list[Member]]]:
    """Who left which word on a post: (word, members), the first ones first. One query."""
    given: dict[str, list[Member]] = {}
    rows = Reaction.objects.filter(post=post).select_related("kind", "member").order_by("kind__order", "created_at")
    for reaction in rows[:NAMES_SHOWN]:
        given.setdefault(str(reaction.kind), []).append(reaction.member)
    return list(given.items())


def voters_of(poll: Poll) -> list[tuple[PollOption, list[Member]]]:
    """Who chose which answer of a poll that is not secret. Two queries."""
    chosen: dict[int, list[Member]] = {}
    for vote in poll.votes.select_related("member").order_by("created_at")[:NAMES_SHOWN]:
        chosen.setdefault(vote.option_id, []).append(vote.member)
    return [(option, chosen.get(option.pk, [])) for option in poll.options.all()]
