"""Mail: intentions become finished messages, finished messages reach the mail server, each step is a row."""

from __future__ import annotations

import re
from datetime import timedelta
from email.utils import make_msgid
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from engagement.limits import (
    BODY_KEPT_HOURS,
    CLAIM_SECONDS,
    ENVELOPES_PER_BATCH,
    NOTICE_LIFE_DAYS,
    RETRY_MINUTES,
)
from engagement.models import Envelope, Letter, MailState
from engagement.transport import Answer, Outcome, Transport
from members.models import Community
from toolkit import clock
from toolkit.ring import ring


def seal(
    *,
    recipient: str,
    subject: str,
    text: str,
    html: str = "",
    sender: str = "",
    headers: dict[str, str] | None = None,
    letter: Letter | None = None,
    urgency: str = Envelope.Urgency.NOTICE,
    life: timedelta = timedelta(days=NOTICE_LIFE_DAYS),
) -> Envelope:
    """Write a finished message, to be handed to the mail server by a job that is hurried after the commit."""
    now = clock.now()
    envelope = Envelope.objects.create(
        letter=letter,
        urgency=urgency,
        recipient=recipient,
        sender=sender or settings.DEFAULT_FROM_EMAIL,
        subject=re.sub(r"[ \t\r\n]+", " ", subject).strip()[:500],  # no-break spaces stay
        text=text,
        html=html,
        headers=headers or {},
        message_id=make_msgid(domain=urlsplit(settings.SITE_URL).hostname or "localhost"),
        not_before=now,
        expires_at=now + life,
        created_at=now,
    )
    ring("engagement.send_envelopes")
    return envelope


def plain(rendered: str) -> str:
    """A text template's words as they go into a mail: no blanks at the ends, and spaces that every client shows."""
    return "\n".join(line.rstrip() for line in rendered.strip().splitlines()).replace("\u202f", "\u00a0")


def end_letter(letter: Letter, state: str, outcome: str = "") -> None:
    """A letter's end, with the reason. Only once."""
    Letter.objects.filter(pk=letter.pk, state=MailState.WAITING).update(
        state=state, outcome=outcome[:300], ended_at=clock.now(), claimed_until=None
    )


@transaction.atomic
def claim_envelopes(batch: int = ENVELOPES_PER_BATCH) -> list[Envelope]:
    """Take some due messages; the claim is committed before the mail server is spoken to. Three statements."""
    now = clock.now()
    due = list(Envelope.objects.due().select_for_update(skip_locked=True).order_by("urgency", "not_before")[:batch])
    Envelope.objects.filter(pk__in=[e.pk for e in due]).update(
        claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1
    )
    for envelope in due:
        envelope.attempts += 1
    return due


def hand_over(envelope: Envelope, transport: Transport) -> str:
    """Speak with the mail server about one claimed message, and write how it ended. Answers the message's state."""
    if envelope.expires_at <= clock.now():
        return _end(envelope, MailState.SKIPPED, "expired before the mail server took it")
    answer = transport.send(envelope)
    if answer.outcome is Outcome.SENT:
        return _end(envelope, MailState.SENT, answer.words)
    if answer.outcome is Outcome.REFUSED:
        return _end(envelope, MailState.FAILED, answer.words or "refused")
    if answer.outcome is Outcome.UNSURE and envelope.urgency == Envelope.Urgency.NEWS:
        return _end(envelope, MailState.UNSURE, answer.words or "the conversation broke")
    return _try_later(envelope, answer)


def _try_later(envelope: Envelope, answer: Answer) -> str:
    wait = RETRY_MINUTES[min(envelope.attempts, len(RETRY_MINUTES) - 1)]
    Envelope.objects.filter(pk=envelope.pk).update(
        claimed_until=None, not_before=clock.now() + timedelta(minutes=wait), outcome=answer.words[:300]
    )
    return MailState.WAITING


@transaction.atomic
def _end(envelope: Envelope, state: str, outcome: str) -> str:
    blanked = {} if settings.DEVELOPMENT or state != MailState.SENT else {"text": "", "html": ""}
    Envelope.objects.filter(pk=envelope.pk, state=MailState.WAITING).update(
        state=state, outcome=outcome[:300], ended_at=clock.now(), claimed_until=None, **blanked
    )
    if envelope.letter_id is not None:
        Letter.objects.filter(pk=envelope.letter_id, state=MailState.WAITING).update(
            state=state, outcome=outcome[:300], ended_at=clock.now()
        )
    return state


@transaction.atomic
def settle_abandoned() -> int:
    """Messages whose worker never said how it ended: notices are tried again, news are unsure. Answers how many."""
    abandoned = list(Envelope.objects.abandoned().select_for_update(skip_locked=True)[:500])
    for envelope in abandoned:
        if envelope.urgency == Envelope.Urgency.NEWS:
            _end(envelope, MailState.UNSURE, "the worker stopped while speaking with the mail server")
        else:
            Envelope.objects.filter(pk=envelope.pk).update(claimed_until=None)
    return len(abandoned)


def send_test(*, to: str) -> Answer:
    """Write a test message and speak with the mail server about it at once. Answers what the server said."""
    with override(get_language()):
        envelope = seal(
            recipient=to,
            subject=_("A test from %(community)s") % {"community": Community.current().name},
            text=_("If you read this, Commune can send e-mail."),
        )
    transport = Transport()
    answer = transport.send(envelope)
    transport.close()
    if answer.outcome is Outcome.SENT:
        _end(envelope, MailState.SENT, answer.words)
    else:
        _end(envelope, MailState.FAILED, answer.words or "refused")
    return answer


def tidy_mail() -> int:
    """Blank what was written more than 24 hours ago and is through (kept in development, where the outbox shows it)."""
    if settings.DEVELOPMENT:
        return 0
    old = Envelope.objects.filter(created_at__lt=clock.now() - timedelta(hours=BODY_KEPT_HOURS))
    return old.exclude(state=MailState.WAITING).exclude(Q(text="") & Q(html="")).update(text="", html="")
