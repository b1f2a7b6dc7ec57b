"""Pages of those who find their own words under an imported name."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from members.actions import claims
from members.forms import ClaimByMailForm, ClaimInWordsForm
from members.limits import CLAIM_LINK_HOURS
from members.models import Member
from members.policies import may_claim, may_confirm
from toolkit.fragments import render_page
from toolkit.verdicts import insist


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def claim(request: HttpRequest, username: str) -> HttpResponse:
    """Two ways: a mail to the archived address, or a sentence for the moderators."""
    placeholder = get_object_or_404(Member.objects.shown(), username=username.lower())
    by = cast(Member, request.user)
    insist(may_claim(by, placeholder, asked_today=0, at_most=1))
    in_words = "words" in request.POST
    mailed = ClaimByMailForm(request.POST if request.method == "POST" and not in_words else None)
    worded = ClaimInWordsForm(request.POST if in_words else None)
    if mailed.is_valid():
        claims.ask_by_mail(placeholder, by=by, **mailed.cleaned_data)
        said = _(
            "If the archive knows this name by that address, a mail is on its way there. Its link is good for %(n)d h."
        )
        messages.success(request, said % {"n": CLAIM_LINK_HOURS})
        return redirect(placeholder)
    if worded.is_valid():
        claims.ask_moderators(placeholder, by=by, **worded.cleaned_data)
        messages.success(request, _("The moderators read what you wrote; their answer stands in your notifications."))
        return redirect(placeholder)
    context = {"placeholder": placeholder, "mailed": mailed, "worded": worded, "hours": CLAIM_LINK_HOURS}
    status = 422 if mailed.errors or worded.errors else 200
    return render_page(request, "members/claim.html", context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The link of the mail: it asks, and a click answers."""
    found, by = claims.claim_of_link(token), cast(Member, request.user)
    if found is None:
        raise Http404
    insist(may_confirm(by, found))
    if request.method == "POST":
        claims.confirm_by_link(found, by=by)
        said = _("It is yours. What was written as %(name)s stands under your name in a few minutes.")
        messages.success(request, said % {"name": found.placeholder.shown_name})
        return redirect(by)
    return render_page(request, "members/claim_confirm.html", {"claim": found})
