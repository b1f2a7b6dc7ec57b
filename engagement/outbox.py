"""Django's e-mail backend: whatever calls `send_mail` writes an Envelope, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from engagement.actions.mail import seal


class OutboxBackend(BaseEmailBackend):
    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write an Envelope for each recipient of each message. Answers how many messages; loses none, sends none."""
        for message in email_messages:
            html = ""
            if isinstance(message, EmailMultiAlternatives):
                html = next((str(content) for content, kind in message.alternatives if kind == "text/html"), "")
            headers = {str(k): str(v) for k, v in message.extra_headers.items()}
            if message.reply_to:
                headers["Reply-To"] = ", ".join(message.reply_to)
            for recipient in message.recipients():
                seal(
                    recipient=recipient,
                    sender=message.from_email,
                    subject=str(message.subject),
                    text=str(message.body),
                    html=html,
                    headers=headers,
                )
        return len(email_messages)
