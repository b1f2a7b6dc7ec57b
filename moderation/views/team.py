"""The people who moderate: who is on duty, what was handed over, one's own hours and pause."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from moderation.actions import rota
from moderation.forms import ColleagueForm, HandOverForm, PauseForm
from moderation.gate import moderators_only
from moderation.models import HandOver
from moderation.queries.rota import colleague_of, team_page
from moderation.views.request import member_of, reader_of
from toolkit.fragments import render_page


@moderators_only
@require_safe
def team(request: HttpRequest) -> HttpResponse:
    """Who is on duty now and next, the notes, and what one sets for oneself."""
    return _page(request)


@moderators_only
@require_POST
def hand_over(request: HttpRequest) -> HttpResponse:
    form = HandOverForm(request.POST, reader=reader_of(request))
    if not form.is_valid():
        return _page(request, hand_over=form)
    rota.hand_over(by=member_of(request), **form.cleaned_data)
    messages.success(request, _("Handed over: it stands atop the queue of the others until they have read it."))
    return redirect("moderation:team")


@moderators_only
@require_POST
def acknowledge(request: HttpRequest, note_id: int) -> HttpResponse:
    note = get_object_or_404(HandOver.objects.visible_to(reader_of(request)), pk=note_id)
    rota.acknowledge(note, by=member_of(request))
    return redirect("moderation:queue")


@moderators_only
@require_POST
def habits(request: HttpRequest) -> HttpResponse:
    form = ColleagueForm(request.POST, instance=colleague_of(member_of(request)))
    if not form.is_valid():
        return _page(request, habits=form)
    form.save()
    messages.success(request, _("Your changes are saved."))
    return redirect("moderation:team")


@moderators_only
@require_POST
def pause(request: HttpRequest) -> HttpResponse:
    form = PauseForm(request.POST)
    if not form.is_valid():
        return _page(request, pause=form)
    n = rota.pause(by=member_of(request), until=form.cleaned_data["until"])
    said = ngettext(
        "You pause. %(n)d case is back with the others, and nobody calls you.",
        "You pause. %(n)d cases are back with the others, and nobody calls you.",
        n,
    )
    messages.success(request, said % {"n": n})
    return redirect("moderation:team")


@moderators_only
@require_POST
def come_back(request: HttpRequest) -> HttpResponse:
    rota.come_back(by=member_of(request))
    messages.success(request, _("Welcome back."))
    return redirect("moderation:team")


def _page(request: HttpRequest, **bound: forms.BaseForm) -> HttpResponse:
    """The page with its forms; one of them with what was wrong in it."""
    reader = reader_of(request)
    page = team_page(reader, after=request.GET.get("after", ""))
    known = page.me.known if page.me is not None else colleague_of(member_of(request))
    context: dict[str, Any] = {
        "page": page,
        "hand_over": HandOverForm(reader=reader),
        "habits": ColleagueForm(instance=known),
        "pause": PauseForm(),
        "is_paused": known.is_paused(),
        "paused_until": known.paused_until,
        **bound,
    }
    return render_page(request, "moderation/team.html", context, status=422 if bound else 200)
