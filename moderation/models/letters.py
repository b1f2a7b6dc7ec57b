"""Letters to the team go on: what was written after the first message, by either side."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from moderation.models.cases import TeamLetter
from moderation.models.decisions import Decision


class LetterMessage(models.Model):
    """One more message of a letter: by whoever wrote it, or an answer of the team, which is a decision too. Whoever
    wrote the letter reads answers in the name of the team; `author` is for the team alone."""

    letter = models.ForeignKey(TeamLetter, on_delete=models.PROTECT, related_name="messages")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        help_text="Who of the team; empty: whoever wrote the letter.",
    )
    body = models.TextField(max_length=5000)
    created_at = models.DateTimeField()
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, null=True, related_name="letter_message")
    key = models.UUIDField(unique=True, null=True, help_text="The same form sent twice is one message.")

    class Meta:
        verbose_name = _("message of a letter")
        verbose_name_plural = _("messages of letters")
        constraints = [
            models.CheckConstraint(
                condition=Q(author=None, decision=None, key__isnull=False)
                | Q(author__isnull=False, decision__isnull=False, key=None),
                name="an_answer_to_a_letter_is_a_decision",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} ({self.created_at:%Y-%m-%d})"

    @property
    def is_answer(self) -> bool:
        return self.author_id is not None
