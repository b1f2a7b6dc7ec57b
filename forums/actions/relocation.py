"""Posts that change their topic: moved, split off, merged. They get new places at the end of the target, oldest first;
their addresses stay; the topic they left keeps a line where they stood. Reading state is not merged."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from forums.actions.lines import Kind, is_listed, locked, recount_forums, written
from forums.actions.reading import own_words_are_read
from forums.actions.rendering import names_changed
from forums.actions.search import index_topic
from forums.actions.undoing import undo_care
from forums.limits import POST_MAX_LENGTH, POSTS_MOVED_AT_ONCE
from forums.models import Draft, Forum, Level, Post, ReadMark, Topic, TopicEvent, TopicVote
from forums.policies import may_care_for, may_move_into, may_put_away
from forums.readers import Reader, reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def move_posts(source: Topic, places: Sequence[int], *, into: Topic, by: Member, reason: str = "") -> TopicEvent:
    """Move the posts at these places to the end of another topic. Answers the line in the topic they left.

    Raises Refused if `by` does not host both forums, a place is not there, or it is the first post (merge instead).
    """
    if source.pk == into.pk:
        raise Refused(_("These posts are in that topic already."))
    source, into = _both(source, into)
    reader = reader_for(by)
    _insist(reader, source, into, reason)
    return _take(source, _at(source, places), into, by, reason)


@transaction.atomic
def split_topic(
    source: Topic, places: Sequence[int], *, title: str, by: Member, forum: Forum | None = None, reason: str = ""
) -> TopicEvent:
    """Give the posts at these places a topic of their own, opened by the author of the first of them.

    Answers the line in the topic they left. Raises Refused as `move_posts` does.
    """
    source = locked(source)
    reader, forum = reader_for(by), forum or source.forum
    insist(may_put_away(reader, source, reason=reason))
    if forum is None:
        raise Refused(_("A conversation is not moved."))
    insist(may_move_into(reader, forum))
    posts = _at(source, places)
    if all(post.state != Post.State.PUBLISHED for post in posts):
        raise Refused(_("None of these posts can be read: there would be nothing in the new topic."))
    fresh = Topic.objects.create(
        forum=forum,
        author=posts[0].author,
        title=title,
        intent=forum.default_intent if forum.default_intent != "announcement" else "discussion",
        lang=posts[0].lang,
        created_at=clock.now(),
    )
    index_topic(fresh)
    return _take(source, posts, fresh, by, reason)


def _take(source: Topic, posts: list[Post], into: Topic, by: Member, reason: str) -> TopicEvent:
    left, place = {str(post.pk): post.position for post in posts}, into.last_position
    accepted = source.accepted_post_id if source.accepted_post_id in {p.pk for p in posts} else None
    _relocate(posts, source, into)
    said = {"topic": into.pk, "posts": left, "accepted": accepted}
    stood = min(position or 0 for position in left.values())
    line = written(source, Kind.SPLIT, by, reason, {}, said, place=stood)
    written(into, Kind.JOINED, by, reason, {}, {"topic": source.pk, "number": len(posts)}, place=place)
    return line


@transaction.atomic
def merge_topics(source: Topic, *, into: Topic, by: Member, reason: str = "") -> TopicEvent:
    """Move everything of a topic to the end of another one, followers and votes too; its address leads there.

    Drafts of replies go along. Answers the line in the other topic. Raises Refused if `by` does not host both forums,
    the topics are one, or there are more posts than are moved at once.
    """
    if source.pk == into.pk:
        raise Refused(_("A topic cannot be merged into itself."))
    source, into = _both(source, into)
    _insist(reader_for(by), source, into, reason)
    if source.posts.count() > POSTS_MOVED_AT_ONCE:
        raise Refused(_("At most %(n)d posts are moved at once.") % {"n": POSTS_MOVED_AT_ONCE})
    posts = list(source.posts.select_for_update(of=("self",), no_key=True).order_by("pk"))
    posts.sort(key=lambda post: (post.position is None, post.position))
    left = {str(post.pk): post.position for post in posts}
    place, was_listed = into.last_position, is_listed(source)
    said: dict[str, Any] = {"topic": source.pk, "posts": left, "accepted": source.accepted_post_id}
    said["votes"], said["follows"] = _carry_votes(source, into), _carry_follows(source, into)
    _carry_drafts(source, into)
    _relocate(posts, source, into)
    source.merged_into = into
    source.save(update_fields=["merged_into", "slug"])
    recount_forums(source, was_in=source.forum_id, was_listed=was_listed)
    names_changed(topic=source)
    return written(into, Kind.MERGED, by, reason, {"title": source.title}, said, place=place)


def _carry_votes(source: Topic, into: Topic) -> list[int]:
    known = set(into.votes.values_list("member", flat=True))
    fresh = [vote for vote in source.votes.all() if vote.member_id not in known]
    TopicVote.objects.bulk_create(
        [TopicVote(topic=into, member_id=vote.member_id, created_at=vote.created_at) for vote in fresh]
    )
    into.vote_count += len(fresh)
    into.save(update_fields=["vote_count"])
    return [vote.member_id for vote in fresh]


def _carry_follows(source: Topic, into: Topic) -> list[int]:
    known = ReadMark.objects.filter(topic=into).values("member")
    followers = ReadMark.objects.filter(topic=source, follow=Level.ALL).exclude(member__in=known)
    fresh = list(followers.values_list("member", flat=True))
    ReadMark.objects.bulk_create(
        [ReadMark(topic=into, member_id=member, follow=Level.ALL) for member in fresh], ignore_conflicts=True
    )
    return fresh


def _carry_drafts(source: Topic, into: Topic) -> None:
    """What somebody had begun in the one is not lost: it goes under what they had begun in the other."""
    waiting = {d.member_id: d for d in Draft.objects.filter(topic=into, publish_at=None).exclude(member=None)}
    for draft in Draft.objects.filter(topic=source):
        other = waiting.get(draft.member_id) if draft.publish_at is None else None
        if other is None:
            Draft.objects.filter(pk=draft.pk).update(topic=into)
        elif len(other.body) + len(draft.body) < POST_MAX_LENGTH:
            other.body, other.saved_at = f"{other.body}\n\n{draft.body}".strip(), clock.now()
            other.save(update_fields=["body", "saved_at"])
            draft.delete()


def undo_event(event: TopicEvent, *, by: Member) -> TopicEvent:
    """Take back what a quiet line tells, whatever it is."""
    return (undo_relocation if event.kind in {Kind.MERGED, Kind.SPLIT} else undo_care)(event, by=by)


@transaction.atomic
def undo_relocation(event: TopicEvent, *, by: Member) -> TopicEvent:
    """Put posts back where they stood: the undo of a merge or of posts moved away.

    What was written in the other topic meanwhile stays there. Raises Refused if `by` may not, it was undone already,
    or one of the posts is no longer where it was put.
    """
    other = Topic.objects.get(pk=event.after["topic"])
    here, there = _both(event.topic, other)
    event = TopicEvent.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
    is_merge = event.kind == Kind.MERGED
    if event.kind not in {Kind.MERGED, Kind.SPLIT}:
        raise Refused(_("This cannot be undone from here."))
    home, away = (there, here) if is_merge else (here, there)
    reader = reader_for(by)
    for topic in (home, away):
        if not reader.hosts(topic.forum_id):
            raise Refused(_("Only hosts of this forum can do this."))
        elsewhere = topic.merged_into_id is not None and not (is_merge and topic.merged_into_id == away.pk)
        if elsewhere or topic.is_withdrawn or topic.is_archived:
            raise Refused(_("Something else has changed since: %(what)s.") % {"what": topic.title})
    if TopicEvent.objects.filter(undoes=event).exists():
        raise Refused(_("This was undone already."))
    left: dict[str, int | None] = event.after["posts"]
    posts = list(
        Post.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=left, topic=away).order_by("pk")
    )
    if len(posts) < len(left):
        raise Refused(_("Something else has changed since: %(what)s.") % {"what": _("where the posts are")})
    was_listed = is_listed(home)
    if is_merge:
        home.merged_into = None
        _take_back(home, away, event)
    _relocate(posts, away, home, back={int(pk): position for pk, position in left.items()})
    if event.after["accepted"] and not home.accepted_post_id:
        home.accepted_post_id = event.after["accepted"]
    home.save(update_fields=["merged_into", "accepted_post", "slug"])
    recount_forums(home, was_in=home.forum_id, was_listed=was_listed, posts_before=home.post_count)
    names_changed(topic=home)
    kind = Kind.UNMERGED if is_merge else Kind.REJOINED
    line = written(event.topic, kind, by, "", {}, {"topic": event.after["topic"]}, undoes=event)
    _close_if_empty(away, home)
    return line


def _take_back(home: Topic, away: Topic, event: TopicEvent) -> None:
    TopicVote.objects.filter(topic=away, member__in=event.after["votes"]).delete()
    away.vote_count = away.votes.count()
    away.save(update_fields=["vote_count"])
    ReadMark.objects.filter(topic=away, member__in=event.after["follows"], place=0).delete()


def _close_if_empty(away: Topic, home: Topic) -> None:
    """A topic that a split had made, and that has nothing left, leads back to where its posts came from."""
    if away.merged_into_id is None and not away.posts.exists():
        was_listed = is_listed(away)
        away.merged_into = home
        away.save(update_fields=["merged_into", "slug"])
        recount_forums(away, was_in=away.forum_id, was_listed=was_listed)


def _both(one: Topic, other: Topic) -> tuple[Topic, Topic]:
    """Both topics, locked in the order of their ids, as everybody locks them."""
    found = {
        topic.pk: topic
        for topic in Topic.objects.select_for_update(of=("self",), no_key=True)
        .select_related("forum")
        .filter(pk__in=[one.pk, other.pk])
        .order_by("pk")
    }
    return found[one.pk], found[other.pk]


def _insist(reader: Reader, source: Topic, into: Topic, reason: str) -> None:
    insist(may_put_away(reader, source, reason=reason))
    insist(may_care_for(reader, into))
    if into.is_waiting:
        raise Refused(_("The topic they would go to is not published yet."))
    if into.is_archived:
        raise Refused(_("The topic they would go to is archived."))


def _at(topic: Topic, places: Sequence[int]) -> list[Post]:
    wanted = sorted(set(places))
    if not wanted:
        raise Refused(_("Choose the posts to move."))
    if len(wanted) > POSTS_MOVED_AT_ONCE:
        raise Refused(_("At most %(n)d posts are moved at once.") % {"n": POSTS_MOVED_AT_ONCE})
    if wanted[0] <= 1:
        raise Refused(_("A topic keeps its first post: to move everything, merge it."))
    posts = list(
        topic.posts.select_for_update(of=("self",), no_key=True)
        .select_related("author")
        .filter(position__in=wanted)
        .order_by("pk")
    )
    missing = set(wanted) - {post.position for post in posts}
    if missing:
        raise Refused(_("There is no post at place %(n)d.") % {"n": min(missing)})
    return sorted(posts, key=lambda post: post.position or 0)


def _relocate(posts: list[Post], source: Topic, into: Topic, *, back: dict[int, int | None] | None = None) -> None:
    """Give posts their places in another topic, and both topics and forums their counters. All are locked."""
    place = into.last_position
    rows = []
    for post in posts:
        if back is not None:
            rows.append((post.pk, back[post.pk]))
        elif post.position is None:
            rows.append((post.pk, None))
        else:
            place += 1
            rows.append((post.pk, place))
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE forums_post p SET topic_id = %s, position = moved.place"
            " FROM unnest(%s::bigint[], %s::int[]) AS moved(id, place) WHERE p.id = moved.id",
            [into.pk, [pk for pk, _place in rows], [place for _pk, place in rows]],
        )
    into.fresh_at = clock.now()
    into.last_position = max(into.last_position, place, *[position or 0 for _pk, position in rows])
    for topic in (source, into):
        _count_again(topic)
    gone = {post.pk for post in posts}
    if source.accepted_post_id in gone:
        source.accepted_post = None
        source.save(update_fields=["accepted_post", "slug"])
    names_changed(posts=posts, words_of=sorted(gone))


def _count_again(topic: Topic) -> None:
    """A locked topic's counters from its posts, and its forum's by the difference."""
    before, was_listed = topic.post_count, is_listed(topic)
    shown = topic.posts.published().select_related("author").order_by("-position")
    newest, topic.post_count = shown.first(), shown.count()
    topic.last_shown = newest.position or 0 if newest is not None else 0
    topic.last_post, topic.last_author = newest, newest.author if newest is not None else None
    if newest is not None:
        topic.last_post_at = newest.published_at
        topic.published_at = topic.published_at or clock.now()
    topic.save(
        update_fields=[
            "post_count", "last_position", "last_post", "last_author", "last_post_at", "last_shown", "fresh_at",
            "published_at", "slug",
        ]
    )  # fmt: skip
    own_words_are_read(topic)
    recount_forums(topic, was_in=topic.forum_id, was_listed=was_listed, posts_before=before)
