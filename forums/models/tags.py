from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import ItemBase, TagBase

from forums.models.forums import Forum
from forums.models.topics import Topic
from toolkit.bilingual import Bilingual
from toolkit.text import tag_key

if TYPE_CHECKING:
    from forums.readers import Reader


class TagQuerySet(models.QuerySet["Tag"]):
    def seen_by(self, reader: Reader) -> TagQuerySet:
        """Tags that stand on a topic in this reader's lists: others do not exist for them."""
        seen = Topic.objects.listed_to(reader).filter(tagged__tag=OuterRef("pk"))
        return self.filter(Exists(seen))

    def named(self, key: str) -> TagQuerySet:
        """The tag of this key, or that of which it is a synonym."""
        return self.filter(Q(key=key) | Q(pk__in=TagSynonym.objects.filter(key=key).values("tag")))


class Tag(TagBase):  # type: ignore[misc]
    """A word topics are found by. Case and accents do not matter: `key` is unique."""

    key = models.CharField(max_length=100, unique=True, editable=False)

    description_fr = models.CharField(_("what it is for, in French"), max_length=200, blank=True)
    description_en = models.CharField(_("what it is for, in English"), max_length=200, blank=True)
    description = Bilingual()
    forums = models.ManyToManyField(
        Forum, related_name="tags", blank=True, verbose_name=_("forums that take it, where they take only some")
    )

    objects: ClassVar[TagQuerySet] = TagQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.key = tag_key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("forums:tag", args=[self.key])


class TagSynonym(models.Model):
    """Another name that means a tag: a former one, or one that people type."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="synonyms")
    name = models.CharField(max_length=40)
    key = models.CharField(max_length=100, unique=True)
    since = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class TagEvent(models.Model):
    """Something that was done to a tag, by whom: its history."""

    class Kind(models.TextChoices):
        RENAMED = "renamed", _("renamed")
        MERGED = "merged", _("another tag merged into it")
        SYNONYM = "synonym", _("synonym added")
        NO_SYNONYM = "no-synonym", _("synonym taken away")
        DESCRIBED = "described", _("described")

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    before = models.CharField(max_length=200, blank=True)
    after = models.CharField(max_length=200, blank=True)
    topics = models.PositiveIntegerField(default=0, help_text="How many topics came along, in a merge.")
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-pk"]

    def __str__(self) -> str:
        return f"{self.tag_id} {self.kind}"


class Tagged(ItemBase):  # type: ignore[misc]
    """A tag on a topic."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="tagged")
    content_object = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="tagged")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "content_object"], name="tagged_once")]

    def __str__(self) -> str:
        return f"{self.content_object_id} #{self.tag_id}"
