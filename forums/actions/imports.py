"""Bringing in what was discussed elsewhere: a mailing list's archive, without anybody being told."""

from __future__ import annotations

import uuid
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from forums.actions.search import index_posts, index_topic
from forums.limits import POST_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models import Attachment, Forum, ImportedRecord, Post, Topic
from forums.models.forums import Intent
from members.actions.joining import make_placeholder
from members.models import Member
from toolkit.mail import (
    CLOCK_SKEW,
    SUBJECT_WINDOW,
    Archive,
    Damaged,
    Entry,
    File,
    Place,
    author_key_of,
    body_of,
    escaped,
    language_of,
    parse,
    raw_messages,
    subject_key,
)
from toolkit.markup import RENDERER_VERSION, render
from toolkit.text import storable

BATCH_MESSAGES = 100  # messages a transaction; a longer thread is one transaction all the same
FILE_MAX_SIZE = 10 * 1024 * 1024  # bytes; a larger file is named in the post, not kept
NOTES_LENGTH = 4_000  # characters of a post kept free for what the import has to say


@dataclass(slots=True)
class Report:
    """What an import did."""

    imported: int = 0
    known: int = 0  # imported by an earlier run
    damaged: int = 0
    new_topics: int = 0
    new_authors: int = 0
    known_authors: int = 0


@dataclass(slots=True)
class _Ready:
    """A message made ready to be stored, before any lock."""

    place: Place
    title: str
    body: str
    html: str
    lang: str
    date: datetime
    files: list[Attachment]
    post_id: int = 0
    topic_id: int = 0


@dataclass(slots=True)
class _Known:
    """Where a message of this source is that was imported before."""

    post_id: int
    topic_id: int


def import_archive(
    archive: Archive, forum: Forum, *, lang: str = "", progress: Callable[[int], object] | None = None
) -> Report:
    """Store an archive's messages as posts of placeholder members, in topics of this forum.

    Sets nothing off: no notification, no e-mail, no prompt; reading state is untouched. Works in transactions of
    about 100 messages; what an interrupted or earlier run stored is passed over, and what is new joins its topic at
    the end. A damaged message is reported and left out. `progress` is called with numbers of messages done.
    """
    run = _Import(archive, forum, lang)
    for batch in _batches(archive.threads):
        run.store(batch)
        if progress is not None:
            progress(sum(len(thread) for thread in batch))
    run.report.known_authors = len(run.members) - run.report.new_authors
    return run.report


def _batches(threads: list[list[Place]]) -> Iterator[list[list[Place]]]:
    batch: list[list[Place]] = []
    for thread in threads:
        if batch and sum(map(len, batch)) + len(thread) > BATCH_MESSAGES:
            yield batch
            batch = []
        batch.append(thread)
    if batch:
        yield batch


