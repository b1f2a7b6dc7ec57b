"""How cases come in, who is on them."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from forums.models import Post, Rule, Topic
from forums.readers import reader_for
from members.models import Claim, Member
from moderation import signals
from moderation.actions.rota import call_out
from moderation.limits import CLAIM_MINUTES, SNOOZE_DAYS
from moderation.models import Case, Report, SealedReading, Subject, TeamLetter
from moderation.policies import may_decide, may_report, may_wait_for
from toolkit import clock
from toolkit.verdicts import Refused, insist


def subject_of(*, post: Post | None = None, topic: Topic | None = None, member: Member | None = None) -> Subject:
    return Subject.objects.get_or_create(post=post, topic=topic, member=member)[0]


def open_case(subject: Subject | None, kind: str, band: int, *, detected: str = "", lane: str = Case.Lane.MAIN) -> Case:
    """The open case of this kind about this subject, locked; made if there is none. Several openers meet in one."""
    if subject is None:
        return call_out(Case.objects.create(kind=kind, band=band, lane=lane, opened_at=clock.now()))
    while True:  # whoever decides on it may close it while we wait for the lock: then there is a new one
        Case.objects.bulk_create(
            [Case(subject=subject, kind=kind, band=band, lane=lane, detected=detected, opened_at=clock.now())],
            ignore_conflicts=True,
        )
        case = Case.objects.select_for_update(of=("self",)).filter(subject=subject, kind=kind, closed_at=None).first()
        if case is not None:
            return call_out(case)


def into_main_lane(case: Case) -> Case:
    """Somebody known says so too, or the team wants it there. The case is locked by the caller."""
    if case.lane != Case.Lane.MAIN:
        case.lane = Case.Lane.MAIN
        case.save(update_fields=["lane"])
    return case


def wake(case: Case) -> Case:
    """Something new was said about it: it is put off no longer. The case is locked by the caller."""
    if case.snoozed_until is not None:
        case.snoozed_until = None
        case.save(update_fields=["snoozed_until"])
    return case


@transaction.atomic
def open_review(post: Post, reason: str) -> Case:
    """A held post waits for a moderator. Runs inside the transaction that held it."""
    return open_case(subject_of(post=post), Case.Kind.HELD, Case.Band.PEOPLE, detected=reason)


@transaction.atomic
def open_application(member: Member, reason: str = "") -> Case:
    """Somebody asked to join, or signed up in a way that a person looks at (`reason`, as a code)."""
    return open_case(subject_of(member=member), Case.Kind.SIGNUP, Case.Band.PEOPLE, detected=reason)


@transaction.atomic
def open_claim(claim: Claim) -> Case:
    """A member says that an imported name is theirs."""
    subject = subject_of(member=claim.claimant)
    return Case.objects.create(
        subject=subject, kind=Case.Kind.CLAIM, claim=claim, band=Case.Band.PEOPLE, opened_at=clock.now()
    )


@transaction.atomic
def open_letter(*, name: str, email: str, body: str, language: str, member: Member | None) -> TeamLetter:
    """Somebody wrote to the team: a case, a page with a secret address on which they read the answers and write again,
    and a receipt with that address (`letter_opened`)."""
    case = open_case(None, Case.Kind.LETTER, Case.Band.PEOPLE)
    letter = TeamLetter.objects.create(
        case=case, name=name, email=email, body=body, language=language, member=member, created_at=clock.now(),
        secret=secrets.token_urlsafe(32),
    )  # fmt: skip
    signals.letter_opened.send(sender=TeamLetter, letter=letter)
    return letter


@transaction.atomic
def report(
    *,
    by: Member,
    post: Post | None = None,
    topic: Topic | None = None,
    member: Member | None = None,
    rule: Rule | None = None,
    is_illegal: bool = False,
    words: str = "",
) -> Report:
    """Say that something is wrong. Reports of one thing meet in one case; "illegal" puts it in the first band.

    Changes nothing about what is reported (one of a post, a topic, a member).
    Raises Refused if `by` may not report it, or has done so already.
    """
    subject = subject_of(post=post, topic=topic, member=member)
    insist(may_report(reader_for(by), author_id=subject.accountable.pk))
    band = Case.Band.DANGER if is_illegal else Case.Band.REST
    case = open_case(subject, Case.Kind.REPORT, band)
    if case.band > band:
        case.band = band
        case.save(update_fields=["band"])
        call_out(case)
    case = wake(into_main_lane(case))
    made, fresh = Report.objects.get_or_create(
        case=case,
        reporter=by,
        defaults={
            "rule": rule,
            "is_illegal": is_illegal,
            "words": words,
            "version": post.version if post is not None else None,
            "created_at": clock.now(),
        },
    )
    if not fresh:
        raise Refused(_("You have reported this already; the team will read it."))
    return made


@transaction.atomic
def report_conversation(
    posts: Sequence[Post], *, by: Member, rule: Rule | None = None, is_illegal: bool = False, words: str = ""
) -> list[Report]:
    """Show the team these messages of a conversation, and nothing else of it: a report of each, for the same reason.
    Those that `by` has reported before are left as they are.

    Raises Refused if there is none that `by` had not reported, or one that `by` may not report.
    """
    known = set(
        Report.objects.filter(reporter=by, case__closed_at=None, case__subject__post__in=posts).values_list(
            "case__subject__post", flat=True
        )
    )
    fresh = [post for post in sorted(posts, key=lambda post: post.pk) if post.pk not in known]
    if not fresh:
        raise Refused(_("You have reported this already; the team will read it."))
    return [report(by=by, post=post, rule=rule, is_illegal=is_illegal, words=words) for post in fresh]


def note_reading(case: Case, *, by: Member, of_file: bool = False) -> SealedReading | None:
    """A moderator is shown a reported message of a conversation: that is written down each time the case is opened; for
    a file of it, where they have not opened the case for a while. Nothing for other cases."""
    post = case.subject.post if case.subject is not None else None
    if post is None or not post.topic.is_conversation:
        return None
    lately = clock.now() - timedelta(minutes=CLAIM_MINUTES)
    if of_file and SealedReading.objects.filter(case=case, reader=by, read_at__gt=lately).exists():
        return None
    return SealedReading.objects.create(case=case, post=post, reader=by, read_at=clock.now())


@transaction.atomic
def take_up(post: Post | None = None, *, topic: Topic | None = None, member: Member | None = None, by: Member) -> Case:
    """A moderator looks at a post, a topic or a member on their own initiative: a case of theirs, without a report.

    Raises Refused if `by` may not decide about it, or its author has withdrawn it.
    """
    if post is not None and Post.objects.filter(pk=post.pk, state=Post.State.WITHDRAWN).exists():
        raise Refused(_("Its author has withdrawn this post."))
    if topic is not None and topic.is_withdrawn:
        raise Refused(_("This topic was withdrawn by its author."))
    case = open_case(subject_of(post=post, topic=topic, member=member), Case.Kind.REPORT, Case.Band.REST)
    insist(may_decide(reader_for(by), case))
    return claim(case, by=by)


@transaction.atomic
def claim(case: Case, *, by: Member) -> Case:
    """Be on a case for the next 15 minutes, so that nobody does the same work. Taking over from somebody is allowed:
    the page says who was on it."""
    case = locked(case)
    insist(may_decide(reader_for(by), case))
    case.claimed_by, case.claimed_until = by, clock.now() + timedelta(minutes=CLAIM_MINUTES)
    case.save(update_fields=["claimed_by", "claimed_until"])
    return case


@transaction.atomic
def release(case: Case, *, by: Member) -> Case:
    case = locked(case)
    if case.claimed_by_id == by.pk:
        case.claimed_by = case.claimed_until = None
        case.save(update_fields=["claimed_by", "claimed_until"])
    return case


@transaction.atomic
def snooze(case: Case, *, by: Member, until: datetime | None = None, on: str = "") -> Case:
    """Put a case off until a moment, and, where `on` says so, until its post is edited ("edit") or something new stands
    in its topic ("reply") before that; it comes back by itself. Without a moment: for ninety days, the most there is.
    Whoever was on it is not any more.

    Raises Refused if `by` may not decide about it, it is closed, the moment is past or more than ninety days away, or
    the case has nothing of the kind to wait for: of a member or a letter nothing is edited, and the team does not
    follow what is written in a private conversation.
    """
    case = locked(case)
    insist(may_decide(reader_for(by), case))
    insist(may_wait_for(case, on))
    now = clock.now()
    last = now + timedelta(days=SNOOZE_DAYS)
    until = until or last
    if until <= now:
        raise Refused(_("Choose a day that is still to come."))
    if until > last:
        raise Refused(_("A case waits for ninety days at most."))
    post, topic = case.subject.post if case.subject is not None else None, case.topic
    case.snoozed_until, case.snoozed_by, case.claimed_by, case.claimed_until = until, by, None, None
    case.wakes_after_version = post.version if on == "edit" and post is not None else None
    case.wakes_after_place = topic.last_position if on == "reply" and topic is not None else None
    case.save(
        update_fields=[
            "snoozed_until", "snoozed_by", "claimed_by", "claimed_until", "wakes_after_version", "wakes_after_place",
        ]
    )  # fmt: skip
    return case


def locked(case: Case) -> Case:
    """The case, locked. Raises Refused, naming who decided, if it is closed."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if case.closed_at is not None:
        last = case.decisions.select_related("actor").order_by("-pk").first()
        if last is None:
            raise Refused(_("This case is closed."))
        raise Refused(
            _("%(name)s has already decided on this: %(measure)s.")
            % {"name": last.actor.shown_name, "measure": last.get_measure_display()}
        )
    return case
