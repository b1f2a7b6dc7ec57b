"""What an admin has made of the measures and the words they begin with."""

from __future__ import annotations

from forums.models import Forum
from forums.readers import Reader
from moderation.models import Decision, MeasureSetting, ReplyTemplate


def offered_measures() -> frozenset[str]:
    """The measures that are offered here: all but those that an admin has left out. One query."""
    left_out = MeasureSetting.objects.filter(is_offered=False).values_list("measure", flat=True)
    return frozenset(Decision.Measure.values) - frozenset(left_out)


def forums_to_move_into(reader: Reader) -> list[Forum]:
    """The forums into which this reader may move a topic. One query."""
    return [forum for forum in Forum.objects.visible_to(reader).filter(archived_at=None) if reader.hosts(forum.pk)]


def reply_templates() -> list[ReplyTemplate]:
    """Those that are offered, in their order. One query."""
    return list(ReplyTemplate.objects.filter(is_offered=True).select_related("rule"))
