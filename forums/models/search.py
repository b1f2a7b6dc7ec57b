from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from forums.models.posts import Post
from forums.models.topics import Topic


class TopicIndex(models.Model):
    """A topic's title (weight A) and tags (B), stemmed and folded. Never loaded by a page."""

    topic = models.OneToOneField(Topic, on_delete=models.CASCADE, primary_key=True, related_name="index")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="topic_words")]

    def __str__(self) -> str:
        return str(self.pk)


class PostIndex(models.Model):
    """A post's words, stemmed and folded. Never loaded by a page."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="index")
    words = SearchVectorField()

    class Meta:
        indexes = [GinIndex(fields=["words"], name="post_words")]

    def __str__(self) -> str:
        return str(self.pk)


class SearchMiss(models.Model):
    """Words for which nothing was found, and how often: what the community may lack. Nobody's name is kept."""

    words = models.CharField(_("words"), max_length=80, unique=True)
    times = models.PositiveIntegerField(_("how often"), default=1)
    last_at = models.DateTimeField(_("last"))

    class Meta:
        verbose_name = _("search without results")
        verbose_name_plural = _("searches without results")
        indexes = [models.Index(fields=["-times", "-last_at"], name="misses_by_number")]

    def __str__(self) -> str:
        return self.words
