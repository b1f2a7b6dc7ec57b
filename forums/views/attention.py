"""What members have read, and what they want to see: marks, follows, hidden topics."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from forums.actions import reading as actions
from forums.models import Forum, Level, Post, Tag, Topic
from forums.queries.attention import attention_of
from forums.readers import READS_BY_SCREEN
from forums.views.request import member_of, reader_of, said
from members.models import Member
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


@login_required
@require_POST
def read(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Up to where was on screen: said by a script."""
    topic = get_object_or_404(Topic.objects.reachable_by(reader_of(request)), pk=topic_id)
    asked = request.POST.get("place", "")
    place = min(int(asked), topic.last_position) if asked.isdecimal() and len(asked) < 10 else 0
    if place:
        actions.mark_read(topic, by=member_of(request), place=place)
    return HttpResponse(status=204)


@login_required
@require_POST
def by_screen(request: HttpRequest) -> HttpResponse:
    """There are scripts in this session: they will say what was on screen, and opening a page alone reads nothing."""
    request.session[READS_BY_SCREEN] = True
    return HttpResponse(status=204)


@login_required
@require_POST
def keep_unread(request: HttpRequest, post_id: int) -> HttpResponse:
    """From this post on, it is unread again. Goes to the list: staying would read it."""
    posts = Post.objects.reachable_by(reader_of(request)).select_related("topic__forum")
    post = get_object_or_404(posts, pk=post_id)
    actions.keep_unread(post, by=member_of(request))
    messages.success(request, _("It waits among what you have not read."))
    if post.topic.forum is None:
        return redirect("forums:conversations")
    return redirect(f"{post.topic.forum.get_absolute_url()}?only=unread")


@login_required
@require_POST
def all_read(request: HttpRequest) -> HttpResponse:
    """Everything, or everything in one forum, counts as read from now on."""
    slug = said(request, "forum")
    forum = get_object_or_404(Forum.objects.visible_to(reader_of(request)), slug=slug) if slug else None
    actions.mark_all_read(by=member_of(request), forum=forum)
    messages.success(request, _("Everything there counts as read."))
    return redirect(forum if forum is not None else "forums:home")


@login_required
@require_POST
def follow_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    topic = get_object_or_404(Topic.objects.visible_to(reader_of(request)), pk=topic_id)
    level = request.POST.get("level", "")
    if level not in Level.values:
        raise Refused(_("Choose one of: all, what matters to me, nothing."))
    actions.follow_topic(topic, by=member_of(request), level=level)
    messages.success(request, _("Noted."))
    return redirect(topic)


@login_required
@require_POST
def hide(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Take a topic out of one's own lists, or put it back."""
    topic = get_object_or_404(Topic.objects.visible_to(reader_of(request)), pk=topic_id)
    if "back" in request.POST:
        actions.show_topic_again(topic, by=member_of(request))
        messages.success(request, _("It stands in your lists again."))
        return redirect(topic)
    actions.hide_topic(topic, by=member_of(request))
    messages.success(request, _("It is out of your lists; under “What I follow” in your settings you find it again."))
    return redirect("forums:home")


@login_required
@require_POST
def follow(request: HttpRequest) -> HttpResponse:
    """What reaches one of a forum, a tag or a member."""
    thing = _named(request)
    actions.follow(thing, by=member_of(request), level=request.POST.get("level", ""))
    messages.success(request, _("Noted."))
    back = request.POST.get("next", "")
    return redirect(back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else thing)


def _named(request: HttpRequest) -> Forum | Tag | Member:
    reader, key = reader_of(request), said(request, "key")
    kind = request.POST.get("kind")
    if kind == "forum":
        return get_object_or_404(Forum.objects.visible_to(reader), slug=key)
    if kind == "tag":
        return get_object_or_404(Tag.objects.seen_by(reader), key=key)
    if kind == "member":
        member: Member = get_object_or_404(Member.objects.shown(), username=key.lower())
        return member
    raise Http404


@login_required
@require_safe
def following(request: HttpRequest) -> HttpResponse:
    """Everything one follows, wants nothing of, hid, and whom one blocked: on one page, each with its way back."""
    context = {"attention": attention_of(reader_of(request))}
    return render_page(request, "forums/following.html", context)
