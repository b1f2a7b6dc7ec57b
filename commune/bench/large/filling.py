"""A community made by the database itself: sizes, ages and words spread as they are in real ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from forums.models import Access, Forum
from members.models import Community, Member, Trust

MEMBERS = 20_000
FORUMS = 40  # a few large ones, many small ones; every fifth is the team's
TAGS = 2_000
YEARS = 6

# Words are made from numbers below 60,000, the low ones far more often than the high ones: "mot0" stands nearly
# everywhere, as the subject of a community does; the stop words of a language, which search leaves out, are not there.
_SETUP = """
CREATE FUNCTION pg_temp.word() RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT 'mot' || greatest(floor(60000 * power(random(), 4))::int - 20, 0) $$;
CREATE FUNCTION pg_temp.words(number int) RETURNS text LANGUAGE sql VOLATILE AS
    $$ SELECT string_agg(pg_temp.word(), ' ') FROM generate_series(1, number) $$;
SELECT setseed(0.42);
"""

_TOPICS = """
INSERT INTO forums_topic (id, forum_id, author_id, title, slug, intent, lang, tag_names, status, status_reason,
    created_at, published_at, last_position, last_shown, post_count, last_post_at, fresh_at, last_author_id, vote_count,
    is_pinned_everywhere, closed_reason, closed_at, closed_by_id)
SELECT n, 1 + floor(%(forums)s * power(random(), 2))::int, 1 + floor(%(members)s * power(random(), 3))::int,
    pg_temp.words(4), 'topic', (ARRAY['discussion', 'discussion', 'question', 'question', 'idea'])[1 + n %% 5],
    (ARRAY['fr', 'en'])[1 + n %% 2], '{}', CASE WHEN n %% 5 = 4 AND n %% 7 = 0 THEN 'planned' ELSE '' END, '',
    begun, begun, size, size, size, begun + life, begun + life, 1 + floor(%(members)s * power(random(), 3))::int, 0,
    false, '', CASE WHEN n %% 50 = 0 THEN begun + life END, CASE WHEN n %% 50 = 0 THEN 1 END
FROM (
    SELECT n, 1 + floor(23 * power(random(), 4))::int AS size, random() * interval '4 days' AS life,
        %(now)s::timestamptz - (%(topics)s - n) * (%(years)s * interval '1 year' / %(topics)s) - interval '4 days'
            AS begun
    FROM generate_series(%(first)s, %(last)s) AS n
) made
"""
_POSTS = """
INSERT INTO forums_post (topic_id, author_id, position, body, html, renderer_version, lang, state, origin, version,
    idempotency_key, created_at, published_at, removed_note, is_wiki, reactions, thanks)
SELECT t.id, CASE place WHEN 1 THEN t.author_id ELSE 1 + floor(%(members)s * power(random(), 3))::int END, place,
    words, '<p>' || words || '</p>', 1, t.lang, 'published', 'member', 1, gen_random_uuid(), written, written, '',
    false, '{}', 0
