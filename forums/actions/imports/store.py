"""How anything imported is stored: in batches that are whole or not there, once, without anybody being told."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F

from forums.actions.lines import is_listed
from forums.actions.search import index_posts, index_topic
from forums.actions.tags import attach_tags
from forums.limits import REASON_MAX_LENGTH
from forums.models import Attachment, Forum, ImportedRecord, Post, PostReference, PostRevision, Topic, TopicEvent
from forums.models.forums import Intent
from toolkit.markup import RENDERER_VERSION, Reference

BATCH = 100  # posts of a transaction; a longer topic is one transaction all the same


@dataclass(slots=True)
class Known:
    """Where something of this source is that was imported before."""

    post_id: int  # 0: it is a line of the topic
    topic_id: int


@dataclass(slots=True)
class Ready:
    """A post made ready to be stored, before any lock."""

    external_id: str
    author_id: int
    date: datetime
    body: str
    html: str
    lang: str
    order: int = 0  # among posts of the same moment
    opens: bool = False  # it stands before everything else of its topic, whatever its date
    answers: str = ""  # the external id of what it answers
    named: Sequence[Reference] = ()
    shows_titles: bool = False  # to be rendered once more, when everything that it names is there
    files: list[Attachment] = field(default_factory=list)
    earlier: list[PostRevision] = field(default_factory=list)
    edited_at: datetime | None = None
    thanks: int = 0
    is_wiki: bool = False
    post_id: int = 0
    topic_id: int = 0


@dataclass(slots=True)
class Line:
    """A quiet line of a topic made ready."""

    kind: str
    actor_id: int
    date: datetime
    external_id: str = ""  # empty: it comes with a new topic only
    reason: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    accepted: str = ""  # the external id of the post that it says is the answer


@dataclass(slots=True)
class Opening:
    """What a topic is made of where there is none yet."""

    forum: Forum
    title: str
    lang: str
    author_id: int
    date: datetime
    intent: str = Intent.DISCUSSION
    tags: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Group:
    """What belongs together: the posts and lines still to be stored, and the ids of everything, stored or not."""

    ids: list[str]
    posts: list[Ready]
    opening: Opening
    lines: list[Line] = field(default_factory=list)
    accepted: str = ""
    elsewhere: Callable[[], int] = lambda: 0  # a topic to join although nothing of this group is there yet


@dataclass(slots=True)
class Stored:
    """What a call of `write` did."""

    posts: set[str] = field(default_factory=set)  # external ids
    lines: set[str] = field(default_factory=set)
    new_topics: set[str] = field(default_factory=set)  # the first ids of their groups


class Overtaken(Exception):
    """Another run has stored some of these meanwhile: look again."""


class Store:
    """Everything that comes from one source."""

    def __init__(self, source: str) -> None:
        self.source = source

    def known(self, ids: Iterable[str]) -> dict[str, Known]:
        """Which of these are imported, and where. One query."""
        rows = ImportedRecord.objects.filter(source=self.source, external_id__in=set(ids)).values_list(
            "external_id", "post_id", "post__topic_id", "event__topic_id"
        )
        return {external_id: Known(post or 0, topic or of_line) for external_id, post, topic, of_line in rows}

    def put(
        self,
        make: Callable[[], list[Group]],
        *,
        refused: Callable[[Ready, DatabaseError], None],
    ) -> Stored:
        """Store what `make` makes ready; again, if another run was there first. What the database refuses is tried
        post by post, so that only the one it refuses is lost and told to `refused`."""
        while True:
            groups = make()
            try:
                return self.write(groups)
            except Overtaken:
                continue
            except (OperationalError, InterfaceError):  # the database is away: nothing to be gained by going on
                raise
            except DatabaseError:
                return self._one_by_one(groups, refused)

    def _one_by_one(self, groups: list[Group], refused: Callable[[Ready, DatabaseError], None]) -> Stored:
        done = Stored()
        for group in groups:
            for number, one in enumerate(sorted(group.posts, key=_by_date)):
                alone = Group(
                    group.ids, [one], group.opening, group.lines if number == 0 else [], group.accepted, group.elsewhere
                )
                try:
                    stored = self.write([alone])
                except (OperationalError, InterfaceError):
                    raise
                except Overtaken:  # the other run has it
                    continue
                except DatabaseError as error:
                    refused(one, error)
                    continue
                done.posts |= stored.posts
                done.lines |= stored.lines
                done.new_topics |= stored.new_topics
        return done

    @transaction.atomic
    def write(self, groups: list[Group]) -> Stored:
        """Store these groups in one transaction, at the ends of their topics, oldest first.

        Sets nothing off: no notification, no e-mail, no prompt; reading state is untouched. Counters and search index
        follow. Raises Overtaken if something of it is stored already.
        """
        stored = Stored()
        if not any(group.posts or group.lines for group in groups):
            return stored
        with connection.cursor() as cursor:
            # Two runs of one source take turns; unlike a session's lock, this one works through a pooler.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [self.source])
        known = self.known(
            i for group in groups for i in (*group.ids, *(line.external_id for line in group.lines if line.external_id))
        )
        fresh = [one for group in groups for one in group.posts]
        if any(one.external_id in known for one in fresh) or any(
            line.external_id in known for group in groups for line in group.lines
        ):
            raise Overtaken
        homes, new = self._placed(groups, known)
        topics = _topics(groups, homes, new)
        there = {external_id: row for external_id, row in known.items() if row.post_id}
        there |= {one.external_id: Known(post_id, one.topic_id) for one, post_id in _reserved(fresh)}
        self._insert(groups, homes, topics, new, there)
        for group in groups:
            stored.posts.update(one.external_id for one in group.posts)
            stored.lines.update(line.external_id for line in group.lines if line.external_id)
            if homes[id(group)] in new:
                stored.new_topics.add(group.ids[0])
        return stored

    def _placed(self, groups: list[Group], known: dict[str, Known]) -> tuple[dict[int, int], set[int]]:
        """The topic of each group, and which of them are new. Posts join the topic of what they answer."""
        homes = {}
        for group in groups:
            there = next((known[i].topic_id for i in group.ids if i in known), 0)
            homes[id(group)] = there or group.elsewhere()
        homeless = [group for group in groups if not homes[id(group)] and group.posts]
        new = _next_ids(Topic, len(homeless))
        for group, topic_id in zip(homeless, new, strict=True):
            homes[id(group)] = topic_id
        for group in groups:
            topic_of = {external_id: row.topic_id for external_id, row in known.items()}
            for one in sorted(group.posts, key=_by_date):
                one.topic_id = topic_of[one.external_id] = topic_of.get(one.answers) or homes[id(group)]
        return homes, set(new)

    def _insert(
        self,
        groups: list[Group],
        homes: dict[int, int],
        topics: dict[int, Topic],
        new: set[int],
        there: dict[str, Known],
    ) -> None:
        ordered = sorted((one for group in groups for one in group.posts), key=_by_date)
        posts = [self._post(one, topics[one.topic_id], there) for one in ordered]
        for topic in topics.values():
            topic.save(force_insert=topic.pk in new)
        Post.objects.bulk_create(posts)
        for one in ordered:
            for file in one.files:
                file.post_id = one.post_id
            for revision in one.earlier:
                revision.post_id = one.post_id
        Attachment.objects.bulk_create(row for one in ordered for row in one.files)
        PostRevision.objects.bulk_create(row for one in ordered for row in one.earlier)
        PostReference.objects.bulk_create(
            [
                PostReference(post_id=one.post_id, **{f"{kind}_id": pk})
                for one in ordered
                for kind, pk in dict.fromkeys(one.named)
                if (kind, pk) != ("target", one.post_id)
            ]
        )
        records = [
            ImportedRecord(source=self.source, external_id=one.external_id, post_id=one.post_id) for one in ordered
        ]
        for group in groups:
            if homes[id(group)]:
                records += self._lines(group, topics[homes[id(group)]], new, there)
        ImportedRecord.objects.bulk_create(records)
        _accept(groups, topics, there)
        index_posts(posts)
        openings = {homes[id(group)]: group.opening for group in groups}
        for topic_id in sorted(new):
            attach_tags(topics[topic_id], openings[topic_id].tags)
            index_topic(topics[topic_id])
        _count(topics, posts, new)

    def _post(self, one: Ready, topic: Topic, there: dict[str, Known]) -> Post:
        """A post at its topic's next place; the topic's counters move, unsaved."""
        topic.last_position += 1
        topic.post_count += 1
        topic.last_post_id, topic.last_post_at, topic.last_author_id = one.post_id, one.date, one.author_id
        topic.last_shown, topic.fresh_at = topic.last_position, one.date
        above = there.get(one.answers)
        return Post(
            pk=one.post_id,
            topic=topic,
            author_id=one.author_id,
            position=topic.last_position,
            reply_to_id=above.post_id if above is not None and above.topic_id == topic.pk else None,
            body=one.body,
            html=one.html,
            renderer_version=0 if one.shows_titles else RENDERER_VERSION,
            lang=one.lang,
            state=Post.State.PUBLISHED,
            origin=Post.Origin.IMPORT,
            version=len(one.earlier) + 1,
            idempotency_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source} {one.external_id}"),
            created_at=one.date,
            published_at=one.date,
            edited_at=one.edited_at,
            is_wiki=one.is_wiki,
            thanks=one.thanks,
            thanks_before=one.thanks,
        )

    def _lines(self, group: Group, topic: Topic, new: set[int], there: dict[str, Known]) -> list[ImportedRecord]:
        """Write the group's lines, each at the place that was the last one when it happened."""
        wanted = [line for line in group.lines if line.external_id or topic.pk in new]
        wanted = [line for line in wanted if not line.accepted or line.accepted in there]
        dates = list(topic.posts.values_list("published_at", flat=True)) if wanted else []
        events = []
        for line in wanted:
            after = {**line.after, "elsewhere": True}
            if line.accepted:
                after["accepted_post_id"] = there[line.accepted].post_id
            events.append(
                TopicEvent(
                    topic=topic,
                    kind=line.kind,
                    actor_id=line.actor_id,
                    reason=line.reason[:REASON_MAX_LENGTH],
                    place=max(1, sum(date is not None and date <= line.date for date in dates)),
                    before=line.before,
                    after=after,
                    created_at=line.date,
                )
            )
        TopicEvent.objects.bulk_create(events)
        return [
            ImportedRecord(source=self.source, external_id=line.external_id, event=event)
            for line, event in zip(wanted, events, strict=True)
            if line.external_id
        ]


