"""Values of JSON and XML, taken for what they should be and nothing else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils.translation import gettext as _

from toolkit.archives.unreadable import Unreadable

T = TypeVar("T")


def parsed_json(data: bytes, name: str) -> Any:
    """What a JSON file says. Raises Unreadable, naming line and column."""
    try:
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise Unreadable(_("“%(name)s” is not in UTF-8.") % {"name": name}) from error
    except json.JSONDecodeError as error:
        said = {"name": name, "line": error.lineno, "column": error.colno, "reason": error.msg}
        problem = _("“%(name)s” is not JSON: %(reason)s in line %(line)d, column %(column)d.")
        raise Unreadable(problem % said) from error
    except (RecursionError, ValueError) as error:
        raise Unreadable(_("“%(name)s” is not JSON that can be read: it is too deep.") % {"name": name}) from error


def taken(value: Any, kind: type[T] | tuple[type, ...], place: str) -> T:
    """The value, if it is of that kind. Raises Unreadable, naming the place."""
    names = kind if isinstance(kind, tuple) else (kind,)
    if not isinstance(value, kind) or (isinstance(value, bool) and bool not in names):
        said = {"place": place, "kind": " / ".join(_KINDS.get(n, n.__name__) for n in names)}
        raise Unreadable(_("%(place)s should be: %(kind)s.") % said)
    return value  # type: ignore[return-value]


_KINDS = {dict: "{…}", list: "[…]", str: '"…"', int: "123", type(None): "null"}


def moment(value: Any, place: str) -> datetime:
    """An ISO date, in UTC where it names no zone. Raises Unreadable, naming the place."""
    try:
        found = datetime.fromisoformat(taken(value, str, place))
        found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
        if not 1970 <= found.year <= 2200:
            raise ValueError
    except ValueError as error:
        raise Unreadable(_("%(place)s is not a date: “%(value)s”.") % {"place": place, "value": value}) from error
    return found.astimezone(UTC)
