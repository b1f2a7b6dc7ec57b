"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from engagement.actions import digests, mail, news, prompts
from engagement.limits import CLAIM_SECONDS
from engagement.models import Envelope, Letter, MailState
from engagement.policies import wants_mail_of
from engagement.queries import digest_content
from engagement.tokens import DIGEST, REPLIES, unsubscribe_url
from engagement.transport import conversation
from forums.models import Level, Post, ReadMark, Seat, Topic
from forums.readers import reader_for
from members.models import Community, Mail, Member
from moderation.links import WITHOUT_SIGNING_IN, appeal_url
from moderation.queries import open_counts
from moderation.queries.rota import colleague_of, notes_for
from moderation.wording import statement_of
from toolkit import clock

BATCH = 50


def spread_news() -> None:
    """Tell followers of every waiting post, and whoever is concerned of every waiting event."""
    while news.spread_news():
        pass
    while news.spread_event_news():
        pass


def send_letters() -> None:
    """Turn every due letter into a finished message, or end it with the reason why not."""
    while batch := _claimed_letters():
        for letter in batch:
            render_letter(letter)


@transaction.atomic
def _claimed_letters() -> list[Letter]:
    due = list(
        Letter.objects.due()
        .filter(envelope=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("member")
        .order_by("not_before")[:BATCH]
    )
    Letter.objects.filter(pk__in=[letter.pk for letter in due]).update(
        claimed_until=clock.now() + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1
    )
    return due


def render_letter(letter: Letter) -> None:
    """One letter: checked again now, and sealed in an envelope, or ended with a reason."""
    member = letter.member
    with override(member.language), timezone.override(member.zone), transaction.atomic():
        why_not = _why_not(letter)
        if why_not:
            mail.end_letter(letter, MailState.SKIPPED, why_not)
        elif letter.kind == Letter.Kind.DIGEST:
            _seal_digest(letter)
        elif letter.kind == Letter.Kind.DECISION:
            _seal_decision(letter)
        elif letter.kind == Letter.Kind.CALL:
            _seal_call(letter)
        else:
            _seal_reply(letter)


def _why_not(letter: Letter) -> str:
    """Why a letter must not be sent (any more); empty when it may. Read at the moment of sending."""
    member = letter.member
    if letter.expires_at <= clock.now():
        return "expired"
    if member.email is None:
        return "no address"
    if letter.kind == Letter.Kind.DECISION:
        return ""
    if member.state != Member.State.ACTIVE:
        return "not a member any more"
    if letter.kind == Letter.Kind.DIGEST:
        return "" if member.digest != "never" else "the digest was switched off"
    if letter.kind == Letter.Kind.CALL:
        return _why_not_call(letter)
    if member.mail == Mail.NOTHING:
        return "replies by e-mail were switched off"
    post = letter.post
    if post is None or post.state != Post.State.PUBLISHED:
        return "the post is not there any more"
    reader = reader_for(member)
    if not Topic.objects.reachable_by(reader).filter(pk=post.topic_id).exists():
        return "the reader may not read it"
    if Seat.objects.filter(topic=post.topic_id, member=member, muted_at__isnull=False).exists():
        return "the conversation was muted"
    other = _inviter(letter, post) if letter.kind == Letter.Kind.SEATED else post.author
    if other.pk in reader.blocked:
        return "there is a block between them"
    if not wants_mail_of(member, post, kind=letter.kind):
        return "only what matters to them is mailed"
    mark = ReadMark.objects.filter(topic=post.topic_id, member=member).first()
    if mark is not None and mark.follow == Level.NOTHING:
        return "the topic was quietened"
    if mark is not None and mark.place >= (post.position or 0):
        return "read meanwhile"
    return ""


def _why_not_call(letter: Letter) -> str:
    summons, known = letter.summons, colleague_of(letter.member)
    if not known.is_called_by_mail:
        return "calls by e-mail were switched off"
    if known.is_paused():
        return "they pause"
    if summons is None or not reader_for(letter.member).moderates_anywhere:
        return "not of the team any more"
    if summons.call is not None and summons.call.case.closed_at is not None:
        return "decided meanwhile"
    if summons.duty_ends is not None and summons.duty_ends <= clock.now():
        return "the duty is over"
    return ""


def _seal_reply(letter: Letter) -> None:
    post = letter.post
    if post is None:
        return
    name, stop = post.author.shown_name, unsubscribe_url(letter.member_id, REPLIES)
    subject = _("%(name)s replied in “%(title)s”")
    if letter.kind == Letter.Kind.MENTION:
        subject = _("%(name)s named you in “%(title)s”")
    elif letter.kind == Letter.Kind.MESSAGE:
        subject = _("%(name)s wrote to you in private")  # its title is for those who sit there, not for the ledger
    elif letter.kind == Letter.Kind.SEATED:
        subject, name = _("%(name)s invites you into a conversation"), _inviter(letter, post).shown_name
    said = {"name": name, "title": post.topic.title}
    _seal(letter, subject % said, "reply", {"post": post, "kind": letter.kind}, stop=stop, list_name="replies")


def _inviter(letter: Letter, post: Post) -> Member:
    """Who invited them into the conversation."""
    seat = Seat.objects.filter(topic=post.topic_id, member=letter.member_id).select_related("invited_by").first()
    return seat.invited_by if seat is not None and seat.invited_by is not None else post.author


def _seal_decision(letter: Letter) -> None:
    decision = letter.decision
    if decision is None:
        return
    statement = statement_of(decision, language=letter.member.language)
    subject = _("From the moderation: %(measure)s") % {"measure": decision.get_measure_display()}
    if decision.measure == decision.Measure.APPROVE:
        subject = _("Your post is published")
    elif decision.measure == decision.Measure.ADMIT:
        subject = _("Your request to join is accepted")
    _seal(
        letter,
        subject,
        "decision",
        {
            "decision": decision,
            "statement": statement,
            "contest_link": appeal_url(decision) if decision.measure in WITHOUT_SIGNING_IN else "",
        },
        urgency=Envelope.Urgency.NOTICE,
    )


def _seal_call(letter: Letter) -> None:
    """What waits, in numbers: whom it is about is told where it is decided, not by mail."""
    reader = reader_for(letter.member)
    counts = open_counts(reader)
    subject = _("You are on duty")
    if letter.summons is not None and letter.summons.call is not None:
        subject = _("You are called: something dangerous or illegal is reported")
    waits = {"count": counts["main"], "outside": counts["outside"], "notes": len(notes_for(reader))}
    _seal(letter, subject, "call", {"summons": letter.summons, **waits}, urgency=Envelope.Urgency.NOTICE)


def _seal_digest(letter: Letter) -> None:
    since, until = span_of(letter.period, letter.member)
    week = letter.period if "W" in letter.period else ""
    content = digest_content(reader_for(letter.member), since=since, until=until, week=week)
    if content.is_empty:
        mail.end_letter(letter, MailState.SKIPPED, "nothing new to read")
        return
    community = Community.current()
    subject = _("The week in %(community)s") if week else _("The month in %(community)s")
    stop = unsubscribe_url(letter.member_id, DIGEST)
    context = {"content": content, "since": since, "until": until - timedelta(seconds=1)}
    _seal(letter, subject % {"community": community.name}, "digest", context, stop=stop, list_name="digest")


def span_of(period: str, member: Member) -> tuple[datetime, datetime]:
    """From when to when a period goes, in the member's own time zone."""
    if "W" in period:
        year, week = period.split("-W")
        first = date.fromisocalendar(int(year), int(week), 1)
        last = first + timedelta(days=7)
    else:
        first = date.fromisoformat(f"{period}-01")
        last = (first + timedelta(days=32)).replace(day=1)
    zone = member.zone
    start = datetime(first.year, first.month, first.day, tzinfo=zone)
    return start.astimezone(UTC), datetime(last.year, last.month, last.day, tzinfo=zone).astimezone(UTC)


def _seal(
    letter: Letter,
    subject: str,
    template: str,
    context: dict[str, Any],
    *,
    stop: str = "",
    list_name: str = "",
    urgency: str = Envelope.Urgency.NEWS,
) -> None:
    community = Community.current()
    context = {
        **context,
        "member": letter.member,
        "community": community,
        "site": settings.SITE_URL,
        "stop": stop,
        "language": letter.member.language,
        "subject": subject,
    }
    headers = {"Content-Language": letter.member.language}
    if stop:
        headers["List-Unsubscribe"] = f"<{stop}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        headers["List-Id"] = f"{list_name}.{settings.SITE_URL.partition('//')[2].partition(':')[0]}"
    mail.seal(
        recipient=letter.member.email or "",
        subject=subject,
        text=mail.plain(render_to_string(f"engagement/mail/{template}.txt", context)),
        html=render_to_string(f"engagement/mail/{template}.html", context),
        headers=headers,
        letter=letter,
        urgency=urgency,
        life=letter.expires_at - clock.now(),
    )


def send_envelopes() -> None:
    """Hand every due message to the mail server, and settle those a stopped worker left behind."""
    mail.settle_abandoned()
    with conversation() as transport:
        while batch := mail.claim_envelopes():
            for envelope in batch:
                mail.hand_over(envelope, transport)


def plan_digests() -> None:
    if digests.plan_digests():
        send_letters()


def offer_welcomes() -> None:
    prompts.offer_welcomes()


def tidy() -> None:
    mail.tidy_mail()
