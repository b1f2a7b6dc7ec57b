"""One's own settings: five choices, and the pages one step away."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.actions.leaving import close_account, keep_account
from members.actions.pictures import crop_picture, picture_to_crop, remove_picture, upload_picture
from members.actions.profiles import describe_self
from members.forms import (
    ClosingForm,
    CropForm,
    OwnForm,
    PictureForm,
    PrivacyForm,
    ProfileForm,
    RhythmForm,
    SettingsForm,
)
from members.gatekeepers import to_hand_over, to_settle
from members.limits import CLOSING_DAYS
from members.models import Member
from members.policies import may_change_self, may_close
from members.queries import self_page
from toolkit.files import SAFE, send_stored
from toolkit.fragments import render_page
from toolkit.verdicts import Refused, insist


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


def _own(request: HttpRequest, form_class: type[OwnForm], template: str, back: str) -> HttpResponse:
    """One form about one's own row."""
    form = form_class(request.POST or None, instance=_member(request))
    if request.method == "POST" and form.is_valid():
        form.save()
        translation.activate(form.instance.language)
        messages.success(request, _("Your settings are saved."))
        return redirect(back)
    return render_page(request, template, {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    return _own(request, SettingsForm, "members/settings.html", "members:settings")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def privacy_choice(request: HttpRequest) -> HttpResponse:
    return _own(request, PrivacyForm, "members/privacy_choice.html", "members:privacy-choice")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def rhythm(request: HttpRequest) -> HttpResponse:
    return _own(request, RhythmForm, "members/rhythm.html", "members:rhythm")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_profile(request: HttpRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, said=self_page(_member(request)))
    if request.method == "POST" and form.is_valid():
        try:
            member = describe_self(by=_member(request), **form.words)
        except Refused as refused:
            form.add_error("name" if "name" in form.changed_data else None, str(refused))
        else:
            messages.success(request, _("Your profile is saved."))
            return redirect(member)
    return render_page(request, "members/edit_profile.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_picture(request: HttpRequest) -> HttpResponse:
    """Choose a picture; then, while it is kept whole, which square of it."""
    form = PictureForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            upload_picture(by=_member(request), file=form.cleaned_data["file"])
            messages.success(request, _("Your picture is shown now."))
            return redirect("members:edit-picture")
        except Refused as refusal:
            form.add_error("file", str(refusal.reason))
    context = {"form": form, "crop": picture_to_crop(_member(request)), "positions": CropForm.Position.choices}
    return render_page(request, "members/edit_picture.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def crop(request: HttpRequest) -> HttpResponse:
    form, kept = CropForm(request.POST), picture_to_crop(_member(request))
    if not form.is_valid() or kept is None:
        messages.error(request, _("Nothing was changed: upload the picture again to choose another part."))
        return redirect("members:edit-picture")
    crop_picture(by=_member(request), **form.square_of(kept.width, kept.height))
    messages.success(request, _("This part of your picture is shown now."))
    return redirect("members:edit-picture")


@login_required
@require_POST
def drop_picture(request: HttpRequest) -> HttpResponse:
    insist(may_change_self(_member(request)))
    remove_picture(by=_member(request))
    messages.success(request, _("Your picture is drawn from your name again."))
    return redirect("members:edit-picture")


@login_required
@require_safe
def whole_picture(request: HttpRequest) -> HttpResponseBase:
    """The picture one chooses a part of: for its owner alone, for a day."""
    kept = picture_to_crop(_member(request))
    if kept is None:
        raise Http404
    headers = {
        **SAFE, "Content-Type": "image/webp", "Content-Disposition": "inline", "Cache-Control": "private, no-store",
    }  # fmt: skip
    return send_stored(kept.path("whole"), headers)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def close(request: HttpRequest) -> HttpResponse:
    """Close one's account: what becomes of one's posts, and done; fourteen days to change one's mind."""
    member = _member(request)
    first, form = to_hand_over(member), ClosingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        member = close_account(by=member, with_posts=form.with_posts)
        update_session_auth_hash(request, member)  # everywhere else they are signed out
        return redirect("members:close")
    context = {
        "form": form, "first": first, "waits": to_settle(member), "may": may_close(member), "days": CLOSING_DAYS,
    }  # fmt: skip
    return render_page(request, "members/close.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    keep_account(by=_member(request))
    messages.success(request, _("Your account stays. Everything is as it was."))
    return redirect("members:settings")
