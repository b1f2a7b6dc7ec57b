"""Topics of a Discourse forum, each as its `/t/ID.json` gives it, in a zip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from toolkit.archives.ledger import Ledger
from toolkit.archives.shape import NOBODY, Archive, Author, Discussion, Happening, Said
from toolkit.archives.unreadable import Unreadable
from toolkit.archives.values import moment, parsed_json, taken
from toolkit.archives.zipped import Zipped

TOPIC_MOST = 64 * 1024**2  # bytes of one topic
_ORDINARY, _MODERATOR, _SMALL, _WHISPER = 1, 2, 3, 4
_LIKE = 2
# What Discourse calls the small lines in a topic, and what they are here.
_WHAT = {
    "closed.enabled": "closed",
    "closed.disabled": "reopened",
    "autoclosed.enabled": "closed",
    "autoclosed.disabled": "reopened",
    "visible.enabled": "listed",
    "visible.disabled": "unlisted",
    "archived.enabled": "archived",
    "archived.disabled": "unarchived",
    "pinned.enabled": "pinned",
    "pinned_globally.enabled": "pinned",
    "pinned.disabled": "unpinned",
    "pinned_globally.disabled": "unpinned",
    "split_topic": "split",
}


@dataclass(slots=True)
class _Topic:
    """What is kept of a topic between the two readings."""

    name: str  # of the file
    id: int
    created_at: datetime


def read_discourse(path: Path, *, site: str = "", progress: Callable[[int], object] | None = None) -> Archive:
    """Open an archive: every topic is read once for who wrote, and again when it is wanted.

    `progress` is called with numbers of bytes read. Raises Unreadable, naming file and place, if one is not what
    Discourse writes.
    """
    return _Forum(Zipped(path), site.rstrip("/"), progress or (lambda _bytes: None)).archive()


class _Forum:
    def __init__(self, zipped: Zipped, site: str, progress: Callable[[int], object]) -> None:
        self.zipped, self.site, self.progress = zipped, site, progress
        self.ledger = Ledger()
        self.authors: dict[str, Author] = {}
        self.topics: list[_Topic] = []
        self.posts: dict[tuple[int, int], str] = {}  # ids by topic and number
        self.hosts: Counter[str] = Counter()
        self.forums: Counter[str] = Counter()
        self.names: dict[str, str] = {}  # of forums, by their numbers
        self.total = 0

    def archive(self) -> Archive:
        for kind in ("topics", "posts", "likes", "tags", "users"):
            self.ledger.line(kind)
        names = [name for name in self.zipped.names(".json") if not self._is_list_of_forums(name)]
        if not names:
            raise Unreadable(_("“%(file)s” holds no topic of Discourse (no .json).") % {"file": self.zipped.path})
        tags: set[str] = set()
        for name in names:
            topic = self._topic(name)
            self._look_at(name, topic)
            tags.update(_tags(topic, name))
            self.progress(self.zipped.size(name))
        self.ledger.read("tags", len(tags))
        self.ledger.read("users", len(self.authors))
        self.topics.sort(key=lambda topic: (topic.created_at, topic.id))
        if not self.site and self.hosts:
            self.site = f"https://{self.hosts.most_common(1)[0][0]}"
        return Archive(
            software="discourse",
            name=self.site.partition("://")[2] or self.zipped.path.stem,
            authors=self.authors,
            discussions=self._discussions,
            ledger=self.ledger,
            total=self.total,
            forums=[name for name, _count in self.forums.most_common()],
            site=self.site,
            post_at=self._post_at,
        )

    def _is_list_of_forums(self, name: str) -> bool:
        """Whether a file is what `/categories.json` or `/site.json` gives: the forums' names, which topics lack."""
        if not name.endswith(("categories.json", "site.json")):
            return False
        said = taken(parsed_json(self.zipped.read(name, most=TOPIC_MOST), name), dict, name)
        listed = said.get("category_list") or said
        found = taken(taken(listed, dict, name).get("categories"), list, f"{name}: categories")
        for number, forum in enumerate(found):
            place = f"{name}: categories[{number}]"
            key = taken(taken(forum, dict, place).get("id"), int, f"{place}.id")
            self.names[str(key)] = taken(forum.get("name"), str, f"{place}.name")
        return True

    def _forum_of(self, topic: dict[str, Any]) -> str:
        key = topic.get("category_id")
        number = str(key) if isinstance(key, int) else ""
        return self.names.get(number, number)

    def _topic(self, name: str) -> dict[str, Any]:
        topic = taken(parsed_json(self.zipped.read(name, most=TOPIC_MOST), name), dict, name)
        if "post_stream" not in topic:
            raise Unreadable(_("“%(name)s” is not a topic of Discourse: it has no post_stream.") % {"name": name})
        return topic

    def _look_at(self, name: str, topic: dict[str, Any]) -> None:
        """First reading: who wrote, what there is, what stays out."""
        number = taken(topic.get("id"), int, f"{name}: id")
        self.ledger.read("topics")
        self.forums[self._forum_of(topic)] += 1
        there = 0
        for place, post in _posts(topic, name):
            self.ledger.read("posts")
            likes = _likes(post)
            if isinstance(post.get("polls"), list):
                self.ledger.read("polls", len(post["polls"]))
                self.ledger.left_out("polls", _("their answers stand in the post, as a list"), len(post["polls"]))
            self.ledger.read("likes", likes)
            why = _why_not(post)
            if why:
                self.ledger.left_out("posts", why)
                self.ledger.left_out("likes", why, likes)
                continue
            there += 1
            key = taken(post.get("id"), int, f"{place}.id")
            self.posts[number, taken(post.get("post_number"), int, f"{place}.post_number")] = f"post {key}"
            self._meet(post, place)
        if topic.get("closed") is True and not any(_closes(post) for _place, post in _posts(topic, name)):
            self.authors.setdefault(NOBODY, Author(NOBODY, "", joined_at=moment(topic.get("created_at"), name)))
        self.total += there
        if there:
            self.topics.append(_Topic(name, number, moment(topic.get("created_at"), f"{name}: created_at")))
        else:
            self.ledger.left_out("topics", _("nothing of it is imported"))

    def _meet(self, post: dict[str, Any], place: str) -> None:
        key, handle = _author(post, place), str(post.get("username") or "")
        name = str(post.get("name") or "") or handle
        author = self.authors.setdefault(key, Author(key, name, handle))
        author.wrote_at(moment(post.get("created_at"), f"{place}.created_at"))
        avatar = re.match(r"/user_avatar/([\w.-]+)/", str(post.get("avatar_template") or ""))
        if avatar:
            self.hosts[avatar[1]] += 1

    def _discussions(self) -> Iterator[Discussion]:
        for found in self.topics:
            yield self._discussion(found, self._topic(found.name))

    def _discussion(self, found: _Topic, topic: dict[str, Any]) -> Discussion:
        name = found.name
        slug = str(topic.get("slug") or "topic")
        discussion = Discussion(
            id=str(found.id),
            title=taken(topic.get("title"), str, f"{name}: title"),
            said=[],
            forum=self._forum_of(topic),
            tags=_tags(topic, name),
            address=f"{self.site}/t/{slug}/{found.id}" if self.site else "",
            is_unlisted=topic.get("visible") is False,
            is_archived=topic.get("archived") is True,
        )
        accepted = ""
        for place, post in _posts(topic, name):
            if _why_not(post):
                continue
            if post.get("post_type") == _SMALL:
                discussion.happenings.append(self._happening(post, place))
                continue
            said = self._said(found.id, post, place)
            accepted = said.id if said.is_accepted else accepted
            discussion.said.append(said)
        discussion.is_question = bool(accepted)
        if topic.get("closed") is True:
            self._close(discussion)
        return discussion

    def _said(self, topic: int, post: dict[str, Any], place: str) -> Said:
        answered = post.get("reply_to_post_number")
        at = moment(post.get("created_at"), f"{place}.created_at")
        edited = moment(post["updated_at"], f"{place}.updated_at") if post.get("updated_at") else at
        versions = post.get("version")
        is_edited = isinstance(versions, int) and versions > 1
        return Said(
            id=f"post {taken(post.get('id'), int, f'{place}.id')}",
            kind="posts",
            author=_author(post, place),
            at=at,
            html=taken(post.get("cooked"), str, f"{place}.cooked"),
            answers=self.posts.get((topic, answered), "") if isinstance(answered, int) else "",
            thanks=_likes(post),
            edited_at=edited if is_edited else None,
            edit_reason=str(post.get("edit_reason") or ""),
            is_accepted=post.get("accepted_answer") is True,
            is_open_to_all=post.get("wiki") is True,
            is_hidden=post.get("hidden") is True,
            carries=Counter({"likes": _likes(post)}),
        )

    def _happening(self, post: dict[str, Any], place: str) -> Happening:
        return Happening(
            id=f"post {taken(post.get('id'), int, f'{place}.id')}",
            what=_WHAT[str(post.get("action_code") or "")],
            kind="posts",
            by=_author(post, place),
            at=moment(post.get("created_at"), f"{place}.created_at"),
            html=taken(post.get("cooked"), str, f"{place}.cooked"),
        )

    def _close(self, discussion: Discussion) -> None:
        closings = [one for one in discussion.happenings if one.what == "closed"]
        last = discussion.said[-1] if discussion.said else None
        if closings:
            discussion.closed_at, discussion.closed_by = closings[-1].at, closings[-1].by
        elif last is not None:
            discussion.closed_at, discussion.closed_by = last.at, NOBODY
        discussion.closed_reason = _("It came here closed.")

    def _post_at(self, address: str) -> str:
        path = address.removeprefix(self.site) if self.site else address
        found = re.fullmatch(r"/t/(?:(?!\d+/)[^/?#\s]*/)?(\d+)(?:/(\d+))?/?(?:[?#].*)?", path)
        return self.posts.get((int(found[1]), int(found[2] or 1)), "") if found else ""


