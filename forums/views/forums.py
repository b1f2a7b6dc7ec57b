from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from forums.models import Forum, Tag
from forums.policies import may_care_for_tags, may_invite_into, may_start_topic
from forums.queries.lists import OF_MEMBERS, Asked, Where, pinned_everywhere, topics_in
from forums.queries.narrowing import choices_for
from forums.queries.topics import ForumPage, forum_page, forums_seen, rules_of, tag_page
from forums.readers import Reader
from forums.views.request import reader_of
from toolkit.fragments import render_page


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The community's purpose, its forums, and a list of topics: the latest at first."""
    reader, asked = reader_of(request), Asked.by(request.GET)
    if asked.only in OF_MEMBERS and reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    pinned = pinned_everywhere(reader) if asked.is_plain else []
    context = {
        "forums": forums_seen(reader),
        "pinned": pinned,
        "topics": topics_in(reader, Where(without=tuple(topic.pk for topic in pinned)), asked),
        "choices": choices_for(reader, asked, keeps_languages=True),
    }
    return render_page(request, "forums/home.html", context, fragment="topics")


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    return render_page(request, "forums/index.html", {"forums": forums_seen(reader_of(request))})


@require_safe
def forum_detail(request: HttpRequest, slug: str) -> HttpResponse:
    reader, asked = reader_of(request), Asked.by(request.GET)
    if asked.only in OF_MEMBERS and reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    page = _forum_page(reader, slug, asked)
    context = {
        "page": page,
        "choices": choices_for(reader, asked, keeps_languages=False),
        "start": may_start_topic(reader, page.forum),
        "invite": page.takes_guests and may_invite_into(reader, page.forum),
        "rules": rules_of(page.forum),
        "is_visitor": reader.is_visitor,
    }
    return render_page(request, "forums/forum_detail.html", context, fragment="topics")


def _forum_page(reader: Reader, slug: str, asked: Asked) -> ForumPage:
    try:
        return forum_page(reader, slug, asked)
    except Forum.DoesNotExist:
        raise Http404 from None


@require_safe
def tag_detail(request: HttpRequest, key: str) -> HttpResponse:
    reader, asked = reader_of(request), Asked.by(request.GET)
    if asked.only in OF_MEMBERS and reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    try:
        tag, topics = tag_page(reader, key, asked)
    except Tag.DoesNotExist:
        raise Http404 from None
    if tag.key != key:
        return redirect(tag)
    context = {
        "tag": tag,
        "may_care": may_care_for_tags(reader),
        "topics": topics,
        "choices": choices_for(reader, asked, keeps_languages=False),
    }
    return render_page(request, "forums/tag_detail.html", context, fragment="topics")
