from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.limits import CLAIM_LINK_HOURS


class ClaimQuerySet(models.QuerySet["Claim"]):
    def to_hand_over(self) -> ClaimQuerySet:
        """Confirmed ones whose posts are not all with their author yet."""
        return self.filter(state=Claim.State.CONFIRMED, handed_over_at=None)


class Claim(models.Model):
    """A member says that what stands under an imported name is theirs."""

    class State(models.TextChoices):
        ASKED = "asked", _("a mail was asked for")
        WAITING = "waiting", _("with the moderators")
        CONFIRMED = "confirmed", _("confirmed")
        DECLINED = "declined", _("declined")

    placeholder = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims_to_it")
    claimant = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="claims")
    state = models.CharField(max_length=10, choices=State)
    words = models.TextField(blank=True, help_text="What they tell the moderators.")
    asked_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, help_text="When a link went to the archived address.")
    decided_at = models.DateTimeField(null=True)
    handed_over_at = models.DateTimeField(null=True, help_text="When everything stood under their name.")

    objects: ClassVar[ClaimQuerySet] = ClaimQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("claim")
        verbose_name_plural = _("claims")
        constraints = [
            models.UniqueConstraint(
                fields=["placeholder"], condition=Q(state="confirmed"), name="a_name_is_claimed_once"
            ),
            models.UniqueConstraint(
                fields=["placeholder", "claimant"], condition=Q(state="waiting"), name="one_claim_waits"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "waiting"], decided_at=None)
                | Q(state__in=["confirmed", "declined"], decided_at__isnull=False),
                name="what_is_decided_has_a_moment",
            ),
            models.CheckConstraint(condition=~Q(placeholder=models.F("claimant")), name="nobody_claims_themselves"),
        ]
        indexes = [
            models.Index(fields=["claimant", "-asked_at"], name="claim_by_member"),
            models.Index(
                fields=["decided_at"], condition=Q(state="confirmed", handed_over_at=None), name="claim_to_hand_over"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.claimant_id} claims {self.placeholder_id}: {self.state}"

    @property
    def link_is_good(self) -> bool:
        """Whether the link that was mailed for it still opens."""
        return self.state == self.State.ASKED and timezone.now() < self.asked_at + timedelta(hours=CLAIM_LINK_HOURS)
