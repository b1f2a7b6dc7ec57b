"""Writing: a reply, or a topic of one's own."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from forums.actions.posts import reply_to_topic
from forums.actions.rendering import rendered_for
from forums.actions.schedule import schedule_post
from forums.actions.topics import start_topic
from forums.forms.composer import ReplyForm, TopicForm
from forums.forms.signs import PollForm, ScheduleForm
from forums.gatekeepers import AskedFirst
from forums.models import Draft, Forum, Post, Topic
from forums.policies import may_announce, may_schedule, may_start_topic
from forums.queries.composer import similar_topics
from forums.queries.reading import topic_page
from forums.queries.topics import rules_of
from forums.readers import Reader
from forums.views.drafts import (
    ask_back_in,
    draft_of,
    hints_for,
    keep_typed,
    living,
    remember_for_later,
    was_signed_in,
    words_of,
)
from forums.views.files import posted
from forums.views.reading import page_context, topic_or_404
from forums.views.request import member_of, reader_of
from toolkit.fragments import aim, render_page, wants_fragment
from toolkit.verdicts import Refused


@require_POST
def topic_reply(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Reply, now or at its hour, or see the reply as it will look. A visitor's words are kept, and they are asked to
    join."""
    reader = reader_of(request)
    if was_signed_in(request):
        return ask_back_in(request, f"/t/{topic_id}/#reply", topic_id=topic_id)
    topic, data = living(reader, topic_or_404(reader, topic_id)), posted(request) or request.POST
    form, schedule = ReplyForm(data, forum=topic.forum), _schedule_form(reader, topic.forum, data)
    valid = all([form.is_valid(), schedule is None or schedule.is_valid()])
    if reader.is_visitor:
        return remember_for_later(request, form, topic=topic)
    if not valid or "preview" in data:
        keep_typed(request, form, topic=topic)
        form.hints = hints_for(request, topic=topic) if valid else ()
        return _again(request, reader, topic, form, valid=valid, schedule=schedule)
    try:
        return _replied(request, reader, topic, form, schedule)
    except AskedFirst as asked:
        form.questions = asked.questions
        keep_typed(request, form, topic=topic)
        return _again(request, reader, topic, form, valid=False, schedule=schedule)
    except Refused:
        keep_typed(request, form, topic=topic)
        raise


