"""What is measured: each list for a visitor, for somebody who has read everything, for somebody who reads a little."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from engagement.queries import standing
from forums.actions.reading import advance_all_read, mark_all_read
from forums.actions.scores import score_topics
from forums.models import Forum, Tag, Topic, TopicScore
from forums.queries.lists import Asked, Where, feed_of, topics_in
from forums.queries.search import complete, search
from forums.readers import Reader, reader_for
from toolkit.paging import encoded

if TYPE_CHECKING:
    from commune.bench.large.filling import Cast

TRIES = 3  # the shortest counts: other work only adds
# What must not be read from its beginning.
LARGE = frozenset(f"forums_{name}" for name in ("topic", "post", "postindex", "topicindex", "readmark", "tagged"))
SEARCHES = (
    "mot59000", "mot0", "mot0 mot1 mot2", "mot12 mot900 mot31000", '"mot3 mot4"', "mot5 -mot6 tag:tag1",
    "mot7 forum:f39", "mot8 author:m1", "author:m1", "forum:f1 is:answered",
)  # fmt: skip
MOST = 500.0  # milliseconds on two cores; what takes longer is a fault


@dataclass(frozen=True, slots=True)
class Measured:
    name: str
    reader: str
    queries: int
    milliseconds: float
    indexes: tuple[str, ...]
    fault: str


def measured(cast: Cast) -> Iterator[Measured]:
    """Each list: how many queries, how long, which indexes its plan uses."""
    yield _one("scores of the week, by the job", "–", lambda: score_topics(TopicScore.Period.WEEK), is_job=True)
    yield _one("scores of all time, by the job", "–", lambda: score_topics(TopicScore.Period.EVER), is_job=True)
    yield _one("unread begins later, by the job", "–", _everybody_advances, is_job=True)
    large, small = Forum.objects.get(slug="f1"), Forum.objects.get(slug="f39")
    often, seldom = Tag.objects.get(key="tag1"), Tag.objects.get(key=f"tag{Tag.objects.count() - 3}")
    busy = Topic.objects.select_related("author").get(pk=1).author
    people = {"visitor": None, "avid": cast.avid, "casual": cast.casual}
    for who, member in people.items():
        reader = reader_for(member)
        asked = ["latest", "new", "unanswered", "top"]
        if member is not None:
            asked += ["unread", "followed", "mine", "hidden"]
        for only in asked:
            yield _list(f"home, {only}", who, reader, Where(), Asked(only=only))
        yield _list("home, latest, page far behind", who, reader, Where(), Asked(after=_far()))
        yield _list("home, ideas planned", who, reader, Where(), Asked(intent="idea", state="planned"))
        yield _list("home, announcements (there are none)", who, reader, Where(), Asked(intent="announcement"))
        yield _list("home, closed", who, reader, Where(), Asked(state="closed"))
        for name, forum in (("large", large), ("small", small)):
            for only in ("latest", "new", "unanswered", *(["unread"] if member else [])):
                yield _list(f"{name} forum, {only}", who, reader, Where(forum=forum), Asked(only=only))
        yield _list("tag on many topics", who, reader, Where(tag=often), Asked())
        yield _list("tag on few topics", who, reader, Where(tag=seldom), Asked())
        yield _list("topics of a member who starts many", who, reader, Where(author=busy), Asked())
        yield _one("feed of the community", who, partial(feed_of, reader))
        if member is not None:
            yield _one("badges of the header", who, partial(standing, reader))
        for typed in SEARCHES:
            yield _one(f"search: {typed}", who, partial(search, reader, typed))
        yield _one("completion: mot59", who, partial(complete, reader, "mot59"))
    mark_all_read(by=cast.casual)
    yield _list(
        "home, unread, after all was marked read", "casual", reader_for(cast.casual), Where(), Asked(only="unread")
    )


def _everybody_advances() -> None:
    member = 0
    while member := advance_all_read(after=member):
        pass


def _far() -> str:
    """The key of a page in the middle of everything."""
    middle = Topic.objects.filter(pk=Topic.objects.order_by("-pk").values_list("pk", flat=True)[0] // 2).get()
    return encoded(middle.last_post_at, middle.pk) if middle.last_post_at else ""


def _list(name: str, who: str, reader: Reader, where: Where, asked: Asked) -> Measured:
    return _one(name, who, lambda: topics_in(reader, where, asked))


def _one(name: str, who: str, run: Callable[[], Any], *, is_job: bool = False) -> Measured:
    with CaptureQueriesContext(connection) as captured:
        run()
    queries = [query["sql"] for query in captured.captured_queries]
    spent = min(_timed(run) for _ in range(1 if is_job else TRIES))
    indexes: dict[str, None] = {}
    scanned: dict[str, None] = {}
    for sql in queries:
        if sql.lstrip().upper().startswith(("SELECT", "WITH")):
            _plan(sql, indexes, scanned)
    fault = f"reads all of {', '.join(scanned)}" if scanned and not is_job else ""
    if not is_job and spent > MOST:
        fault = fault or "takes too long"
    return Measured(name, who, len(queries), spent, tuple(indexes), fault)


def _timed(run: Callable[[], Any]) -> float:
    began = time.perf_counter()
    run()
    return (time.perf_counter() - began) * 1000


def _plan(sql: str, indexes: dict[str, None], scanned: dict[str, None]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}")
        found = cursor.fetchone()[0]
    nodes = [(json.loads(found) if isinstance(found, str) else found)[0]["Plan"]]
    while nodes:
        node = nodes.pop()
        nodes += node.get("Plans", [])
        if "Index Name" in node:
            indexes[node["Index Name"]] = None
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
            scanned[node["Relation Name"]] = None