def _posts(topic: dict[str, Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """The posts of a topic, each with its place for messages."""
    stream = taken(topic["post_stream"], dict, f"{name}: post_stream")
    posts = taken(stream.get("posts"), list, f"{name}: post_stream.posts")
    for number, post in enumerate(posts):
        place = f"{name}: post_stream.posts[{number}]"
        yield place, taken(post, dict, place)


def _why_not(post: dict[str, Any]) -> str:
    """Why a post is not imported; nothing if it is."""
    kind = post.get("post_type")
    if kind == _WHISPER:
        return _("whispers of the staff")
    if post.get("deleted_at") or post.get("user_deleted") is True:
        return _("deleted where they were written")
    if kind == _SMALL and str(post.get("action_code") or "") not in _WHAT:
        return _("lines of the software without a counterpart here")
    return ""


def _author(post: dict[str, Any], place: str) -> str:
    user = post.get("user_id")
    return str(user) if isinstance(user, int) else f"name:{taken(post.get('username'), str, f'{place}.username')[:60]}"


def _closes(post: dict[str, Any]) -> bool:
    is_small = post.get("post_type") == _SMALL and not _why_not(post)
    return is_small and _WHAT.get(str(post.get("action_code") or "")) == "closed"


def _likes(post: dict[str, Any]) -> int:
    summary = post.get("actions_summary")
    if not isinstance(summary, list):
        return 0
    counts = [a.get("count", 0) for a in summary if isinstance(a, dict) and a.get("id") == _LIKE]
    return sum(count for count in counts if isinstance(count, int) and count > 0)


def _tags(topic: dict[str, Any], name: str) -> list[str]:
    """Tags are words, or (since 2025) objects with a name."""
    tags = topic.get("tags") or []
    words = [tag.get("name") if isinstance(tag, dict) else tag for tag in taken(tags, list, f"{name}: tags")]
    return [taken(word, str, f"{name}: tags") for word in words]
