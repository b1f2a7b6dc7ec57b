"""What those who moderate everywhere note about a member."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from moderation.limits import NOTE_MAX_LENGTH

if TYPE_CHECKING:
    from forums.readers import Reader


class MemberNoteQuerySet(models.QuerySet["MemberNote"]):
    def visible_to(self, reader: Reader) -> MemberNoteQuerySet:
        """For those who moderate everywhere, but those about themselves."""
        if not reader.moderates_everywhere:
            return self.none()
        return self.exclude(member_id=reader.member_id or 0)


class MemberNote(models.Model):
    """A private, factual, dated note about a member; deleted a year after it was last of use, or when they leave."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("member")
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    body = models.TextField(_("note"), max_length=NOTE_MAX_LENGTH)
    created_at = models.DateTimeField(_("written"))
    used_at = models.DateTimeField(_("last of use"))

    objects: ClassVar[MemberNoteQuerySet] = MemberNoteQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("note on a member")
        verbose_name_plural = _("notes on members")
        constraints = [
            models.CheckConstraint(condition=~Q(body=""), name="a_note_says_something"),
            models.CheckConstraint(condition=Q(used_at__gte=F("created_at")), name="a_note_is_used_once_written"),
            models.CheckConstraint(condition=~Q(author=F("member")), name="nobody_notes_about_themselves"),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at", "-id"], name="notes_on_member"),
            models.Index(fields=["used_at"], name="notes_by_use"),
        ]

    def __str__(self) -> str:
        return self.body[:60]
