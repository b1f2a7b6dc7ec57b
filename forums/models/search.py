from __future__ import annotations

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models

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
