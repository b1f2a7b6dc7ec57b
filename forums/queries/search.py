"""Search: permission first, then words. What one may not read does not exist."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from forums.models import Post, Topic
from forums.readers import Reader
from toolkit.markup import text_of

RESULTS = 30
LESS = "\ue000"  # stands for "<" while PostgreSQL marks the hits: it would take "<b>" for markup and drop it

# One statement: candidates by topic (title and tags) and by post, the same topic once, ranked by the better of both.
_SEARCH = """
WITH asked AS (SELECT commune_query(%(words)s) AS q),
by_title AS (
    SELECT t.id AS topic_id, NULL::bigint AS post_id, ts_rank(i.words, asked.q, 1) * 2 AS rank
    FROM asked, forums_topicindex i JOIN forums_topic t ON t.id = i.topic_id
    WHERE i.words @@ asked.q AND t.is_listed AND t.forum_id = ANY(%(forums)s)
    ORDER BY rank DESC LIMIT 200
),
by_post AS (
    SELECT p.topic_id, p.id AS post_id, ts_rank(i.words, asked.q, 1) AS rank
    FROM asked, forums_postindex i JOIN forums_post p ON p.id = i.post_id JOIN forums_topic t ON t.id = p.topic_id
    WHERE i.words @@ asked.q AND p.state = 'published' AND t.is_listed
      AND t.forum_id = ANY(%(forums)s)
    ORDER BY rank DESC LIMIT 400
),
best AS (
    SELECT topic_id, sum(rank) AS rank, (array_agg(post_id ORDER BY rank DESC) FILTER (WHERE post_id IS NOT NULL))[1]
        AS post_id
    FROM (SELECT * FROM by_title UNION ALL SELECT * FROM by_post) found GROUP BY topic_id
)
SELECT topic_id, post_id FROM best ORDER BY rank DESC, topic_id DESC LIMIT %(limit)s
"""


@dataclass(slots=True)
class Hit:
    topic: Topic
    post: Post | None
    excerpt: list[tuple[str, bool]] = field(default_factory=list)


def search(reader: Reader, words: str) -> list[Hit]:
    """The best topics for some words, each once, with the post that fits best. Four queries at most."""
    words = words.strip()[:200]
    if not words:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_SEARCH, {"words": words, "forums": list(reader.readable), "limit": RESULTS})
        found: list[tuple[int, int | None]] = cursor.fetchall()
    topics = {
        t.pk: t
        for t in Topic.objects.listed_to(reader)
        .select_related("forum", "author", "last_author")
        .filter(pk__in=[topic for topic, _ in found])
    }
    posts = {
        p.pk: p
        for p in Post.objects.readable_by(reader)
        .select_related("author")
        .filter(pk__in=[post for _, post in found if post])
    }
    hits = [Hit(topics[topic], posts.get(post or 0)) for topic, post in found if topic in topics]
    _mark(hits, words)
    return hits


def _mark(hits: list[Hit], words: str) -> None:
    """Excerpts, as pieces of (text, is a hit). One query."""
    shown = [hit for hit in hits if hit.post is not None]
    if not shown:
        return
    texts = [text_of(hit.post.html)[:20_000].replace("<", LESS) for hit in shown if hit.post is not None]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ts_headline("
            " CASE lang WHEN 'fr' THEN 'french' WHEN 'en' THEN 'english' ELSE 'simple' END::regconfig,"
            " text, commune_query(%s),"
            " E'StartSel=\\x02, StopSel=\\x03, MaxWords=32, MinWords=16, MaxFragments=1')"
            " FROM unnest(%s::text[], %s::text[]) WITH ORDINALITY AS t(text, lang, n) ORDER BY n",
            [words, texts, [hit.post.lang for hit in shown if hit.post is not None]],
        )
        for hit, (headline,) in zip(shown, cursor.fetchall(), strict=True):
            hit.excerpt = _pieces(headline.replace(LESS, "<"))


def _pieces(headline: str) -> list[tuple[str, bool]]:
    pieces = []
    for index, piece in enumerate(headline.replace("\n", " ").split("\x02")):
        if index == 0:
            pieces.append((piece, False))
            continue
        hit, _, rest = piece.partition("\x03")
        pieces += [(hit, True), (rest, False)]
    return [piece for piece in pieces if piece[0]]
