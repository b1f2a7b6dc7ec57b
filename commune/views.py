from __future__ import annotations

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from commune.branding import stylesheet
from commune.help import help_pages
from engagement.queries import outbox_page
from members.models import Community
from toolkit.bilingual import active_language
from toolkit.fragments import aim, render_page, wants_fragment


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """200 when the database answers. Redis may be away: Commune works without it."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"database": "away"}, status=503)
    return JsonResponse({"database": "ok"})


@require_safe
def accent(request: HttpRequest, version: str) -> HttpResponse:
    response = HttpResponse(stylesheet(Community.current().accent), content_type="text/css; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def logo(request: HttpRequest, name: str) -> FileResponse:
    community = Community.current()
    if not community.logo or not default_storage.exists(str(community.logo.name)):
        raise Http404
    response = FileResponse(community.logo.open("rb"), content_type="image/png")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def help_index(request: HttpRequest) -> HttpResponse:
    return render_page(request, "help.html", {"pages": help_pages(active_language())})


@require_safe
def help_page(request: HttpRequest, slug: str) -> HttpResponse:
    pages = help_pages(active_language())
    if slug not in pages:
        raise Http404
    return render_page(request, "help_page.html", {"page": pages[slug], "pages": pages})


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    """Every mail, in development only: nothing leaves the machine there."""
    if not settings.DEVELOPMENT:
        raise Http404
    return render_page(request, "outbox.html", {"page": outbox_page(request.GET.get("after", ""))})


@require_safe
def outbox_html(request: HttpRequest, envelope_id: int) -> HttpResponse:
    """The HTML part of one mail, alone, as a mail program would show it."""
    if not settings.DEVELOPMENT:
        raise Http404
    found = next((e for e in outbox_page("", only=envelope_id).rows), None)
    if found is None:
        raise Http404
    response = HttpResponse(found.html)
    response["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form whose token is too old: say so, and show what was written, so that nothing is lost."""
    if wants_fragment(request):
        reason = _("This page was open for a long time. Copy your words, reload, and send them again.")
        context = {"reason": reason, "is_not_kept": True}
        return aim(render(request, "_refused.html", context, status=403), "#messages", swap="innerHTML")
    return render(request, "csrf_failure.html", status=403)


def too_large(request: HttpRequest, most: int) -> HttpResponse:
    """More was sent than is taken in one go: say how much is, and that nothing was kept of it."""
    reason = _("At most %(n)d MB can be sent at once.") % {"n": most // (1024 * 1024)}
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"error": reason}, status=413)
    return render(request, "too_large.html", {"reason": reason}, status=413)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that cannot be read. Words alone may be as long as Django keeps in memory; files have a way of their
    own."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0)
    reason = _("This request could not be read. Go back with your browser and try again.")
    return render(request, "refused.html", {"reason": reason}, status=400)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=404)