def _replied(
    request: HttpRequest, reader: Reader, topic: Topic, form: ReplyForm, schedule: ScheduleForm | None
) -> HttpResponse:
    said = form.cleaned_data
    words = {"body": said["body"], "key": said["key"], "lang": said.get("lang", "")}
    if schedule is not None and schedule.cleaned_data["publish_at"]:
        schedule_post(by=member_of(request), topic=topic, publish_at=schedule.cleaned_data["publish_at"], **words)
        return _waits(request)
    answered = Post.objects.reachable_by(reader).filter(pk=said.get("reply_to") or 0, topic=topic).first()
    post = reply_to_topic(topic, by=member_of(request), reply_to=answered, confirmed=form.confirmed, **words)
    if post.is_held:
        messages.info(request, _("Thank you. Your post is being read before others see it."))
    if wants_fragment(request):
        fresh = topic_page(reader, topic.pk, page=topic.pages + 1)
        return aim(render(request, "forums/topic_detail.html#thread", page_context(request, fresh)), "#thread")
    return redirect(f"{topic.get_absolute_url()}?page={post.page if post.position else topic.pages}#post-{post.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def topic_new(request: HttpRequest, slug: str) -> HttpResponse:
    """Start a topic, now or at its hour, or see it as it will look."""
    reader = reader_of(request)
    if was_signed_in(request):
        return ask_back_in(request, reverse("forums:topic-new", args=[slug]), slug=slug)
    forum, data = get_object_or_404(Forum.objects.visible_to(reader), slug=slug), posted(request)
    start, draft = may_start_topic(reader, forum), draft_of(request, forum=forum)
    begun = words_of(draft)
    form = TopicForm(data, forum=forum, may_announce=bool(may_announce(reader, forum)), initial=begun)
    poll, schedule = PollForm(data, initial=begun), _schedule_form(reader, forum, data)
    more = {"poll_form": poll, "schedule_form": schedule}
    if not start and not reader.is_visitor:
        if data is not None:
            keep_typed(request, form, forum=forum)
        raise Refused(start.reason)
    if data is None:
        return _topic_form(request, forum, form, draft=draft, more=more)
    valid = all([form.is_valid(), poll.is_valid(), schedule is None or schedule.is_valid()])
    if reader.is_visitor:
        return remember_for_later(request, form, forum=forum)
    if not valid or "preview" in data:
        keep_typed(request, form, forum=forum)
        form.hints = hints_for(request, forum=forum) if valid else ()
        return _topic_form(request, forum, form, preview=valid, status=200 if valid else 422, more=more)
    try:
        return _started(request, forum, form, poll, schedule)
    except AskedFirst as asked:
        form.questions = asked.questions
        keep_typed(request, form, forum=forum)
        return _topic_form(request, forum, form, status=422, more=more)
    except Refused:
        keep_typed(request, form, forum=forum)
        raise


def _started(
    request: HttpRequest, forum: Forum, form: TopicForm, poll: PollForm, schedule: ScheduleForm | None
) -> HttpResponse:
    said = form.cleaned_data
    words = {name: said[name] for name in ("title", "body", "key", "intent")}
    words |= {"lang": said.get("lang", ""), "poll": poll.plan()}
    if schedule is not None and schedule.cleaned_data["publish_at"]:
        hour, tags = schedule.cleaned_data["publish_at"], ", ".join(said["tags"])
        schedule_post(by=member_of(request), forum=forum, publish_at=hour, tags=tags, **words)
        return _waits(request)
    topic = start_topic(forum, by=member_of(request), tags=said["tags"], confirmed=form.confirmed, **words)
    if topic.is_waiting:
        messages.info(request, _("Thank you. Your topic is being read before others see it."))
    return redirect(topic)


def _schedule_form(reader: Reader, forum: Forum | None, data: Any) -> ScheduleForm | None:
    """For the team only: when to publish."""
    return ScheduleForm(data) if may_schedule(reader, forum) else None


def _waits(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("It waits here for its hour; until then you can change or discard it."))
    return redirect("forums:drafts")


def _again(
    request: HttpRequest, reader: Reader, topic: Topic, form: ReplyForm, *, valid: bool, schedule: ScheduleForm | None
) -> HttpResponse:
    """The topic's last page with the form as it was typed, its errors or its preview."""
    page = topic_page(reader, topic.pk, page=topic.pages)
    body = form.cleaned_data.get("body", "")
    preview = rendered_for(topic.forum, body, by=member_of(request)).html if valid else ""
    context = page_context(request, page, form, preview=preview, schedule_form=schedule)
    response = render_page(request, "forums/topic_detail.html", context, fragment="reply", status=200 if valid else 422)
    return aim(response, "#reply")


def _topic_form(
    request: HttpRequest,
    forum: Forum,
    form: TopicForm,
    *,
    draft: Draft | None = None,
    preview: bool = False,
    status: int = 200,
    more: dict[str, Any],
) -> HttpResponse:
    said = form.cleaned_data if preview else {}
    context = {
        "forum": forum,
        "form": form,
        "rules": rules_of(forum)[:3],
        "preview": rendered_for(forum, said["body"], by=member_of(request)).html if preview else "",
        "preview_title": said.get("title", ""),
        "similar": similar_topics(reader_of(request), said["title"]) if preview else [],
        "restored": draft,
        "reader": reader_of(request),
        **more,
    }
    return render_page(request, "forums/topic_new.html", context, status=status)
