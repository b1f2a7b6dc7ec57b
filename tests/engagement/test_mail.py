"""A real SMTP server on this machine, in its good and bad moods."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest
from aiosmtpd.controller import Controller
from django.core.mail import send_mail
from django.utils import timezone

from engagement import jobs
from engagement.actions.mail import claim_envelopes, seal
from engagement.models import Envelope

pytestmark = pytest.mark.django_db


class Server:
    """Takes mail; answers what it is told to."""

    def __init__(self) -> None:
        self.received: list[tuple[list[str], bytes]] = []
        self.rcpt, self.data, self.hang_up = "250 OK", "250 taken", False

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server, session, envelope):
        if self.hang_up:
            server.transport.abort()
            return "250 never heard"
        if self.data.startswith("250"):
            self.received.append((envelope.rcpt_tos, envelope.content))
        return self.data


@pytest.fixture
def server(settings):
    handler = Server()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(handler, hostname="127.0.0.1", port=port)
    controller.start()
    settings.MAIL_TRANSPORT, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = (
        "smtp", "127.0.0.1", port, 3,
    )  # fmt: skip
    settings.DEVELOPMENT = False
    yield handler
    controller.stop()


def test_send_mail_writes_a_row_and_the_job_hands_it_over(server):
    send_mail("Subject", "Text", None, ["ann@example.org"], html_message="<p>Text</p>")
    assert server.received == []

    jobs.send_envelopes()

    ((recipients, content),) = server.received
    envelope = Envelope.objects.get()
    assert recipients == ["ann@example.org"]
    assert f"Message-ID: {envelope.message_id}".encode() in content
    assert (envelope.state, envelope.text, envelope.html) == ("sent", "", "")


def test_refused_address_ends_with_the_servers_words(server):
    server.rcpt = "550 no such person"
    seal(recipient="gone@example.org", subject="S", text="T")

    jobs.send_envelopes()

    envelope = Envelope.objects.get()
    assert (envelope.state, envelope.outcome) == ("failed", "550 no such person")


def test_server_that_asks_to_come_back_is_asked_again_later(server):
    server.rcpt = "451 busy"
    seal(recipient="ann@example.org", subject="S", text="T")

    jobs.send_envelopes()

    envelope = Envelope.objects.get()
    assert (envelope.state, envelope.outcome, envelope.claimed_until) == ("waiting", "451 busy", None)
    assert envelope.not_before > timezone.now() + timedelta(minutes=2)
    server.rcpt = "250 OK"
    Envelope.objects.update(not_before=timezone.now())
    jobs.send_envelopes()
    assert len(server.received) == 1


def test_server_that_is_away_loses_nothing(settings, server):
    settings.EMAIL_PORT = 1
    seal(recipient="ann@example.org", subject="S", text="T")

    jobs.send_envelopes()

    assert Envelope.objects.get().state == "waiting"


@pytest.mark.parametrize(("urgency", "state"), [("news", "unsure"), ("notice", "waiting")])
def test_conversation_that_breaks_in_mid_sentence_is_unsure_and_only_notices_are_repeated(server, urgency, state):
    server.hang_up = True
    seal(recipient="ann@example.org", subject="S", text="T", urgency=urgency)

    jobs.send_envelopes()

    assert Envelope.objects.get().state == state


@pytest.mark.parametrize(("urgency", "state", "mails"), [("news", "unsure", 0), ("notice", "sent", 1)])
def test_worker_that_stopped_after_claiming_leaves_a_row_that_says_so(server, urgency, state, mails):
    seal(recipient="ann@example.org", subject="S", text="T", urgency=urgency)
    claim_envelopes()
    Envelope.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    jobs.send_envelopes()

    assert Envelope.objects.get().state == state
    assert len(server.received) == mails


def test_message_too_old_is_not_sent_and_says_why(server):
    seal(recipient="ann@example.org", subject="S", text="T", life=timedelta(seconds=-1))

    jobs.send_envelopes()

    envelope = Envelope.objects.get()
    assert (envelope.state, server.received) == ("skipped", [])
    assert "expired" in envelope.outcome


def test_one_refusal_does_not_keep_the_others_from_going(server):
    for name in ("a", "b", "c"):
        seal(recipient=f"{name}@example.org", subject="S", text="T")
    Envelope.objects.filter(recipient="b@example.org").update(sender="not an address", recipient="b@exämple.org")

    jobs.send_envelopes()

    assert {r[0][0] for r in server.received} >= {"a@example.org", "c@example.org"}


def test_claimed_messages_are_not_claimed_again(server):
    seal(recipient="ann@example.org", subject="S", text="T")

    assert len(claim_envelopes()) == 1
    assert claim_envelopes() == []
