"""What others of the team think of a case, when somebody is not sure."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from moderation.limits import OPINION_MAX_LENGTH, QUESTION_MAX_LENGTH
from moderation.models.cases import Case
from moderation.models.decisions import Decision


class OpinionQuerySet(models.QuerySet["Opinion"]):
    def open(self) -> OpinionQuerySet:
        """Asked, not given, and of use: the case waits for a decision."""
        return self.filter(given_at=None, case__closed_at=None)


class Opinion(models.Model):
    """Somebody of the team is asked what they would do about a case; what they answered, once they have."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="opinions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    question = models.TextField(max_length=QUESTION_MAX_LENGTH, blank=True)
    asked_at = models.DateTimeField()
    measure = models.CharField(max_length=10, choices=Decision.Measure, blank=True)
    words = models.TextField(max_length=OPINION_MAX_LENGTH, blank=True)
    given_at = models.DateTimeField(null=True)

    objects: ClassVar[OpinionQuerySet] = OpinionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member"], name="asked_once_about_a_case"),
            models.CheckConstraint(condition=~Q(member=models.F("asked_by")), name="nobody_asks_themselves"),
            models.CheckConstraint(
                condition=Q(given_at=None, measure="", words="") | Q(given_at__isnull=False) & ~Q(measure=""),
                name="an_opinion_that_is_given_names_a_measure",
            ),
        ]
        indexes = [models.Index(fields=["member"], condition=Q(given_at=None), name="opinions_open")]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.member_id}"

    def get_absolute_url(self) -> str:
        return reverse("moderation:case", args=[self.case_id])
