"""Decisions: one of them, its undo, the appeal, and one's own standing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from moderation.actions import decisions
from moderation.forms import AppealForm, RevertForm, UndoForm
from moderation.gate import admins_only, moderators_only, open_to_all
from moderation.links import decision_of
from moderation.models import Decision
from moderation.policies import may_appeal, may_revert, may_take_back, may_undo
from moderation.queries import (
    decision_by_id,
    decision_page,
    decisions_to_revert,
    standing_page,
)
from moderation.views.request import member_of, reader_of
from moderation.wording import statement_of
from toolkit.fragments import render_page
from toolkit.verdicts import Verdict, insist


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
        "contest": _may_contest(found, reader.member_id),
        "take_back": may_take_back(reader, found, now=timezone.now()),
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


@moderators_only
@require_POST
def take_back(request: HttpRequest, decision_id: int) -> HttpResponse:
    """Within half a minute, by whoever decided: nothing was decided, the case waits again."""
    back = decisions.take_back(_decision_or_404(request, decision_id), by=member_of(request))
    messages.success(request, _("Taken back: nobody was told, and the case waits again."))
    return redirect(back.case or "moderation:queue")


@admins_only
@require_http_methods(["GET", "HEAD", "POST"])
def revert(request: HttpRequest) -> HttpResponse:
    """For an admin: what undoing all that somebody decided in a time would do; and, confirmed, that."""
    form = RevertForm(request.POST or request.GET or None)
    found: list[Any] = []
    if form.is_bound and form.is_valid():
        asked = form.asked()
        insist(may_revert(reader_of(request), asked["actor"]))
        reader = reader_of(request)
        found = [(one, may_undo(reader, one)) for one in decisions_to_revert(**asked)]
        if request.method == "POST":
            back, left = decisions.revert(**asked, by=member_of(request), reason=form.cleaned_data["reason"])
            said = ngettext("%(n)d decision is undone.", "%(n)d decisions are undone.", len(back)) % {"n": len(back)}
            messages.success(request, said)
            return render_page(request, "moderation/revert.html", {"form": RevertForm(), "left": left})
    context = {"form": form, "found": found, "is_asked": form.is_bound and not form.errors}
    return render_page(request, "moderation/revert.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, decision_id: int) -> HttpResponse:
    found = _decision_or_404(request, decision_id)
    insist(_may_contest(found, reader_of(request).member_id))
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decisions.appeal(found, by=member_of(request), **form.cleaned_data)
        messages.success(request, _("Your appeal is with the team; somebody else than before reads it where possible."))
        return redirect(found)
    return _contest_page(request, found, form, back=found.get_absolute_url())


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def contest_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Contest a decision by the link that came with it, for somebody who cannot sign in."""
    found = decision_by_id(decision_of(token) or 0)
    if found is None or found.concerned is None:
        raise Http404
    may = _may_contest(found, found.concerned_id)
    form = AppealForm(request.POST or None)
    if may and request.method == "POST" and form.is_valid():
        decisions.appeal(found, by=found.concerned, **form.cleaned_data)
        return render_page(request, "moderation/contested.html", {})
    response = _contest_page(request, found, form if may else None, refusal=None if may else may)
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response


def _may_contest(decision: Decision, member_id: int | None) -> Verdict:
    return may_appeal(
        member_id, decision, now=timezone.now(), contested=bool(vars(decision).get("is_contested", False))
    )


def _contest_page(
    request: HttpRequest,
    decision: Decision,
    form: AppealForm | None,
    *,
    back: str = "",
    refusal: Verdict | None = None,
) -> HttpResponse:
    context = {
        "decision": decision,
        "statement": statement_of(decision, language=get_language() or "fr"),
        "form": form,
        "back": back,
        "refusal": refusal,
    }
    return render_page(
        request, "moderation/contest.html", context, status=422 if form is not None and form.errors else 200
    )


@open_to_all
@login_required
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """What was reported and decided about oneself, limits and when they lift, trust and what comes next."""
    page = standing_page(member_of(request), reader_of(request), after=request.GET.get("after", ""))
    return render_page(request, "moderation/standing.html", {"page": page})
