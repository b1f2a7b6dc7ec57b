"""Search: permission first, then words. What one may not read does not exist, also in counts.

How topics are ordered, each part between 0 and 1 times its weight below: how much of the query the title holds, how
much the best post holds, how much the topic holds altogether (rare words weigh more than common ones), how densely,
how recently somebody wrote there, whether there is an accepted answer, and whether the best post opens the topic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q

from forums.models import Forum, Post, Tag, Topic
from forums.policies import may_see_page
from forums.queries.composer import members_like, tags_like
from forums.queries.search.asked import Query, Term, moment, understood
from forums.queries.search.marks import mark
from members.models import Member
from toolkit.text import tag_key

if TYPE_CHECKING:
    from forums.readers import Reader

RESULTS = 30  # on one page
FOUND_AT_MOST = 200
RARE = 2_000  # posts: a word that stands in fewer of them is looked for by itself
COUNTED = 50_000  # posts: a word of which the planner expects fewer is counted, up to RARE
TITLES, POSTS = 1_500, 2_500  # candidates that are weighed, the newest ones
LATELY = 300_000  # posts and topics: where every word is common, the newest ones are looked through first
FEW = 5  # topics with all of the words: below, those with some of them are shown too
LEAST_SHARE = 0.4  # of the weight of all words

IN_TITLE, IN_POST, IN_TOPIC, WHOLE = 0.45, 0.35, 0.20, 0.15
DENSITY, FRESHNESS, ANSWERED, OPENS = 0.10, 0.08, 0.06, 0.05

# What each word of the query matches: whether at all, whether it carries meaning, and how rare it is.
_TERMS = """
SELECT numnode(q), to_tsvector('french', folded) = '' OR to_tsvector('english', folded) = ''
        OR to_tsvector('french', said) = '',
    CASE WHEN expected < %(counted)s
        THEN (SELECT count(*) FROM (SELECT 1 FROM forums_postindex i WHERE i.words @@ q LIMIT %(rare)s) few)
        ELSE expected END,
    (SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'forums_postindex'::regclass)
FROM unnest(%(texts)s::text[], %(phrases)s::bool[]) WITH ORDINALITY AS asked(said, is_phrase, n),
    LATERAL (SELECT commune_term(said, is_phrase) AS q, commune_fold(said) AS folded) made,
    LATERAL (SELECT commune_expected(q) AS expected) estimated
ORDER BY n
"""

_SEARCH = """
WITH titles AS (
    SELECT i.topic_id, {mask} AS mask
    FROM forums_topicindex i JOIN forums_topic t ON t.id = i.topic_id
    WHERE i.words @@ ({wanted}) AND i.topic_id > %(topics_after)s AND {of_topic} AND {of_title}
    ORDER BY i.topic_id DESC LIMIT %(titles)s
),
posts AS (
    SELECT p.topic_id, p.id AS post_id, p.position, {mask} AS mask, ts_rank(i.words, {either}, 1) AS rank
    FROM forums_postindex i JOIN forums_post p ON p.id = i.post_id JOIN forums_topic t ON t.id = p.topic_id
    WHERE i.words @@ ({wanted}) AND i.post_id > %(posts_after)s AND p.state = 'published' AND {of_topic} AND {of_post}
    ORDER BY i.post_id DESC LIMIT %(posts)s
),
best AS (
    SELECT DISTINCT ON (topic_id) topic_id, post_id, position, mask, rank,
        bit_or(mask) OVER (PARTITION BY topic_id) AS together
    FROM posts ORDER BY topic_id, {weight_of_mask} DESC, position = 1 DESC, rank DESC, post_id
),
found AS (
    SELECT topic_id, post_id, coalesce(titles.mask, 0) AS in_title, coalesce(best.mask, 0) AS in_post,
        coalesce(titles.mask, 0) | coalesce(best.together, 0) AS in_topic, coalesce(rank, 0) AS rank,
        coalesce(position = 1, false) AS opens
    FROM titles FULL JOIN best USING (topic_id)
)
SELECT topic_id, post_id, in_topic = {all} AS is_whole, {weight_in_topic} / {weight} AS share
FROM found JOIN forums_topic t ON t.id = topic_id
ORDER BY %(in_title)s * {weight_in_title} / {weight} + %(in_post)s * {weight_in_post} / {weight}
    + %(in_topic)s * {weight_in_topic} / {weight} + %(whole)s * (in_topic = {all})::int
    + %(density)s * rank / (rank + 0.1)
    + %(freshness)s * exp(-extract(epoch FROM clock_timestamp() - t.last_post_at) / (365 * 86400))
    + %(answered)s * (t.accepted_post_id IS NOT NULL)::int + %(opens)s * opens::int DESC, topic_id DESC
