"""What a member's page shows of their words, and what they keep for themselves."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forums.limits import TOPICS_PER_PAGE
from forums.models import Bookmark, Draft, Forum, Poll, PollOption, Post, Reaction, Topic
from forums.models.conversations import seated_in
from forums.policies import may_edit, may_reply, may_see_page, may_start_topic
from forums.queries.lists import Asked, Where, topics_in
from members.models import Member, ProfileAnswer
from members.queries import answers_of
from toolkit.paging import KeyPage, page_by_key
from toolkit.verdicts import Verdict, no

if TYPE_CHECKING:
    from forums.readers import Reader

NAMES_SHOWN = 500


RECENT_POSTS = 5  # beside what a member says of themselves
TABS = ("about", "topics", "posts", "thanked")


@dataclass(frozen=True, slots=True)
class MemberPage:
    """One tab of a member's page. `seen` says why not, where this reader does not see it."""

    member: Member
    seen: Verdict
    tab: str
    answers: list[ProfileAnswer] = field(default_factory=list)
    topics: KeyPage[Topic] | None = None
    posts: KeyPage[Post] | None = None


def member_page(reader: Reader, member: Member, *, tab: str = "about", asked: Asked | None = None) -> MemberPage:
    """What a member says of themselves and their latest posts (two queries), or a list of their topics, their posts, or
    posts that were thanked, most first (one query). No query where this reader does not see it. `tab` is one of
    TABS."""
    seen, asked = may_see_page(reader, member), asked or Asked()
    after = asked.after
    if not seen:
        return MemberPage(member, seen, tab)
    said = Post.objects.readable_by(reader).published().filter(author=member, topic__is_listed=True)
    said = said.select_related("topic", "topic__forum")
    if tab == "topics":
        return MemberPage(member, seen, tab, topics=topics_in(reader, Where(author=member), asked))
    if tab == "thanked":
        thanked = page_by_key(said.filter(thanks__gt=0), by="thanks", size=TOPICS_PER_PAGE, after=after)
        return MemberPage(member, seen, tab, posts=thanked)
    size = TOPICS_PER_PAGE if tab == "posts" else RECENT_POSTS
    posts = page_by_key(said, by="published_at", size=size, after=after if tab == "posts" else "")
    answers = answers_of(member, to_members=reader.is_taking_part) if tab == "about" else []
    return MemberPage(member, seen, tab, answers=answers, posts=posts)


def bookmarks_of(reader: Reader, *, after: str = "") -> KeyPage[Bookmark]:
    """One's own bookmarks, newest first, those whose post is gone left out. One query."""
    where = Q(post__topic__forum_id__in=reader.readable) | seated_in("post__topic", reader)
    kept = Bookmark.objects.filter(
        where, member_id=reader.member_id or 0, post__state=Post.State.PUBLISHED
    ).select_related("post__topic__forum", "post__author")
    return page_by_key(kept, by="created_at", size=TOPICS_PER_PAGE, after=after)


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


@dataclass(frozen=True, slots=True)
class KeptDraft:
    """A draft in one's list: where it was meant to stand, if that can still be read; whether it can be sent there."""

    draft: Draft
    place: Topic | Forum | None
    send: Verdict


def drafts_of(reader: Reader) -> list[KeptDraft]:
    """One's own drafts, newest first, those that wait for their hour too. Three queries, however many."""
    drafts = list(
        Draft.objects.unsent()
        .filter(member_id=reader.member_id or 0)
        .select_related("topic__forum", "forum", "post__topic__forum", "post__author")
    )
    ids = {
        topic_id for draft in drafts for topic_id in (draft.topic_id, draft.post and draft.post.topic_id) if topic_id
    }
    topics = Topic.objects.reachable_by(reader).with_seats().select_related("forum").in_bulk(ids) if ids else {}
    forums = {draft.forum_id for draft in drafts if draft.forum_id}
    seen = set(Forum.objects.visible_to(reader).filter(pk__in=forums).values_list("pk", flat=True)) if forums else set()
    return [_kept(reader, draft, topics, seen) for draft in drafts]


def _kept(reader: Reader, draft: Draft, topics: dict[int, Topic], forums: set[int]) -> KeptDraft:
    topic = topics.get((draft.post.topic_id if draft.post is not None else draft.topic_id) or 0)
    if draft.forum is not None:
        if draft.forum.pk in forums:
            return KeptDraft(draft, draft.forum, may_start_topic(reader, draft.forum))
    elif topic is not None:
        asked = may_edit(reader, draft.post) if draft.post is not None else may_reply(reader, topic)
        return KeptDraft(draft, topic, asked)
    return KeptDraft(draft, None, no(_("This can no longer be read here; your words are still yours.")))
