"""A mailing list's archive becomes topics and posts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError
from django.db.models.functions import Lower
from django.utils import translation
from django.utils.translation import gettext as _

from forums.actions.imports.files import kept
from forums.actions.imports.people import People, Person
from forums.actions.imports.store import BATCH, Group, Opening, Ready, Store
from forums.actions.imports.titles import title_of, whole_title
from forums.limits import POST_MAX_LENGTH
from forums.models import Attachment, Forum, Post, Topic
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
from toolkit.markup import render
from toolkit.text import storable

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
class _Read:
    """A message read, before anybody knows who wrote it."""

    place: Place
    title: str
    body: str
    html: str
    lang: str
    date: datetime
    files: list[Attachment]


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
        run.store_threads(batch)
        if progress is not None:
            progress(sum(len(thread) for thread in batch))
    run.report.new_authors = len(run.people.made)
    run.report.known_authors = len(run.people.ids) - len(run.people.made)
    return run.report


def _batches(threads: list[list[Place]]) -> Iterator[list[list[Place]]]:
    batch: list[list[Place]] = []
    for thread in threads:
        if batch and sum(map(len, batch)) + len(thread) > BATCH:
            yield batch
            batch = []
        batch.append(thread)
    if batch:
        yield batch


class _Import:
    """One run."""

    def __init__(self, archive: Archive, forum: Forum, lang: str) -> None:
        self.archive, self.forum, self.lang = archive, forum, lang
        self.store = Store(f"mbox:forum-{forum.pk}")
        self.people = People()
        self.report = Report()
        self.read: dict[int, _Read | None] = {}  # of the batch, by number; None is damaged

    def store_threads(self, threads: list[list[Place]]) -> None:
        places = [place for thread in threads for place in thread]
        self.read = {}
        stored = self.store.put(lambda: self._groups(threads), refused=self._refused)
        lost = sum(read is None for read in self.read.values())
        self.report.imported += len(stored.posts)
        self.report.known += len(places) - len(stored.posts) - lost
        self.report.damaged += lost
        self.report.new_topics += len(stored.new_topics)

    def _lost(self, entry: Entry, why: str) -> None:
        self.read[entry.number] = None
        self.archive.note(entry, _("Damaged, not imported.") + " " + why)

    def _refused(self, one: Ready, error: DatabaseError) -> None:
        entry = next(
            read.place.entry
            for read in self.read.values()
            if read is not None and read.place.entry.external_id == one.external_id
        )
        reason = " ".join(str(error).split())[:200]
        self._lost(entry, _("The database refused it (%(reason)s).") % {"reason": reason})

    # --- Before any lock

    def _groups(self, threads: list[list[Place]]) -> list[Group]:
        """What of these threads is not stored yet, made ready. Called again if another run was first."""
        known = self.store.known(place.entry.external_id for thread in threads for place in thread)
        wanted = [place for thread in threads for place in thread if place.entry.external_id not in known]
        self._read(place for place in wanted if place.entry.number not in self.read)
        fresh = [read for place in wanted if (read := self.read[place.entry.number]) is not None]
        fresh.sort(key=lambda read: (read.date, read.place.entry.number))
        self.people.find_or_make(self._person(read) for read in fresh)
        of_thread: dict[int, list[_Read]] = defaultdict(list)
        for read in fresh:
            of_thread[read.place.thread].append(read)
        return [self._group(thread, of_thread[thread[0].thread]) for thread in threads if of_thread[thread[0].thread]]

    def _person(self, read: _Read) -> Person:
        key = author_key_of(read.place.entry)
        name = storable(self.archive.names.get(key, "")) or _("Unknown author")
        return Person(key, name, read.lang, read.date)

    def _group(self, thread: list[Place], fresh: list[_Read]) -> Group:
        ids = [place.entry.external_id for place in thread] + [i for place in thread for i in place.missing]
        first = fresh[0]
        opening = Opening(
            forum=self.forum,
            title=title_of(first.title, first.lang),
            lang=first.lang,
            author_id=self._author_of(first),
            date=first.date,
        )
        return Group(
            ids=list(dict.fromkeys(ids)),
            posts=[self._ready(read) for read in fresh],
            opening=opening,
            elsewhere=lambda: self._same_title(first, opening.title),
        )

    def _author_of(self, read: _Read) -> int:
        return self.people.ids[author_key_of(read.place.entry)]

    def _ready(self, read: _Read) -> Ready:
        place = read.place
        above = [place.parent.entry.external_id] if place.parent is not None else place.missing[:1]
        return Ready(
            external_id=place.entry.external_id,
            author_id=self._author_of(read),
            date=read.date,
            order=place.entry.number,
            body=read.body,
            html=read.html,
            lang=read.lang,
            answers="".join(above),
            files=read.files,
        )

    def _same_title(self, read: _Read, title: str) -> int:
        """The latest topic of a "Re:" whose thread is not in this file (a later part of an archive). One query."""
        if not (read.place.entry.is_reply and subject_key(read.title)):
            return 0
        topics = Topic.objects.filter(forum=self.forum, published_at__isnull=False, posts__origin=Post.Origin.IMPORT)
        near = topics.annotate(folded=Lower("title")).filter(
            folded=title.lower(),
            last_post_at__gte=read.date - SUBJECT_WINDOW,
            last_post_at__lte=read.date + CLOCK_SKEW,
        )
        return near.order_by("-last_post_at", "-pk").values_list("pk", flat=True).first() or 0

    # --- Reading

    def _read(self, places: Iterable[Place]) -> None:
        by_number = {place.entry.number: place for place in places}
        for entry, raw in raw_messages(self.archive.path, [place.entry for place in by_number.values()]):
            try:
                self.read[entry.number] = self._one_read(by_number[entry.number], raw)
            except Damaged as damage:
                self._lost(entry, str(damage))

    def _one_read(self, place: Place, raw: bytes) -> _Read:
        message = parse(raw)
        self.archive.note(place.entry, *message.odd)
        body = body_of(message, limit=POST_MAX_LENGTH - NOTES_LENGTH)
        otherwise = self.forum.post_language or "en"
        lang = self.lang or language_of(body.own_words, "") or language_of(message.subject, otherwise)
        date = self.archive.dates[place.entry.number]
        files = list(message.files)
        with translation.override(lang):
            notes = []
            if body.whole:
                files.append(File("message.txt", "text/plain", body.whole.encode()))
                notes.append(_("[The message goes on: all of it is in the file message.txt.]"))
                self.archive.note(place.entry, _("It is too long for a post: cut, the whole kept as a file."))
            told = f"{self.store.source} {place.entry.external_id}"
            rows = [kept(file, told=f"{told} {number}", at=date) for number, file in enumerate(files)]
            notes.extend(
                self._not_kept(place.entry, file) for file, row in zip(files, rows, strict=True) if row is None
            )
            text = body.markdown or ("" if notes or any(rows) else _("(This message has no text.)"))
            text = text or _("(This message has a file, and no text.)")
        begins = "" if place.entry.is_reply else whole_title(message.subject)
        text = storable(begins + "\n\n".join([text, *notes]))[:POST_MAX_LENGTH]
        shown = self._rendered(text)
        return _Read(place, message.subject, text, shown, lang, date, [row for row in rows if row is not None])

    def _rendered(self, text: str) -> str:
        try:
            return render(text).html  # without a resolver: an old "@name" is nobody here
        except (RecursionError, ValueError, LookupError) as error:
            raise Damaged(_("It cannot be rendered (%(reason)s).") % {"reason": type(error).__name__}) from error

    def _not_kept(self, entry: Entry, file: File) -> str:
        said = {"name": file.name, "size": len(file.data) // (1024 * 1024)}
        self.archive.note(entry, _("Its file “%(name)s” (%(size)d MB) is too large: named, not kept.") % said)
        return escaped(_("[The file “%(name)s” (%(size)d MB) was too large to be kept.]") % said)
