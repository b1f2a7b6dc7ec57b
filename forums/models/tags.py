from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from forums.models.topics import Topic
from toolkit.text import tag_key

if TYPE_CHECKING:
    from forums.readers import Reader


class TagQuerySet(models.QuerySet["Tag"]):
    def seen_by(self, reader: Reader) -> TagQuerySet:
        """Tags that stand on a topic in this reader's lists: others do not exist for them."""
        seen = Topic.objects.listed_to(reader).filter(tagged__tag=OuterRef("pk"))
        return self.filter(Exists(seen))


class Tag(TagBase):  # type: ignore[misc]
    """A word topics are found by. Case and accents do not matter: `key` is unique."""

    key = models.CharField(max_length=100, unique=True, editable=False)

    objects: ClassVar[TagQuerySet] = TagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("forums:tag", args=[self.key])


class Tagged(ItemBase):  # type: ignore[misc]
    """A tag on a topic."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    content_object = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="tagged_once")]

    def __str__(self) -> str:
        return f"{self.content_object_id} #{self.tag_id}"
