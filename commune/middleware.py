from __future__ import annotations

from collections.abc import Callable
from functools import cache
from urllib.parse import urlsplit

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from commune.views import too_large
from forums.limits import REQUEST_BYTES
from toolkit.fragments import aim, wants_fragment
from toolkit.verdicts import Refused

Handler = Callable[[HttpRequest], HttpResponse]


@cache
def policy(live_url: str, bucket: str) -> str:
    """No inline script or style anywhere; nothing from elsewhere, but for where new replies are told (development) and
    the storage that signed addresses of images lead to, where there is one."""
    live = urlsplit(live_url)
    origin = f" {live.scheme}://{live.netloc}" if live.netloc else ""
    storage = urlsplit(default_storage.url("x")) if bucket else None
    images = f" {storage.scheme}://{storage.netloc}" if storage is not None else ""
    rules = [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"img-src 'self'{images} data:",
        "font-src 'self'",
        f"connect-src 'self'{origin}",
        "manifest-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    ]
    return "; ".join(rules)


def content_security_policy(get_response: Handler) -> Handler:
    """The same policy on every answer, static files included."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", policy(settings.LIVE_URL, settings.S3_BUCKET))
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        if settings.DEVELOPMENT and response.get("Content-Type", "").startswith("text/html"):
            response.headers.setdefault("Cache-Control", "no-cache")
        return response

    return middleware


def nothing_unspeakable(get_response: Handler) -> Handler:
    """A NUL in an address is nowhere in the database, which would refuse the question: no page, or left out."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            return render(request, "404.html", status=404)
        request.META["QUERY_STRING"] = request.META.get("QUERY_STRING", "").replace("%00", "")
        return get_response(request)

    return middleware


def requests_of_a_size(get_response: Handler) -> Handler:
    """What announces more than is taken in one go is refused before it is read: it would fill the disk."""

    def middleware(request: HttpRequest) -> HttpResponse:
        announced = request.META.get("CONTENT_LENGTH") or "0"
        if announced.isdecimal() and int(announced) > REQUEST_BYTES:
            return too_large(request, REQUEST_BYTES)
        return get_response(request)

    return middleware


class _Refusals:
    """A refused action becomes a page (or, for htmx, a line) with its reason, and 403."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refused):
            return None
        context = {"reason": exception.reason}
        if wants_fragment(request):  # what was being written stays where it is
            return aim(render(request, "_refused.html", context, status=403), "#messages", swap="innerHTML")
        return render(request, "refused.html", context, status=403)


def refusals(get_response: Handler) -> _Refusals:
    return _Refusals(get_response)
