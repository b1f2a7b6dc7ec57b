"""How well search answers what people would ask, on real discussions: a set judged by hand, and where it finds them."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from forums.models import Access, Forum, ImportedRecord
from forums.queries.search import search
from forums.readers import Reader

JUDGED = Path(settings.BASE_DIR) / "tests" / "search_quality" / "judged.toml"
ARCHIVES = {
    "mbox": "mail/caml-list-1992-1998.mbox",
    "stackexchange": "forums/french.meta.stackexchange.zip",
    "discourse": "forums/urho3d-discourse-sample.zip",
    "json": "forums/postgresqlfr-2004-2008.json",
}


@dataclass(frozen=True, slots=True)
class Question:
    """What somebody types, and the topics that are right, as "software id"."""

    lang: str
    words: str
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Where the first right topic stood; 0 where none did."""

    question: Question
    rank: int


def judged(path: Path = JUDGED) -> list[Question]:
    """The set."""
    said = tomllib.loads(path.read_text("utf-8"))["question"]
    return [Question(one["lang"], one["words"], tuple(one["right"])) for one in said]


def import_archives(folder: Path) -> Iterator[str]:
    """Import every archive of the folder, each into forums of its own that everyone may read. Yields what was done."""
    for software, file in ARCHIVES.items():
        slug = f"judged-{software}"
        forum, fresh = Forum.objects.get_or_create(slug=slug, defaults={"name_fr": software, "name_en": software})
        if fresh:
            Access.objects.create(forum=forum, audience=Access.Audience.EVERYONE, level=Access.Level.READ)
        call_command(f"import_{software}", str(folder / file), forum=slug, stdout=StringIO())
        yield f"{software}: {forum.topics.count()}"


def topics_of(questions: Iterable[Question]) -> dict[str, int]:
    """The topics that the set names, by "software id", as far as they are imported. One query."""
    wanted = {right.partition(" ")[2] for question in questions for right in question.right}
    rows = ImportedRecord.objects.filter(external_id__in=wanted, post__isnull=False)
    return {
        f"{source.partition(':')[0]} {external_id}": topic
        for source, external_id, topic in rows.values_list("source", "external_id", "post__topic")
    }


def judge(reader: Reader, questions: Iterable[Question]) -> Iterator[Found]:
    """Ask each question, and say where the first right topic stands."""
    questions = list(questions)
    topics = topics_of(questions)
    for question in questions:
        right = {topics[name] for name in question.right if name in topics}
        hits = [hit.topic.pk for hit in search(reader, question.words).hits]
        rank = next((place for place, topic in enumerate(hits, start=1) if topic in right), 0)
        yield Found(question, rank)


def figures(found: list[Found]) -> tuple[int, int, float]:
    """How many were asked, how many had a right topic on top, and the mean reciprocal rank."""
    reciprocal = sum(1 / one.rank for one in found if one.rank)
    return len(found), sum(one.rank == 1 for one in found), reciprocal / max(1, len(found))
