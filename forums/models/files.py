from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.db import models
from django.urls import reverse
from django.utils import timezone

from forums.models.posts import Post

if TYPE_CHECKING:
    from forums.readers import Reader


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, reader: Reader) -> AttachmentQuerySet:
        """Files of posts whose words this reader may read."""
        return self.filter(post__in=Post.objects.readable_by(reader))


class Attachment(models.Model):
    """A file that belongs to a post. Served as a download at /a/ID/NAME, after the gate."""

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="attachments")
    name = models.CharField(max_length=120)
    file = models.FileField(upload_to="attachments/%Y/%m/")
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("forums:file", args=[self.pk, self.name])
