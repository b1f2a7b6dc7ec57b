"""What members choose in passing, outside their settings."""

from __future__ import annotations

from members.models import Member


def put_composer_hint_away(*, by: Member) -> None:
    """For good: the hint beside the composer of one's first posts is not shown again."""
    Member.objects.filter(pk=by.pk).update(wants_composer_hint=False)
