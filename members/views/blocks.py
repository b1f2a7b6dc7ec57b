from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from members.actions.blocks import block_member, unblock_member
from members.models import Member


@login_required
@require_POST
def block(request: HttpRequest, username: str) -> HttpResponse:
    """Block a member, or take one's block back."""
    member = get_object_or_404(Member.objects.shown(), username=username.lower())
    by = cast(Member, request.user)
    if "back" in request.POST:
        unblock_member(member, by=by)
        messages.success(request, _("%(name)s is no longer blocked.") % {"name": member.shown_name})
    else:
        block_member(member, by=by)
        said = _("%(name)s is blocked. You find this again under “What I follow”.")
        messages.success(request, said % {"name": member.shown_name})
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else member)
