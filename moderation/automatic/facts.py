"""What rules want to know of words and their author, as it was at a moment: now, or when an old post was written."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, F, Func, IntegerField, Q, Value
from django.db.models.functions import Lower, Reverse

from forums.models import Post
from members.models import Member
from moderation.automatic.phrases import spoken
from moderation.automatic.sketches import likeness, sketch_of
from moderation.limits import REPEATED_DAYS, REPEATED_PERCENT
from moderation.models import AllowedDomain, Decision, PostSketch
from toolkit.markup import links_in

COMPARED = 20  # posts that share most with a text
RATE_MOST = 1_000  # posts of an author that are counted at most

_ADDRESS = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_WORD = re.compile(r"[^\W_]+")


class _Shared(Func):
    """How many numbers two arrays share."""

    template = "cardinality(ARRAY(SELECT unnest(%(expressions)s)))"
    arg_joiner = ") INTERSECT SELECT unnest("
    output_field = IntegerField()


@dataclass(frozen=True, slots=True)
class Likeness:
    """Of the posts that are most like a text: how like it a removed one is, in percent, which, and how many posts of
    the last week say the same."""

    removed: int = 0
    removed_post: int = 0
    repeated: int = 0


class Facts:
    """Asked for one by one, and each once: a rule whose cheaper conditions do not hold costs no query. However many
    rules there are, all facts together cost six queries."""

    def __init__(
        self,
        author: Member,
        body: str,
        *,
        at: datetime,
        title: str = "",
        trust: str = "",
        post: Post | None = None,
        is_change: bool = False,
    ) -> None:
        self.author, self.body, self.title, self.at, self.post = author, body, title, at, post
        self.is_change = is_change  # of a post that is there: it is not written once more
        self.trust = trust or author.trust
        self.longest_rate = 0  # minutes: of all rules that will ask

    @property
    def age(self) -> timedelta:
        return self.at - self.author.joined_at

    @cached_property
    def spoken(self) -> str:
        return spoken(f"{self.title}\n{self.body}")

    @cached_property
    def hosts(self) -> list[str]:
        """Sites elsewhere that the text links to."""
        own = (urlsplit(settings.SITE_URL).hostname or "").lower()
        return [host for host in links_in(self.body) if host != own]

    @cached_property
    def unknown_hosts(self) -> list[str]:
        """Those that no admin or moderator has allowed; sub-domains of an allowed one are allowed. One query."""
        asked = {host: domains_over(host) for host in self.hosts}
        names = {name for parents in asked.values() for name in parents}
        allowed = set(AllowedDomain.objects.filter(domain__in=names).values_list("domain", flat=True)) if names else ()
        return [host for host, parents in asked.items() if not set(parents).intersection(allowed)]

    @cached_property
    def words_beside_links(self) -> int:
        return len(_WORD.findall(_ADDRESS.sub(" ", self.body)))

    def has_at_most(self, posts: int) -> bool:
        """Whether so many posts of theirs, at most, had been published in forums. One query."""
        return self._published <= posts

    @cached_property
    def _published(self) -> int:
        written = Post.objects.filter(author=self.author, published_at__lt=self.at, topic__is_conversation=False)
        return written.exclude(pk=self._own)[:RATE_MOST].count()

    @cached_property
    def is_unapproved(self) -> bool:
        """One query."""
        approved = Decision.objects.filter(concerned=self.author, measure=Decision.Measure.APPROVE)
        return not approved.filter(made_at__lt=self.at).exists()

    @cached_property
    def address_is_new(self) -> bool:
        """Whether nobody who joined before them has an address of the same domain. One query, by an index."""
        _name, at, domain = (self.author.email or "").lower().rpartition("@")
        if not at:
            return False
        others = Member.objects.annotate(turned=Reverse(Lower("email"))).filter(turned__startswith=domain[::-1] + "@")
        return not others.filter(joined_at__lt=self.author.joined_at).exclude(pk=self.author.pk).exists()

    def posts_within(self, minutes: int) -> int:
        """How many posts they wrote in the time before, this one included. One query for all rates."""
        since = self.at - timedelta(minutes=minutes)
        return 1 + sum(written > since for written in self._written_lately)

    @cached_property
    def _written_lately(self) -> list[datetime]:
        since = self.at - timedelta(minutes=self.longest_rate)
        written = Post.objects.filter(author=self.author, created_at__gt=since, created_at__lt=self.at)
        written = written.filter(topic__is_conversation=False).exclude(pk=self._own)
        return list(written.values_list("created_at", flat=True)[:RATE_MOST])

    @property
    def _own(self) -> int:
        return self.post.pk if self.post is not None else 0

    @cached_property
    def alike(self) -> Likeness:
        """One query, by the index of numbers; none for a short text."""
        numbers = sketch_of(self.body)
        if not numbers:
            return Likeness()
        lately = Q(created_at__gt=self.at - timedelta(days=REPEATED_DAYS), created_at__lt=self.at)
        shown = Q(post__state__in=[Post.State.PUBLISHED, Post.State.HELD])
        shared = _Shared(F("numbers"), Value(numbers, output_field=ArrayField(BigIntegerField())))
        rows = (
            PostSketch.objects.filter(numbers__overlap=numbers)
            .filter(Q(removed_at__lt=self.at) | lately & shown)
            .exclude(post=self._own)
            .order_by(shared.desc())
            .values_list("post", "numbers", "created_at", "removed_at")[:COMPARED]
        )
        return likeness_among(numbers, rows, self.at)


def likeness_among(numbers: list[int], rows: Iterable[Any], at: datetime) -> Likeness:
    """What rows of (post, numbers, created_at, removed_at) say of a sketch, at a moment."""
    removed = removed_post = repeated = 0
    for post, others, created_at, removed_at in rows:
        percent = likeness(numbers, others)
        if removed_at is not None and removed_at < at:
            if percent > removed:
                removed, removed_post = percent, post
        elif percent >= REPEATED_PERCENT and created_at < at:
            repeated += 1
    return Likeness(removed, removed_post, repeated)


def domains_over(host: str) -> list[str]:
    """A host and the domains it belongs to."""
    parts = host.split(".")
    return [".".join(parts[index:]) for index in range(len(parts))]
