"""Unread state: what the list shows, what the badge counts and what a model says are one and the same."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engagement.queries import standing
from forums.actions import care, reading, relocation
from forums.actions.posts import hide_post, show_post_again
from forums.actions.withdrawal import restore_post, withdraw_post
from forums.models import Level, Post, ReadMark, Topic, TopicEvent
from forums.queries.counters import drift
from forums.queries.lists import Asked, Where, topics_in
from forums.readers import reader_for
from members.actions.blocks import block_member, unblock_member
from members.models import Member
from tests.make import make_community, make_forum, make_host, make_member, make_reply, make_rule, make_topic
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db

SMALL, LONG = 8, 2_000
EXAMPLES = LONG if "COMMUNE_TEST_LONG" in os.environ else SMALL


def unread(member: Member, where: Where | None = None, *, pages: int = 50) -> list[int]:
    """Ids of the whole list of the unread, page after page."""
    reader, found, after = reader_for(member), [], ""
    for _ in range(pages):
        page = topics_in(reader, where or Where(), Asked(only="unread", after=after))
        found += [topic.pk for topic in page.rows]
        after = page.after
        if not after:
            return found
    raise AssertionError("the list does not end")


def badge(member: Member) -> int:
    return standing(reader_for(member)).unread


class Unread(RuleBasedStateMachine):
    """Two members read while anything happens to posts, topics and forums. What posts there are and where they stand is
    taken from the database (other tests see to it); what of them is unread is worked out here, post by post."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = transaction.atomic()
        self.opened.__enter__()
        make_community()
        self.now = timezone.now() - timedelta(days=3)
        self.forums = [make_forum(), make_forum()]
        self.host = make_host(self.forums[0])
        make_host_of = {"member": self.host, "role": "host", "forum": self.forums[1]}
        self.host.appointments.create(**make_host_of)
        self.house_rule = make_rule()
        self.people = [make_member(), make_member(), self.host]
        self.place: dict[tuple[int, int], int] = {}
        self.fresh: dict[int, datetime] = {}
        self.floor: dict[tuple[int, int | None], datetime] = {}
        self.follow: dict[tuple[int, int], str] = {}
        self.hidden: set[tuple[int, int]] = set()
        self.quiet: set[tuple[int, int]] = set()
        self.blocks: set[frozenset[int]] = set()

    def teardown(self) -> None:
        assert drift() == []
        transaction.set_rollback(True)
        self.opened.__exit__(None, None, None)

    # --- What the rules need

    @contextmanager
    def moment(self) -> Iterator[None]:
        self.now += timedelta(minutes=7)
        with clock.at(self.now), suppress(Refused), transaction.atomic():
            yield

    def topics(self) -> list[Topic]:
        return list(Topic.objects.order_by("pk"))

    def a_topic(self, n: int) -> Topic | None:
        topics = self.topics()
        return topics[n % len(topics)] if topics else None

    def a_post(self, n: int) -> Post | None:
        posts = list(Post.objects.select_related("topic", "author").order_by("pk"))
        return posts[n % len(posts)] if posts else None

    def shown(self, topic: int) -> list[tuple[int, int]]:
        posts = Post.objects.published().filter(topic=topic).order_by("position")
        return list(posts.values_list("position", "author"))

    def settle(self, *topics: int) -> None:
        """Whoever wrote what is shown last has read it, up to the first words of others that they have not read."""
        for topic in topics:
            posts = self.shown(topic)
            if posts:
                last, author = posts[-1]
                before = self.place.get((author, topic), 0)
                ahead = [place for place, by in posts if by != author and place > before]
                self.place[author, topic] = max(before, min(ahead) - 1 if ahead else last)

    def copy_follows(self) -> None:
        """A merge carries followers along: taken from the database."""
        self.follow = {(m, t): f for m, t, f in ReadMark.objects.values_list("member", "topic", "follow")}

    # --- What happens

    @initialize(n=st.integers(0, 2))
    def begin(self, n: int) -> None:
        self.start(n, 0)
        self.start(n + 1, 1)

    @rule(who=st.integers(0, 2), where=st.integers(0, 1))
    def start(self, who: int, where: int) -> None:
        by = self.people[who % 3]
        with self.moment():
            topic = make_topic(self.forums[where], by=by)
            self.fresh[topic.pk] = self.now
            self.follow[by.pk, topic.pk] = Level.ALL
            self.settle(topic.pk)

    @rule(who=st.integers(0, 2), n=st.integers(0, 99), times=st.integers(1, 3))
    def reply(self, who: int, n: int, times: int) -> None:
        topic = self.a_topic(n)
        for _ in range(times):
            with self.moment():
                make_reply(topic, by=self.people[who])
                self.fresh[topic.pk] = self.now
                self.settle(topic.pk)

    @rule(who=st.integers(0, 2), n=st.integers(0, 99), far=st.integers(0, 8))
    def read(self, who: int, n: int, far: int) -> None:
        topic = self.a_topic(n)
        place = min(far, topic.last_position)
        with self.moment():
            reading.mark_read(topic, by=self.people[who], place=place)
            key = self.people[who].pk, topic.pk
            self.place[key] = max(place, self.place.get(key, 0))

    @rule(who=st.integers(0, 2), n=st.integers(0, 99))
    def keep_unread(self, who: int, n: int) -> None:
        post = self.a_post(n)
        with self.moment():
            reading.keep_unread(post, by=self.people[who])
            self.place[self.people[who].pk, post.topic_id] = post.position - 1

    @rule(who=st.integers(0, 2), where=st.integers(0, 2))
    def all_read(self, who: int, where: int) -> None:
        forum = self.forums[where] if where < 2 else None
        with self.moment():
            reading.mark_all_read(by=self.people[who], forum=forum)
            self.floor[self.people[who].pk, forum.pk if forum else None] = self.now

    @rule(who=st.integers(0, 2), n=st.integers(0, 99), level=st.sampled_from(Level.values))
    def follow_it(self, who: int, n: int, level: str) -> None:
        topic = self.a_topic(n)
        with self.moment():
            reading.follow_topic(topic, by=self.people[who], level=level)
            self.follow[self.people[who].pk, topic.pk] = level

    @rule(who=st.integers(0, 2), n=st.integers(0, 99), back=st.booleans())
    def hide_it(self, who: int, n: int, back: bool) -> None:
        topic = self.a_topic(n)
        key = self.people[who].pk, topic.pk
        with self.moment():
            (reading.show_topic_again if back else reading.hide_topic)(topic, by=self.people[who])
            (self.hidden.discard if back else self.hidden.add)(key)

    @rule(who=st.integers(0, 2), where=st.integers(0, 1), level=st.sampled_from(["normal", "nothing"]))
    def quieten(self, who: int, where: int, level: str) -> None:
        key = self.people[who].pk, self.forums[where].pk
        with self.moment():
            reading.follow(self.forums[where], by=self.people[who], level=level)
            (self.quiet.add if level == "nothing" else self.quiet.discard)(key)

    @rule(one=st.integers(0, 2), other=st.integers(0, 2), back=st.booleans())
    def block(self, one: int, other: int, back: bool) -> None:
        by, member = self.people[one], self.people[other]
        with self.moment():
            if back:
                unblock_member(member, by=by)
                self.blocks = {frozenset(pair) for pair in by.blocks.model.objects.values_list("member", "blocked")}
            else:
                block_member(member, by=by)
                self.blocks.add(frozenset([by.pk, member.pk]))

    @rule(n=st.integers(0, 99))
    def remove(self, n: int) -> None:
        post = self.a_post(n)
        with self.moment():
            hide_post(post, rule=self.house_rule, note="")
            self.settle(post.topic_id)

    @rule(n=st.integers(0, 99))
    def show_again(self, n: int) -> None:
        post = self.a_post(n)
        with self.moment():
            show_post_again(post)
            self.settle(post.topic_id)

    @rule(n=st.integers(0, 99), back=st.booleans())
    def withdraw(self, n: int, back: bool) -> None:
        post = self.a_post(n)
        with self.moment():
            (restore_post if back else withdraw_post)(post, by=post.author)
            self.settle(post.topic_id)

    @rule(n=st.integers(0, 99), where=st.integers(0, 1))
    def move(self, n: int, where: int) -> None:
        topic = self.a_topic(n)
        with self.moment():
            care.move_topic(topic, by=self.host, into=self.forums[where])
            self.fresh[topic.pk] = self.now

    @rule(n=st.integers(0, 99), back=st.booleans())
    def unlist(self, n: int, back: bool) -> None:
        topic = self.a_topic(n)
        with self.moment():
            (care.list_topic if back else care.unlist_topic)(topic, by=self.host, reason="Double.")

    @precondition(lambda self: Topic.objects.count() > 1)
    @rule(n=st.integers(0, 99), m=st.integers(0, 99))
    def merge(self, n: int, m: int) -> None:
        source, into = self.a_topic(n), self.a_topic(m)
        with self.moment():
            relocation.merge_topics(source, into=into, by=self.host)
            self.fresh[into.pk] = self.now
            self.settle(source.pk, into.pk)
            self.copy_follows()

    @rule(n=st.integers(0, 99), places=st.sets(st.integers(2, 6), min_size=1, max_size=3))
    def split(self, n: int, places: set[int]) -> None:
        topic = self.a_topic(n)
        known = {t.pk for t in self.topics()}
        with self.moment():
            relocation.split_topic(topic, sorted(places), title="Aside", by=self.host)
            (fresh,) = {t.pk for t in self.topics()} - known
            self.fresh[fresh] = self.now
            self.settle(topic.pk, fresh)

    @rule(n=st.integers(0, 99))
    def undo(self, n: int) -> None:
        events = list(TopicEvent.objects.select_related("topic").order_by("pk"))
        if not events:
            return
        event = events[n % len(events)]
        with self.moment():
            relocation.undo_event(event, by=self.host)
            kind = TopicEvent.Kind
            if event.kind == kind.MOVED:
                self.fresh[event.topic_id] = self.now
            if event.kind in {kind.MERGED, kind.SPLIT}:
                home = event.after["topic"] if event.kind == kind.MERGED else event.topic_id
                self.fresh[home] = self.now
                self.settle(event.topic_id, event.after["topic"])
                self.copy_follows()

    @rule()
    def the_job_runs(self) -> None:
        with self.moment():
            reading.advance_all_read()

    # --- What must hold

    def should_be_unread(self, member: Member) -> set[int]:
        found = set()
        for topic in Topic.objects.filter(is_listed=True):
            key = member.pk, topic.pk
            last = max((place for place, _by in self.shown(topic.pk)), default=0)
            floors = [self.floor[k] for k in ((member.pk, None), (member.pk, topic.forum_id)) if k in self.floor]
            follow = self.follow.get(key, Level.NORMAL)
            is_quiet = (member.pk, topic.forum_id) in self.quiet and follow != Level.ALL
            if (
                last > self.place.get(key, 0)
                and all(self.fresh[topic.pk] > floor for floor in floors)
                and follow != Level.NOTHING
                and key not in self.hidden
                and not (is_quiet and topic.author_id != member.pk)
                and frozenset([member.pk, topic.author_id]) not in self.blocks
            ):
                found.add(topic.pk)
        return found

    @invariant()
    def list_badge_and_model_are_one(self) -> None:
        for member in self.people:
            listed = unread(member)
            assert len(listed) == len(set(listed))
            assert set(listed) == self.should_be_unread(member)
            assert badge(member) == len(listed)
            by_forum = [pk for forum in self.forums for pk in unread(member, Where(forum=forum))]
            assert sorted(by_forum) == sorted(listed)
            rows = topics_in(reader_for(member), Where(), Asked(everything="1")).rows
            marked = {t.pk for t in rows if t.is_unread}
            assert set(listed) <= marked | {t for t in listed if t not in {r.pk for r in rows}}


def test_whatever_happens_list_badge_and_model_are_one():
    run_state_machine_as_test(
        Unread,
        settings=settings(
            max_examples=EXAMPLES, stateful_step_count=16, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
