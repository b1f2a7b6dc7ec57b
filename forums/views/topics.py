from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from forums.actions.drafts import keep_draft
from forums.actions.posts import reply_to_topic
from forums.actions.rendering import rendered_for
from forums.actions.topics import start_topic
from forums.forms.composer import ReplyForm, TopicForm
from forums.models import Draft, Forum, Post, Topic
from forums.policies import may_announce, may_start_topic
from forums.queries.reading import topic_page
from forums.queries.topics import rules_of
from forums.readers import Reader
from forums.views.drafts import remember_for_later
from forums.views.reading import draft_words, page_context, topic_or_404
from forums.views.request import member_of, reader_of
from toolkit.fragments import aim, render_page, wants_fragment
from toolkit.verdicts import Refused


@require_POST
def topic_reply(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Reply, or see the reply as it will look. A visitor's words are kept, and they are asked to join."""
    reader = reader_of(request)
    topic = topic_or_404(reader, topic_id)
    form = ReplyForm(request.POST, forum=topic.forum)
    valid = form.is_valid()
    if reader.is_visitor:
        return remember_for_later(request, form, topic=topic)
    if not valid or "preview" in request.POST:
        keep_draft(by=member_of(request), topic=topic, **_kept(form))
        return _again(request, reader, topic, form, valid)
    words = {k: form.cleaned_data[k] for k in ("body", "key")} | {"lang": form.cleaned_data.get("lang", "")}
    answered = Post.objects.visible_to(reader).filter(pk=form.cleaned_data.get("reply_to") or 0, topic=topic).first()
    try:
        post = reply_to_topic(topic, by=member_of(request), reply_to=answered, **words)
    except Refused:
        keep_draft(by=member_of(request), topic=topic, **_kept(form))
        raise
    if post.is_held:
        messages.info(request, _("Thank you. Your post is being read before others see it."))
    if wants_fragment(request):
        fresh = topic_page(reader, topic_id, page=topic.pages + 1)
        return aim(render(request, "forums/topic_detail.html#thread", page_context(request, fresh)), "#thread")
    return redirect(f"{topic.get_absolute_url()}?page={post.page if post.position else topic.pages}#post-{post.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def topic_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a topic, or see it as it will look."""
    reader = reader_of(request)
    forum = get_object_or_404(Forum.objects.visible_to(reader), slug=slug)
    start = may_start_topic(reader, forum)
    if not start and not reader.is_visitor:
        raise Refused(start.reason)
    announces = bool(may_announce(reader, forum))
    draft = Draft.objects.filter(member_id=reader.member_id or 0, forum=forum, publish_at=None).first()
    form = TopicForm(request.POST or None, forum=forum, may_announce=announces, initial=draft_words(draft))
    if request.method != "POST":
        return _topic_form(request, forum, form, draft=draft)
    valid = form.is_valid()
    if reader.is_visitor:
        return remember_for_later(request, form, forum=forum)
    if not valid or "preview" in request.POST:
        keep_draft(by=member_of(request), forum=forum, **_kept(form))
        return _topic_form(request, forum, form, preview=valid)
    data = form.cleaned_data
    topic = start_topic(
        forum,
        by=member_of(request),
        title=data["title"],
        body=data["body"],
        key=data["key"],
        tags=data["tags"],
        intent=data["intent"],
        lang=data.get("lang", ""),
    )
    if topic.is_waiting:
        messages.info(request, _("Thank you. Your topic is being read before others see it."))
    return redirect(topic)


def _kept(form: ReplyForm | TopicForm) -> dict[str, Any]:
    """What was typed, valid or not: a rejected form loses nothing."""
    typed = {name: form.data.get(name, "") for name in ("title", "tags", "body", "intent", "lang")}
    return {**typed, "key": form.cleaned_data.get("key") or uuid4()}


def _again(request: HttpRequest, reader: Reader, topic: Topic, form: ReplyForm, valid: bool) -> HttpResponse:
    """The topic's last page with the form as it was typed, its errors or its preview."""
    page = topic_page(reader, topic.pk, page=topic.pages)
    preview = rendered_for(topic.forum, form.cleaned_data["body"], by=member_of(request)).html if valid else ""
    context = page_context(request, page, form, preview=preview)
    response = render_page(request, "forums/topic_detail.html", context, fragment="reply", status=200 if valid else 422)
    return aim(response, "#reply")


def _topic_form(
    request: HttpRequest, forum: Forum, form: TopicForm, *, draft: Draft | None = None, preview: bool = False
) -> HttpResponse:
    html = rendered_for(forum, form.cleaned_data["body"], by=member_of(request)).html if preview else ""
    context = {
        "forum": forum,
        "form": form,
        "rules": rules_of(forum)[:3],
        "preview": html,
        "preview_title": form.cleaned_data["title"] if preview else "",
        "restored": draft is not None,
        "reader": reader_of(request),
    }
    return render_page(request, "forums/topic_new.html", context, status=422 if form.errors else 200)
