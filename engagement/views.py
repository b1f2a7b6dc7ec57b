from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.actions.news import mark_all_read, mark_one_read
from engagement.actions.preferences import resubscribe, stop
from engagement.actions.prompts import dismiss
from engagement.models import Notification, Prompt, PromptShowing
from engagement.queries import notifications_page
from engagement.tokens import read_token
from engagement.wording import previews
from forums.readers import Reader
from members.models import Community, Member
from toolkit.fragments import render_page


def _reader(request: HttpRequest) -> Reader:
    return cast(Reader, request.reader)  # type: ignore[attr-defined]


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


@login_required
@require_safe
def notifications(request: HttpRequest) -> HttpResponse:
    page = notifications_page(_reader(request), after=request.GET.get("after", ""))
    return render_page(request, "engagement/notifications.html", {"page": page}, fragment="list")


@login_required
@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    mark_all_read(_member(request))
    return redirect("engagement:notifications")


@login_required
@require_safe
def follow_notification(request: HttpRequest, notification_id: int) -> HttpResponse:
    """To what a notification points to; it counts as read from then on (a HEAD only asks where it leads)."""
    found = get_object_or_404(
        Notification.objects.visible_to(_reader(request)).select_related(
            "post",
            "decision",
            "event__topic",
            "bookmark__post",
            "guest__forum",
            "seat__topic",
            "trust_change",
            "summons",
            "opinion",
        ),
        pk=notification_id,
    )
    if request.method == "GET":
        mark_one_read(found)
    if found.kind == Notification.Kind.OUTCOME:
        return redirect("moderation:reports")
    place = found.guest.forum if found.guest is not None else found.seat.topic if found.seat is not None else None
    target = (
        found.post
        or found.decision
        or found.event
        or found.bookmark
        or found.trust_change
        or found.summons
        or found.opinion
        or place
    )
    if target is None:
        raise Http404
    return redirect(target)


@login_required
@require_POST
def dismiss_prompt(request: HttpRequest, showing_id: int) -> HttpResponse:
    showing = get_object_or_404(PromptShowing, pk=showing_id, member=_member(request))
    dismiss(showing, by=_member(request))
    if request.headers.get("HX-Request"):
        return HttpResponse("")
    back = request.POST.get("next", "/")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else "/")


@login_required
@require_safe
def preview_prompt(request: HttpRequest, prompt_id: int) -> HttpResponse:
    """For admins: a prompt as it will look, said to oneself, in both languages."""
    if not _reader(request).is_admin:
        raise Http404
    prompt = get_object_or_404(Prompt, pk=prompt_id)
    context = {"shown": previews(prompt, _member(request), Community.current())}
    return render_page(request, "engagement/prompt_preview.html", context)


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """Stop one list of mails without signing in (RFC 8058): a POST does it, a GET only shows the button."""
    known = read_token(token)
    if known is None:
        raise Http404
    member = get_object_or_404(Member.objects.taking_part(), pk=known[0])
    done = before = ""
    if request.method == "POST":
        again = "again" in request.POST
        if again:
            resubscribe(member, known[1], as_before=request.POST.get("again", ""))
        else:
            before = stop(member, known[1])
        done = "again" if again else "stopped"
    context = {"what": known[1], "done": done, "token": token, "before": before}
    return render_page(request, "engagement/unsubscribe.html", context)
