from __future__ import annotations

from django.db import models
from django.utils import timezone

from forums.models.events import TopicEvent
from forums.models.posts import Post
from toolkit.expressions import one_of


class ImportedRecord(models.Model):
    """What was imported from where, so that a second run imports it no second time: a post, or a line of a topic."""

    source = models.CharField(max_length=80)
    external_id = models.CharField(max_length=255)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="imported_as")
    event = models.ForeignKey(TopicEvent, on_delete=models.PROTECT, null=True, related_name="imported_as")
    imported_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "external_id"], name="imported_once"),
            one_of("post", "event", name="an_import_is_of_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.external_id}"
