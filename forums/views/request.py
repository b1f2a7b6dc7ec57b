"""What views take from a request, typed."""

from __future__ import annotations

from typing import cast

from django.http import HttpRequest

from forums.readers import Reader
from members.models import Member
from toolkit.text import storable

VISITOR_DRAFTS = "drafts"  # the session's list of keys
SIGNED_OUT = "signed_out"  # the session's map of keys: whose draft it is, and the key of the composer


def reader_of(request: HttpRequest) -> Reader:
    return cast(Reader, request.reader)  # type: ignore[attr-defined]


def member_of(request: HttpRequest) -> Member:
    """The member who asks; behind `login_required`."""
    return cast(Member, request.user)


def said(request: HttpRequest, name: str) -> str:
    """A field of a form as it can be asked of the database."""
    return storable(request.POST.get(name, ""))


def number(request: HttpRequest, name: str) -> int | None:
    value = request.GET.get(name, "")
    return int(value) if value.isdecimal() and len(value) < 10 else None
