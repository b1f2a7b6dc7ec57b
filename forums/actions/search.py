"""Keeping the search index true, in the transaction that changes what it shows."""

from __future__ import annotations

from django.db import connection

from forums.models import Post, PostIndex, Topic
from toolkit.markup import text_of

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
    """Index what a published post says; forget one that is not published. One query."""
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
    """Index a topic's title and tags. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX_TOPIC,
            [topic.pk, CONFIGURATIONS.get(topic.lang, "simple"), topic.title, " ".join(topic.tag_names)],
        )
