"""Who is asking, as the middleware has found out."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from forums.readers import Reader
from members.models import Member


def reader_of(request: HttpRequest) -> Reader:
    return cast(Reader, request.reader)  # type: ignore[attr-defined]


def member_of(request: HttpRequest) -> Member:
    return cast(Member, request.user)
