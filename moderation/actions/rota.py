"""Who is called, what is handed over, who pauses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.db.models import Max, Q
from django.utils.translation import gettext as _

from forums.models import Forum
from forums.readers import reader_for
from members.models import Member
from moderation import signals
from moderation.limits import CALL_MAIL_MINUTES, OUTSIDE_CALL_MINUTES
from moderation.models import Call, Case, Colleague, HandOver, HandOverSeen, Summons
from moderation.policies import may_hand_over
from moderation.queries.cases import open_counts
from moderation.queries.rota import Mate, notes_for, rota
from toolkit import clock
from toolkit.ring import ring
from toolkit.verdicts import Refused, insist


def call_out(case: Case) -> Case:
    """A case of danger calls somebody of the team: written down with the case, once a case; a job finds out whom.
    Nothing for other cases. Locks nothing."""
    if case.band == Case.Band.DANGER:
        Call.objects.bulk_create([Call(case=case, made_at=clock.now())], ignore_conflicts=True)
        ring("moderation.keep_rota")
    return case


@transaction.atomic
def spread_calls() -> int:
    """For every case of danger that nobody on duty was called to yet, call those on duty now (`colleague_called`).
    Where nobody is, everybody who could decide finds a line, without a mail, and the case is asked about again: whoever
    is on duty next is called when theirs begins. What somebody is on or has put off calls nobody as long as that lasts,
    and what was decided nobody any more. Answers how many cases are through. Safe twice."""
    now = clock.now()
    waiting = list(
        Call.objects.filter(answered_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("case__subject__post__topic", "case__subject__post__author", "case__subject__member")
        .select_related("case__subject__topic__author")
        .order_by("made_at")
    )
    team = rota(now) if waiting else None
    through = []
    for call in waiting:
        if call.case.closed_at is not None or team is None:
            through.append(call.pk)
            continue
        if call.case.is_claimed or call.case.is_put_off:
            continue
        subject = call.case.subject
        about = subject.accountable if subject is not None else None
        forum = subject.forum_id if subject is not None else None
        called = team.called(forum, moment=now, without=[about.pk if about is not None else None])
        for mate in called.now:
            _summon_to(call, mate, now)
        for mate in called.by_line:
            _summoned(mate, call=call, made_at=now)
        if called.now:
            through.append(call.pk)
    Call.objects.filter(pk__in=through).update(answered_at=now)
    return len(through)


def _summon_to(call: Call, mate: Mate, now: datetime) -> None:
    """Call one who is on duty, by mail where they want that and none has gone out just now. Of notices from outside
    they are called to the first of an hour only: a flood of those wakes nobody twice."""
    before = Summons.objects.filter(member=mate.member, made_at__lte=now)
    last = before.aggregate(
        mailed=Max("made_at", filter=Q(is_mailed=True, call__isnull=False)),
        outside=Max("made_at", filter=Q(call__case__lane=Case.Lane.OUTSIDE)),
    )
    hour = now - timedelta(minutes=OUTSIDE_CALL_MINUTES)
    if call.case.lane == Case.Lane.OUTSIDE and last["outside"] is not None and last["outside"] > hour:
        return
    lately = now - timedelta(minutes=CALL_MAIL_MINUTES)
    mailed = mate.known.is_called_by_mail and (last["mailed"] is None or last["mailed"] <= lately)
    _summoned(mate, call=call, is_mailed=mailed, made_at=now)


def _summoned(
    mate: Mate,
    *,
    call: Call | None = None,
    span: tuple[datetime, datetime] | None = None,
    is_mailed: bool = False,
    made_at: datetime,
) -> None:
    """One row a person and thing; who had a line only may still be mailed. Announces what is new in it."""
    start, end = span or (None, None)
    made, fresh = Summons.objects.get_or_create(
        member=mate.member,
        call=call,
        duty_starts=start,
        defaults={"duty_ends": end, "is_mailed": is_mailed, "made_at": made_at},
    )
    if not fresh and is_mailed and not made.is_mailed:
        made.is_mailed, made.made_at, fresh = True, made_at, True
        made.save(update_fields=["is_mailed", "made_at"])
    if fresh:
        signals.colleague_called.send(sender=Summons, summons=made)


@transaction.atomic
def open_duties() -> int:
    """Tell those whose duty has begun, and who neither pause nor have quiet hours, by mail too where something waits
    for them. Answers how many were told. Safe twice, safe late."""
    now = clock.now()
    begun = []
    for mate in rota(now).mates:
        if mate.known.is_paused(now) or mate.is_quiet(now):
            continue
        begun += [(mate, span) for span in mate.spans(since=now, until=now) if span[0] <= now]
    known = set(
        Summons.objects.filter(duty_starts__in=[span[0] for _mate, span in begun]).values_list("member", "duty_starts")
    )
    fresh = [(mate, span) for mate, span in begun if (mate.member.pk, span[0]) not in known]
    for mate, span in fresh:
        _summoned(mate, span=span, is_mailed=mate.known.is_called_by_mail and _waits_for(mate), made_at=now)
    return len(fresh)


def _waits_for(mate: Mate) -> bool:
    reader = reader_for(mate.member)
    return bool(sum(open_counts(reader).values()) or notes_for(reader))


@transaction.atomic
def hand_over(*, by: Member, words: str, forum: Forum | None = None) -> HandOver:
    """Write a note to whoever comes next: atop their queue until they have acknowledged it, thirty days at most.

    Raises Refused if `by` is not of the team, or not of that forum's.
    """
    insist(may_hand_over(reader_for(by), forum.pk if forum is not None else None))
    if not words.strip():
        raise Refused(_("Write what you want to say."))
    return HandOver.objects.create(author=by, forum=forum, words=words.strip(), created_at=clock.now())


def acknowledge(note: HandOver, *, by: Member) -> None:
    """It was read: it does not stand atop the queue of this person any more. Safe to call again.

    Raises Refused if `by` is not of the team it is for.
    """
    insist(may_hand_over(reader_for(by), note.forum_id))
    HandOverSeen.objects.bulk_create([HandOverSeen(note=note, member=by, seen_at=clock.now())], ignore_conflicts=True)


@transaction.atomic
def pause(*, by: Member, until: date | None = None) -> int:
    """Stop for a while, until a day or without an end: nobody asks why. What they were on is free at once, what they
    had put off is back in the queue, what of it is dangerous calls whoever is on duty, and they are not called. Answers
    how many cases were handed back.

    Raises Refused if `by` is not of the team, or the day is not to come.
    """
    if not reader_for(by).moderates_anywhere:
        raise Refused(_("This page is for moderators."))
    now = clock.now()
    ends = datetime.combine(until, time.min, by.zone) if until is not None else None
    if ends is not None and ends <= now:
        raise Refused(_("Choose a day that is still to come."))
    mine = Q(claimed_by=by) | Q(snoozed_by=by, snoozed_until__gt=now)
    cases = list(Case.objects.open().filter(mine).select_for_update(of=("self",)).order_by("pk"))
    for case in cases:
        if case.claimed_by_id == by.pk:
            case.claimed_by = case.claimed_until = None
        if case.snoozed_by_id == by.pk:
            case.snoozed_by = case.snoozed_until = None
        case.save(update_fields=["claimed_by", "claimed_until", "snoozed_by", "snoozed_until"])
    Colleague.objects.update_or_create(member=by, defaults={"paused_at": now, "paused_until": ends})
    if Call.objects.filter(case__in=cases).update(answered_at=None):
        ring("moderation.keep_rota")
    return len(cases)


def come_back(*, by: Member) -> None:
    """End one's pause. What was handed back stays with the others. Safe to call again."""
    Colleague.objects.filter(member=by).update(paused_at=None, paused_until=None)
