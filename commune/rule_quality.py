"""How the automatic rules that are on do on real, innocent posts and on adverts: two public archives, and a set of our
own."""

from __future__ import annotations

import tomllib
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from django.conf import settings

from forums.limits import POST_MAX_LENGTH, TRUSTED_AFTER_DAYS, TRUSTED_AFTER_POSTS
from members.models import Member, Trust
from moderation.automatic.conditions import met
from moderation.automatic.facts import Facts, Likeness, likeness_among
from moderation.automatic.sketches import sketch_of
from moderation.limits import REPEATED_DAYS
from moderation.models import AutomaticRule
from toolkit import clock
from toolkit.archives import markdown_of_page, read_json
from toolkit.mail import Damaged, body_of, parse, raw_messages, read_archive

ADVERTS = Path(settings.BASE_DIR) / "tests" / "rule_quality" / "adverts.toml"


@dataclass(frozen=True, slots=True)
class Written:
    """A post of an archive, or one of the set."""

    at: datetime
    author: str
    title: str
    body: str
    sort: str = ""


def of_mail(path: Path) -> Iterator[Written]:
    """The messages of a mailing list, in the order of the file's threads."""
    archive = read_archive(path)
    there = {place.entry.number: place.entry for thread in archive.threads for place in thread}
    for entry, raw in raw_messages(path, there.values()):
        try:
            message = parse(raw)
        except Damaged:
            continue
        title = "" if entry.is_reply else message.subject
        body = body_of(message, limit=POST_MAX_LENGTH).markdown
        yield Written(archive.dates[entry.number], message.sender.address or message.sender.name, title, body)


def of_forum(path: Path) -> Iterator[Written]:
    """The posts of a forum in one JSON file, topic by topic."""
    for discussion in read_json(path).discussions():
        for said in discussion.said:
            title = discussion.title if said is discussion.said[0] else ""
            yield Written(said.at, said.author, title, markdown_of_page(said.html))


ARCHIVES: dict[str, tuple[str, Callable[[Path], Iterator[Written]]]] = {
    "mail": ("mail/caml-list-1992-1998.mbox", of_mail),
    "forum": ("forums/postgresqlfr-2004-2008.json", of_forum),
}


def set_of(kind: str, path: Path = ADVERTS) -> list[Written]:
    """The adverts, or the innocent ones, of the set: each the first post of somebody who has just joined."""
    said = tomllib.loads(path.read_text("utf-8"))[kind]
    now = clock.now()
    return [Written(now, str(number), "", one["body"], one.get("sort", "")) for number, one in enumerate(said)]


class Community:
    """A place where people write one after the other. Whoever has written five posts and has been there for three days
    is no newcomer any more; what is held is published by a moderator, who allows the sites it links to."""

    def __init__(self) -> None:
        self.wrote: dict[str, list[datetime]] = defaultdict(list)
        self.approved: set[str] = set()
        self.allowed: set[str] = set()
        self.lately: deque[tuple[datetime, list[int]]] = deque()

    def facts(self, written: Written) -> Facts:
        return _Imagined(self, written)

    def publish(self, written: Written, *, was_held: bool, hosts: list[str]) -> None:
        self.wrote[written.author].append(written.at)
        self.lately.append((written.at, sketch_of(written.body)))
        if was_held:
            self.approved.add(written.author)
            self.allowed.update(hosts)


class _Imagined(Facts):
    """What the archive says, where the facts of a real post ask the database."""

    def __init__(self, there: Community, written: Written) -> None:
        before = there.wrote[written.author]
        self.there, self.who, self.before = there, written.author, before
        joined = before[0] if before else written.at
        is_new = len(before) < TRUSTED_AFTER_POSTS or written.at - joined < timedelta(days=TRUSTED_AFTER_DAYS)
        super().__init__(
            Member(username="imagined", joined_at=joined),
            written.body,
            at=written.at,
            title=written.title,
            trust=Trust.NEWCOMER if is_new else Trust.MEMBER,
        )

    @cached_property
    def unknown_hosts(self) -> list[str]:
        return [host for host in self.hosts if host not in self.there.allowed]

    def has_at_most(self, posts: int) -> bool:
        return len(self.before) <= posts

    @cached_property
    def is_unapproved(self) -> bool:
        return self.who not in self.there.approved

    def posts_within(self, minutes: int) -> int:
        return 1 + sum(at > self.at - timedelta(minutes=minutes) for at in self.before)

    @cached_property
    def alike(self) -> Likeness:
        lately = self.there.lately
        while lately and lately[0][0] < self.at - timedelta(days=REPEATED_DAYS):
            lately.popleft()
        numbers = sketch_of(self.body)
        rows = [(0, others, at, None) for at, others in lately] if numbers else []
        return likeness_among(numbers, rows, self.at)


@dataclass(frozen=True, slots=True)
class Judged:
    written: Written
    rules: tuple[AutomaticRule, ...]  # all that were met

    @property
    def is_held(self) -> bool:
        return any(rule.level == AutomaticRule.Level.HOLD for rule in self.rules)

    @property
    def is_stopped(self) -> bool:
        """Held, or asked about: what publishes by itself, without anybody who reads the question, gets no further."""
        return any(rule.level != AutomaticRule.Level.HINT for rule in self.rules)


def judged(posts: list[Written], rules: list[AutomaticRule], *, together: bool) -> Iterator[Judged]:
    """Each post as the rules see it: in the order of their dates in one community, or each in a place of its own."""
    there = Community()
    for written in sorted(posts, key=lambda one: one.at):
        facts = (there if together else Community()).facts(written)
        found = Judged(written, tuple(rule for rule in rules if met(rule, facts) is not None))
        there.publish(written, was_held=found.is_held, hosts=facts.hosts)
        yield found


def counted(found: list[Judged]) -> dict[str, int]:
    """How many were read, held, held or asked about, and met by each rule."""
    by_rule = Counter(rule.name_en for one in found for rule in one.rules)
    return {
        "read": len(found),
        "held": sum(one.is_held for one in found),
        "stopped": sum(one.is_stopped for one in found),
        **by_rule,
    }
