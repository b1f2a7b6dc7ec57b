"""Notices of illegal content: given by anybody, answered on a page of their own."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.models import Member
from moderation.actions.notices import give_notice
from moderation.forms import NoticeForm
from moderation.gate import open_to_all
from moderation.limits import NOTICES_PER_HOUR
from moderation.models import Notice
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
    response = render_page(request, "moderation/notice.html", {"page": page})
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
