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
    "topic.vote_count": """
        SELECT t.id, t.vote_count, count(v.id) FROM forums_topic t LEFT JOIN forums_topicvote v ON v.topic_id = t.id
        GROUP BY t.id HAVING t.vote_count <> count(v.id)""",
    "post.thanks": """
        SELECT p.id, p.thanks, p.thanks_before + count(r.id)
        FROM forums_post p LEFT JOIN forums_reaction r ON r.post_id = p.id
        WHERE p.thanks > 0 OR p.thanks_before > 0 OR r.id IS NOT NULL
        GROUP BY p.id HAVING p.thanks <> p.thanks_before + count(r.id)""",
    "poll.option.vote_count": """
        SELECT o.id, o.vote_count, count(v.id) FROM forums_polloption o
        LEFT JOIN forums_pollvote v ON v.option_id = o.id GROUP BY o.id HAVING o.vote_count <> count(v.id)""",
    "poll.voter_count": """
        SELECT p.id, p.voter_count, count(DISTINCT v.member_id) FROM forums_poll p
        LEFT JOIN forums_pollvote v ON v.poll_id = p.id
        GROUP BY p.id HAVING p.voter_count <> count(DISTINCT v.member_id)""",
    "topic.last_shown": """
        SELECT t.id, t.last_shown, coalesce(max(p.position), 0) FROM forums_topic t
        LEFT JOIN forums_post p ON p.topic_id = t.id AND p.state = 'published'
        GROUP BY t.id HAVING t.last_shown <> coalesce(max(p.position), 0)""",
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
