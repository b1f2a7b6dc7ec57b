"""Case files."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from forums.readers import Reader
from moderation.models import Case, CaseFile, Colleague

FILES_SHOWN = 100
CASES_SHOWN = 200
_OF_CASES = (
    "subject__post__topic", "subject__post__author", "subject__topic", "subject__member", "letter", "claim__placeholder"
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FilePage:
    file: CaseFile
    cases: list[Case]
    is_paused: bool


def open_files(reader: Reader) -> list[CaseFile]:
    """The open files that this reader sees, the newest first, with how many open cases of theirs are for them
    (`open_count`), and whether their owner pauses (`is_paused`). Two queries."""
    files: QuerySet[CaseFile] = CaseFile.objects.visible_to(reader).filter(closed_at=None)
    mine = Q(cases__closed_at=None, cases__in=Case.objects.visible_to(reader))
    files = files.select_related("owner__colleague").annotate(open_count=Count("cases", filter=mine, distinct=True))
    found: list[CaseFile] = list(files.order_by("-opened_at", "-pk")[:FILES_SHOWN])
    for file in found:
        file.is_paused = _is_paused(file)  # type: ignore[attr-defined]
    return found


def files_for(reader: Reader) -> list[CaseFile]:
    """The open files into which this reader can put a case, the newest first. One query."""
    files = CaseFile.objects.visible_to(reader).filter(closed_at=None)
    return list(files.order_by("-opened_at", "-pk")[:FILES_SHOWN])


def file_page(reader: Reader, file_id: int) -> FilePage:
    """A file and those of its cases that this reader sees, the oldest first. Two queries. Raises CaseFile.DoesNotExist
    if they see none of it."""
    file = CaseFile.objects.visible_to(reader).select_related("owner__colleague").get(pk=file_id)
    cases = Case.objects.visible_to(reader).filter(file=file).select_related(*_OF_CASES)
    return FilePage(file, list(cases.order_by("opened_at", "pk")[:CASES_SHOWN]), _is_paused(file))


def _is_paused(file: CaseFile) -> bool:
    known: Colleague | None = getattr(file.owner, "colleague", None)
    return known is not None and known.is_paused()
