"""Keeping the search index true, in the transaction that changes what it shows."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from django.core.cache import cache
from django.db import connection
from django.db.models import Q

from forums.limits import SEARCH_MISSES_A_MINUTE
from forums.models import Post, PostIndex, SearchMiss, Tag, Topic
from toolkit import clock
from toolkit.markup import text_of

MISSES_COUNTED = "search-misses"

CONFIGURATIONS = {"fr": "french", "en": "english"}

_INDEX_POST = """
INSERT INTO forums_postindex (post_id, words) VALUES (%s, commune_words(%s::regconfig, %s))
ON CONFLICT (post_id) DO UPDATE SET words = EXCLUDED.words
"""
_INDEX_TOPIC = """
INSERT INTO forums_topicindex (topic_id, words) VALUES (%s,
    setweight(commune_words(%s::regconfig, %s), 'A') || setweight(commune_words('simple', %s), 'B'))
ON CONFLICT (topic_id) DO UPDATE SET words = EXCLUDED.words
"""


def index_post(post: Post) -> None:
    """Index what a published post says; forget one that is not published. One query. A conversation is not searched."""
    if post.topic.is_conversation:
        return
    if post.state != Post.State.PUBLISHED:
        PostIndex.objects.filter(post=post).delete()
        return
    with connection.cursor() as cursor:
        # to_tsvector refuses more than 1 MB of words; a post has at most 60,000 characters.
        cursor.execute(_INDEX_POST, [post.pk, CONFIGURATIONS.get(post.lang, "simple"), text_of(post.html)])


def index_posts(posts: list[Post]) -> None:
    """Index what many published posts say: one statement for each, sent together. For imports."""
    with connection.cursor() as cursor:
        cursor.executemany(
            _INDEX_POST,
            [(post.pk, CONFIGURATIONS.get(post.lang, "simple"), text_of(post.html)) for post in posts],
        )


def index_topic(topic: Topic) -> None:
    """Index a topic's title and tags, a conversation's never. One query."""
    if topic.is_conversation:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX_TOPIC,
            [topic.pk, CONFIGURATIONS.get(topic.lang, "simple"), topic.title, " ".join(topic.tag_names)],
        )


_INDEX_TOPICS_OF = """
UPDATE forums_topicindex i SET words =
    setweight(commune_words(CASE t.lang WHEN 'fr' THEN 'french' WHEN 'en' THEN 'english' ELSE 'simple' END::regconfig,
        t.title), 'A') || setweight(commune_words('simple', array_to_string(t.tag_names, ' ')), 'B')
FROM forums_topic t JOIN forums_tagged g ON g.content_object_id = t.id
WHERE t.id = i.topic_id AND g.tag_id = %s
"""


def index_topics_of(tag: Tag) -> None:
    """Index the topics of a tag again: it is called otherwise. One query."""
    with connection.cursor() as cursor:
        cursor.execute(_INDEX_TOPICS_OF, [tag.pk])


_MISS = """
INSERT INTO forums_searchmiss AS known (words, times, last_at) SELECT left(commune_fold(%s), 80), 1, %s
ON CONFLICT (words) DO UPDATE SET times = known.times + 1, last_at = EXCLUDED.last_at
"""


def note_nothing_found(typed: str) -> None:
    """Count words for which nothing was found, case and accents apart; at most so many a minute altogether, so that a
    machine that types cannot fill the table. One query."""
    if not cache.add(f"search-miss:{sha256(typed.encode()).hexdigest()}", 1, 60):
        return
    cache.add(MISSES_COUNTED, 0, 60)
    if cache.incr(MISSES_COUNTED) <= SEARCH_MISSES_A_MINUTE:
        with connection.cursor() as cursor:
            cursor.execute(_MISS, [typed, clock.now()])


def tidy_search_misses() -> int:
    """Forget what was looked for in vain a single time, half a year ago, or nobody has looked for since a year."""
    now = clock.now()
    once = Q(times=1, last_at__lt=now - timedelta(days=180))
    return SearchMiss.objects.filter(once | Q(last_at__lt=now - timedelta(days=365))).delete()[0]