def _by_date(one: Ready) -> tuple[bool, datetime, int]:
    return not one.opens, one.date, one.order


def _reserved(fresh: list[Ready]) -> list[tuple[Ready, int]]:
    """Every post has an id: those that no text named yet get theirs now."""
    without = [one for one in fresh if not one.post_id]
    for one, post_id in zip(without, _next_ids(Post, len(without)), strict=True):
        one.post_id = post_id
    return [(one, one.post_id) for one in fresh]


def _topics(groups: list[Group], homes: dict[int, int], new: set[int]) -> dict[int, Topic]:
    """The topics to write to: those there already, locked in the order of their ids, and the new ones, unsaved."""
    wanted = {one.topic_id for group in groups for one in group.posts}
    wanted |= {homes[id(group)] for group in groups if group.lines and homes[id(group)]}
    locked = Topic.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=wanted - new).order_by("pk")
    topics = {topic.pk: topic for topic in locked}
    for group in groups:
        topic_id, opening = homes[id(group)], group.opening
        if topic_id in new:
            topics[topic_id] = Topic(
                pk=topic_id,
                forum=opening.forum,
                author_id=opening.author_id,
                title=opening.title,
                intent=opening.intent,
                lang=opening.lang,
                created_at=opening.date,
                published_at=opening.date,
                **opening.columns,
            )
    return topics


