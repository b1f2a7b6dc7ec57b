"""Files of the storage, sent after a view has asked the gate: by us, by the proxy, or from the storage itself."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase

SIGNED_FOR = 300  # seconds that a signed address of the storage holds
# What every such answer says: nothing of it is ever run as a page, and it never changes at its address.
SAFE = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, max-age=31536000, immutable",
}


def send_stored(path: str, headers: dict[str, str]) -> HttpResponseBase:
    """The file at `path` with these headers: type, disposition and caching. Raises Http404 if it is gone."""
    if settings.S3_BUCKET:
        return _signed(path, headers)
    if settings.SENDFILE_PREFIX:
        return HttpResponse(headers={**headers, "X-Accel-Redirect": f"{settings.SENDFILE_PREFIX}{quote(path)}"})
    try:
        response = FileResponse(default_storage.open(path))
    except FileNotFoundError:
        raise Http404 from None
    for header, value in headers.items():  # afterwards: Django guesses a type and a disposition of its own
        response[header] = value
    return response


def _signed(path: str, headers: dict[str, str]) -> HttpResponse:
    """To the storage's own address, which holds for five minutes and fixes type and disposition."""
    said: dict[str, Any] = {
        "ResponseContentType": headers["Content-Type"],
        "ResponseContentDisposition": headers["Content-Disposition"],
        "ResponseCacheControl": headers["Cache-Control"],
    }
    address = default_storage.url(path, parameters=said, expire=SIGNED_FOR)  # type: ignore[call-arg]
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = f"private, max-age={SIGNED_FOR // 2}"
    return response
