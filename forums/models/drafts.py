from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse

from forums.limits import POST_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models.forums import Forum, Intent
from forums.models.topics import Topic


class Draft(models.Model):
    """What somebody is writing. A visitor's draft has no member yet: their session knows its key.

    `key` is also the idempotency key of the post it becomes, so that sending twice posts once.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="drafts")
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, null=True, related_name="drafts")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="drafts")
    title = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True)
    tags = models.CharField(max_length=300, blank=True)
    intent = models.CharField(max_length=12, choices=Intent, blank=True)
    lang = models.CharField(max_length=2, blank=True)
    body = models.TextField(max_length=POST_MAX_LENGTH, blank=True)
    saved_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-saved_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(forum=None, topic__isnull=False) | Q(forum__isnull=False, topic=None),
                name="a_draft_is_for_a_topic_or_a_forum",
            ),
            models.UniqueConstraint(
                fields=["member", "topic"], condition=Q(topic__isnull=False), name="one_draft_per_topic"
            ),
            models.UniqueConstraint(
                fields=["member", "forum"], condition=Q(forum__isnull=False), name="one_draft_per_forum"
            ),
        ]

    def __str__(self) -> str:
        return str(self.key)

    def get_absolute_url(self) -> str:
        """Where one goes on writing it."""
        if self.topic is not None:
            return f"{self.topic.get_absolute_url()}#reply"
        return reverse("forums:topic-new", args=[self.forum.slug if self.forum else ""])
