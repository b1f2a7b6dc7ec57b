from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from forums.limits import REASON_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models.forums import Forum, Intent
from forums.models.posts import Post
from forums.models.topics import Topic
from toolkit.expressions import one_of


class DraftQuerySet(models.QuerySet["Draft"]):
    def unsent(self) -> DraftQuerySet:
        """Not what was sent while its last words were still on their way to be kept."""
        return self.filter(~Exists(Post.objects.filter(author=OuterRef("member"), idempotency_key=OuterRef("key"))))

    def unfinished(self) -> DraftQuerySet:
        """What somebody may go on writing: neither sent nor waiting for its hour."""
        return self.unsent().filter(publish_at=None)


class Draft(models.Model):
    """What somebody is writing: a topic in a forum, a reply in a topic, or a change of a post.

    A visitor's draft has no member yet: their session knows its key. `key` is also the idempotency key of the post it
    becomes, so that sending twice posts once. With `publish_at` it is finished and waits for its hour.
    """

    key = models.UUIDField(unique=True, default=uuid.uuid4)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="drafts")
    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, null=True, related_name="drafts")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="drafts")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="drafts")
    reply_to = models.ForeignKey(Post, on_delete=models.SET_NULL, null=True, related_name="+")
    version = models.PositiveIntegerField(null=True, help_text="The version of the post that a change began from.")
    title = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True)
    tags = models.CharField(max_length=300, blank=True)
    intent = models.CharField(max_length=12, choices=Intent, blank=True)
    lang = models.CharField(max_length=2, blank=True)
    body = models.TextField(blank=True)
    poll = models.JSONField(default=dict, help_text="What the composer's poll fields hold, as typed.")
    saved_at = models.DateTimeField()
    publish_at = models.DateTimeField(null=True)
    not_published = models.CharField(max_length=REASON_MAX_LENGTH, blank=True, help_text="Why it was not, when due.")

    objects: ClassVar[DraftQuerySet] = DraftQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-saved_at"]
        constraints = [
            one_of("forum", "topic", "post", name="a_draft_is_for_one_thing"),
            models.UniqueConstraint(
                fields=["member", "topic"], condition=Q(publish_at=None), name="one_draft_per_topic"
            ),
            models.UniqueConstraint(
                fields=["member", "forum"], condition=Q(publish_at=None), name="one_draft_per_forum"
            ),
            models.UniqueConstraint(fields=["member", "post"], name="one_draft_per_change"),
            models.CheckConstraint(
                condition=Q(publish_at=None) | Q(member__isnull=False, post=None), name="members_schedule_new_posts"
            ),
        ]
        indexes = [
            models.Index(fields=["publish_at"], condition=Q(publish_at__isnull=False), name="draft_due"),
        ]

    def __str__(self) -> str:
        return str(self.key)

    def get_absolute_url(self) -> str:
        """Where one goes on writing it."""
        if self.post is not None:
            return reverse("forums:edit", args=[self.post_id])
        if self.topic is not None:
            return f"{self.topic.get_absolute_url()}#reply"
        return reverse("forums:topic-new", args=[self.forum.slug if self.forum else ""])
