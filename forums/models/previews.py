from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class LinkPreview(models.Model):
    """What a page elsewhere says of itself: asked for when a published post links to it alone in a paragraph, fetched
    by a job, shown as a card. Plain words, never HTML."""

    class State(models.TextChoices):
        WAITING = "waiting", _("to be fetched")
        READY = "ready", _("fetched")
        FAILED = "failed", _("nothing to show")

    url = models.CharField(max_length=2_000, unique=True)
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    title = models.CharField(max_length=200, blank=True)
    description = models.CharField(max_length=300, blank=True)
    site = models.CharField(max_length=80, blank=True)
    asked_at = models.DateTimeField(help_text="When it was last wanted by a post.")
    fetched_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(help_text="The next attempt; pushed on when a job takes it up.")
    failure = models.CharField(max_length=120, blank=True)

    class Meta:
        indexes = [models.Index(fields=["not_before"], condition=models.Q(state="waiting"), name="preview_waiting")]

    def __str__(self) -> str:
        return self.url
