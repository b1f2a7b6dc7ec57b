"""The ways to read a topic: its pages, from what is unread, from a date, the best of it, for printing."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from forums.actions.reading import mark_read
from forums.forms.composer import ReplyForm
from forums.forms.signs import ScheduleForm
from forums.limits import POST_MAX_LENGTH
from forums.models import Post, Topic
from forums.policies import may_schedule
from forums.queries.reading import TopicPage, best_page, post_at_date, printed_page, topic_page
from forums.queries.topics import rules_of
from forums.readers import LONG_AGO, READS_BY_SCREEN, Reader
from forums.views.care import verbs_for
from forums.views.drafts import draft_of, words_of
from forums.views.request import member_of, number, reader_of
from toolkit.fragments import render_page


@require_safe
def topic_detail(request: HttpRequest, topic_id: int, slug: str) -> HttpResponse:
    reader = reader_of(request)
    page = page_or_404(reader, topic_id, number(request, "page"))
    if page.topic.merged_into_id is not None:
        return redirect("forums:topic-short", page.topic.merged_into_id)
    if slug != page.topic.slug:
        return redirect(_with_query(request, page.topic), permanent=not page.topic.is_withdrawn)
    _read(request, page)
    return render_page(request, "forums/topic_detail.html", page_context(request, page), fragment="posts")


@require_safe
def topic_short(request: HttpRequest, topic_id: int) -> HttpResponse:
    """A topic by its number alone."""
    topic = topic_or_404(reader_of(request), topic_id)
    if topic.merged_into_id is not None:
        return redirect("forums:topic-short", topic.merged_into_id)
    return redirect(_with_query(request, topic), permanent=True)


def _with_query(request: HttpRequest, topic: Topic) -> str:
    """The topic's address now, at the same page."""
    said = request.META.get("QUERY_STRING", "")
    return f"{topic.get_absolute_url()}?{said}" if said else topic.get_absolute_url()


@require_safe
def topic_unread(request: HttpRequest, topic_id: int) -> HttpResponse:
    """To the first post this member has not read (the first one, for visitors)."""
    reader = reader_of(request)
    page = page_or_404(reader, topic_id, 1)
    posts = Post.objects.reachable_by(reader).published().select_related("topic").filter(topic=topic_id)
    ahead, forum = posts.filter(position__gt=page.read_to).order_by("position"), page.topic.forum_id
    since = reader.unread_after([forum])[0][1] if forum is not None else LONG_AGO
    post = ahead.filter(published_at__gt=since).first() or ahead.first() or posts.order_by("-position").first()
    return redirect(post if post is not None else page.topic)


@require_safe
def topic_date(request: HttpRequest, topic_id: int) -> HttpResponse:
    """To the first post of a day, or of the next day on which somebody wrote."""
    reader = reader_of(request)
    topic = topic_or_404(reader, topic_id)
    try:
        day = date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return redirect(topic)
    post = post_at_date(reader, topic, day)
    return redirect(post if post is not None else topic)


@require_safe
def topic_best(request: HttpRequest, topic_id: int) -> HttpResponse:
    """The posts of a long topic that one reads first."""
    try:
        page = best_page(reader_of(request), topic_id)
    except Topic.DoesNotExist:
        raise Http404 from None
    return render_page(request, "forums/topic_best.html", {"page": page, "reader": reader_of(request)})


@require_safe
def topic_print(request: HttpRequest, topic_id: int) -> HttpResponse:
    """A topic as one reads it on paper."""
    try:
        topic, posts, after = printed_page(reader_of(request), topic_id, after=number(request, "after") or 0)
    except Topic.DoesNotExist:
        raise Http404 from None
    context = {"topic": topic, "posts": posts, "after": after, "reader": reader_of(request)}
    return render_page(request, "forums/topic_print.html", context)


def topic_or_404(reader: Reader, topic_id: int) -> Topic:
    return get_object_or_404(Topic.objects.reachable_by(reader).select_related("forum"), pk=topic_id)


def page_or_404(reader: Reader, topic_id: int, page: int | None) -> TopicPage:
    try:
        return topic_page(reader, topic_id, page=page)
    except Topic.DoesNotExist:
        raise Http404 from None


def _read(request: HttpRequest, page: TopicPage) -> None:
    """Move "read up to here" when it advances; a prefetch or a HEAD reads nothing, and neither does a page whose script
    says what was on screen."""
    if request.method == "HEAD" or request.session.get(READS_BY_SCREEN):
        return
    prefetch = "prefetch" in request.headers.get("Sec-Purpose", "") + request.headers.get("Purpose", "")
    if not reader_of(request).is_visitor and page.last_place > page.read_to and not prefetch:
        mark_read(page.topic, by=member_of(request), place=page.last_place)


def page_context(request: HttpRequest, page: TopicPage, form: ReplyForm | None = None, **more: Any) -> dict[str, Any]:
    """What the topic page's template needs; the composer holds the draft, the post answered, the words quoted."""
    reader = reader_of(request)
    draft = draft_of(request, topic=page.topic) if page.has_draft or reader.is_visitor else None
    if form is None:
        initial = words_of(draft)
        initial |= _quoted(request, reader, str(initial.get("body", "")))
        answered = number(request, "reply_to") or initial.get("reply_to")
        form = ReplyForm(forum=page.topic.forum, initial={**initial, "reply_to": answered})
    return {
        "page": page,
        "form": form,
        "rules": rules_of(page.topic.forum)[:3],
        "reader": reader,
        "restored": draft,
        "verbs": verbs_for(reader, page.topic),
        "schedule_form": ScheduleForm() if may_schedule(reader, page.topic.forum) else None,
        **more,
    }


def _quoted(request: HttpRequest, reader: Reader, begun: str) -> dict[str, str]:
    """`?quote=ID`: that post's words as a quotation with a link back, after what was begun. One query."""
    asked = number(request, "quote")
    post = (
        Post.objects.reachable_by(reader).with_words_for(reader).select_related("author").filter(pk=asked).first()
        if asked
        else None
    )
    if post is None:
        return {}
    lines = "\n".join(f"> {line}".rstrip() for line in post.body[: POST_MAX_LENGTH // 2].splitlines())
    quotation = f"> [{post.author.shown_name}]({post.get_absolute_url()}):\n>\n{lines}\n\n"
    return {"body": f"{begun.rstrip()}\n\n{quotation}" if begun.strip() else quotation}
