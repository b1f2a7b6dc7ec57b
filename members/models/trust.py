from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.limits import REASON_MAX_LENGTH
from members.models.member import Member, Trust


class TrustChange(models.Model):
    """A member's trust was raised by the nightly count, or set by a person with a reason. Written once."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="trust_changes")
    before = models.CharField(max_length=10, choices=Trust)
    after = models.CharField(max_length=10, choices=Trust)
    by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", help_text="None: the count.")
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]
        verbose_name = _("change of trust")
        verbose_name_plural = _("changes of trust")
        constraints = [
            models.CheckConstraint(condition=~Q(before=F("after")), name="a_change_of_trust_changes_it"),
            models.CheckConstraint(
                condition=Q(by=None, reason="") | Q(by__isnull=False) & ~Q(reason=""),
                name="people_change_trust_with_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.before} → {self.after}"

    def get_absolute_url(self) -> str:
        """Where its member reads what it means."""
        return reverse("moderation:standing")

    @property
    def is_raise(self) -> bool:
        return Trust.values.index(self.after) > Trust.values.index(self.before)
