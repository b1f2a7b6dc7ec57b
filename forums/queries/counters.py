"""Denormalised counters, recomputed and compared: drift is a fault worth knowing."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

_DRIFT = {
    "topic.post_count": """
        SELECT t.id, t.post_count, count(p.id) FROM forums_topic t
        LEFT JOIN forums_post p ON p.topic_id = t.id AND p.state = 'published'
        GROUP BY t.id HAVING t.post_count <> count(p.id)""",
    "topic.last_position": """
        SELECT t.id, t.last_position, coalesce(max(p.position), 0) FROM forums_topic t
        LEFT JOIN forums_post p ON p.topic_id = t.id
        GROUP BY t.id HAVING t.last_position < coalesce(max(p.position), 0)""",
    "forum.topic_count": """
        SELECT f.id, f.topic_count, count(t.id) FROM forums_forum f
        LEFT JOIN forums_topic t ON t.forum_id = f.id AND t.is_listed
        GROUP BY f.id HAVING f.topic_count <> count(t.id)""",
    "forum.post_count": """
        SELECT f.id, f.post_count, count(p.id) FROM forums_forum f
        LEFT JOIN forums_topic t ON t.forum_id = f.id
        LEFT JOIN forums_post p ON p.topic_id = t.id AND p.state = 'published'
        GROUP BY f.id HAVING f.post_count <> count(p.id)""",
    "topic.last_post": """
        SELECT t.id, t.last_post_id, newest.id FROM forums_topic t
        CROSS JOIN LATERAL (SELECT p.id FROM forums_post p WHERE p.topic_id = t.id AND p.state = 'published'
                            ORDER BY p.position DESC LIMIT 1) newest
        WHERE t.last_post_id IS DISTINCT FROM newest.id""",
}


@dataclass(frozen=True, slots=True)
class Drift:
    counter: str
    row: int
    says: int | None
    is_really: int | None


def drift() -> list[Drift]:
    """Every counter that differs from what it counts. One query a counter."""
    found = []
    with connection.cursor() as cursor:
        for counter, sql in _DRIFT.items():
            cursor.execute(sql)
            found += [Drift(counter, *row) for row in cursor.fetchall()]
    return found
