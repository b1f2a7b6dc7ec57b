"""What members leave on posts and topics: reactions, bookmarks, votes, answers in polls."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.actions.keeping import drop_bookmark, give_reaction, keep_bookmark, take_reaction_back
from forums.actions.voting import choose_in_poll, take_vote_back, vote_for_idea
from forums.forms.signs import BookmarkForm
from forums.models import Bookmark, Poll, Post, ReactionKind, Topic
from forums.queries.people import bookmarks_of, reactions_to, voters_of
from forums.queries.reading import post_with_signs
from forums.views.request import member_of, reader_of
from toolkit.fragments import render_page, wants_fragment


def _post(request: HttpRequest, post_id: int) -> Post:
    reader = reader_of(request)
    posts = Post.objects.reachable_by(reader).with_words_for(reader).select_related("topic__forum")
    return get_object_or_404(posts, pk=post_id)


@login_required
@require_POST
def react(request: HttpRequest, post_id: int) -> HttpResponse:
    """Leave a word on a post, or take it off again."""
    post = _post(request, post_id)
    said = request.POST.get("kind", "")
    chosen = said.removeprefix("-")
    kind = get_object_or_404(ReactionKind, pk=int(chosen) if chosen.isdecimal() and len(chosen) < 16 else 0)
    act = take_reaction_back if said.startswith("-") else give_reaction
    act(post, kind, by=member_of(request))
    if not wants_fragment(request):
        return redirect(post)
    context = {"post": post_with_signs(reader_of(request), post_id), "reader": reader_of(request)}
    return render(request, "forums/_signs.html", context)


@require_safe
def reactions(request: HttpRequest, post_id: int) -> HttpResponse:
    """Who left which word, on demand."""
    post = _post(request, post_id)
    return render_page(request, "forums/reactions.html", {"post": post, "given": reactions_to(post)}, fragment="names")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bookmark(request: HttpRequest, post_id: int) -> HttpResponse:
    """Keep a post for later, with a note and a reminder, or let it go."""
    post = _post(request, post_id)
    kept = Bookmark.objects.filter(post=post, member=member_of(request)).first()
    if "drop" in request.POST:
        drop_bookmark(post, by=member_of(request))
        return redirect("forums:bookmarks") if "list" in request.POST else redirect(post)
    form = BookmarkForm(
        request.POST or None, initial={"note": kept.note, "remind_at": kept.remind_at} if kept is not None else {}
    )
    if request.method == "POST" and form.is_valid():
        keep_bookmark(post, by=member_of(request), **form.cleaned_data)
        messages.success(request, _("Kept among your bookmarks."))
        return redirect(post)
    return render_page(
        request, "forums/bookmark.html", {"post": post, "form": form, "kept": kept}, status=422 if form.errors else 200
    )


@login_required
@require_safe
def bookmarks(request: HttpRequest) -> HttpResponse:
    page = bookmarks_of(reader_of(request), after=request.GET.get("after", ""))
    return render_page(request, "forums/bookmarks.html", {"page": page}, fragment="list")


@login_required
@require_POST
def vote(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Wish for an idea, or no longer."""
    topic = get_object_or_404(Topic.objects.visible_to(reader_of(request)), pk=topic_id)
    (take_vote_back if "back" in request.POST else vote_for_idea)(topic, by=member_of(request))
    return redirect(topic)


def _poll(request: HttpRequest, poll_id: int) -> Poll:
    poll = get_object_or_404(Poll.objects.select_related("post__topic"), pk=poll_id)
    reader = reader_of(request)
    if not Post.objects.reachable_by(reader).with_words_for(reader).filter(pk=poll.post_id).exists():
        raise Http404
    return poll


@login_required
@require_POST
def choose(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Answer a poll; no answer takes one's earlier one back."""
    poll = _poll(request, poll_id)
    chosen = {int(value) for value in request.POST.getlist("option") if value.isdecimal() and len(value) < 16}
    options = [option for option in poll.options.all() if option.pk in chosen]
    choose_in_poll(poll, options, by=member_of(request))
    messages.success(request, _("Your answer is counted.") if options else _("Your answer is taken back."))
    return redirect(poll.post)


@require_safe
def voters(request: HttpRequest, poll_id: int) -> HttpResponse:
    """Who chose what, in a poll that says so beforehand."""
    poll = _poll(request, poll_id)
    if poll.is_secret:
        raise Http404
    return render_page(request, "forums/voters.html", {"poll": poll, "options": voters_of(poll)})
