"""Decisions: one of them, its undo, the appeal, and one's own standing."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moderation.actions import decisions
from moderation.forms import AppealForm, UndoForm
from moderation.gate import moderators_only, open_to_all
from moderation.models import Decision
from moderation.policies import may_appeal, may_undo
from moderation.queries import (
    decision_page,
    standing_page,
)
from moderation.views.request import member_of, reader_of
from moderation.wording import statement_of
from toolkit.fragments import render_page
from toolkit.verdicts import insist


def _decision_or_404(request: HttpRequest, decision_id: int) -> Decision:
    try:
        return decision_page(reader_of(request), decision_id)
    except Decision.DoesNotExist:
        raise Http404 from None


@open_to_all
@login_required
@require_safe
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """A decision as its addressee reads it; for moderators, with its undo."""
    found, reader = _decision_or_404(request, decision_id), reader_of(request)
    context = {
        "decision": found,
        "statement": statement_of(found, language=get_language() or "fr"),
        "undo": may_undo(reader, found) if reader.moderates_anywhere else None,
        "contest": may_appeal(reader, found, now=timezone.now()),
        "is_mine": found.concerned_id == reader.member_id,
        "form": UndoForm(),
    }
    return render_page(request, "moderation/decision.html", context)


@moderators_only
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    found, form = _decision_or_404(request, decision_id), UndoForm(request.POST)
    if not form.is_valid():
        context = {
            "decision": found,
            "statement": statement_of(found, language=get_language() or "fr"),
            "undo": may_undo(reader_of(request), found),
            "form": form,
        }
        return render_page(request, "moderation/decision.html", context, status=422)
    back = decisions.undo(found, by=member_of(request), reason=form.cleaned_data["reason"])
    messages.success(request, _("The decision is undone."))
    return redirect(back)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, decision_id: int) -> HttpResponse:
    found = _decision_or_404(request, decision_id)
    insist(may_appeal(reader_of(request), found, now=timezone.now()))
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decisions.appeal(found, by=member_of(request), **form.cleaned_data)
        messages.success(request, _("Your appeal is with the team; somebody else than before reads it where possible."))
        return redirect(found)
    context = {
        "decision": found,
        "statement": statement_of(found, language=get_language() or "fr"),
        "form": form,
    }
    return render_page(request, "moderation/contest.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """What was reported and decided about oneself, limits and when they lift, trust and what comes next."""
    page = standing_page(member_of(request), reader_of(request), after=request.GET.get("after", ""))
    return render_page(request, "moderation/standing.html", {"page": page})
