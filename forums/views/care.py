"""Care of a topic: follow, close, reopen, pin, accept. Everything is a form that posts and comes back."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from forums.actions.reading import follow_topic
from forums.actions.topics import accept_answer, close_topic, pin_topic, reopen_topic
from forums.forms.care import CareForm
from forums.models import Post, ReadMark, Topic
from forums.views.request import member_of, reader_of
from toolkit.verdicts import Refused


def _topic(request: HttpRequest, topic_id: int) -> Topic:
    return get_object_or_404(Topic.objects.visible_to(reader_of(request)), pk=topic_id)


@login_required
@require_POST
def follow(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = _topic(request, topic_id)
    level = request.POST.get("level", "")
    if level not in ReadMark.Follow.values:
        raise Refused(_("Choose one of: all, what matters to me, nothing."))
    follow_topic(topic, by=member_of(request), level=level)
    messages.success(request, _("Noted."))
    return redirect(topic)


@login_required
@require_POST
def close(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic, form = _topic(request, topic_id), CareForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say why, in one sentence."))
    close_topic(topic, by=member_of(request), reason=form.cleaned_data["reason"])
    return redirect(topic)


@login_required
@require_POST
def reopen(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = _topic(request, topic_id)
    reopen_topic(topic, by=member_of(request))
    return redirect(topic)


@login_required
@require_POST
def pin(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = _topic(request, topic_id)
    until = None if topic.is_pinned else timezone.now() + timedelta(days=30)
    pin_topic(topic, by=member_of(request), until=until)
    return redirect(topic)


@login_required
@require_POST
def accept(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(reader_of(request)).select_related("topic"), pk=post_id)
    chosen = None if post.topic.accepted_post_id == post.pk else post
    accept_answer(post.topic, chosen, by=member_of(request))
    return redirect(post)
