"""How far members have read, and what they follow."""

from __future__ import annotations

from django.db import connection, transaction

from forums import signals
from forums.models import ReadMark, Topic
from members.models import Member
from toolkit import clock

_MARK_READ = """
INSERT INTO forums_readmark (topic_id, member_id, place, follow, read_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (member_id, topic_id) DO UPDATE
SET place = EXCLUDED.place, read_at = EXCLUDED.read_at WHERE forums_readmark.place < EXCLUDED.place
"""


def mark_read(topic: Topic, *, by: Member, place: int) -> None:
    """Move "read up to here" forward, never back, and announce `topic_read`. One statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MARK_READ, [topic.pk, by.pk, place, ReadMark.Follow.NORMAL, clock.now()])
        signals.topic_read.send(sender=Topic, topic=topic, member=by, place=place)


def follow_topic(topic: Topic, *, by: Member, level: str) -> ReadMark:
    """Set what one hears of a topic: all, what matters (normal), nothing."""
    mark, _ = ReadMark.objects.update_or_create(
        topic=topic, member=by, defaults={"follow": level}, create_defaults={"follow": level, "place": 0}
    )
    return mark
