from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from forums.models import Forum, Tag
from forums.policies import may_start_topic
from forums.queries.topics import FILTERS, forum_page, forums_seen, pinned_everywhere, rules_of, tag_page, topic_list
from forums.readers import Reader
from forums.views.request import reader_of
from toolkit.fragments import render_page


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The community's purpose, its forums, and the latest topics."""
    reader = reader_of(request)
    only = request.GET.get("only", "latest")
    if only not in FILTERS:
        raise Http404
    if only in {"unread", "mine"} and reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    context = {
        "forums": forums_seen(reader),
        "pinned": pinned_everywhere(reader) if only == "latest" and "after" not in request.GET else [],
        "topics": topic_list(reader, only=only, after=request.GET.get("after", "")),
        "only": only,
    }
    return render_page(request, "forums/home.html", context, fragment="topics")


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    return render_page(request, "forums/index.html", {"forums": forums_seen(reader_of(request))})


@require_GET
def forum_detail(request: HttpRequest, slug: str) -> HttpResponse:
    reader: Reader = reader_of(request)
    try:
        page = forum_page(reader, slug, after=request.GET.get("after", ""))
    except Forum.DoesNotExist:
        raise Http404 from None
    context = {
        "page": page,
        "start": may_start_topic(reader, page.forum),
        "rules": rules_of(page.forum),
        "is_visitor": reader.is_visitor,
    }
    return render_page(request, "forums/forum_detail.html", context, fragment="topics")


@require_GET
def tag_detail(request: HttpRequest, key: str) -> HttpResponse:
    try:
        tag, topics = tag_page(reader_of(request), key, after=request.GET.get("after", ""))
    except Tag.DoesNotExist:
        raise Http404 from None
    return render_page(request, "forums/tag_detail.html", {"tag": tag, "topics": topics}, fragment="topics")
