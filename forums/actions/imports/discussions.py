"""A forum's archive (Stack Exchange, Discourse, JSON) becomes topics and posts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256

from django.conf import settings
from django.db import DatabaseError
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from forums.actions.imports.files import cut, kept
from forums.actions.imports.people import People, Person
from forums.actions.imports.store import BATCH, Group, Line, Opening, Ready, Store, reserve
from forums.actions.imports.titles import title_of, whole_title
from forums.actions.imports.words import Wording, called_by_handle, called_in, in_bold, shows_titles
from forums.actions.rendering import rendered_import
from forums.limits import POST_MAX_LENGTH, REASON_MAX_LENGTH
from forums.models import Forum, ImportedRecord, PostRevision, Tag, TopicEvent
from forums.models.forums import Intent
from members.models import Member
from toolkit.archives import Archive, Author, Discussion, Happening, Ledger, Said, markdown_of_page
from toolkit.mail import File, address_key, language_of
from toolkit.markup import Rendered, render, text_of
from toolkit.text import storable, tag_key

NOTES_LENGTH = 1_000  # characters of a post kept free for what the import has to say

_KINDS = {
    "closed": TopicEvent.Kind.CLOSED,
    "reopened": TopicEvent.Kind.REOPENED,
    "renamed": TopicEvent.Kind.RENAMED,
    "retagged": TopicEvent.Kind.RETAGGED,
    "accepted": TopicEvent.Kind.ACCEPTED,
    "listed": TopicEvent.Kind.LISTED,
    "unlisted": TopicEvent.Kind.UNLISTED,
    "archived": TopicEvent.Kind.ARCHIVED,
    "unarchived": TopicEvent.Kind.UNARCHIVED,
}


@dataclass(slots=True)
class Odd:
    """Something out of the ordinary, and what was done about it."""

    id: str
    what: str


@dataclass(slots=True)
class Account:
    """What an import did with every record."""

    ledger: Ledger
    new_topics: int = 0
    odd: list[Odd] = field(default_factory=list)


def import_discussions(
    archive: Archive,
    forum_of: Callable[[str], Forum],
    *,
    lang: str = "",
    progress: Callable[[int], object] | None = None,
) -> Account:
    """Store an archive's discussions as topics of the forums that `forum_of` answers for the names it gives.

    Sets nothing off: no notification, no e-mail, no prompt; reading state is untouched. Works in transactions of
    about 100 posts; what an interrupted or earlier run stored is passed over, and what is new joins its topic at the
    end. What cannot be stored is left out, and told with its reason. `progress` is called with numbers of posts done.
    """
    return _Import(archive, forum_of, lang).run(progress or (lambda _number: None))


class _Import:
    """One run."""

    def __init__(self, archive: Archive, forum_of: Callable[[str], Forum], lang: str) -> None:
        self.archive, self.forum_of, self.lang = archive, forum_of, lang
        self.account = Account(archive.ledger)
        self.store = Store(_source(archive))
        self.people = People()
        self.members: dict[str, Member] = {}  # by username, as a text names them
        self.posts: dict[str, int] = {}  # ids here, by ids there
        self.here: set[int] = set()
        self.handles = called_by_handle(archive.authors.values()) if archive.software == "discourse" else {}
        self.lost: dict[str, str] = {}  # reasons, by ids there

    def run(self, progress: Callable[[int], object]) -> Account:
        before = set(Tag.objects.values_list("key", flat=True))
        used: set[str] = set()
        self._meet_everybody()
        records = ImportedRecord.objects.filter(source=self.store.source, post__isnull=False)
        self._know(dict(records.values_list("external_id", "post_id")))
        for batch in _batches(self.archive.discussions()):
            self.store_discussions(batch)
            used.update(tag for discussion in batch for tag in discussion.tags)
            progress(sum(len(discussion.said) for discussion in batch))
        self._account_for_tags(used, before)
        return self.account

    # --- People

    def _meet_everybody(self) -> None:
        authors = self.archive.authors
        self.people.find_or_make(self._person(author) for author in authors.values())
        made = sum(_person_source(self.archive, author) in self.people.made for author in authors.values())
        ledger = self.account.ledger
        ledger.imported("users", made)
        ledger.known("users", len(authors) - made)
        members = Member.objects.filter(username__in=self.people.usernames.values()).select_related("claimed_by")
        self.members = {member.username: member.claimed_by or member for member in members}

    def _person(self, author: Author) -> Person:
        language = self.lang or settings.LANGUAGE_CODE[:2]
        with translation.override(language):
            name = storable(author.name).strip() or _("somebody")
        since = author.joined_at or timezone.now()
        return Person(_person_source(self.archive, author), name, language, since, author.handle)

    def _id_of(self, key: str) -> int:
        return self.people.ids[_person_source(self.archive, self.archive.authors[key])]

    def _username_of(self, key: str) -> str:
        return self.people.usernames.get(_person_source(self.archive, self.archive.authors[key]), "")

    # --- Storing

    def store_discussions(self, batch: list[Discussion]) -> None:
        self.lost = {}
        homes: set[str] = set()  # discussions that were there before

        def make() -> list[Group]:
            homes.clear()
            ids = {said.id for discussion in batch for said in discussion.said}
            ids |= {done.id for discussion in batch for done in discussion.happenings if done.id}
            known = self.store.known(ids)
            self._know({external_id: row.post_id for external_id, row in known.items() if row.post_id})
            fresh = [said for discussion in batch for said in discussion.said if said.id not in known]
            self._know({said.id: post for said, post in zip(fresh, reserve(len(fresh)), strict=True)})
            homes.update(one.id for one in batch if any(said.id in known for said in one.said))
            groups = [self._group(discussion, set(known)) for discussion in batch]
            return [group for group in groups if group.posts or group.lines]

        stored = self.store.put(make, refused=self._refused)
        for discussion in batch:
            is_new = bool(stored.new_topics & {said.id for said in discussion.said})
            self.account.new_topics += is_new
            self._account_for(discussion, stored.posts | stored.lines, is_new=is_new, is_known=discussion.id in homes)

    def _know(self, posts: dict[str, int]) -> None:
        self.posts |= posts
        self.here.update(posts.values())

    def _refused(self, one: Ready, error: DatabaseError) -> None:
        self._lose(one.external_id, _("refused by the database"), " ".join(str(error).split())[:200])

    def _lose(self, external_id: str, why: str, more: str) -> None:
        self.lost[external_id] = why
        self.account.odd.append(Odd(external_id, f"{why} ({more})"))

    def _group(self, discussion: Discussion, known: set[str]) -> Group:
        lang = self._language_of_all(discussion)
        called = self.handles or called_in(discussion, self.archive.authors)
        wording = Wording(self.archive, self._username_of, lambda i: self.posts.get(i, 0), called)
        ready = []
        for order, said in enumerate(discussion.said):
            if said.id not in known and said.id not in self.lost:
                one = self._ready(said, discussion, wording, lang, order)
                ready += [one] if one is not None else []
        accepted = next((said.id for said in discussion.said if said.is_accepted), "")
        return Group(
            ids=[said.id for said in discussion.said],
            posts=ready,
            opening=self._opening(discussion, lang),
            lines=[self._line(one) for one in discussion.happenings if not one.id or one.id not in known],
            accepted=accepted,
        )

    def _opening(self, discussion: Discussion, lang: str) -> Opening:
        first, last = discussion.said[0], discussion.said[-1]
        columns: dict[str, object] = {
            "source_url": discussion.address[:400],
            "source_licence": discussion.licence[:40],
        }
        if discussion.closed_at is not None:
            columns["closed_at"] = discussion.closed_at
            columns["closed_by_id"] = self._id_of(discussion.closed_by)
            columns["closed_reason"] = discussion.closed_reason[:REASON_MAX_LENGTH]
        if discussion.is_unlisted:
            columns["unlisted_at"] = last.at
        if discussion.is_archived:
            columns["archived_at"] = last.at
        return Opening(
            forum=self.forum_of(discussion.forum),
            title=title_of(discussion.title, lang),
            lang=lang,
            author_id=self._id_of(first.author),
            date=first.at,
            intent=Intent.QUESTION if discussion.is_question else Intent.DISCUSSION,
            tags=discussion.tags,
            columns=columns,
        )

    def _line(self, done: Happening) -> Line:
        kind = _KINDS.get(done.what, TopicEvent.Kind.ELSEWHERE)
        reason = done.reason or " ".join(text_of(render(markdown_of_page(done.html)).html).split())
        return Line(
            kind=kind,
            actor_id=self._id_of(done.by),
            date=done.at,
            external_id=done.id,
            reason=storable(reason or ("" if kind != TopicEvent.Kind.ELSEWHERE else done.what)),
            before=done.before,
            after=done.after,
            accepted=done.accepted,
        )

    # --- Before any lock

    def _language_of_all(self, discussion: Discussion) -> str:
        """The language that a discussion was opened in; where its first post is too short to tell, that of them all."""
        otherwise = self.forum_of(discussion.forum).post_language or "en"
        opened = language_of(text_of(discussion.said[0].html), "")
        return (
            self.lang
            or opened
            or language_of(
                "\n".join([discussion.title, *(text_of(said.html) for said in discussion.said[:20])]), otherwise
            )
        )

    def _ready(self, said: Said, discussion: Discussion, wording: Wording, lang: str, order: int) -> Ready | None:
        lang = self.lang or language_of(text_of(said.html), lang)
        try:
            words = wording.markdown_of(said, lang)
            body, file = self._whole(said, discussion, words, lang, is_first=order == 0)
            rendered = self._rendered(body)
        except (RecursionError, ValueError, LookupError) as error:
            self._lose(said.id, _("cannot be made into words"), type(error).__name__)
            return None
        row = kept(file, told=f"{self.store.source} {said.id}", at=said.at) if file is not None else None
        return Ready(
            external_id=said.id,
            author_id=self._id_of(said.author),
            date=said.at,
            order=order,
            opens=order == 0,
            body=body,
            html=rendered.html,
            lang=lang,
            answers=said.answers,
            named=[named for named in rendered.named if named[0] in {"member", "target"}],
            shows_titles=shows_titles(body),
            files=[row] if row is not None else [],
            earlier=self._earlier(said),
            edited_at=said.edited_at,
            thanks=said.thanks,
            is_wiki=said.is_open_to_all,
            post_id=self.posts[said.id],
        )

    def _whole(
        self, said: Said, discussion: Discussion, words: str, lang: str, *, is_first: bool
    ) -> tuple[str, File | None]:
        """What the post says here, and all of it as a file where it is too long for a post."""
        begins = whole_title(discussion.title) if is_first else in_bold(said.title)
        with translation.override(lang):
            words = words.strip() or _("(This message has no text.)")
            if len(begins) + len(words) <= POST_MAX_LENGTH:
                return begins + words, None
            note = _("[The message goes on: all of it is in the file message.txt.]")
        self.account.odd.append(Odd(said.id, _("It is too long for a post: cut, the whole kept as a file.")))
        short = cut(words, POST_MAX_LENGTH - NOTES_LENGTH)
        return f"{begins}{short}\n\n{note}", File("message.txt", "text/plain", words.encode())

    def _rendered(self, body: str) -> Rendered:
        return rendered_import(body, members=self.members, posts=self.here)

    def _earlier(self, said: Said) -> list[PostRevision]:
        """What it said before each edit, as far as the archive knows."""
        changed = [
            (before, after)
            for before, after in zip(said.versions, said.versions[1:], strict=False)
            if before.markdown != after.markdown
        ]
        return [
            PostRevision(
                version=number,
                body=storable(before.markdown),
                editor_id=self._id_of(after.by),
                source=PostRevision.Source.AUTHOR if after.by == said.author else PostRevision.Source.ELSEWHERE,
                reason=storable(after.reason)[:REASON_MAX_LENGTH],
                created_at=after.at,
            )
            for number, (before, after) in enumerate(changed, start=1)
        ]

    # --- Accounts

    def _account_for(self, discussion: Discussion, stored: set[str], *, is_new: bool, is_known: bool) -> None:
        ledger = self.account.ledger
        for said in discussion.said:
            for kind, number in ((said.kind, 1), *said.carries.items()):
                if said.id in stored:
                    ledger.imported(kind, number)
                elif said.id in self.lost:
                    ledger.left_out(kind, self.lost[said.id], number)
                else:
                    ledger.known(kind, number)
        for done in discussion.happenings:
            if not done.id:
                continue
            if done.id in stored:
                ledger.imported(done.kind)
            elif is_new or is_known:
                ledger.known(done.kind)
            else:
                ledger.left_out(done.kind, _("their topic is not imported"))
        if "topics" not in ledger.lines:
            return
        if is_new:
            ledger.imported("topics")
        elif is_known:
            ledger.known("topics")
        else:
            ledger.left_out("topics", _("nothing of it is imported"))

    def _account_for_tags(self, used: set[str], before: set[str]) -> None:
        ledger = self.account.ledger
        if "tags" not in ledger.lines:
            return
        now = set(Tag.objects.values_list("key", flat=True))
        line = ledger.line("tags")
        ledger.read("tags", max(0, len(used) - (line.read - line.left_out.total())))
        for tag in used:
            if tag_key(tag) in before:
                ledger.known("tags")
            elif tag_key(tag) in now:
                ledger.imported("tags")
            else:
                ledger.left_out("tags", _("beyond what a topic may have"))


def _batches(discussions: Iterator[Discussion]) -> Iterator[list[Discussion]]:
    batch: list[Discussion] = []
    for discussion in discussions:
        if batch and sum(len(one.said) for one in batch) + len(discussion.said) > BATCH:
            yield batch
            batch = []
        batch.append(discussion)
    if batch:
        yield batch


def _source(archive: Archive) -> str:
    return _short(f"{archive.software}:{archive.name}")


def _person_source(archive: Archive, author: Author) -> str:
    """What their placeholder is found again by. An address is known by its hash alone, and is the same everywhere."""
    return address_key(author.email) if author.email else _short(f"{archive.software}:{archive.name}:{author.key}")


def _short(text: str) -> str:
    """At most 80 characters, as the columns hold."""
    return text if len(text) <= 80 else f"{text[:47]}:{sha256(text.encode('utf-8', 'replace')).hexdigest()[:32]}"
