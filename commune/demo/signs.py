"""What the demo's people leave on posts and topics: thanks, votes, a poll, edits of a wiki post, care by hosts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from functools import partial

from commune.demo.script import TopicScript, age_of
from commune.demo.stage import Act, Stage
from forums.actions.care import archive_topic, open_to_all, slow_topic
from forums.actions.keeping import give_reaction, keep_bookmark
from forums.actions.posts import edit_post
from forums.actions.relocation import merge_topics
from forums.actions.voting import PollPlan, choose_in_poll, vote_for_idea
from forums.models import Appointment, Poll, ReactionKind, Topic
from members.models import Member


def names(said: str) -> list[str]:
    return [name for part in said.split(",") if (name := part.strip())]


def poll_of(stage: Stage, script: TopicScript) -> PollPlan | None:
    """The poll of a topic's header: question | open or secret | how long from now | answer | answer …"""
    if "poll" not in script.header:
        return None
    question, kind, until, *options = [part.strip() for part in script.header["poll"].split(" | ")]
    return PollPlan(options, question=question, is_secret=kind == "secret", closes_at=stage.now + age_of(until))


def sign_acts(stage: Stage, script: TopicScript) -> Iterable[Act]:
    """Thanks, votes, answers, the wiki's edits and the host's care in one topic, each with its moment."""
    stem, header = script.stem, script.header
    opened = stage.ago(script.posts[0].age)
    for number, post in enumerate(script.posts, start=1):
        for order, name in enumerate(names(post.flags.get("thanks", ""))):
            later = stage.ago(post.age) + timedelta(minutes=11 * (order + 1))
            yield min(later, stage.now), 800, partial(_thank, stage, stem, number, name)
    if header.get("intent") == "idea":
        for name in names(script.posts[0].flags.get("thanks", "")):
            yield opened + timedelta(minutes=20), 590, partial(_want, stage, stem, name)
    for part in header.get("answers", "").split(";"):
        option, _colon, who = part.partition(":")
        for name in names(who):
            yield opened + timedelta(hours=5), 801, partial(_choose, stage, stem, int(option), name)
    if "wiki" in header:
        yield stage.ago(age_of(header["wiki"])), 605, partial(_open_to_all, stage, stem)
    for said in (header[key] for key in ("edit1", "edit2") if key in header):
        editor, age, line = said.split(" | ", 2)
        yield stage.ago(age_of(age)), 606, partial(_add_line, stage, stem, editor, line)
    if "slow" in header:
        pause, until, by, reason = [part.strip() for part in header["slow"].split(" | ", 3)]
        moment = stage.ago(age_of(header["reopened"].split(" | ")[0])) + timedelta(minutes=5)
        yield moment, 606, partial(_slow, stage, stem, age_of(pause), age_of(until), by, reason)
    if header.get("archived") == "yes":
        yield stage.ago(script.posts[-1].age) + timedelta(days=30), 607, partial(_archive, stage, stem)
    if "merged" in header:
        into, by, reason = header["merged"].split(" | ", 2)
        moment = stage.ago(script.posts[-1].age) + timedelta(hours=3)
        yield moment, 608, partial(_merge, stage, stem, into, by, reason)


def _thank(stage: Stage, stem: str, number: int, name: str) -> None:
    post, member = stage.posts[stem, number], stage.members[name]
    post.refresh_from_db()
    if post.author != member and post.state == "published" and member.state == Member.State.ACTIVE:
        give_reaction(post, ReactionKind.objects.order_by("order")[0], by=member)


def _want(stage: Stage, stem: str, name: str) -> None:
    vote_for_idea(stage.topics[stem], by=stage.members[name])


def _choose(stage: Stage, stem: str, option: int, name: str) -> None:
    poll = Poll.objects.get(post__topic=stage.topics[stem])
    choose_in_poll(poll, [poll.options.get(order=option)], by=stage.members[name])


def _open_to_all(stage: Stage, stem: str) -> None:
    post = stage.posts[stem, 1]
    open_to_all(post, by=host_of(stage, post.topic))


def _add_line(stage: Stage, stem: str, editor: str, line: str) -> None:
    post = stage.posts[stem, 1]
    post.refresh_from_db()
    reason = {"fr": "Une ligne de plus.", "en": "One more line."}[stage.members[editor].language]
    edit_post(post, by=stage.members[editor], body=f"{post.body}\n{line}", version=post.version, reason=reason)


def host_of(stage: Stage, topic: Topic) -> Member:
    """Who hosts the forum of a topic; the lead moderator where nobody does."""
    found = Appointment.objects.filter(forum=topic.forum_id).select_related("member").first()
    return found.member if found is not None else stage.members["aicha"]


def _slow(stage: Stage, stem: str, pause: timedelta, until: timedelta, by: str, reason: str) -> None:
    seconds = int(pause.total_seconds())
    slow_topic(stage.topics[stem], by=stage.members[by], seconds=seconds, until=stage.now + until, reason=reason)


def _archive(stage: Stage, stem: str) -> None:
    archive_topic(stage.topics[stem], by=host_of(stage, stage.topics[stem]))


def _merge(stage: Stage, stem: str, into: str, by: str, reason: str) -> None:
    merge_topics(stage.topics[stem], into=stage.topics[into], by=stage.members[by], reason=reason)


def keep_one(stage: Stage) -> None:
    """Camille keeps a post for Saturday, and will be reminded."""
    post = stage.posts["12-lave-linge", 2]
    note = "À essayer samedi, avec le tournevis long"
    keep_bookmark(post, by=stage.members["camille"], note=note, remind_at=stage.now + timedelta(days=3))
