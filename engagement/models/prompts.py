from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forums.models import Topic


class Prompt(models.Model):
    """A text in the « nous » voice that the software may say in one situation."""

    class Situation(models.TextChoices):
        WELCOME = "welcome", _("after sign-up, before a first post")
        FIRST_POST_WAITS = (
            "first_post_waits",
            _("a first topic has no answer yet: to those who like to welcome"),
        )

    situation = models.CharField(_("situation"), max_length=20, choices=Situation, unique=True)
    is_on = models.BooleanField(_("in use"), default=True)
    text_fr = models.CharField(_("text, in French (vous)"), max_length=240)
    text_fr_tu = models.CharField(
        _("text, in French (tu)"),
        max_length=240,
        blank=True,
        help_text=_("Used when the community says tu; empty: the text above."),
    )
    text_en = models.CharField(_("text, in English"), max_length=240)
    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("prompt")
        verbose_name_plural = _("prompts")

    def __str__(self) -> str:
        return str(self.get_situation_display())


class PromptShowingQuerySet(models.QuerySet["PromptShowing"]):
    def current(self) -> PromptShowingQuerySet:
        return self.filter(dismissed_at=None, cancelled_at=None)


class PromptShowing(models.Model):
    """A prompt that is, or was, shown to one member."""

    prompt = models.ForeignKey(Prompt, on_delete=models.PROTECT, related_name="showings")
    version = models.PositiveIntegerField()
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="prompts")
    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    dismissed_at = models.DateTimeField(null=True)
    cancelled_at = models.DateTimeField(null=True)

    objects: ClassVar[PromptShowingQuerySet] = PromptShowingQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["prompt", "member", "topic"], nulls_distinct=False, name="prompted_once"),
        ]
        indexes = [
            models.Index(fields=["member"], condition=Q(dismissed_at=None, cancelled_at=None), name="prompts_current"),
            models.Index(fields=["topic"], condition=Q(topic__isnull=False), name="prompts_about_topic"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt_id} to {self.member_id}"
