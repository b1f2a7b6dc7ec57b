from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models import Post
from moderation.models import Decision, Summons


class MailState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENT = "sent", _("sent")
    SKIPPED = "skipped", _("not sent, on purpose")
    FAILED = "failed", _("refused by the mail server")
    UNSURE = "unsure", _("unsure")


class MailQuerySet(models.QuerySet["Letter"]):
    def due(self) -> MailQuerySet:
        """Waiting, its time has come, and nobody is at it."""
        now = timezone.now()
        return self.filter(state=MailState.WAITING, not_before__lte=now).exclude(claimed_until__gt=now)


class Letter(models.Model):
    """An intention to write to a member. What it says, and whether it still should, is settled when its time comes:
    it then becomes an Envelope, or ends with the reason why not."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("a reply")
        MENTION = "mention", _("a mention")
        MESSAGE = "message", _("a message in a conversation")
        SEATED = "seated", _("an invitation into a conversation")
        DECISION = "decision", _("a decision")
        DIGEST = "digest", _("a digest")
        CALL = "call", _("a call to the team")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=10, choices=Kind)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, null=True, related_name="+")
    summons = models.ForeignKey(Summons, on_delete=models.CASCADE, null=True, related_name="+")
    period = models.CharField(max_length=12, blank=True, help_text="2026-W47 or 2026-11, for digests")
    state = models.CharField(max_length=8, choices=MailState, default=MailState.WAITING)
    outcome = models.CharField(max_length=300, blank=True)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[MailQuerySet] = MailQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("letter")
        verbose_name_plural = _("letters")
        constraints = [
            models.UniqueConstraint(
                fields=["member", "post"], condition=Q(post__isnull=False), name="one_letter_about_a_post"
            ),
            models.UniqueConstraint(
                fields=["member", "decision"],
                condition=Q(decision__isnull=False),
                name="one_letter_about_a_decision",
            ),
            models.UniqueConstraint(fields=["member", "period"], condition=~Q(period=""), name="one_digest_a_period"),
            models.UniqueConstraint(
                fields=["member", "summons"], condition=Q(summons__isnull=False), name="one_letter_about_a_call"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=["reply", "mention", "message", "seated"],
                    post__isnull=False,
                    decision=None,
                    period="",
                    summons=None,
                )
                | Q(kind="decision", post=None, decision__isnull=False, period="", summons=None)
                | Q(kind="call", post=None, decision=None, period="", summons__isnull=False)
                | (Q(kind="digest", post=None, decision=None, summons=None) & ~Q(period="")),
                name="a_letter_has_one_subject",
            ),
            models.CheckConstraint(
                condition=Q(state="waiting") | (Q(ended_at__isnull=False) & (Q(state="sent") | ~Q(outcome=""))),
                name="a_letter_ends_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="waiting"), name="letters_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.member_id}"


class EnvelopeQuerySet(models.QuerySet["Envelope"]):
    def due(self) -> EnvelopeQuerySet:
        now = timezone.now()
        return self.filter(state=MailState.WAITING, not_before__lte=now, claimed_until=None)

    def abandoned(self) -> EnvelopeQuerySet:
        """Claimed by somebody who never said how it ended."""
        return self.filter(state=MailState.WAITING, claimed_until__lte=timezone.now())


class Envelope(models.Model):
    """A finished message, waiting for or through with the mail server. Blanked once sent, or after 24 hours."""

    class Urgency(models.TextChoices):
        NOTICE = "notice", "sent again when unsure (security, decisions)"
        NEWS = "news", "never sent twice (replies, digests)"

    letter = models.OneToOneField(Letter, on_delete=models.CASCADE, null=True, related_name="envelope")
    urgency = models.CharField(max_length=6, choices=Urgency)
    recipient = models.EmailField(_("to"))
    sender = models.CharField(max_length=254)
    subject = models.CharField(_("subject"), max_length=500)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    headers = models.JSONField(default=dict)
    message_id = models.CharField(max_length=200, unique=True)
    state = models.CharField(_("state"), max_length=8, choices=MailState, default=MailState.WAITING)
    outcome = models.CharField(_("outcome"), max_length=300, blank=True)
    not_before = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(_("written"))
    ended_at = models.DateTimeField(null=True)

    objects: ClassVar[EnvelopeQuerySet] = EnvelopeQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("envelope")
        verbose_name_plural = _("envelopes")
        constraints = [
            models.CheckConstraint(
                condition=Q(state="waiting") | (Q(ended_at__isnull=False) & (Q(state="sent") | ~Q(outcome=""))),
                name="an_envelope_ends_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["not_before"], condition=Q(state="waiting"), name="envelopes_due"),
            models.Index(fields=["-created_at", "-id"], name="envelopes_latest"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} → {self.recipient}"
