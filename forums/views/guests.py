"""Who is invited into a forum: for its hosts."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from forums.actions.guests import invite_into, withdraw_invitation
from forums.forms.guests import GuestForm
from forums.models import Access, Forum
from forums.policies import may_invite_into
from forums.views.request import member_of, reader_of, said
from members.models import Member
from toolkit.fragments import render_page
from toolkit.verdicts import insist


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def guests(request: HttpRequest, slug: str) -> HttpResponse:
    """Invite somebody by their name here, see who is, take an invitation back."""
    forum = get_object_or_404(Forum.objects.visible_to(reader_of(request)), slug=slug)
    if not forum.access.filter(audience=Access.Audience.INVITED).exists():
        raise Http404
    if request.method == "POST" and "remove" in request.POST:
        return _removed(request, forum)
    insist(may_invite_into(reader_of(request), forum))
    form = GuestForm(request.POST if "invite" in request.POST else None)
    if request.method == "POST" and form.is_valid():
        guest = invite_into(forum, form.cleaned_data["member"], by=member_of(request))
        messages.success(request, _("%(name)s is invited, and is told.") % {"name": guest.member.shown_name})
        return redirect("forums:guests", slug)
    rows = forum.guests.select_related("member", "invited_by").order_by("-since")
    context = {"forum": forum, "guests": rows, "form": form}
    return render_page(request, "forums/guests.html", context, status=422 if form.errors else 200)


def _removed(request: HttpRequest, forum: Forum) -> HttpResponse:
    """A host takes an invitation back, or a guest leaves."""
    gone = get_object_or_404(Member.objects.shown(), username=said(request, "remove").lower())
    if withdraw_invitation(forum, gone, by=member_of(request)):
        messages.success(request, _("%(name)s is no longer invited.") % {"name": gone.shown_name})
    if gone.pk == member_of(request).pk:
        return redirect("forums:home")
    return redirect("forums:guests", forum.slug)
