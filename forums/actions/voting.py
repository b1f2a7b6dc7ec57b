"""Votes for ideas, and polls."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from forums.actions.lines import locked
from forums.limits import POLL_OPTIONS
from forums.models import Poll, PollOption, PollVote, Post, Topic, TopicVote
from forums.policies import may_choose, may_vote
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def vote_for_idea(topic: Topic, *, by: Member) -> Topic:
    """Wish that an idea becomes real; whoever voted is told what becomes of it. Voting twice counts once.

    Raises Refused if it is no idea, or its fate is decided.
    """
    topic = locked(topic)
    insist(may_vote(reader_for(by), topic))
    TopicVote.objects.bulk_create([TopicVote(topic=topic, member=by, created_at=clock.now())], ignore_conflicts=True)
    return _counted(topic)


@transaction.atomic
def take_vote_back(topic: Topic, *, by: Member) -> Topic:
    """No longer wish for an idea. Raises Refused as voting does."""
    topic = locked(topic)
    insist(may_vote(reader_for(by), topic))
    TopicVote.objects.filter(topic=topic, member=by).delete()
    return _counted(topic)


def _counted(topic: Topic) -> Topic:
    topic.vote_count = topic.votes.count()
    topic.save(update_fields=["vote_count"])
    return topic


@dataclass(frozen=True, slots=True)
class PollPlan:
    """A poll as somebody asks for it."""

    options: list[str]
    question: str = ""
    kind: str = Poll.Kind.SINGLE
    is_secret: bool = True
    closes_at: datetime | None = None

    def kept(self) -> dict[str, Any]:
        """As a draft keeps it."""
        return {**asdict(self), "closes_at": self.closes_at and self.closes_at.isoformat()}

    def typed(self) -> dict[str, Any]:
        """As its fields in the composer hold it."""
        return {
            "poll_question": self.question,
            "poll_options": "\n".join(self.options),
            "poll_kind": self.kind,
            "poll_is_open": "" if self.is_secret else "on",
            "poll_closes_at": self.closes_at.isoformat(timespec="minutes") if self.closes_at else "",
        }

    @classmethod
    def of_draft(cls, kept: dict[str, Any] | None) -> PollPlan | None:
        """What a draft kept; None where there is no poll."""
        if not kept:
            return None
        closes_at = kept.get("closes_at")
        return cls(**{**kept, "closes_at": datetime.fromisoformat(closes_at) if closes_at else None})


def open_poll(post: Post, plan: PollPlan) -> Poll:
    """Put a poll into a fresh first post. For `start_topic`, inside its transaction.

    Raises Refused if there are fewer than two answers, too many, or two alike.
    """
    if not 2 <= len(plan.options) <= POLL_OPTIONS:
        raise Refused(_("A poll has two to %(n)d answers.") % {"n": POLL_OPTIONS})
    if len({option.casefold() for option in plan.options}) < len(plan.options):
        raise Refused(_("Two answers of the poll are the same."))
    poll = Poll.objects.create(
        post=post, question=plan.question, kind=plan.kind, is_secret=plan.is_secret, closes_at=plan.closes_at
    )
    PollOption.objects.bulk_create(
        [PollOption(poll=poll, order=order, text=text) for order, text in enumerate(plan.options, start=1)]
    )
    return poll


@transaction.atomic
def choose_in_poll(poll: Poll, options: list[PollOption], *, by: Member) -> Poll:
    """Choose one answer, or several where the poll allows it; what one chose before is replaced, none takes it back.

    Raises Refused if the poll or its topic is closed, or more answers are given than it takes.
    """
    topic = Topic.objects.select_related("forum").get(pk=poll.post.topic_id)
    poll = Poll.objects.select_for_update(of=("self",), no_key=True).get(pk=poll.pk)
    insist(may_choose(reader_for(by), poll, topic))
    is_single = poll.kind == Poll.Kind.SINGLE
    if is_single and len(options) > 1:
        raise Refused(_("This poll takes one answer."))
    if any(option.poll_id != poll.pk for option in options):
        raise Refused(_("This answer is not in this poll."))
    PollVote.objects.filter(poll=poll, member=by).delete()
    PollVote.objects.bulk_create(
        [
            PollVote(poll=poll, option=option, member=by, slot=0 if is_single else option.order, created_at=clock.now())
            for option in options
        ]
    )
    counts = dict(poll.votes.values_list("option").annotate(Count("pk")))
    options_now = list(poll.options.all())
    for option in options_now:
        option.vote_count = counts.get(option.pk, 0)
    PollOption.objects.bulk_update(options_now, ["vote_count"])
    poll.voter_count = poll.votes.aggregate(n=Count("member", distinct=True))["n"]
    poll.save(update_fields=["voter_count"])
    return poll
