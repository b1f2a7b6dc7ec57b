"""Notices of illegal content: given by anybody, answered on a page of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Member
from moderation.actions.decisions import appeal_as_notifier
from moderation.actions.notices import give_notice
from moderation.forms import AppealForm, NoticeForm
from moderation.gate import open_to_all
from moderation.limits import NOTICES_PER_HOUR
from moderation.models import Notice
from moderation.policies import may_appeal_as_notifier
from moderation.queries import notice_page
from moderation.views.request import reader_of
from moderation.wording import outcome_for_sender
from toolkit.bursts import too_many
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def notice_new(request: HttpRequest) -> HttpResponse:
    """Give notice of something illegal (`?about=PATH` says where), with an account or without."""
    member = request.user if isinstance(request.user, Member) else None
    about = request.GET.get("about", "")[:500]
    known = {"name": member.shown_name, "email": member.email or ""} if member is not None else {}
    here = f"{request.scheme}://{request.get_host()}{about}" if about[:1] == "/" and about[:2] != "//" else ""
    form = NoticeForm(
        request.POST or None,
        host=request.get_host(),
        reader=reader_of(request),
        initial={**known, "addresses": here},
    )
    if request.method == "POST" and form.is_valid():
        language = "fr" if (get_language() or "").startswith("fr") else "en"
        if too_many(request, "notices", per_hour=NOTICES_PER_HOUR):
            form.add_error(None, _("That is many notices in an hour; please try again later, or write to us."))
        else:
            try:
                return redirect(give_notice(**form.words, language=language, member=member))
            except Refused as refusal:
                form.add_error(None, str(refusal.reason))
    return render_page(request, "moderation/notice_new.html", {"form": form}, status=422 if form.errors else 200)


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, secret: str, decision_id: int) -> HttpResponse:
    """Contest what became of a notice: for whoever has its address."""
    try:
        page = notice_page(secret)
    except Notice.DoesNotExist:
        raise Http404 from None
    found = page.decision(decision_id)
    if found is None:
        raise Http404
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        appeal_as_notifier(found, notice=page.notice, **form.cleaned_data)
        messages.success(request, _("Your appeal is with the team; somebody else than before reads it where possible."))
        return redirect(page.notice)
    found.outcome = outcome_for_sender(found)  # type: ignore[attr-defined]
    context = {"page": page, "decision": found, "form": form, "back": page.notice.get_absolute_url()}
    return render_page(request, "moderation/contest.html", context, status=422 if form.errors else 200)


@open_to_all
@require_safe
def notice(request: HttpRequest, secret: str) -> HttpResponse:
    """The receipt of a notice, and what became of it: for whoever has its address."""
    try:
        page = notice_page(secret)
    except Notice.DoesNotExist:
        raise Http404 from None
    for place in page.places:
        for decision in place.decisions:
            decision.outcome = outcome_for_sender(decision)  # type: ignore[attr-defined]
            decision.contest = may_appeal_as_notifier(  # type: ignore[attr-defined]
                decision, now=timezone.now(), contested=decision.pk in page.contested
            )
    response = render_page(request, "moderation/notice.html", {"page": page})
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
