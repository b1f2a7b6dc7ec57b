"""What happens to a topic at a moment that somebody chose: a row, done by the clock."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from forums.actions.lines import OPEN, Kind, changed, locked, plain, written
from forums.models import Topic, TopicEvent, TopicTimer
from forums.policies import may_care_for, may_put_away
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def set_timer(topic: Topic, *, by: Member, kind: str, due_at: datetime, reason: str = "") -> TopicEvent:
    """Have a topic closed or archived at a moment; the clock does it in the name of whoever set it."""
    topic = locked(topic)
    insist(may_put_away(reader_for(by), topic, reason=reason))
    if due_at <= clock.now():
        raise Refused(_("Choose a moment that is still to come."))
    keep_timer(topic, kind, due_at, by, reason)
    return written(topic, Kind.TIMED, by, reason, {}, {"kind": kind, "due_at": plain(due_at)})


@transaction.atomic
def take_off_timer(topic: Topic, *, by: Member, kind: str) -> TopicEvent:
    """What was set to happen to a topic does not."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if not TopicTimer.objects.filter(topic=topic, kind=kind).delete()[0]:
        raise Refused(_("No such timer is set."))
    if kind == TopicTimer.Kind.REOPEN and topic.closed_until is not None:
        topic.closed_until = None
        topic.save(update_fields=["closed_until"])
    return written(topic, Kind.UNTIMED, by, "", {}, {"kind": kind})


def keep_timer(topic: Topic, kind: str, due_at: datetime, by: Member, reason: str) -> None:
    TopicTimer.objects.update_or_create(
        topic=topic, kind=kind, defaults={"due_at": due_at, "reason": reason, "set_by": by, "set_at": clock.now()}
    )


def run_timers(batch: int = 100) -> int:
    """Do what is due, each in a transaction of its own. What the topic has become meanwhile wins. Answers how many."""
    done = 0
    for timer in TopicTimer.objects.filter(due_at__lte=clock.now()).order_by("due_at")[:batch]:
        done += _run_timer(timer)
    return done


@transaction.atomic
def _run_timer(timer: TopicTimer) -> int:
    topic = locked(timer.topic)
    timer_now = TopicTimer.objects.filter(pk=timer.pk, due_at=timer.due_at).select_related("set_by").first()
    if timer_now is None:  # done or changed by somebody else meanwhile
        return 0
    timer_now.delete()
    by, reason = timer_now.set_by, timer_now.reason
    allowed = may_put_away(reader_for(by), topic, reason=reason)
    if timer.kind != TopicTimer.Kind.REOPEN and not allowed:
        written(topic, Kind.UNTIMED, by, str(allowed.reason)[:400], {}, {"kind": timer.kind})
        return 1
    if timer.kind == TopicTimer.Kind.REOPEN and topic.closed_at is not None:
        changed(topic, Kind.REOPENED, by, reason, **OPEN)
    elif timer.kind == TopicTimer.Kind.CLOSE and topic.closed_at is None:
        reason = reason or _("As announced.")
        changed(topic, Kind.CLOSED, by, reason, closed_at=clock.now(), closed_by_id=by.pk, closed_reason=reason)
    elif timer.kind == TopicTimer.Kind.ARCHIVE and not topic.is_archived:
        changed(topic, Kind.ARCHIVED, by, reason, archived_at=clock.now())
    return 1
