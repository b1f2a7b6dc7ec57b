"""Who takes part in a conversation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q

if TYPE_CHECKING:
    from forums.readers import Reader


class Seat(models.Model):
    """A member's place in a conversation: who let them in, whether they want to hear of it, when they left for good.

    It is all that lets anybody read there: no role does.
    """

    topic = models.ForeignKey("forums.Topic", on_delete=models.PROTECT, related_name="seats")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="seats")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    since = models.DateTimeField()
    muted_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "member"], name="one_seat_in_a_conversation")]
        indexes = [
            models.Index(fields=["member", "topic"], condition=Q(left_at=None), name="seats_taken"),
            models.Index(fields=["invited_by", "since"], name="seats_given"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.topic_id}"


def seated_in(topic: str, reader: Reader) -> Q:
    """That this reader sits in the conversation whose id is at `topic` ("pk", "topic", "post__topic")."""
    if reader.member_id is None:
        return Q(pk__in=[])
    return Q(Exists(Seat.objects.filter(topic=OuterRef(topic), member=reader.member_id, left_at=None)))