def _accept(groups: list[Group], topics: dict[int, Topic], there: dict[str, Known]) -> None:
    """The answers that were chosen, where they come in now and the topic has none."""
    for group in groups:
        fresh = {one.external_id: one.topic_id for one in group.posts}
        topic = topics.get(fresh.get(group.accepted, 0))
        if topic is not None and topic.accepted_post_id is None:
            topic.accepted_post_id = there[group.accepted].post_id
            topic.save(update_fields=["accepted_post", "slug"])


def _count(topics: dict[int, Topic], posts: list[Post], new: set[int]) -> None:
    added = Counter(forum_id for post in posts if (forum_id := topics[post.topic_id].forum_id))
    listed = Counter(topics[topic_id].forum_id for topic_id in new if is_listed(topics[topic_id]))
    for forum_id in sorted(added):
        Forum.objects.filter(pk=forum_id).update(
            post_count=F("post_count") + added[forum_id], topic_count=F("topic_count") + listed[forum_id]
        )


def reserve(count: int) -> list[int]:
    """Ids for posts that texts may name before they are stored. What is not used is lost, and nothing else."""
    return _next_ids(Post, count)


def _next_ids(model: type[Post] | type[Topic], count: int) -> list[int]:
    """Ids taken from the model's sequence, so that rows can name each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
