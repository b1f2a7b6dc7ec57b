from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from forums.actions.posts import reply_to_topic
from forums.actions.reading import mark_read
from forums.actions.rendering import rendered_for
from forums.actions.topics import start_topic
from forums.forms.composer import ReplyForm, TopicForm
from forums.models import Draft, Forum, Post, Topic
from forums.policies import may_announce, may_start_topic
from forums.queries.composer import similar_topics
from forums.queries.topics import TopicPage, rules_of, topic_page
from forums.readers import Reader
from forums.views.drafts import ask_back_in, draft_of, keep_typed, remember_for_later, was_signed_in, words_of
from forums.views.request import member_of, number, reader_of
from toolkit.fragments import aim, render_page, wants_fragment
from toolkit.verdicts import Refused


@require_GET
def topic_detail(request: HttpRequest, topic_id: int, slug: str) -> HttpResponse:
    reader = reader_of(request)
    page = _page_or_404(reader, topic_id, number(request, "page"))
    if slug != page.topic.slug:
        return redirect(page.topic, permanent=True)
    _read(request, page)
    return render_page(request, "forums/topic_detail.html", _context(request, page), fragment="posts")


@require_GET
def topic_short(request: HttpRequest, topic_id: int) -> HttpResponse:
    return redirect(_topic_or_404(reader_of(request), topic_id), permanent=True)


@require_GET
def topic_unread(request: HttpRequest, topic_id: int) -> HttpResponse:
    """To the first post this member has not read (the first one, for visitors)."""
    reader = reader_of(request)
    page = _page_or_404(reader, topic_id, 1)
    place = min(page.read_to + 1, page.topic.last_position)
    post = get_object_or_404(Post.objects.visible_to(reader).select_related("topic"), topic=topic_id, position=place)
    return redirect(f"{page.topic.get_absolute_url()}?page={post.page}#post-{post.pk}")


@require_POST
def topic_reply(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Reply, or see the reply as it will look. A visitor's words are kept, and they are asked to join."""
    reader = reader_of(request)
    if was_signed_in(request):
        return ask_back_in(request, f"/t/{topic_id}/#reply", topic_id=topic_id)
    topic = _topic_or_404(reader, topic_id)
    form = ReplyForm(request.POST, forum=topic.forum)
    valid = form.is_valid()
    if reader.is_visitor:
        return remember_for_later(request, form, topic=topic)
    if not valid or "preview" in request.POST:
        keep_typed(request, form, topic=topic)
        return _again(request, reader, topic, form, valid)
    words = {k: form.cleaned_data[k] for k in ("body", "key")} | {"lang": form.cleaned_data.get("lang", "")}
    answered = Post.objects.visible_to(reader).filter(pk=form.cleaned_data.get("reply_to") or 0, topic=topic).first()
    try:
        post = reply_to_topic(topic, by=member_of(request), reply_to=answered, **words)
    except Refused:
        keep_typed(request, form, topic=topic)
        raise
    if post.is_held:
        messages.info(request, _("Thank you. Your post is being read before others see it."))
    if wants_fragment(request):
        fresh = topic_page(reader, topic_id, page=topic.pages + 1)
        return aim(render(request, "forums/topic_detail.html#thread", _context(request, fresh)), "#thread")
    return redirect(f"{topic.get_absolute_url()}?page={post.page if post.position else topic.pages}#post-{post.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def topic_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a topic, or see it as it will look."""
    reader = reader_of(request)
    if was_signed_in(request):
        return ask_back_in(request, reverse("forums:topic-new", args=[slug]), slug=slug)
    forum = get_object_or_404(Forum.objects.visible_to(reader), slug=slug)
    start = may_start_topic(reader, forum)
    announces = bool(may_announce(reader, forum))
    draft = draft_of(request, forum=forum)
    form = TopicForm(request.POST or None, forum=forum, may_announce=announces, initial=words_of(draft))
    if not start and not reader.is_visitor:
        if request.method == "POST":
            keep_typed(request, form, forum=forum)
        raise Refused(start.reason)
    if request.method != "POST":
        return _topic_form(request, forum, form, draft=draft)
    valid = form.is_valid()
    if reader.is_visitor:
        return remember_for_later(request, form, forum=forum)
    if not valid or "preview" in request.POST:
        keep_typed(request, form, forum=forum)
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


def _topic_or_404(reader: Reader, topic_id: int) -> Topic:
    return get_object_or_404(Topic.objects.visible_to(reader).select_related("forum"), pk=topic_id)


def _page_or_404(reader: Reader, topic_id: int, page: int | None) -> TopicPage:
    try:
        return topic_page(reader, topic_id, page=page)
    except Topic.DoesNotExist:
        raise Http404 from None


def _read(request: HttpRequest, page: TopicPage) -> None:
    """Move "read up to here" when it advances; a prefetch reads nothing."""
    prefetch = "prefetch" in request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    if not reader_of(request).is_visitor and page.last_place > page.read_to and not prefetch:
        mark_read(page.topic, by=member_of(request), place=page.last_place)


def _context(request: HttpRequest, page: TopicPage, form: ReplyForm | None = None, **more: Any) -> dict[str, Any]:
    draft = draft_of(request, topic=page.topic) if page.has_draft or reader_of(request).is_visitor else None
    if form is None:
        initial = words_of(draft)
        answered = number(request, "reply_to") or initial.get("reply_to")
        form = ReplyForm(forum=page.topic.forum, initial={**initial, "reply_to": answered})
    return {
        "page": page,
        "form": form,
        "rules": rules_of(page.topic.forum)[:3],
        "reader": reader_of(request),
        "restored": draft,
        **more,
    }


def _again(request: HttpRequest, reader: Reader, topic: Topic, form: ReplyForm, valid: bool) -> HttpResponse:
    """The topic's last page with the form as it was typed, its errors or its preview."""
    page = topic_page(reader, topic.pk, page=topic.pages)
    preview = rendered_for(topic.forum, form.cleaned_data["body"]).html if valid else ""
    context = _context(request, page, form, preview=preview)
    response = render_page(request, "forums/topic_detail.html", context, fragment="reply", status=200 if valid else 422)
    return aim(response, "#reply")


def _topic_form(
    request: HttpRequest, forum: Forum, form: TopicForm, *, draft: Draft | None = None, preview: bool = False
) -> HttpResponse:
    html = rendered_for(forum, form.cleaned_data["body"]).html if preview else ""
    context = {
        "forum": forum,
        "form": form,
        "rules": rules_of(forum)[:3],
        "preview": html,
        "preview_title": form.cleaned_data["title"] if preview else "",
        "similar": similar_topics(reader_of(request), form.cleaned_data["title"]) if preview else [],
        "restored": draft,
        "reader": reader_of(request),
    }
    return render_page(request, "forums/topic_new.html", context, status=422 if form.errors else 200)
