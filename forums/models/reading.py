from __future__ import annotations

from django.conf import settings
from django.db import models


class ReadMark(models.Model):
    """How far a member has read a topic, and whether they follow it. One row per member and topic."""

    class Follow(models.TextChoices):
        ALL = "all"
        NORMAL = "normal"
        NOTHING = "nothing"

    topic = models.ForeignKey("forums.Topic", on_delete=models.CASCADE, related_name="read_marks")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="read_marks")
    place = models.PositiveIntegerField(default=0)
    follow = models.CharField(max_length=8, choices=Follow, default=Follow.NORMAL)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="one_mark_per_topic")]
        indexes = [models.Index(fields=["topic"], condition=models.Q(follow="all"), name="followers_of_topic")]

    def __str__(self) -> str:
        return f"{self.member_id} read {self.topic_id} to {self.place}"
