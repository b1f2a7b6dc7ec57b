from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypedDict
from urllib.parse import quote

from django.conf import settings
from django.db import models
from django.db.models import Q, Value
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.limits import ALT_MAX_LENGTH
from forums.models.posts import Post
from toolkit.files import SAFE

if TYPE_CHECKING:
    from forums.readers import Reader


class Variant(TypedDict):
    """A smaller copy of an image."""

    file: str
    content_type: str
    width: int
    height: int


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    def visible_to(self, reader: Reader) -> AttachmentQuerySet:
        """Files of posts whose words this reader may read, and one's own that no post refers to (any more)."""
        shown = Q(post__in=Post.objects.reachable_by(reader).with_words_for(reader), is_named=True)
        if reader.member_id is not None:
            left = Q(post__topic__is_conversation=True)  # also of a conversation they left: it is their own
            shown |= Q(Q(post=None) | Q(is_named=False) | left, member_id=reader.member_id)
        return self.filter(shown, is_stored=True)

    def beside_words(self) -> AttachmentQuerySet:
        """Files that came with a post without being named in its words: those of imported mails."""
        return self.filter(member=None, is_stored=True)


class Attachment(models.Model):
    """A file that a member uploaded, or that came with an imported post. Served at /a/ID/NAME, after the gate.

    The row is written before the file and goes after it, so that nothing in the storage is without a row. It belongs
    to a post from the moment that a post's words refer to it; once they no longer do, only its owner reads it, until an
    earlier version of the words comes back.
    """

    class Kind(models.TextChoices):
        IMAGE = "image", _("image")
        FILE = "file", _("file")

    key = models.UUIDField(unique=True, null=True, help_text="Of an upload: part of its path in the storage.")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="attachments", db_index=False
    )
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="attachments")
    kind = models.CharField(max_length=5, choices=Kind, default=Kind.FILE, db_default=Kind.FILE)
    name = models.CharField(max_length=120)
    alt = models.CharField(max_length=ALT_MAX_LENGTH, blank=True, default="", db_default="")
    file = models.FileField(upload_to="attachments/%Y/%m/", max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField(help_text="bytes, smaller copies included")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    variants: models.JSONField[list[Variant], list[Variant]] = models.JSONField(
        default=list, db_default=Value([], models.JSONField())
    )
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="", help_text="Of what was uploaded.")
    is_stored = models.BooleanField(default=True, db_default=True)
    is_named = models.BooleanField(
        default=True, db_default=True, help_text="Whether the words of its post still refer to it."
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[AttachmentQuerySet] = AttachmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(member__isnull=False) | Q(post__isnull=False), name="a_file_belongs_to_somebody"
            ),
            models.CheckConstraint(
                condition=Q(kind="file") | Q(width__isnull=False, height__isnull=False), name="images_have_a_size"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at"], condition=Q(member__isnull=False), name="file_by_member"),
            models.Index(fields=["created_at"], condition=Q(post=None), name="file_unclaimed"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("forums:file", args=[self.pk, self.name])

    @property
    def is_image(self) -> bool:
        return self.kind == self.Kind.IMAGE

    @property
    def paths(self) -> list[str]:
        """Everything of it in the storage."""
        return [str(self.file.name), *(variant["file"] for variant in self.variants)]

    def sent(self, width: int | None = None) -> tuple[str, dict[str, str]]:
        """The path of the copy of this width in pixels, or of the file itself, and the headers it is sent with: an
        image as we encoded it, anything else as a download, nothing ever as a page. The gate comes before."""
        path, content_type, shown = str(self.file.name), "application/octet-stream", "attachment"
        if self.is_image:
            copy = next((variant for variant in self.variants if variant["width"] == width), None)
            path, content_type = (copy["file"], copy["content_type"]) if copy else (path, self.content_type)
            shown = "inline"
        return path, {
            **SAFE,
            "Content-Type": content_type,
            "Content-Disposition": f"{shown}; filename*=UTF-8''{quote(self.name)}",
        }

    @property
    def markdown(self) -> str:
        """What shows it where one writes."""
        label = (self.alt or ("" if self.is_image else self.name)).replace("[", "(").replace("]", ")")
        return f"{'!' if self.is_image else ''}[{label}]({self.get_absolute_url()})"
