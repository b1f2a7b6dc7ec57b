"""A Stack Exchange dump: a zip of XML tables (Posts, Comments, Users, Votes, PostHistory, Tags, …)."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path, PurePosixPath

from django.utils.translation import gettext as _

from toolkit.archives.ledger import Ledger
from toolkit.archives.rows import rows_of
from toolkit.archives.shape import NOBODY, Archive, Author, Discussion, Happening, Said, Version
from toolkit.archives.unreadable import Unreadable
from toolkit.archives.values import moment
from toolkit.archives.zipped import Zipped

Row = dict[str, str]

QUESTION, ANSWER = "1", "2"
_ACCEPTED, _UP = "1", "2"
_BODIES = {"2", "5", "8"}  # of PostHistory: first, edited, rolled back
_TITLES = {"1", "4", "7"}
_TAGS = {"3", "6", "9"}
_CLOSED, _REOPENED, _LOCKED, _UNLOCKED, _OPEN_TO_ALL = "10", "11", "14", "15", "16"
_WHAT = {_CLOSED: "closed", _REOPENED: "reopened", _LOCKED: "closed", _UNLOCKED: "reopened"}
_TAG = re.compile(r"[^<>|]+")


def read_stackexchange(path: Path, *, site: str = "", progress: Callable[[int], object] | None = None) -> Archive:
    """Open a dump. `progress` is called with numbers of bytes read.

    Raises Unreadable if it is no such dump, is damaged, or means harm.
    """
    return _Dump(Zipped(path), site, progress or (lambda _bytes: None)).archive()


class _Dump:
    def __init__(self, zipped: Zipped, site: str, progress: Callable[[int], object]) -> None:
        self.zipped, self.progress = zipped, progress
        self.tables = {PurePosixPath(name).name.lower(): name for name in zipped.names(".xml")}
        missing = [table for table in ("posts.xml", "users.xml") if table not in self.tables]
        if missing:
            said = _("“%(file)s” is not a Stack Exchange dump: it holds no %(table)s.")
            raise Unreadable(said % {"file": zipped.path, "table": missing[0].capitalize()})
        self.site = site.rstrip("/") or _site_of(zipped.path)
        self.ledger = Ledger()
        self.users: dict[str, Author] = {}
        self.wrote: set[str] = set()
        self.votes: dict[str, Counter[str]] = defaultdict(Counter)
        self.accepted_at: dict[str, datetime] = {}
        self.comments: dict[str, list[Row]] = defaultdict(list)
        self.history: dict[str, list[Row]] = defaultdict(list)

    def archive(self) -> Archive:
        for kind in ("questions", "answers", "comments", "votes", "revisions", "tags", "users"):
            self.ledger.line(kind)
        for row in self._rows("users.xml", "users"):
            self.users[row["Id"]] = _user(row)
        posts = self._posts()
        self._read_votes(posts)
        self._read_comments(posts)
        self._read_history(posts)
        used = {tag for row in posts.values() for tag in _tags(row)}
        for row in self._rows("tags.xml", "tags"):
            if row.get("TagName", "") not in used:
                self.ledger.left_out("tags", _("on no question"))
        for table, kind in (("postlinks.xml", "links"), ("badges.xml", "badges")):
            number = sum(1 for _row in self._rows(table, kind))
            why = _("they stand in the words, or in why a question was closed") if kind == "links" else _NOT_HERE()
            self.ledger.left_out(kind, why, number)
        discussions = sorted(self._discussions(posts), key=lambda found: (found.said[0].at, found.id))
        authors = {key: self.users.get(key) or _by_name(key) for key in sorted(self.wrote)}
        for found in discussions:
            for said in found.said:
                authors[said.author].wrote_at(said.at)
        silent = len(set(self.users) - self.wrote)
        self.ledger.left_out("users", _("wrote nothing"), silent)
        nameless = len(self.wrote - set(self.users))
        self.ledger.read("users", nameless)
        return Archive(
            software="stackexchange",
            name=self._name(),
            authors=authors,
            discussions=lambda: iter(discussions),
            ledger=self.ledger,
            total=sum(len(found.said) for found in discussions),
            site=self.site,
            post_at=self._post_at,
        )

    def _rows(self, table: str, kind: str) -> Iterator[Row]:
        """The rows of a table, counted as read. None where the dump has no such table."""
        name = self.tables.get(table)
        if name is None:
            return
        with self.zipped.opened(name) as stream:
            for row in rows_of(stream, name):
                if kind:
                    self.ledger.read(kind)
                yield row
        self.progress(self.zipped.size(name))

    def _name(self) -> str:
        return self.site.partition("://")[2] or self.zipped.path.stem

    # --- Tables

    def _posts(self) -> dict[str, Row]:
        posts: dict[str, Row] = {}
        for row in self._rows("posts.xml", ""):
            kind = {QUESTION: "questions", ANSWER: "answers"}.get(_said(row, "PostTypeId", "Posts.xml"), "descriptions")
            self.ledger.read(kind)
            if kind == "descriptions":
                self.ledger.left_out(kind, _("descriptions of tags and other pages of the software"))
            else:
                posts[_said(row, "Id", "Posts.xml")] = row
        for key, row in list(posts.items()):
            if row["PostTypeId"] == ANSWER and posts.get(row.get("ParentId", ""), {}).get("PostTypeId") != QUESTION:
                self.ledger.left_out("answers", _("their question is not in the dump"))
                del posts[key]
        return posts

    def _read_votes(self, posts: dict[str, Row]) -> None:
        for row in self._rows("votes.xml", "votes"):
            post, kind = row.get("PostId", ""), row.get("VoteTypeId", "")
            if post not in posts:
                self.ledger.left_out("votes", _("what they are about is not imported"))
            elif kind in {_UP, _ACCEPTED}:
                self.votes[post][kind] += 1
                if kind == _ACCEPTED:
                    self.accepted_at[post] = _date(row, "CreationDate", "Votes.xml")
            else:
                why = (
                    _("votes against: Commune has none")
                    if kind == "3"
                    else _("favourites, bounties and votes of the site’s own upkeep")
                )
                self.ledger.left_out("votes", why)

    def _read_comments(self, posts: dict[str, Row]) -> None:
        for row in self._rows("comments.xml", "comments"):
            if row.get("PostId", "") in posts:
                self.comments[row["PostId"]].append(row)
            else:
                self.ledger.left_out("comments", _("what they are about is not imported"))

    def _read_history(self, posts: dict[str, Row]) -> None:
        for row in self._rows("posthistory.xml", "revisions"):
            kind = row.get("PostHistoryTypeId", "")
            if row.get("PostId", "") not in posts:
                self.ledger.left_out("revisions", _("what they are about is not imported"))
            elif kind in _BODIES | _TITLES | _TAGS or kind in _WHAT or kind == _OPEN_TO_ALL:
                self.history[row["PostId"]].append(row)
            else:
                self.ledger.left_out("revisions", _NOT_HERE())

    # --- Discussions

    def _discussions(self, posts: dict[str, Row]) -> Iterator[Discussion]:
        answers: dict[str, list[Row]] = defaultdict(list)
        for row in posts.values():
            if row["PostTypeId"] == ANSWER:
                answers[row["ParentId"]].append(row)
        for row in posts.values():
            if row["PostTypeId"] == QUESTION:
                yield self._discussion(row, answers[row["Id"]])

    def _discussion(self, question: Row, answers: list[Row]) -> Discussion:
        accepted = question.get("AcceptedAnswerId", "")
        first = self._post(question, "questions")
        rest = [self._post(row, "answers", is_accepted=row["Id"] == accepted) for row in answers]
        for row in (question, *answers):
            rest += [self._comment(comment) for comment in self.comments[row["Id"]]]
        rest.sort(key=lambda said: (said.at, said.id))
        found = Discussion(
            id=question["Id"],
            title=question.get("Title", ""),
            said=[first, *rest],
            tags=_tags(question),
            is_question=True,
            address=f"{self.site}/questions/{question['Id']}" if self.site else "",
            licence=question.get("ContentLicense", ""),
        )
        found.happenings = self._happenings(question, first)
        closings = [one for one in found.happenings if one.what == "closed"]
        if "ClosedDate" in question:
            found.closed_at = _date(question, "ClosedDate", "Posts.xml")
            found.closed_by = closings[-1].by if closings else self._writer("-1", "")
            found.closed_reason = closings[-1].reason if closings else _("It came here closed.")
        if accepted in self.accepted_at and any(said.is_accepted for said in rest):
            at = self.accepted_at[accepted]
            done = Happening("", "accepted", "", first.author, at, accepted=f"post {accepted}")
            found.happenings.append(done)
        found.happenings.sort(key=lambda one: one.at)
        return found

    def _post(self, row: Row, kind: str, *, is_accepted: bool = False) -> Said:
        key = row["Id"]
        history = sorted(
            self.history[key], key=lambda past: (_date(past, "CreationDate", "PostHistory.xml"), int(past["Id"]))
        )
        versions: list[Version] = []
        for past in history:
            if past["PostHistoryTypeId"] in _BODIES:
                words = past.get("Text", "").replace("\r\n", "\n").strip("\n")
                versions.append(
                    Version(
                        words, self._by(past), _date(past, "CreationDate", "PostHistory.xml"), past.get("Comment", "")
                    )
                )
        carried = {"votes": self.votes[key].total(), "revisions": len(history)}
        return Said(
            id=f"post {key}",
            kind=kind,
            author=self._writer(row.get("OwnerUserId", ""), row.get("OwnerDisplayName", "")),
            at=_date(row, "CreationDate", "Posts.xml"),
            html=row.get("Body", ""),
            versions=versions,
            answers=f"post {row['ParentId']}" if kind == "answers" else "",
            thanks=self.votes[key][_UP],
            edited_at=_date(row, "LastEditDate", "Posts.xml") if "LastEditDate" in row else None,
            is_accepted=is_accepted,
            is_open_to_all="CommunityOwnedDate" in row,
            carries=Counter({name: number for name, number in carried.items() if number}),
        )

    def _comment(self, row: Row) -> Said:
        return Said(
            id=f"comment {_said(row, 'Id', 'Comments.xml')}",
            kind="comments",
            author=self._writer(row.get("UserId", ""), row.get("UserDisplayName", "")),
            at=_date(row, "CreationDate", "Comments.xml"),
            html=row.get("Text", ""),
            answers=f"post {row['PostId']}",
            thanks=_number(row.get("Score", "0")),
            is_plain=True,
        )

    def _happenings(self, question: Row, first: Said) -> list[Happening]:
        found = []
        title, tags = "", list[str]()
        for past in sorted(self.history[question["Id"]], key=lambda past: int(past["Id"])):
            kind, at = past["PostHistoryTypeId"], _date(past, "CreationDate", "PostHistory.xml")
            said = past.get("Text", "")
            if kind in _WHAT:
                by, reason = self._closing(past) if kind in {_CLOSED, _LOCKED} else (self._by(past), "")
                found.append(Happening("", _WHAT[kind], "", by, at, reason))
            elif kind in _TITLES:
                if title and said != title:
                    found.append(
                        Happening(
                            "",
                            "renamed",
                            "",
                            self._by(past),
                            at,
                            past.get("Comment", ""),
                            before={"title": title},
                            after={"title": said},
                        )
                    )
                title = said
            elif kind in _TAGS:
                now = _TAG.findall(said)
                if tags and now != tags:
                    found.append(
                        Happening(
                            "",
                            "retagged",
                            "",
                            self._by(past),
                            at,
                            past.get("Comment", ""),
                            before={"tag_names": tags},
                            after={"tag_names": now},
                        )
                    )
                tags = now
        return found

    def _closing(self, past: Row) -> tuple[str, str]:
        """Who closed a question, and why."""
        try:
            more = json.loads(past.get("Text", "") or "{}")
            voters = [(str(voter.get("Id", "")), str(voter.get("DisplayName", ""))) for voter in more.get("Voters", [])]
        except (ValueError, AttributeError, TypeError, RecursionError):
            voters = []
        by = self._writer(*voters[0]) if voters else self._by(past)
        if past["PostHistoryTypeId"] == _LOCKED:
            return by, _("It came here locked.")
        return by, _close_reasons().get(past.get("Comment", ""), _("It came here closed."))

    # --- People

    def _by(self, row: Row) -> str:
        return self._writer(row.get("UserId", ""), row.get("UserDisplayName", ""))

    def _writer(self, user: str, name: str) -> str:
        """The key of who wrote something; somebody without an account is known by the name alone, if they gave one."""
        key = user if user in self.users else (f"name:{name.strip()[:60]}" if name.strip() else NOBODY)
        self.wrote.add(key)
        return key

    # --- Addresses

    def _post_at(self, address: str) -> str:
        host = self.site.partition("://")[2]
        if not host:
            return ""
        found = re.fullmatch(
            rf"(?:https?:)?//{re.escape(host)}/(?:questions/(\d+)(?:/[^/#?\s]*(?:/(\d+))?)?|q/(\d+)(?:/\d+)?|a/(\d+)(?:/\d+)?)/?(?:\?[^#]*)?"
            r"(?:#(?:comment(\d+)_\d+|(\d+)|[\w-]*))?",
            address,
        )
        if found is None:
            return ""
        if found[5]:
            return f"comment {found[5]}"
        post = found[6] or found[2] or found[4] or found[1] or found[3]
        return f"post {post}"


def _NOT_HERE() -> str:
    return _("states and honours that Commune does not have")


def _close_reasons() -> dict[str, str]:
    """What Stack Exchange's numbers mean, before 2013 and since."""
    duplicate, off = _("Asked before."), _("Off topic.")
    opinion = _("A matter of opinion.")
    unclear = _("Not clear enough to be answered.")
    broad = _("Too broad.")
    return {
        "1": duplicate, "2": off, "3": opinion, "4": unclear, "7": broad,
        "101": duplicate, "102": off, "103": unclear, "104": broad, "105": opinion,
    }  # fmt: skip


def _user(row: Row) -> Author:
    name = row.get("DisplayName", "")
    return Author(row["Id"], name, joined_at=_date(row, "CreationDate", "Users.xml") if "CreationDate" in row else None)


def _by_name(key: str) -> Author:
    return Author(key, key.removeprefix("name:") if key != NOBODY else "")


def _tags(row: Row) -> list[str]:
    return _TAG.findall(row.get("Tags", ""))


def _said(row: Row, name: str, table: str) -> str:
    try:
        return row[name]
    except KeyError:
        raise Unreadable(_("A row of %(table)s has no %(name)s.") % {"table": table, "name": name}) from None


def _date(row: Row, name: str, table: str) -> datetime:
    return moment(_said(row, name, table), f"{table}, {name}")


def _number(text: str) -> int:
    return max(0, int(text)) if text.lstrip("-").isdecimal() else 0


def _site_of(path: Path) -> str:
    """The site's address, where the file's name is its name, as the dumps' names are."""
    stem = path.stem.lower()
    if re.fullmatch(r"[\w.-]+\.(?:com|net|org)", stem):
        return f"https://{stem}"
    return f"https://{stem}.com" if stem.endswith((".stackexchange", "stackoverflow")) else ""