LIMIT %(most)s
"""


_LATELY = """
SELECT greatest((SELECT max(topic_id) FROM forums_topicindex) - %(number)s, 0),
    greatest((SELECT max(post_id) FROM forums_postindex) - %(number)s, 0)
"""


@dataclass(slots=True)
class Hit:
    """A topic, the post of it that fits best, and both with the hits marked: pieces of (text, is a hit)."""

    topic: Topic
    post: Post | None
    title: list[tuple[str, bool]] = field(default_factory=list)
    excerpt: list[tuple[str, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """What a search answers, and how it was understood."""

    query: Query
    hits: list[Hit] = field(default_factory=list)
    total: int = 0
    after: int = 0  # where the next page begins; 0 at the end
    is_partly: bool = False  # some of the topics have only some of the words
    too_common: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)  # filters that name nobody and nothing here
    forum: Forum | None = None
    tag: Tag | None = None
    author: Member | None = None
    people: list[Member] = field(default_factory=list)
    tags: list[Tag] = field(default_factory=list)


def search(reader: Reader, typed: str, *, start: int = 0) -> Found:
    """The topics that fit best what was typed, each once, with the post that fits best; from the `start`th on.
    Thirteen queries at most, however much there is."""
    found = Found(understood(typed))
    _name_filters(reader, found)
    terms = _weighed(found)
    rows = _by_words(reader, found, terms) if terms else _by_filters(reader, found) if found.query.filters else []
    found.total = len(rows)
    found.after = start + RESULTS if len(rows) > start + RESULTS else 0
    _load(reader, found, rows[start : start + RESULTS])
    mark(found.hits, [term for term, _weight, _is_rare in terms])
    if terms and not found.query.filters and not start:
        words = " ".join(term.text for term, _weight, _is_rare in terms)
        alike = members_like(reader, words) if not reader.is_visitor else []
        found.people = [member for member in alike if may_see_page(reader, member)][:5]
        found.tags = tags_like(reader, words)[:5]
    return found


def _name_filters(reader: Reader, found: Found) -> None:
    """The forum, the tag, the member that filters name; what this reader may not see is as unknown as what is not."""
    said = found.query.filters
    if said.forum:
        seen = {forum.slug: forum for forum in Forum.objects.visible_to(reader)}
        names = {name.lower(): forum for forum in seen.values() for name in (forum.name_fr, forum.name_en) if name}
        found.forum = seen.get(said.forum.lower()) or names.get(said.forum.lower())
    if said.tag:
        found.tag = Tag.objects.seen_by(reader).named(tag_key(said.tag)).first()
    if said.author:
        found.author = _author(reader, said.author)
    for name in ("forum", "tag", "author"):
        if getattr(said, name) and getattr(found, name) is None:
            found.unknown.append(getattr(said, name))
            setattr(said, name, "")


def _author(reader: Reader, said: str) -> Member | None:
    """The member called so (by name here, else by the name shown), if this reader sees their page: whoever claimed a
    name is meant by it."""
    people = Member.objects.shown().select_related("claimed_by")
    found: Member | None = people.filter(username=said.lower()).first() or people.filter(name__iexact=said).first()
    if found is not None and found.claimed_by is not None:
        found = found.claimed_by
    return found if found is not None and may_see_page(reader, found) else None


Weighed = tuple[Term, float, bool]


def _weighed(found: Found) -> list[Weighed]:
    """The words that carry meaning, with their weight, and whether they are rare. One query."""
    terms = found.query.terms
    if not terms:
        return []
    with connection.cursor() as cursor:
        asked: dict[str, Any] = {
            "texts": [t.text for t in terms],
            "phrases": [t.is_phrase for t in terms],
            "rare": RARE,
            "counted": COUNTED,
        }
        cursor.execute(_TERMS, asked)
        rows = cursor.fetchall()
    matching = [(term, row) for term, row in zip(terms, rows, strict=True) if row[0]]
    telling = [(term, row) for term, row in matching if term.is_phrase or not row[1]]
    found.too_common = [term.text for term, row in matching if telling and (term, row) not in telling]
    return [(term, _weight(row[2], row[3]), row[2] < RARE) for term, row in telling or matching]


def _weight(posts: int, of: float) -> float:
    """How much a word tells that stands in so many posts; one that no post holds cannot decide between topics."""
    return log(1 + of / (1 + posts)) if posts else 1.0


Row = tuple[int, int | None]


def _by_words(reader: Reader, found: Found, terms: list[Weighed]) -> list[Row]:
    """Topic and best post of everything that fits, best first. One query; where every word is common two, and three
    where the newest topics are not enough."""
    asked: dict[str, Any] = {
        "in_title": IN_TITLE, "in_post": IN_POST, "in_topic": IN_TOPIC, "whole": WHOLE, "density": DENSITY,
        "freshness": FRESHNESS, "answered": ANSWERED, "opens": OPENS,
        "titles": TITLES, "posts": POSTS, "most": FOUND_AT_MOST,
    }  # fmt: skip
    named = []
    for number, (term, _weight, _is_rare) in enumerate(terms):
        asked |= {f"term{number}": term.text, f"phrase{number}": term.is_phrase}
        named.append(f"commune_term(%(term{number})s, %(phrase{number})s)")
    rare = [sql for sql, (_term, _weight, is_rare) in zip(named, terms, strict=True) if is_rare]
    phrases = [sql for sql, (term, _weight, _is_rare) in zip(named, terms, strict=True) if term.is_phrase]
    wanted = " && ".join(phrases) if phrases else " || ".join(rare) if rare else " && ".join(named)
    weights = [weight for _term, weight, _is_rare in terms]
    of_topic, of_title, of_post = _conditions(reader, found, asked)

    def weight_of(mask: str) -> str:
        return "(" + " + ".join(f"(({mask} >> {n}) & 1) * {w:.4f}" for n, w in enumerate(weights)) + ")"

    sql = _SEARCH.format(
        mask=" | ".join(f"((i.words @@ {sql})::int << {number})" for number, sql in enumerate(named)),
        wanted=wanted,
        either=f"({' || '.join(named)})",
        of_topic=of_topic,
        of_title=of_title,
        of_post=of_post,
        weight=f"{sum(weights):.4f}",
        all=(1 << len(named)) - 1,
        weight_of_mask=weight_of("mask"),
        weight_in_title=weight_of("in_title"),
        weight_in_post=weight_of("in_post"),
        weight_in_topic=weight_of("in_topic"),
    )
    asked |= {"topics_after": 0, "posts_after": 0}
    with connection.cursor() as cursor:
        rows = []
        if not rare:
            cursor.execute(_LATELY, {"number": LATELY})
            asked["topics_after"], asked["posts_after"] = cursor.fetchone()
            cursor.execute(sql, asked)
            rows = cursor.fetchall()
        if len(rows) < FEW and (rare or asked["posts_after"] > 0 or asked["topics_after"] > 0):
            asked |= {"topics_after": 0, "posts_after": 0}
            cursor.execute(sql, asked)
            rows = cursor.fetchall()
    whole = [row for row in rows if row[2]]
    if len(whole) >= FEW:
        rows = whole
    else:
        rows = [row for row in rows if row[2] or row[3] >= LEAST_SHARE]
        found.is_partly = len(rows) > len(whole)
    return [(topic, post) for topic, post, _is_whole, _share in rows]


def _conditions(reader: Reader, found: Found, asked: dict[str, Any]) -> tuple[str, str, str]:
    """What a topic, its title, a post must be, as SQL; the values are put into `asked`."""
    said = found.query.filters
    asked |= {"forums": _forums(reader, found), "blocked": list(reader.blocked)}
    topic = ["t.is_listed", "t.forum_id = ANY(%(forums)s)", "NOT t.author_id = ANY(%(blocked)s)"]
    title, post = ["true"], ["NOT p.author_id = ANY(%(blocked)s)"]
    if found.tag is not None:
        asked["tag"] = found.tag.pk
        topic.append("EXISTS (SELECT 1 FROM forums_tagged g WHERE g.content_object_id = t.id AND g.tag_id = %(tag)s)")
    if said.intent:
        asked["intent"] = said.intent
        topic.append("t.intent = %(intent)s")
    if said.state:
        topic.append(_STATES[said.state])
    if found.author is not None:
        asked["author"] = found.author.pk
        title.append("t.author_id = %(author)s")
        post.append("p.author_id = %(author)s")
    for name, day, sign in (("after", said.after, ">="), ("before", said.before, "<")):
        if day is not None:
            asked[name] = moment(day)
            title.append(f"t.published_at {sign} %({name})s")
            post.append(f"p.published_at {sign} %({name})s")
    for number, term in enumerate(found.query.without):
        asked |= {f"not{number}": term.text, f"notphrase{number}": term.is_phrase}
        unwanted = f"commune_term(%(not{number})s, %(notphrase{number})s)"
        topic.append(
            f"NOT EXISTS (SELECT 1 FROM forums_topicindex x WHERE x.topic_id = t.id AND x.words @@ {unwanted})"  # noqa: S608
        )
        post.append(
            f"NOT EXISTS (SELECT 1 FROM forums_postindex x WHERE x.post_id = p.id AND x.words @@ {unwanted})"  # noqa: S608
        )
    return " AND ".join(topic), " AND ".join(title), " AND ".join(post)


_OPEN = "(t.closed_at IS NULL OR t.closed_until <= clock_timestamp()) AND t.archived_at IS NULL"
_STATES = {
    "answered": "t.accepted_post_id IS NOT NULL",
    "unanswered": f"t.post_count <= 1 AND {_OPEN}",
    "open": _OPEN,
    "closed": "t.closed_at IS NOT NULL AND (t.closed_until IS NULL OR t.closed_until > clock_timestamp())",
}


def _forums(reader: Reader, found: Found) -> list[int]:
    if found.forum is None:
        return list(reader.readable)
    return [forum for forum in reader.readable if forum == found.forum.pk]


def _by_filters(reader: Reader, found: Found) -> list[Row]:
    """Without words: the topics that the filters leave, those last written in first. One query."""
    asked: dict[str, Any] = {"most": FOUND_AT_MOST}
    of_topic, of_title, of_post = _conditions(reader, found, asked)
    if found.author is not None:
        asked["posts"] = POSTS
        sql = (
            f"SELECT topic_id, max(id) FROM (SELECT p.topic_id, p.id FROM forums_post p"  # noqa: S608
            f" JOIN forums_topic t ON t.id = p.topic_id WHERE p.state = 'published' AND {of_topic} AND {of_post}"
            f" ORDER BY p.published_at DESC LIMIT %(posts)s) newest"
            f" GROUP BY topic_id ORDER BY max(id) DESC LIMIT %(most)s"
        )
    else:
        sql = (
            f"SELECT t.id, NULL::bigint FROM forums_topic t WHERE {of_topic} AND {of_title}"  # noqa: S608
            f" ORDER BY t.last_post_at DESC, t.id DESC LIMIT %(most)s"
        )
    with connection.cursor() as cursor:
        cursor.execute(sql, asked)
        return [(topic, post) for topic, post in cursor.fetchall()]


def _load(reader: Reader, found: Found, rows: list[Row]) -> None:
    """The topics and posts of one page, through the gate once more. Two queries."""
    topics = Topic.objects.listed_to(reader).select_related("forum", "author", "last_author")
    topics_by_id = topics.in_bulk([topic for topic, _post in rows])
    posts = Post.objects.readable_by(reader).published().select_related("author")
    named = Q(pk__in=[post for _topic, post in rows if post])
    first = Q(topic__in=[topic for topic, post in rows if not post], position=1)
    loaded = list(posts.filter(named | first))
    by_id, by_topic = {post.pk: post for post in loaded}, {post.topic_id: post for post in loaded}
    found.hits = [
        Hit(topics_by_id[topic], by_id.get(post) if post else by_topic.get(topic))
        for topic, post in rows
        if topic in topics_by_id
    ]
