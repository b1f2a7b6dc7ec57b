from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.actions.posts import edit_post, restore_revision
from forums.actions.rendering import rendered_for
from forums.actions.withdrawal import restore_post, withdraw_post
from forums.forms.composer import EditForm
from forums.gatekeepers import AskedFirst
from forums.limits import RESTORE_DAYS
from forums.models import Post, PostRevision
from forums.policies import may_edit
from forums.views.drafts import ask_back_in, draft_of, hints_for, keep_typed, was_signed_in, words_of
from forums.views.files import posted
from forums.views.request import member_of, reader_of
from toolkit.fragments import render_page
from toolkit.text import difference
from toolkit.verdicts import Refused, insist


@require_safe
def post_short(request: HttpRequest, post_id: int) -> HttpResponse:
    """A post's permanent address leads to where it stands now."""
    post = get_object_or_404(Post.objects.reachable_by(reader_of(request)).select_related("topic"), pk=post_id)
    page = f"?page={post.page}" if post.page > 1 else ""
    return redirect(f"{post.topic.get_absolute_url()}{page}#post-{post.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
def post_edit(request: HttpRequest, post_id: int) -> HttpResponse:
    """Edit one's own post, or see it as it will look. A stale edit is refused with the difference."""
    reader = reader_of(request)
    if was_signed_in(request):
        return ask_back_in(request, request.path, post_id=post_id)
    if reader.is_visitor:
        return redirect_to_login(request.get_full_path())
    post = get_object_or_404(Post.objects.reachable_by(reader).select_related("topic__forum", "author"), pk=post_id)
    draft = draft_of(request, post=post)
    data = posted(request)
    form = EditForm(data, initial={"body": post.body, "version": post.version, **words_of(draft)})
    if data is not None and (not form.is_valid() or "preview" in data or not may_edit(reader, post)):
        keep_typed(request, form, post=post)
    insist(may_edit(reader, post))
    preview, status = "", 200
    lines: list[tuple[str, str]] = []
    if data is not None:
        status = 422
        if form.is_valid() and "preview" in data:
            rendered = rendered_for(post.topic.forum, form.cleaned_data["body"], by=member_of(request), post=post)
            preview, status = rendered.html, 200
            form.hints = hints_for(request, post=post)
        elif form.is_valid() and form.cleaned_data["version"] != post.version:
            lines = difference(post.body, form.cleaned_data["body"])
            form.add_error(
                None, _("This post was changed meanwhile. Here is the difference; save again to keep yours.")
            )
            keep_typed(request, form, post=post)
            form.went_on(version=str(post.version))
        elif form.is_valid():
            words = {name: form.cleaned_data[name] for name in ("body", "reason", "version")}
            try:
                edit_post(post, by=member_of(request), confirmed=form.confirmed, **words)
            except AskedFirst as asked:
                form.questions = asked.questions
                keep_typed(request, form, post=post)
            except Refused:
                keep_typed(request, form, post=post)
                raise
            else:
                messages.success(request, _("Your changes are saved."))
                return redirect(post)
    context = {"post": post, "form": form, "preview": preview, "difference": lines, "restored": draft}
    return render_page(request, "forums/post_edit.html", context, status=status)


@require_safe
def post_history(request: HttpRequest, post_id: int) -> HttpResponse:
    """Who changed a post, when, why, and how."""
    reader = reader_of(request)
    post = get_object_or_404(
        Post.objects.reachable_by(reader).with_words_for(reader).select_related("topic__forum", "author"), pk=post_id
    )
    later, steps, shown = post.body, [], True
    moderates = not post.topic.is_conversation and reader.moderates(post.topic.forum_id)
    sees_all = post.author_id == reader.member_id or moderates
    for revision in post.revisions.select_related("editor").order_by("-version"):
        # what the moderation took out, and all before it, is for the author and the moderators
        shown = shown and (sees_all or revision.source != PostRevision.Source.MODERATION)
        steps.append((revision, difference(revision.body, later) if shown else None))
        later = revision.body
    context = {"post": post, "steps": steps, "edit": may_edit(reader, post)}
    return render_page(request, "forums/post_history.html", context)


@login_required
@require_POST
def revision_restore(request: HttpRequest, post_id: int, version: int) -> HttpResponse:
    """Say again what a post said in that version."""
    reader = reader_of(request)
    post = get_object_or_404(
        Post.objects.reachable_by(reader).with_words_for(reader).select_related("topic"), pk=post_id
    )
    revision = get_object_or_404(post.revisions.select_related("post__topic__forum"), version=version)
    restore_revision(revision, by=member_of(request), version=post.version)
    messages.success(request, _("Your changes are saved."))
    return redirect(post)


@login_required
@require_POST
def withdraw(request: HttpRequest, post_id: int) -> HttpResponse:
    """Take one's own words back."""
    post = get_object_or_404(Post.objects.reachable_by(reader_of(request)).select_related("topic"), pk=post_id)
    withdraw_post(post, by=member_of(request))
    messages.success(request, _("Withdrawn. You can put it back within %(n)d days.") % {"n": RESTORE_DAYS})
    return redirect(post)


@login_required
@require_POST
def restore(request: HttpRequest, post_id: int) -> HttpResponse:
    """Put a withdrawn post back."""
    post = get_object_or_404(Post.objects.reachable_by(reader_of(request)).select_related("topic"), pk=post_id)
    restore_post(post, by=member_of(request))
    messages.success(request, _("It is back."))
    return redirect(post)
