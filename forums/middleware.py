from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from forums.readers import reader_for


def reader_of_request(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """`request.reader`, built on first use. One query."""

    def middleware(request: HttpRequest) -> HttpResponse:
        def build() -> object:
            user = request.user
            return reader_for(user.pk if user.is_authenticated else None)

        request.reader = SimpleLazyObject(build)  # type: ignore[attr-defined]
        return get_response(request)

    return middleware
