from __future__ import annotations

from django.db import models
from django.db.models import F

from members.models.member import Member


class Block(models.Model):
    """Two members who do not want to meet, because one of them said so. It holds both ways."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="blocked_by")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "blocked"], name="blocked_once"),
            models.CheckConstraint(condition=~models.Q(member=F("blocked")), name="nobody_blocks_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} ✕ {self.blocked_id}"
