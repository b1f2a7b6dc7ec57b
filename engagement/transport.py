"""Speaking with the mail server: one conversation a batch, and an honest answer for each message."""

from __future__ import annotations

import smtplib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import Message
from enum import Enum

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.utils.encoding import punycode

from engagement.models import Envelope


class Outcome(Enum):
    SENT = "sent"
    REFUSED = "refused"  # for good: the address or the content
    LATER = "later"  # the server was away, or asked to come back: nothing was taken
    UNSURE = "unsure"  # the conversation broke while the message was being taken


@dataclass(frozen=True, slots=True)
class Answer:
    outcome: Outcome
    words: str = ""


class Transport:
    """Opens a connection when first needed and again after it broke."""

    def __init__(self) -> None:
        self._server: smtplib.SMTP | None = None

    def send(self, envelope: Envelope) -> Answer:
        if settings.MAIL_TRANSPORT == "none":
            return Answer(Outcome.SENT, "development: kept here")
        try:
            server = self._connected()
            server.ehlo_or_helo_if_needed()
            code, words = server.mail(_address(envelope.sender))
            if code == 250:
                code, words = server.rcpt(_address(envelope.recipient))
            if code not in {250, 251}:
                server.rset()
                return _refusal(code, words)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Answer(Outcome.LATER, f"{type(error).__name__}: {error}"[:300])
        try:
            code, words = server.data(message_of(envelope).as_bytes())
        except smtplib.SMTPDataError as error:
            self.close()
            return _refusal(error.smtp_code, error.smtp_error)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            return Answer(Outcome.UNSURE, f"{type(error).__name__}: {error}"[:300])
        if code != 250:
            return _refusal(code, words)
        return Answer(Outcome.SENT, words.decode("utf-8", "replace")[:300])

    def _connected(self) -> smtplib.SMTP:
        if self._server is None:
            kind = smtplib.SMTP_SSL if settings.EMAIL_USE_SSL else smtplib.SMTP
            server = kind(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=settings.EMAIL_TIMEOUT)
            if settings.EMAIL_USE_TLS:
                server.starttls()
            if settings.EMAIL_HOST_USER:
                server.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
            self._server = server
        return self._server

    def close(self) -> None:
        if self._server is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._server.quit()
            self._server = None


@contextmanager
def conversation() -> Iterator[Transport]:
    transport = Transport()
    try:
        yield transport
    finally:
        transport.close()


def message_of(envelope: Envelope) -> Message:
    """The message as it goes over the wire: its Message-ID is fixed, so that a second try is recognised."""
    message = EmailMultiAlternatives(
        subject=envelope.subject,
        body=envelope.text,
        from_email=envelope.sender,
        to=[envelope.recipient],
        headers={"Auto-Submitted": "auto-generated", **envelope.headers, "Message-ID": envelope.message_id},
    )
    if envelope.html:
        message.attach_alternative(envelope.html, "text/html")
    return message.message()


def _refusal(code: int, words: bytes | str) -> Answer:
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    outcome = Outcome.REFUSED if code >= 500 else Outcome.LATER
    return Answer(outcome, f"{code} {said}"[:300])


def _address(value: str) -> str:
    """The bare address, its domain in ASCII."""
    bare = value.rpartition("<")[2].rstrip(">").strip()
    local, _at, domain = bare.rpartition("@")
    return f"{local}@{punycode(domain)}"
