"""What time it is for those who write rows. Imports and the demo say so themselves: `with clock.at(moment): …`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.utils import timezone

_said: ContextVar[datetime | None] = ContextVar("moment", default=None)


def now() -> datetime:
    """The moment that what is written now is dated."""
    return _said.get() or timezone.now()


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Date everything written inside as of `moment`."""
    token = _said.set(moment)
    try:
        yield
    finally:
        _said.reset(token)
