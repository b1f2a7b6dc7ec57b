"""What the composer asks for while somebody writes. None of it is needed to write."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from forums.actions.rendering import rendered_for
from forums.forms.composer import PreviewForm
from forums.models import Topic
from forums.queries.composer import members_like, similar_topics, tags_like
from forums.views.drafts import is_new_conversation, place_of
from forums.views.request import member_of, number, reader_of
from toolkit.verdicts import Refused


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The words as they will look: a reply, a change or a new topic, by the address."""
    if reader_of(request).is_visitor:
        raise Refused(_("Sign in to write."))
    place: dict[str, Any] = {"forum": None} if is_new_conversation(request) else place_of(request)
    forum = place["forum"] if "forum" in place else (place.get("topic") or place["post"].topic).forum
    form = PreviewForm(request.POST)
    html = ""
    if form.is_valid():
        by, post = member_of(request), place.get("post")
        html = rendered_for(forum, form.cleaned_data["body"], by=by, post=post).html
    context = {"html": html, "form": form, "title": request.POST.get("title", "")}
    return render(request, "forums/_preview.html", context, status=200 if form.is_valid() else 422)


@require_safe
def complete(request: HttpRequest) -> HttpResponse:
    """Members or tags for the letters typed so far: at most eight; none for visitors."""
    reader, words = reader_of(request), request.GET.get("q", "")[:40]
    if reader.is_visitor:
        return JsonResponse({"found": [], "said": ""})
    if request.GET.get("what") == "tag":
        found = [{"value": tag.name, "label": tag.name} for tag in tags_like(reader, words)]
    else:
        topic = Topic.objects.reachable_by(reader).filter(pk=number(request, "topic") or 0).first()
        members = members_like(reader, words, topic=topic)
        found = [{"value": member.username, "label": member.shown_name} for member in members]
    said = ngettext("%(n)d suggestion", "%(n)d suggestions", len(found)) % {"n": len(found)}
    return JsonResponse({"found": found, "said": said})


@require_safe
def similar(request: HttpRequest) -> HttpResponse:
    """Topics like the title that is being typed; nothing at all where there are none."""
    found = similar_topics(reader_of(request), request.GET.get("title", "")[:200])
    return render(request, "forums/_similar.html", {"similar": found})
