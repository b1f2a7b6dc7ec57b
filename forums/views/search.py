from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from forums.actions.search import note_nothing_found
from forums.forms.search import FilterForm
from forums.models.forums import Intent
from forums.queries.narrowing import Choice
from forums.queries.search import (
    FOUND_AT_MOST,
    QUERY_MAX_LENGTH,
    TYPED_MAX_LENGTH,
    Found,
    Query,
    complete,
    search,
    understood,
)
from forums.queries.topics import forums_seen
from forums.views.request import number, reader_of
from toolkit.fragments import render_page
from toolkit.text import one_line

FIELDS = ("forum", "tag", "author", "intent", "state", "after", "before")


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """What was found, and how the query was understood. Fields that were filled in become part of the query."""
    typed, seen = one_line(request.GET.get("q", ""))[:TYPED_MAX_LENGTH], forums_seen(reader_of(request))
    if any(name in request.GET for name in FIELDS):
        query = understood(typed)
        typed = FilterForm(request.GET, query=query, seen=seen).typed(query)
        return redirect(f"{reverse('forums:search')}?{urlencode({'q': typed})}")
    start = min(number(request, "from") or 0, FOUND_AT_MOST)
    found = search(reader_of(request), typed, start=start)
    if found.query.terms and not found.total and not start and request.method == "GET":
        note_nothing_found(typed[:QUERY_MAX_LENGTH])
    context = {
        "words": typed,
        "found": found,
        "chips": _chips(found),
        "form": FilterForm(query=found.query, seen=seen),
        "kept": urlencode({"q": typed}),
        "is_cut": found.total >= FOUND_AT_MOST,
    }
    return render_page(request, "forums/search.html", context, fragment="results")


def _chips(found: Found) -> list[Choice]:
    """Each filter in words, with a link that takes it off."""
    query, said = found.query, found.query.filters
    told = [
        ("forum", _("in %(name)s") % {"name": found.forum.name} if found.forum else ""),
        ("tag", f"#{found.tag.name}" if found.tag else ""),
        ("author", _("written by %(name)s") % {"name": found.author.shown_name} if found.author else ""),
        ("intent", str(Intent(said.intent).label) if said.intent else ""),
        ("is", str(dict(FilterForm.base_fields["state"].choices)[said.state]) if said.state else ""),  # type: ignore[attr-defined]
        ("after", _("since %(day)s") % {"day": date_format(said.after)} if said.after else ""),
        ("before", _("before %(day)s") % {"day": date_format(said.before)} if said.before else ""),
    ]
    return [Choice(words, _without(query, name), is_current=True) for name, words in told if words]


def _without(query: Query, name: str) -> str:
    return f"?{urlencode({'q': query.typed(**{name: ''})})}"


@require_safe
def search_complete(request: HttpRequest) -> HttpResponse:
    """What somebody may be about to type: titles, tags and names that begin so. At most eight."""
    typed = one_line(request.GET.get("q", ""))[:60]
    found = complete(reader_of(request), typed)
    said = ngettext("%(n)d suggestion", "%(n)d suggestions", len(found)) % {"n": len(found)}
    return JsonResponse({"found": found, "said": said})
