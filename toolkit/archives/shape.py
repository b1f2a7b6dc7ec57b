"""What every forum's archive comes down to: people, discussions, and what was said and done in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from toolkit.archives.ledger import Ledger

NOBODY = "nobody"  # the key of everybody who left no name


@dataclass(slots=True)
class Author:
    """Somebody who wrote, edited or did something. `key` is the archive's own name for them, and never changes."""

    key: str
    name: str
    handle: str = ""  # what "@…" called them by
    joined_at: datetime | None = None  # or when they first wrote
    email: str = ""

    def wrote_at(self, moment: datetime) -> None:
        if self.joined_at is None or moment < self.joined_at:
            self.joined_at = moment


@dataclass(slots=True)
class Version:
    """What a post said from one moment on."""

    markdown: str
    by: str
    at: datetime
    reason: str = ""


@dataclass(slots=True)
class Said:
    """A post, an answer or a comment."""

    id: str
    kind: str  # of the ledger's lines
    author: str
    at: datetime
    html: str
    versions: list[Version] = field(default_factory=list)  # where the archive has the words as they were typed
    answers: str = ""
    title: str = ""  # its own, where it differs from the discussion's
    thanks: int = 0
    edited_at: datetime | None = None
    edit_reason: str = ""
    is_accepted: bool = False
    is_open_to_all: bool = False
    is_hidden: bool = False  # there; its words stay unpublished
    is_plain: bool = False  # `html` is Markdown of a few marks, as in comments
    carries: Counter[str] = field(default_factory=Counter)  # other records that come in with it, by the ledger's lines


@dataclass(slots=True)
class Happening:
    """Something that was done to a discussion: a quiet line in the topic."""

    id: str  # empty: it comes in with the discussion, and only then
    what: str  # closed, reopened, renamed, retagged, accepted, unlisted, listed, archived, split, pinned, …
    kind: str  # of the ledger's lines
    by: str
    at: datetime
    reason: str = ""
    html: str = ""
    before: dict[str, object] = field(default_factory=dict)
    after: dict[str, object] = field(default_factory=dict)
    accepted: str = ""


@dataclass(slots=True)
class Discussion:
    """What becomes a topic. The first of `said` opened it."""

    id: str
    title: str
    said: list[Said]
    forum: str = ""
    tags: list[str] = field(default_factory=list)
    is_question: bool = False
    happenings: list[Happening] = field(default_factory=list)
    closed_at: datetime | None = None
    closed_by: str = ""
    closed_reason: str = ""
    is_unlisted: bool = False
    is_archived: bool = False
    address: str = ""
    licence: str = ""


@dataclass(slots=True)
class Archive:
    """A forum's archive, opened. `discussions` reads them, oldest first; it may be called again."""

    software: str  # "stackexchange", "discourse", "json"
    name: str  # of the place that it is of
    authors: dict[str, Author]
    discussions: Callable[[], Iterator[Discussion]]
    ledger: Ledger
    total: int  # of everything said, for a progress bar
    forums: list[str] = field(default_factory=list)  # their names, where the archive has several
    site: str = ""  # where it was, without a slash at its end
    post_at: Callable[[str], str] = lambda _address: ""  # the id of what an address there leads to, or nothing
