from __future__ import annotations

from django.conf import settings as django_settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from members.models import Member, ProfilePicture
from members.queries import hats_of
from toolkit.files import SAFE, send_stored
from toolkit.fragments import render_page


@require_safe
def profile(request: HttpRequest, username: str) -> HttpResponse:
    """A member's page; that of an imported name leads to whoever has claimed it."""
    member = get_object_or_404(Member.objects.shown().select_related("claimed_by"), username=username.lower())
    if member.claimed_by is not None:
        return redirect(member.claimed_by)
    return render_page(request, "members/profile.html", {"member": member, "hats": hats_of(member)})


@require_safe
def picture(request: HttpRequest, key: str, size: str) -> HttpResponseBase:
    """A member's picture, at an address that changes with it. One query."""
    shown = get_object_or_404(ProfilePicture, key=key, member__picture=key)
    return send_stored(shown.path(size), {**SAFE, "Content-Type": "image/webp", "Content-Disposition": "inline"})


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Set the interface language: a visitor's in a cookie, a member's also in their row."""
    chosen = "fr" if request.POST.get("language") == "fr" else "en"
    back = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}):
        back = "/"
    if isinstance(request.user, Member):
        request.user.language = chosen
        request.user.save(update_fields=["language"])
    response = redirect(back)
    response.set_cookie(
        django_settings.LANGUAGE_COOKIE_NAME, chosen, max_age=365 * 86400, samesite="Lax", httponly=True
    )
    return response
