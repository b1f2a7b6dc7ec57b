"""Cases that belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse

from moderation.limits import FILE_NOTE_MAX_LENGTH

if TYPE_CHECKING:
    from forums.readers import Reader


class CaseFileQuerySet(models.QuerySet["CaseFile"]):
    def visible_to(self, reader: Reader) -> CaseFileQuerySet:
        """For those who moderate everywhere, but where a case of it is not for them (it is about them); for the others,
        files with at least one case that they see."""
        from moderation.models.cases import Case  # noqa: PLC0415 - a case knows its file

        if not reader.moderates_anywhere:
            return self.none()
        inside = Case.objects.filter(file=OuterRef("pk"))
        seen = Case.objects.visible_to(reader).filter(file=OuterRef("pk"))
        about = Q(subject__member_id=reader.member_id) | Q(subject__post__author_id=reader.member_id)
        mine = inside.filter(about | Q(subject__topic__author_id=reader.member_id))
        if not reader.moderates_everywhere:
            return self.filter(Exists(seen), ~Exists(mine))
        return self.filter(~Exists(mine), ~Exists(inside.exclude(pk__in=Case.objects.visible_to(reader).values("pk"))))


class CaseFile(models.Model):
    """Cases that belong together, whatever they are about, and who answers for them."""

    title = models.CharField(max_length=120)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.TextField(max_length=FILE_NOTE_MAX_LENGTH, blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    objects: ClassVar[CaseFileQuerySet] = CaseFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="a_file_has_a_title"),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_at__gte=F("opened_at")), name="a_file_closes_after_it_opens"
            ),
        ]
        indexes = [
            models.Index(fields=["-opened_at", "-id"], condition=Q(closed_at=None), name="files_open"),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("moderation:file", args=[self.pk])
