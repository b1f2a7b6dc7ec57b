"""The team's shelf: handbook, reading list, exemplary cases."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moderation.actions.shelf import mark_exemplary, unmark_exemplary
from moderation.forms import LessonForm
from moderation.gate import moderators_only
from moderation.models import Case, HandbookPage
from moderation.queries.shelf import handbook_page, shelf_page
from moderation.views.request import member_of, reader_of
from toolkit.fragments import render_page
from toolkit.markup import render_trusted
from toolkit.verdicts import Refused


@moderators_only
@require_safe
def shelf(request: HttpRequest) -> HttpResponse:
    return render_page(request, "moderation/shelf.html", {"page": shelf_page(reader_of(request))})


@moderators_only
@require_safe
def handbook(request: HttpRequest, slug: str) -> HttpResponse:
    """One page of the handbook, in the reader's language where it is written in it."""
    try:
        page = handbook_page(slug)
    except HandbookPage.DoesNotExist:
        raise Http404 from None
    return render_page(request, "moderation/handbook.html", {"page": page, "html": render_trusted(page.body)})


@moderators_only
@require_POST
def exemplary(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put a closed case on the shelf, or (`take=off`) take it off."""
    case = get_object_or_404(Case.objects.visible_to(reader_of(request)), pk=case_id)
    if request.POST.get("take") == "off":
        unmark_exemplary(case, by=member_of(request))
        messages.success(request, _("It is off the shelf."))
        return redirect(case)
    form = LessonForm(request.POST)
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))
    mark_exemplary(case, by=member_of(request), lesson=form.cleaned_data["lesson"])
    messages.success(request, _("It stands on the shelf, for the team to learn from."))
    return redirect("moderation:shelf")
