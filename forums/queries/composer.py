"""What helps somebody who writes: names and tags completed, similar topics, a hint at first."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, Value, When
from django.db.models.functions import Length

from forums.limits import FIRST_POSTS, SUGGESTIONS, TOPIC_TITLES_SUGGESTED
from forums.models import Post, Tag, Tagged, TagSynonym, Topic
from forums.policies import is_team
from members.models import Member, ShownTo
from toolkit.expressions import folded
from toolkit.text import tag_key

if TYPE_CHECKING:
    from forums.readers import Reader

_WORD = re.compile(r"\w{3,}")
_EMPTY = {"les", "plus", "comment", "quel", "quelle"}  # words that PostgreSQL's French list lacks
_WORDS_ASKED = 12  # of a title: more would not make the answer better

# A topic is similar when its title or tags share a word that carries meaning: both languages' stop words are left out.
_SIMILAR = """
WITH meant AS (
    SELECT string_agg(word, ' or ') AS words FROM unnest(%(words)s::text[]) AS word
    WHERE to_tsvector('french', word) <> '' AND to_tsvector('french', commune_fold(word)) <> ''
      AND to_tsvector('english', word) <> ''
),
asked AS (
    SELECT websearch_to_tsquery('french', commune_fold(words))
        || websearch_to_tsquery('english', commune_fold(words))
        || commune_fold(websearch_to_tsquery('french', words)::text)::tsquery AS q
    FROM meant
)
SELECT t.id FROM asked, forums_topicindex i JOIN forums_topic t ON t.id = i.topic_id
WHERE i.words @@ asked.q AND t.is_listed AND t.forum_id = ANY(%(forums)s)
ORDER BY ts_rank(i.words, asked.q) DESC, t.last_post_at DESC LIMIT %(limit)s
"""


def members_like(reader: Reader, words: str, *, topic: Topic | None = None) -> list[Member]:
    """Members who take part and whose name or username holds these letters, case and accents apart; those who wrote in
    the topic first, then those whose name begins so; not those with whom there is a block, nor those who show
    themselves to the team only, except where they wrote. One query."""
    letters = folded(Value(words))
    begins = Q(said__startswith=letters) | Q(shown__startswith=letters)
    wrote = Post.objects.filter(author=OuterRef("pk"), topic=topic, state=Post.State.PUBLISHED)
    found = Member.objects.taking_part().exclude(pk__in=reader.blocked)
    found = found.annotate(said=folded(F("username")), shown=folded(F("name")))
    if not is_team(reader):
        found = found.filter(~Q(shown_to=ShownTo.TEAM) | Q(Exists(wrote)))
    if words:
        found = found.filter(Q(said__contains=letters) | Q(shown__contains=letters))
    elif topic is None:
        return []
    else:
        found = found.filter(Exists(wrote))
    return list(
        found.annotate(
            order=Case(
                *([When(Exists(wrote), then=0)] if topic is not None else []),
                When(begins, then=1),
                default=2,
                output_field=IntegerField(),
            )
        ).order_by("order", "username")[:SUGGESTIONS]
    )


def tags_like(reader: Reader, words: str) -> list[Tag]:
    """Tags that hold these letters, or of which a synonym begins so, and stand on a topic this reader sees in lists;
    those that begin so first. One query."""
    key = tag_key(words)
    if not key:
        return []
    seen = Tagged.objects.filter(tag=OuterRef("pk"), content_object__in=Topic.objects.listed_to(reader))
    begins = Case(When(key__startswith=key, then=0), default=1, output_field=IntegerField())
    held = Q(key__contains=key) | Q(Exists(TagSynonym.objects.filter(tag=OuterRef("pk"), key__startswith=key)))
    return list(Tag.objects.filter(held, Exists(seen)).order_by(begins, Length("key"), "key")[:SUGGESTIONS])


def similar_topics(reader: Reader, title: str) -> list[Topic]:
    """Topics whose title or tags share words with a title that is being typed, the closest first.
    Two queries at most."""
    words = [word for word in _WORD.findall(title) if word.lower() not in _EMPTY][:_WORDS_ASKED]
    if not words:
        return []
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "words": words,
            "forums": list(reader.readable),
            "limit": TOPIC_TITLES_SUGGESTED,
        }
        cursor.execute(_SIMILAR, asked)
        ids = [topic_id for (topic_id,) in cursor.fetchall()]
    if not ids:
        return []
    found = Topic.objects.listed_to(reader).select_related("forum").in_bulk(ids)
    return [found[topic_id] for topic_id in ids if topic_id in found]


def wants_hint(member: Member) -> bool:
    """Whether what they write now is among their first posts, and they have not put the hint away.
    One query at most."""
    if not member.wants_composer_hint or not member.is_newcomer:
        return False
    written = Post.objects.filter(author=member).exclude(state=Post.State.REFUSED)
    return written[:FIRST_POSTS].count() < FIRST_POSTS
