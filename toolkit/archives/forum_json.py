"""A forum as one JSON file: a list of topics, each with its posts. docs/importing.md describes the shape."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from toolkit.archives.ledger import Ledger
from toolkit.archives.repair import repaired
from toolkit.archives.shape import Archive, Author, Discussion, Said
from toolkit.archives.unreadable import Unreadable
from toolkit.archives.values import moment, parsed_json, taken

BYTES_MOST = 1024**3  # of the file
_ID = (int, str)


def read_json(path: Path, *, site: str = "", progress: Callable[[int], object] | None = None) -> Archive:
    """Open such a file. `progress` is called with the number of bytes read.

    Raises Unreadable, naming the place, where the file is not of the shape.
    """
    try:
        if path.stat().st_size > BYTES_MOST:
            said = {"name": path.name, "n": BYTES_MOST // 1024**2}
            raise Unreadable(_("“%(name)s” is larger than %(n)d MB.") % said)
        data = path.read_bytes()
    except OSError as error:
        said = {"file": path, "reason": error.strerror or error}
        raise Unreadable(_("“%(file)s” cannot be read: %(reason)s.") % said) from error
    topics = taken(parsed_json(data, path.name), list, path.name)
    if progress is not None:
        progress(len(data))
    return _Forum(path.stem, site.rstrip("/"), topics).archive()


class _Forum:
    def __init__(self, name: str, site: str, topics: list[Any]) -> None:
        self.name, self.site, self.topics = name, site, topics
        self.ledger = Ledger()
        self.authors: dict[str, Author] = {}
        self.forums: Counter[str] = Counter()

    def archive(self) -> Archive:
        for kind in ("topics", "posts", "users"):
            self.ledger.line(kind)
        seen: set[str] = set()
        found = []
        for number, topic in enumerate(self.topics):
            self.ledger.read("topics")
            discussion = self._discussion(taken(topic, dict, f"[{number}]"), f"[{number}]", seen)
            if discussion.said:
                self.forums[discussion.forum] += 1
                found.append(discussion)
            else:
                self.ledger.left_out("topics", _("without posts"))
        found.sort(key=lambda one: (one.said[0].at, one.id))
        self.ledger.read("users", len(self.authors))
        return Archive(
            software="json",
            name=self.name,
            authors=self.authors,
            discussions=lambda: iter(found),
            ledger=self.ledger,
            total=sum(len(one.said) for one in found),
            forums=[name for name, _count in self.forums.most_common() if name],
            site=self.site,
        )

    def _discussion(self, topic: dict[str, Any], place: str, seen: set[str]) -> Discussion:
        nid = str(taken(topic.get("nid"), _ID, f"{place}.nid"))
        title = repaired(taken(topic.get("title"), str, f"{place}.title")).strip()
        address = taken(topic.get("url", ""), str, f"{place}.url")
        discussion = Discussion(
            id=nid,
            title=title,
            said=[],
            forum=repaired(taken(topic.get("forum", ""), str, f"{place}.forum")).strip(),
            address=address if address.startswith(("http://", "https://")) else "",
            licence=taken(topic.get("licence", ""), str, f"{place}.licence"),
        )
        posts = taken(topic.get("posts"), list, f"{place}.posts")
        ids = {}
        for number, post in enumerate(posts):
            where = f"{place}.posts[{number}]"
            said = self._said(taken(post, dict, where), nid, title, where)
            self.ledger.read("posts")
            if said.id in seen:
                raise Unreadable(_("%(place)s has an id that the topic has already.") % {"place": where})
            seen.add(said.id)
            ids[said.id] = said
            discussion.said.append(said)
        for said in discussion.said:
            said.answers = said.answers if said.answers in ids and said.answers != said.id else ""
        first, rest = discussion.said[:1], discussion.said[1:]
        discussion.said = [*first, *sorted(rest, key=lambda one: one.at)]
        return discussion

    def _said(self, post: dict[str, Any], nid: str, title: str, place: str) -> Said:
        key = self._author(post, place)
        own = repaired(taken(post.get("title", "") or "", str, f"{place}.title")).strip()
        parent: int | str | None = taken(post.get("parent"), (*_ID, type(None)), f"{place}.parent")
        return Said(
            id=f"{nid}/{taken(post.get('id'), _ID, f'{place}.id')}",
            kind="posts",
            author=key,
            at=moment(post.get("date"), f"{place}.date"),
            html=repaired(taken(post.get("html"), str, f"{place}.html")),
            answers=f"{nid}/{parent}" if parent is not None else "",
            title=own if _folded(own) != _folded(title) else "",
        )

    def _author(self, post: dict[str, Any], place: str) -> str:
        name = repaired(taken(post.get("author", "") or "", str, f"{place}.author")).strip()
        uid: int | str | None = taken(post.get("uid"), (*_ID, type(None)), f"{place}.uid")
        key = str(uid) if uid is not None else f"name:{name[:60]}"
        email = taken(post.get("email", "") or "", str, f"{place}.email")
        author = self.authors.setdefault(key, Author(key, name, handle=name, email=email))
        author.wrote_at(moment(post.get("date"), f"{place}.date"))
        return key


def _folded(title: str) -> str:
    """A title without what answering adds to it."""
    bare = title.casefold().strip()
    while bare.startswith(("re:", "re :", "ré:", "tr:")):
        bare = bare.partition(":")[2].strip()
    return bare
