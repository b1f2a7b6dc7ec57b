"""Saying that something is wrong."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from forums.models import Post, Topic
from forums.queries.topics import rules_of
from members.models import Member
from moderation.actions import cases
from moderation.forms import ConversationReportForm, ReportForm
from moderation.gate import open_to_all
from moderation.policies import may_report
from moderation.queries import (
    letters_of,
    messages_to_report,
    notices_of,
    reports_page,
)
from moderation.views.request import member_of, reader_of
from toolkit.fragments import render_page
from toolkit.verdicts import insist


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_post(request: HttpRequest, post_id: int) -> HttpResponse:
    reader = reader_of(request)
    posts = Post.objects.reachable_by(reader).with_words_for(reader).select_related("topic__forum", "author")
    post = get_object_or_404(posts, pk=post_id)
    insist(may_report(reader, author_id=post.author_id))
    form = ReportForm(request.POST or None, rules=rules_of(post.topic.forum))
    thanks = _("Thank you. A moderator will read this; the post stays until a person decides.")
    return _reported(request, form, {"post": post}, partial(cases.report, post=post), thanks, back=post)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Report a topic as a whole: its title, its place; of a conversation, the messages that the team shall read."""
    reader = reader_of(request)
    topic = get_object_or_404(Topic.objects.reachable_by(reader).select_related("forum", "author"), pk=topic_id)
    thanks = _("Thank you. A moderator will read this.")
    if topic.is_conversation:
        chosen = ConversationReportForm(
            request.POST or None, rules=rules_of(None), posts=messages_to_report(reader, topic)
        )
        seats = resolve_url("forums:conversation-seats", topic.pk)
        shown = {"conversation": topic}
        return _reported(request, chosen, shown, lambda **why: _shown_to_team(chosen, **why), thanks, back=seats)
    insist(may_report(reader, author_id=topic.author_id))
    topic.cover_title(reader)
    form = ReportForm(request.POST or None, rules=rules_of(topic.forum))
    return _reported(request, form, {"topic": topic}, partial(cases.report, topic=topic), thanks, back=topic)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_member(request: HttpRequest, username: str) -> HttpResponse:
    member = get_object_or_404(Member.objects.shown(), username=username.lower())
    insist(may_report(reader_of(request), author_id=member.pk))
    form = ReportForm(request.POST or None, rules=rules_of(None))
    thanks = _("Thank you. A moderator will read this.")
    return _reported(request, form, {"member": member}, partial(cases.report, member=member), thanks, back=member)


def _shown_to_team(form: ConversationReportForm, **why: Any) -> object:
    return cases.report_conversation(form.posts, **why)


def _reported(
    request: HttpRequest,
    form: ReportForm,
    shown: dict[str, Any],
    report: Callable[..., object],
    thanks: str,
    *,
    back: Any,
) -> HttpResponse:
    """The form, or, once it is right, the report made and the way back."""
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        report(by=member_of(request), rule=form.rule, is_illegal=form.is_illegal, words=words)
        messages.success(request, thanks)
        return redirect(back)
    context = {**shown, "form": form, "back": resolve_url(back)}
    return render_page(request, "moderation/report.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_safe
def reports(request: HttpRequest) -> HttpResponse:
    """What one reported, and what became of it."""
    member = member_of(request)
    context = {"page": reports_page(member, after=request.GET.get("after", "")), "notices": notices_of(member)}
    context["letters"] = letters_of(member)
    return render_page(request, "moderation/reports.html", context)
