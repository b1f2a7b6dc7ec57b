"""Pages by key: no OFFSET, so page 5,000 costs what page 1 costs."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from django.db.models import Model, Q, QuerySet

M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class KeyPage(Generic[M]):
    """Some rows, newest first, and the key of the page after them (empty at the end)."""

    rows: list[M]
    after: str


def page_by_key(rows: QuerySet[M], *, moment: str, size: int, after: str = "") -> KeyPage[M]:
    """One page of `rows` by descending (`moment`, primary key). One query. An odd key is the first page."""
    key = _decoded(after)
    if key is not None:
        at, pk = key
        rows = rows.filter(Q(**{f"{moment}__lt": at}) | Q(**{moment: at, "pk__lt": pk}))
    found = list(rows.order_by(f"-{moment}", "-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return KeyPage(found, _encoded(getattr(found[-1], moment), found[-1].pk) if more else "")


def _encoded(at: datetime, pk: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), pk]).encode()).decode().rstrip("=")


def _decoded(key: str) -> tuple[datetime, int] | None:
    if not key or len(key) > 200:
        return None
    try:
        at, pk = json.loads(base64.urlsafe_b64decode(key + "=" * (-len(key) % 4)))
        moment = datetime.fromisoformat(at)
        number: Any = int(pk)
    except (ValueError, TypeError, OverflowError):
        return None
    sensible = moment.tzinfo is not None and 1970 <= moment.year < 2200 and 0 <= number < 2**63
    return (moment, number) if sensible else None
