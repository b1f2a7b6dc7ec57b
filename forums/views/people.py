from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from forums.policies import may_see_directory
from forums.queries.directory import Asked, directory_page
from forums.views.request import number, reader_of
from toolkit.fragments import render_page
from toolkit.text import one_line
from toolkit.verdicts import insist


@login_required
@require_safe
def directory(request: HttpRequest) -> HttpResponse:
    """Who is here, as far as they show themselves: by name or the newest first, without figures."""
    insist(may_see_directory(reader_of(request)))
    asked = Asked(
        words=one_line(request.GET.get("name", ""))[:60],
        hat=number(request, "hat"),
        newcomers="newcomers" in request.GET,
        placeholders="placeholders" in request.GET,
        newest=request.GET.get("order") == "newest",
    )
    page = directory_page(reader_of(request), asked, after=request.GET.get("after", ""))
    kept = request.GET.copy()
    kept.pop("after", None)
    context = {"page": page, "asked": asked, "keep": kept.urlencode()}
    return render_page(request, "forums/directory.html", context, fragment="list")
