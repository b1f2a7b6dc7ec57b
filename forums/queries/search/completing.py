"""What a search that is being typed may become."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from forums.models import Topic
from forums.policies import may_see_page
from forums.queries.composer import members_like, tags_like
from toolkit.text import tag_key

if TYPE_CHECKING:
    from forums.readers import Reader

OFFERED = 8
LEAST = 2  # characters

# The last word may be begun only; the ones before it are whole. The newest of what fits, not the best: it is quick.
_WHOLE = """
SELECT coalesce(string_agg('(' || commune_term(word, false)::text || ')', ' & '), '') FROM unnest(%s::text[]) AS word
WHERE to_tsvector('french', word) <> '' AND to_tsvector('english', word) <> ''
"""
_BEGUN = """
SELECT i.topic_id FROM forums_topicindex i JOIN forums_topic t ON t.id = i.topic_id
WHERE i.words @@ (%(whole)s::tsquery && to_tsquery('simple', %(begun)s))
    AND t.is_listed AND t.forum_id = ANY(%(forums)s)
ORDER BY i.topic_id DESC LIMIT %(most)s
"""


def complete(reader: Reader, typed: str) -> list[str]:
    """Titles that hold the words begun, then tags and members' names. Four queries."""
    if len(typed.strip()) < LEAST:
        return []
    titles = [topic.title for topic in _topics(reader, typed)]
    tags = [f"tag:{tag.key}" for tag in tags_like(reader, typed)[:3]] if tag_key(typed) else []
    seen = [member for member in members_like(reader, typed) if may_see_page(reader, member)]
    people = [f"author:{member.username}" for member in seen[:3]]
    shown = people if not reader.is_visitor else []
    return list(dict.fromkeys([*titles[: OFFERED - 3], *tags, *shown]))[:OFFERED]


def _topics(reader: Reader, typed: str) -> list[Topic]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT commune_fold(%s)", [typed])
        words = "".join(c if c.isalnum() else " " for c in cursor.fetchone()[0]).split()
        if not words:
            return []
        cursor.execute(_WHOLE, [words[:-1]])
        whole = cursor.fetchone()[0]
        asked = {"begun": f"{words[-1]}:*", "whole": whole, "forums": list(reader.readable), "most": OFFERED}
        cursor.execute(_BEGUN, asked)
        ids = [pk for (pk,) in cursor.fetchall()]
    found = Topic.objects.listed_to(reader).in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]
