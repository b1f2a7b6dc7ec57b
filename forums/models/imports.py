from __future__ import annotations

from django.db import models
from django.utils import timezone

from forums.models.posts import Post


class ImportedRecord(models.Model):
    """What was imported from where, so that a second run imports it no second time."""

    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=255)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="imported_as")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "external_id"], name="imported_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
