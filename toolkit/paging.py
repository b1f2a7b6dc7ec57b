"""Pages by key: no OFFSET, so page 5,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from toolkit.text import storable

M = TypeVar("M", bound=Model)
Key = tuple[datetime | int, int]


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[M]):
    """Some rows, newest first, and the key of the page after them (empty at the end)."""

    rows: list[M]
    after: str


def page_by_key(rows: QuerySet[M], *, by: str, size: int, after: str = "") -> KeyPage[M]:
    """One page of `rows` by descending (`by`, primary key); `by` names a moment or a number. One query. An odd key is
    the first page."""
    return _page(keyed(rows, by=by, size=size, after=after), by, size)


def page_of_each(
    rows: QuerySet[M], inner: QuerySet[M], places: Places, *, by: str, size: int, after: str = ""
) -> KeyPage[M]:
    """As `page_by_key`, of what `inner` finds in each place: as many as a page holds are taken from each and merged, so
    that the cost does not grow with what the places hold. `rows` says what is loaded of them. One query."""
    found = rows.filter(pk__in=in_each_place(keyed(inner, by=by, size=size, after=after), places))
    return _page(found.order_by(f"-{by}", "-pk")[: size + 1], by, size)


def keyed(rows: QuerySet[M], *, by: str, size: int, after: str = "") -> QuerySet[M]:
    """The rows after a key, one more than a page holds."""
    key = _decoded(after)
    if key is not None:
        value, pk = key
        if isinstance(value, datetime) is (by.endswith("_at")):
            # The first condition follows from the second; the index begins with it.
            rows = rows.filter(Q(**{f"{by}__lt": value}) | Q(pk__lt=pk), **{f"{by}__lte": value})
    return rows.order_by(f"-{by}", "-pk")[: size + 1]


def _page(rows: QuerySet[M], by: str, size: int) -> KeyPage[M]:
    found = list(rows)
    more = len(found) > size
    found = found[:size]
    return KeyPage(found, encoded(getattr(found[-1], by), found[-1].pk) if more else "")


def page_by_text(rows: QuerySet[M], *, text: str, size: int, after: str = "") -> KeyPage[M]:
    """One page of `rows` by ascending (`text`, primary key), for lists by name. One query. An odd key is the first
    page."""
    words, pk = _unpacked(after) or (None, None)
    if isinstance(words, str) and storable(words) == words and isinstance(pk, int) and 0 <= pk < 2**63:
        rows = rows.filter(Q(**{f"{text}__gt": words}) | Q(**{text: words, "pk__gt": pk}))
    found = list(rows.order_by(text, "pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return KeyPage(found, _packed([getattr(found[-1], text), found[-1].pk]) if more else "")


def _packed(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def _unpacked(key: str) -> tuple[Any, Any] | None:
    if not key or len(key) > 800:
        return None
    try:
        first, second = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
    except (ValueError, TypeError, RecursionError):
        return None
    return first, second


# --- The same question for each of some places

Places = Sequence[tuple[int, datetime]]  # id, and since when


def each(column: str) -> RawSQL:
    """The id, or the "since", of the place that is being asked about. Only inside `in_each_place`."""
    return RawSQL(f"asked_place.{column}", ())  # noqa: S611 - a name of ours


def in_each_place(inner: QuerySet[M], places: Places) -> RawSQL:
    """The ids that `inner`, asked once for each place, answers altogether."""
    sql, params = inner.values("pk").query.sql_with_params()
    return RawSQL(  # noqa: S611 - made of a query set
        f"SELECT found.id FROM unnest(%s::bigint[], %s::timestamptz[]) AS asked_place(id, since)"  # noqa: S608
        f" CROSS JOIN LATERAL ({sql}) AS found(id)",
        ([pk for pk, _since in places], [since for _pk, since in places], *params),
    )


def encoded(value: datetime | int, pk: int) -> str:
    """The key of whatever comes after this row."""
    said = value.isoformat() if isinstance(value, datetime) else value
    return base64.urlsafe_b64encode(json.dumps([said, pk]).encode()).decode().rstrip("=")


def _decoded(key: str) -> Key | None:
    if not key or len(key) > 200:
        return None
    try:
        said, pk = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        value: datetime | int = said if type(said) is int else datetime.fromisoformat(said)
        number: Any = int(pk)
    except (ValueError, TypeError, OverflowError):
        return None
    if isinstance(value, datetime):
        sensible = value.tzinfo is not None and 1970 <= value.year < 2200
    else:
        sensible = -(2**31) <= value < 2**31
    return (value, number) if sensible and 0 <= number < 2**63 else None