FROM (
    SELECT t.*, place, pg_temp.words(14) AS words,
        t.published_at + (t.last_post_at - t.published_at) * place / t.post_count AS written
    FROM forums_topic t, generate_series(1, t.post_count) AS place WHERE t.id BETWEEN %(first)s AND %(last)s
    ORDER BY t.id, place
) t
"""
_POST_INDEX = """
INSERT INTO forums_postindex (post_id, words) SELECT id, to_tsvector('simple', body) FROM forums_post
WHERE topic_id BETWEEN %(first)s AND %(last)s ORDER BY id
"""
_TOPIC_INDEX = """
INSERT INTO forums_topicindex (topic_id, words) SELECT id, setweight(to_tsvector('simple', title), 'A')
FROM forums_topic WHERE id BETWEEN %(first)s AND %(last)s
"""
_TAGGED = """
INSERT INTO forums_tagged (tag_id, content_object_id)
SELECT DISTINCT 1 + floor(%(tags)s * power(random(), 3))::int, n
FROM generate_series(%(first)s, %(last)s) AS n, generate_series(1, 2)
"""
_REST = [
    """UPDATE forums_topic t SET last_post_id = p.id,
        accepted_post_id = CASE WHEN t.intent = 'question' AND t.id % 3 = 0 THEN p.id END
        FROM forums_post p WHERE p.topic_id = t.id AND p.position = t.last_position""",
    """UPDATE forums_forum f SET topic_count = s.topics, post_count = s.posts FROM (
        SELECT forum_id, count(*) AS topics, sum(post_count) AS posts FROM forums_topic GROUP BY forum_id) s
        WHERE s.forum_id = f.id""",
    "SELECT setval(pg_get_serial_sequence('forums_topic', 'id'), (SELECT max(id) FROM forums_topic))",
]
# One who has read nearly everything for years, one who reads a little.
_READ = """
INSERT INTO forums_readmark (topic_id, member_id, place, follow, read_at)
SELECT id, %(member)s, last_position, CASE WHEN id %% 500 = 0 THEN 'all' ELSE 'normal' END, last_post_at
FROM forums_topic WHERE id > %(after)s AND id %% %(each)s = 0
"""
STEP = 50_000  # topics at a time


@dataclass(frozen=True, slots=True)
class Cast:
    """For whom lists are measured."""

    avid: Member
    casual: Member


def fill(topics: int, progress: Callable[[int], object]) -> Cast:
    """Fill an empty, migrated database. `progress` is called with numbers of topics done."""
    now = timezone.now()
    _people_and_forums()
    known: dict[str, Any] = {
        "members": MEMBERS,
        "forums": FORUMS,
        "tags": TAGS,
        "topics": topics,
        "years": YEARS,
        "now": now,
    }
    with connection.cursor() as cursor, _without_slow_indexes():
        cursor.execute(_SETUP)
        cursor.execute(
            "INSERT INTO forums_tag (name, slug, key, description_fr, description_en)"
            " SELECT 'tag' || n, 'tag' || n, 'tag' || n, '', '' FROM generate_series(1, %s) AS n",
            [TAGS],
        )
        for first in range(1, topics + 1, STEP):
            last = min(first + STEP - 1, topics)
            for sql in (_TOPICS, _POSTS, _POST_INDEX, _TOPIC_INDEX, _TAGGED):
                cursor.execute(sql, {**known, "first": first, "last": last})
            progress(last - first + 1)
        for sql in _REST:
            cursor.execute(sql)
    avid, casual = Member.objects.order_by("-pk")[:2]
    with connection.cursor() as cursor:
        cursor.execute(_READ, {"member": avid.pk, "after": topics * 4 // 5, "each": 1})
        cursor.execute(_READ, {"member": casual.pk, "after": topics * 4 // 5, "each": 90})
    connection.cursor().execute("VACUUM ANALYZE")
    return Cast(avid, casual)


def _people_and_forums() -> None:
    Community.objects.update(is_set_up=True, name_en="Large")
    joined = timezone.now() - timedelta(days=365 * YEARS)
    people = [
        Member(username=f"m{n}", email=f"m{n}@example.org", language="en", trust=Trust.MEMBER, joined_at=joined)
        for n in range(1, MEMBERS + 1)
    ]
    Member.objects.bulk_create(people, batch_size=5_000)
    for number in range(1, FORUMS + 1):
        forum = Forum.objects.create(pk=number, slug=f"f{number}", name_en=f"Forum {number}", order=number)
        audience = Access.Audience.TEAM if number % 5 == 0 else Access.Audience.EVERYONE
        Access.objects.create(forum=forum, audience=audience, level=Access.Level.READ)


class _without_slow_indexes:  # noqa: N801 - used as a statement
    """Indexes of words are made once everything is there: it takes a third of the time."""

    NAMES = ("post_words", "topic_words")

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT indexname, indexdef FROM pg_indexes WHERE indexname = ANY(%s)", [list(self.NAMES)])
            self.definitions = dict(cursor.fetchall())
            for name in self.definitions:
                cursor.execute(f"DROP INDEX {name}")

    def __exit__(self, *failed: object) -> None:
        with connection.cursor() as cursor:
            for definition in self.definitions.values():
                cursor.execute(definition)
