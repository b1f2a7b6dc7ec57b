"""What waits in the demo's moderation queue: reports, spam, letters, an appeal, a request to join."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import time, timedelta
from functools import partial
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.conf import settings
from django.utils import timezone

from commune.demo.script import age_of, table
from commune.demo.stage import SOURCE, Act, Stage
from forums.actions.posts import reply_to_topic
from forums.models import ImportedRecord
from members import signals
from members.models import Member
from moderation.actions import cases, decisions, notices, rota, shelf
from moderation.models import Decision, Duty
from moderation.queries import Place
from toolkit import clock


def queue_acts(stage: Stage) -> Iterable[Act]:
    """What waits in the moderation queue now."""
    queue = table("queue")
    for entry in queue["report"]:
        yield stage.ago(age_of(entry["age"])), 700, partial(_report, stage, entry)
    for number, entry in enumerate(queue["spam"]):
        yield stage.ago(age_of(entry["age"])), 701, partial(_spam, stage, number, entry)
    for entry in queue["letter"]:
        yield stage.ago(age_of(entry["age"])), 702, partial(_letter, stage, entry)
    for entry in queue["notice"]:
        yield stage.ago(age_of(entry["age"])), 702, partial(_notice, stage, entry)
    for entry in queue["appeal"]:
        yield stage.ago(age_of(entry["age"])), 703, partial(_appeal, stage, entry)
    for entry in queue["note"]:
        yield stage.ago(age_of(entry["age"])), 705, partial(_hand_over, stage, entry)
    for entry in queue["duty"]:
        yield stage.ago(timedelta(days=300)), 700, partial(_on_the_rota, stage, entry)
    for entry in queue["exemplar"]:
        yield stage.ago(age_of(entry["age"])), 705, partial(_on_the_shelf, stage, entry)
    for member in stage.members.values():
        if member.state == Member.State.APPLYING:
            yield (
                stage.ago(timedelta(hours=11)),
                704,
                partial(signals.member_applied.send, sender=Member, member=member),
            )


def _report(stage: Stage, said: dict[str, Any]) -> None:
    post = stage.posts.get((said.get("topic", ""), said.get("post", 0)))
    illegal = said["rule"] == "illegal"
    made = cases.report(
        by=stage.members[said["reporter"]],
        post=post,
        member=stage.members[said["member"]] if "member" in said else None,
        rule=None if illegal else stage.rules[int(said["rule"]) - 1],
        is_illegal=illegal,
        words=said["words"],
    )
    if "member" in said:
        with clock.at(timezone.now()):
            cases.claim(made.case, by=stage.members["tom"])


def _spam(stage: Stage, number: int, said: dict[str, Any]) -> None:
    post = reply_to_topic(
        stage.topics[said["topic"]],
        by=stage.members[said["by"]],
        body=said["body"],
        key=uuid5(NAMESPACE_URL, f"demo:spam:{number}"),
        lang=said["lang"],
        confirmed=None,
    )
    ImportedRecord.objects.create(source=SOURCE, external_id=f"spam:{number}", post=post)


def _letter(stage: Stage, said: dict[str, Any]) -> None:
    member = stage.members.get(said.get("username", ""))
    cases.open_letter(
        name=said["name"],
        email=str(said.get("email") or (member and member.email) or ""),
        body=said["text"].strip(),
        language=said["lang"],
        member=member,
    )


def _notice(stage: Stage, said: dict[str, Any]) -> None:
    """Somebody from outside gives notice; Tom takes it in and puts it off until tomorrow."""
    post = stage.posts[said["topic"], said["post"]]
    notice = notices.give_notice(
        key=uuid5(NAMESPACE_URL, f"notice/{said['email']}"),
        places=[Place(f"{settings.SITE_URL}{post.get_absolute_url()}", post=post)],
        ground=said["ground"],
        explanation=said["text"].strip(),
        language=said["lang"],
        name=said["name"],
        email=said["email"],
    )
    case = notices.take_in(notice.places.get().case, by=stage.members["tom"])
    cases.snooze(case, by=stage.members["tom"], until=stage.now + timedelta(hours=14))


def _hand_over(stage: Stage, said: dict[str, Any]) -> None:
    rota.hand_over(by=stage.members[said["by"]], words=said["text"].strip())


def _on_the_rota(stage: Stage, said: dict[str, Any]) -> None:
    Duty.objects.create(
        member=stage.members[said["by"]],
        forum=stage.forums[said["forum"]] if "forum" in said else None,
        weekdays=said["weekdays"],
        starts=time.fromisoformat(said["starts"]),
        ends=time.fromisoformat(said["ends"]),
    )


def _on_the_shelf(stage: Stage, said: dict[str, Any]) -> None:
    """What the first held post that was published teaches."""
    published = Decision.objects.filter(measure=Decision.Measure.APPROVE, case__isnull=False).earliest("made_at")
    if published.case is not None:
        shelf.mark_exemplary(published.case, by=stage.members[said["by"]], lesson=said["lesson"])


def _appeal(stage: Stage, said: dict[str, Any]) -> None:
    post = stage.posts[said["topic"], said["post"]]
    contested = Decision.objects.filter(subject__post=post, measure=Decision.Measure.HIDE).latest("made_at")
    happened, because, wanted = said["answers"]
    decisions.appeal(contested, by=stage.members[said["by"]], happened=f"{happened}\n\n{because}", wanted=wanted)
