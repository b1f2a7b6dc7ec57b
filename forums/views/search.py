from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forums.queries.search import search
from forums.views.request import reader_of
from toolkit.fragments import render_page
from toolkit.text import one_line


@require_GET
def search_page(request: HttpRequest) -> HttpResponse:
    words = one_line(request.GET.get("q", ""))[:200]
    context = {"words": words, "hits": search(reader_of(request), words)}
    return render_page(request, "forums/search.html", context, fragment="results")