class _Import:
    """One run."""

    def __init__(self, archive: Archive, forum: Forum, lang: str) -> None:
        self.archive, self.forum, self.lang = archive, forum, lang
        self.source = f"mbox:forum-{forum.pk}"
        self.report = Report()
        self.members: dict[str, int] = {}

    def store(self, threads: list[list[Place]]) -> None:
        """Store some threads in one transaction; if the database refuses, message by message, so that only the one
        it refuses is lost."""
        known = self._known(threads)
        places = [place for thread in threads for place in thread]
        self.report.known += sum(place.entry.external_id in known for place in places)
        ready = list(self._made_ready(place for place in places if place.entry.external_id not in known))
        try:
            self._write(threads, ready)
        except (OperationalError, InterfaceError):  # the database is away: nothing to be gained by going on
            raise
        except DatabaseError:
            for one in ready:
                try:
                    self._write(threads, [one])
                except (OperationalError, InterfaceError):
                    raise
                except DatabaseError as error:
                    reason = " ".join(str(error).split())[:200]
                    self._lost(one.place.entry, _("The database refused it (%(reason)s).") % {"reason": reason})

    def _lost(self, entry: Entry, why: str) -> None:
        self.report.damaged += 1
        self.archive.note(entry, _("Damaged, not imported.") + " " + why)

    def _known(self, threads: list[list[Place]]) -> dict[str, _Known]:
        """Which of these messages, and of those they refer to, are imported. One query."""
        ids = {i for thread in threads for place in thread for i in (place.entry.external_id, *place.missing)}
        found = ImportedRecord.objects.filter(source=self.source, external_id__in=ids)
        rows = found.values_list("external_id", "post_id", "post__topic_id")
        return {external_id: _Known(post, topic) for external_id, post, topic in rows}

    # --- Before any lock

    def _made_ready(self, places: Iterable[Place]) -> Iterator[_Ready]:
        by_number = {place.entry.number: place for place in places}
        for entry, raw in raw_messages(self.archive.path, [place.entry for place in by_number.values()]):
            try:
                yield self._one_ready(by_number[entry.number], raw)
            except Damaged as damage:
                self._lost(entry, str(damage))

    def _one_ready(self, place: Place, raw: bytes) -> _Ready:
        message = parse(raw)
        self.archive.note(place.entry, *message.odd)
        body = body_of(message, limit=POST_MAX_LENGTH - NOTES_LENGTH)
        otherwise = self.forum.post_language or "en"
        lang = self.lang or language_of(body.own_words, "") or language_of(message.subject, otherwise)
        files = list(message.files)
        with translation.override(lang):
            notes = []
            if body.whole:
                files.append(File("message.txt", "text/plain", body.whole.encode()))
                notes.append(_("[The message goes on: all of it is in the file message.txt.]"))
                self.archive.note(place.entry, _("It is too long for a post: cut, the whole kept as a file."))
            kept = [self._kept(place.entry, number, file) for number, file in enumerate(files)]
            notes.extend(
                self._not_kept(place.entry, file) for file, row in zip(files, kept, strict=True) if row is None
            )
            text = body.markdown or ("" if notes or any(kept) else _("(This message has no text.)"))
            text = text or _("(This message has a file, and no text.)")
        text = storable("\n\n".join([text, *notes]))[:POST_MAX_LENGTH]
        rendered = self._rendered(text)
        date = self.archive.dates[place.entry.number]
        return _Ready(place, message.subject, text, rendered, lang, date, [row for row in kept if row is not None])

    def _rendered(self, text: str) -> str:
        try:
            return render(text).html  # without a resolver: an old "@name" is nobody here
        except (RecursionError, ValueError, LookupError) as error:
            raise Damaged(_("It cannot be rendered (%(reason)s).") % {"reason": type(error).__name__}) from error

    def _kept(self, entry: Entry, number: int, file: File) -> Attachment | None:
        """The row of a file, whose bytes are in the storage. Its path follows from where it came from, so that a run
        that was interrupted leaves no second copy."""
        if len(file.data) > FILE_MAX_SIZE:
            return None
        told = f"{self.source} {entry.external_id} {number}".encode("utf-8", "replace")
        path = f"attachments/imported/{sha256(told + file.data).hexdigest()[:48]}"
        if default_storage.exists(path) and default_storage.size(path) != len(file.data):
            default_storage.delete(path)
        if not default_storage.exists(path):
            path = default_storage.save(path, ContentFile(file.data))
        return Attachment(
            name=storable(file.name)[:120],
            file=path,
            content_type=storable(file.content_type)[:100],
            size=len(file.data),
            created_at=self.archive.dates[entry.number],
        )

    def _not_kept(self, entry: Entry, file: File) -> str:
        said = {"name": file.name, "size": len(file.data) // (1024 * 1024)}
        self.archive.note(entry, _("Its file “%(name)s” (%(size)d MB) is too large: named, not kept.") % said)
        return escaped(_("[The file “%(name)s” (%(size)d MB) was too large to be kept.]") % said)

    # --- Inside the transaction

    def _write(self, threads: list[list[Place]], ready: list[_Ready]) -> None:
        if not ready:
            return
        with transaction.atomic():
            with connection.cursor() as cursor:
                # Two imports into one forum take turns; unlike a session's lock, this one works through a pooler.
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [self.source])
            known = self._known(threads)
            fresh = [one for one in ready if one.place.entry.external_id not in known]
            members, created = self._authors(fresh)
            new_topics = self._placed(threads, fresh, known)
            self._insert(fresh, known, members, new_topics)
        self.members.update(members)
        self.report.known += len(ready) - len(fresh)
        self.report.imported += len(fresh)
        self.report.new_authors += created
        self.report.new_topics += len(new_topics)

    def _authors(self, fresh: list[_Ready]) -> tuple[dict[str, int], int]:
        """The members who wrote these, by key, and how many of them are new."""
        first: dict[str, _Ready] = {}
        for one in sorted(fresh, key=lambda one: one.date):
            first.setdefault(author_key_of(one.place.entry), one)
        wanted = [key for key in first if key not in self.members]
        members = {key: self.members[key] for key in first if key in self.members}
        members.update(Member.objects.filter(source__in=wanted).order_by("-pk").values_list("source", "pk"))
        missing = [key for key in wanted if key not in members]
        for key in missing:
            one = first[key]
            name = storable(self.archive.names.get(key, "")) or _("Unknown author")
            members[key] = make_placeholder(name=name, source=key, language=one.lang, joined_at=one.date).pk
        return members, len(missing)

    def _placed(self, threads: list[list[Place]], fresh: list[_Ready], known: dict[str, _Known]) -> dict[int, _Ready]:
        """Give each message its topic. Answers the new topics' ids with the message each begins with."""
        waiting: dict[int, list[_Ready]] = defaultdict(list)
        for one in sorted(fresh, key=lambda one: (one.date, one.place.entry.number)):
            waiting[one.place.thread].append(one)
        by_title = self._topics_by_title(ones[0] for ones in waiting.values())
        topic_of = {external_id: row.topic_id for external_id, row in known.items()}
        homes: dict[int, int] = {}
        for thread in threads:
            ids = [place.entry.external_id for place in thread] + [i for place in thread for i in place.missing]
            homes[thread[0].thread] = next((topic_of[i] for i in ids if i in topic_of), 0)
        for number, ones in waiting.items():
            homes[number] = homes[number] or self._same_title(ones[0], by_title)
        homeless = [number for number in waiting if not homes[number]]
        new_topics = {}
        for number, topic_id in zip(homeless, _next_ids(Topic, len(homeless)), strict=True):
            homes[number] = topic_id
            new_topics[topic_id] = waiting[number][0]
        for number, ones in waiting.items():
            for one in ones:
                parent = one.place.parent
                home = topic_of.get(parent.entry.external_id) if parent is not None else None
                one.topic_id = topic_of[one.place.entry.external_id] = home or homes[number]
        return new_topics

    def _topics_by_title(self, firsts: Iterable[_Ready]) -> dict[str, list[tuple[datetime, int]]]:
        """For "Re:" messages whose thread is not in this file (a later part of an archive). At most one query."""
        titles = {title_of(one).lower() for one in firsts if one.place.entry.is_reply and subject_key(one.title)}
        found: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
        if titles:
            topics = Topic.objects.filter(forum=self.forum, published_at__isnull=False)
            rows = topics.annotate(folded=Lower("title")).filter(folded__in=titles, posts__origin=Post.Origin.IMPORT)
            for folded, date, topic_id in rows.distinct().values_list("folded", "last_post_at", "pk"):
                found[folded].append((date or self.forum.created_at, topic_id))
        return found

    def _same_title(self, one: _Ready, by_title: dict[str, list[tuple[datetime, int]]]) -> int:
        if not (one.place.entry.is_reply and subject_key(one.title)):
            return 0
        near = [
            (date, topic)
            for date, topic in by_title.get(title_of(one).lower(), [])
            if -SUBJECT_WINDOW <= date - one.date <= CLOCK_SKEW
        ]
        return max(near, default=(one.date, 0))[1]

    def _insert(
        self, fresh: list[_Ready], known: dict[str, _Known], members: dict[str, int], new_topics: dict[int, _Ready]
    ) -> None:
        ordered = sorted(fresh, key=lambda one: (one.date, one.place.entry.number))
        for one, post_id in zip(ordered, _next_ids(Post, len(ordered)), strict=True):
            one.post_id = post_id
        topics = self._topics(ordered, members, new_topics)
        post_of = dict(known)
        post_of.update({one.place.entry.external_id: _Known(one.post_id, one.topic_id) for one in ordered})
        posts = [self._post(one, topics[one.topic_id], post_of, members) for one in ordered]
        for topic in topics.values():
            topic.save(force_insert=topic.pk in new_topics)
        Post.objects.bulk_create(posts)
        for one in ordered:
            for row in one.files:
                row.post_id = one.post_id
        Attachment.objects.bulk_create(row for one in ordered for row in one.files)
        ImportedRecord.objects.bulk_create(
            ImportedRecord(source=self.source, external_id=one.place.entry.external_id, post_id=one.post_id)
            for one in ordered
        )
        index_posts(posts)
        for topic_id in new_topics:
            index_topic(topics[topic_id])
        self._count(topics, posts, new_topics)

    def _topics(
        self, ordered: list[_Ready], members: dict[str, int], new_topics: dict[int, _Ready]
    ) -> dict[int, Topic]:
        """The topics to write to: those there already, locked in the order of their ids, and the new ones, unsaved."""
        there = sorted({one.topic_id for one in ordered} - set(new_topics))
        locked = Topic.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=there).order_by("pk")
        topics = {topic.pk: topic for topic in locked}
        for topic_id, one in new_topics.items():
            topics[topic_id] = Topic(
                pk=topic_id,
                forum=self.forum,
                author_id=members[author_key_of(one.place.entry)],
                title=title_of(one),
                intent=Intent.DISCUSSION,
                lang=one.lang,
                created_at=one.date,
                published_at=one.date,
            )
        return topics

    def _post(self, one: _Ready, topic: Topic, post_of: dict[str, _Known], members: dict[str, int]) -> Post:
        """A post at its topic's next place; the topic's counters move, unsaved."""
        external_id, parent = one.place.entry.external_id, one.place.parent
        above = post_of.get(parent.entry.external_id) if parent is not None else None
        if above is None:  # answers a message of an earlier file
            above = next((post_of[i] for i in one.place.missing[:1] if i in post_of), None)
        author_id = members[author_key_of(one.place.entry)]
        topic.last_position += 1
        topic.post_count += 1
        topic.last_post_id, topic.last_post_at, topic.last_author_id = one.post_id, one.date, author_id
        topic.last_shown, topic.fresh_at = topic.last_position, one.date
        return Post(
            pk=one.post_id,
            topic=topic,
            author_id=author_id,
            position=topic.last_position,
            reply_to_id=above.post_id if above is not None and above.topic_id == one.topic_id else None,
            body=one.body,
            html=one.html,
            renderer_version=RENDERER_VERSION,
            lang=one.lang,
            state=Post.State.PUBLISHED,
            origin=Post.Origin.IMPORT,
            idempotency_key=uuid.uuid5(uuid.NAMESPACE_URL, f"{self.source} {external_id}"),
            created_at=one.date,
            published_at=one.date,
        )

    def _count(self, topics: dict[int, Topic], posts: list[Post], new_topics: dict[int, _Ready]) -> None:
        added = Counter(topics[post.topic_id].forum_id for post in posts)
        for forum_id in sorted(added):
            fresh = len(new_topics) if forum_id == self.forum.pk else 0
            Forum.objects.filter(pk=forum_id).update(
                post_count=F("post_count") + added[forum_id], topic_count=F("topic_count") + fresh
            )


def title_of(one: _Ready) -> str:
    """A topic's title: the subject, or words that say there was none; at most 140 characters."""
    title = storable(one.title).strip()
    if not title:
        with translation.override(one.lang):
            return _("(no subject)")
    if len(title) <= TITLE_MAX_LENGTH:
        return title
    return title[: TITLE_MAX_LENGTH - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def _next_ids(model: type[Post] | type[Topic], count: int) -> list[int]:
    """Ids taken from the model's sequence, so that rows can name each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]
