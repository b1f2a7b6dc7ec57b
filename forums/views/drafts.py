from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.formats import time_format
from django.utils.http import urlencode
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRedirect

from forums.actions.drafts import keep_draft
from forums.forms.composer import ComposerForm
from forums.models import Draft, Forum, Topic
from forums.queries.people import drafts_of
from forums.views.request import VISITOR_DRAFTS, member_of, reader_of
from toolkit.fragments import render_page, wants_fragment


@login_required
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    return render_page(request, "forums/drafts.html", {"drafts": drafts_of(member_of(request).pk)})


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what is in the composer, while typing. Answers when it was kept."""
    reader = reader_of(request)
    topic = forum = None
    if request.POST.get("topic", "").isdecimal():
        topic = get_object_or_404(Topic.objects.visible_to(reader), pk=int(request.POST["topic"]))
    else:
        forum = get_object_or_404(Forum.objects.visible_to(reader), slug=request.POST.get("forum", ""))
    words = {name: request.POST.get(name, "") for name in ("title", "tags", "body", "intent", "lang")}
    try:
        key = UUID(request.POST.get("key", ""))
    except ValueError:
        key = uuid4()
    member = None if reader.is_visitor else member_of(request)
    draft = keep_draft(by=member, key=key, topic=topic, forum=forum, **words)
    if draft is None:
        return JsonResponse({"saved": ""})
    if member is None:
        _know(request, draft)
    return JsonResponse(
        {"saved": _("Draft saved at %(time)s") % {"time": time_format(localtime(draft.saved_at), "H:i")}}
    )


@login_required
@require_POST
def discard(request: HttpRequest, key: UUID) -> HttpResponse:
    get_object_or_404(member_of(request).drafts, key=key).delete()
    return redirect("forums:drafts")


def remember_for_later(
    request: HttpRequest, form: ComposerForm, *, topic: Topic | None = None, forum: Forum | None = None
) -> HttpResponse:
    """A visitor pressed Reply: keep the words, then ask them to sign up or sign in; both lead back here."""
    typed = {name: form.data.get(name, "") for name in ("title", "tags", "body", "intent", "lang")}
    draft = keep_draft(by=None, key=form.cleaned_data.get("key"), topic=topic, forum=forum, **typed)
    if draft is not None:
        _know(request, draft)
    back = (
        f"{topic.get_absolute_url()}?page={topic.pages}#reply"
        if topic
        else reverse("forums:topic-new", args=[forum.slug if forum else ""])
    )
    request.session["after_login"] = back
    door = f"{reverse('account_signup')}?{urlencode({'next': back})}"
    return HttpResponseClientRedirect(door) if wants_fragment(request) else redirect(door)


def _know(request: HttpRequest, draft: Draft) -> None:
    known = request.session.get(VISITOR_DRAFTS, [])
    if str(draft.key) not in known:
        request.session[VISITOR_DRAFTS] = [*known, str(draft.key)][-20:]
