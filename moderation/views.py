from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.models import Attachment, Post, Topic
from forums.queries.topics import rules_of
from forums.readers import Reader
from members.models import Member
from moderation.actions import cases, decisions
from moderation.forms import AppealForm, ConversationReportForm, DecisionForm, ReportForm, UndoForm
from moderation.gate import moderators_only, open_to_all
from moderation.models import Case, Decision
from moderation.policies import may_appeal, may_report, may_undo
from moderation.queries import (
    CasePage,
    case_page,
    decision_page,
    file_of_case,
    log_figures,
    log_page,
    messages_to_report,
    standing_page,
)
from moderation.queries import queue as waiting_cases
from moderation.wording import drafts_for, statement_of
from toolkit.files import send_stored
from toolkit.fragments import render_page
from toolkit.verdicts import insist


def _reader(request: HttpRequest) -> Reader:
    return cast(Reader, request.reader)  # type: ignore[attr-defined]


def _member(request: HttpRequest) -> Member:
    return cast(Member, request.user)


@moderators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    kind = request.GET.get("kind", "")
    kind = kind if kind in Case.Kind.values else ""
    context = {
        "cases": waiting_cases(_reader(request), kind=kind),
        "kind": kind,
        "kinds": Case.Kind.choices,
        "bands": Case.Band.choices,
    }
    return render_page(request, "moderation/queue.html", context, fragment="cases")


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case with its context; decide here."""
    page = _case_or_404(request, case_id)
    cases.note_reading(page.case, by=_member(request))
    form = _decision_form(request, page)
    if request.method == "POST" and form.is_valid():
        made = decisions.decide(page.case, _ruling(form, page.case), by=_member(request))
        messages.success(request, _("Decided: %(measure)s.") % {"measure": made.get_measure_display()})
        return redirect("moderation:queue")
    context = {"page": page, "form": form, "drafts": drafts_for(page.case)}
    return render_page(request, "moderation/case.html", context, status=422 if form.errors else 200)


@moderators_only
@require_safe
def case_file(request: HttpRequest, case_id: int, attachment_id: int, name: str) -> HttpResponseBase:
    """A file of the words that a case shows: also of a hidden post, and of a reported message."""
    try:
        found, file = file_of_case(_reader(request), case_id, attachment_id)
    except (Case.DoesNotExist, Attachment.DoesNotExist):
        raise Http404 from None
    cases.note_reading(found, by=_member(request), of_file=True)
    width = request.GET.get("w", "")
    return send_stored(*file.sent(int(width) if width.isdecimal() and len(width) < 6 else None))


def _case_or_404(request: HttpRequest, case_id: int) -> CasePage:
    try:
        return case_page(_reader(request), case_id)
    except Case.DoesNotExist:
        raise Http404 from None


def _decision_form(request: HttpRequest, page: CasePage) -> DecisionForm:
    post = page.case.subject.post if page.case.subject else None
    initial: dict[str, Any] = {"body": post.body, "version": post.version} if post is not None else {}
    if post is not None and post.topic.is_conversation and page.said:  # what it says since was not reported
        initial = {"body": page.said[-1].body, "version": page.said[-1].version}
    return DecisionForm(
        request.POST or None,
        case=page.case,
        rules=rules_of(post.topic.forum if post is not None else None),
        initial=initial,
    )


def _ruling(form: DecisionForm, case: Case) -> decisions.Ruling:
    data = form.cleaned_data
    draft = "" if data["measure"] == Decision.Measure.KEEP else drafts_for(case).get(data["measure"], "")
    return decisions.Ruling(
        measure=data["measure"],
        rule=data.get("rule"),
        facts=data.get("facts", ""),
        message=data["message"] or draft,
        note=data["note"],
        body=data.get("body", ""),
        version=data.get("version") or 0,
        allow_domains=case.detected.split()[1:] if data.get("allow") else [],
    )


@moderators_only
@require_POST
def claim(request: HttpRequest, case_id: int) -> HttpResponse:
    page = _case_or_404(request, case_id)
    cases.claim(page.case, by=_member(request))
    return redirect(page.case)


@moderators_only
@require_POST
def release(request: HttpRequest, case_id: int) -> HttpResponse:
    cases.release(_case_or_404(request, case_id).case, by=_member(request))
    return redirect("moderation:queue")


@moderators_only
@require_POST
def snooze(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put off until tomorrow."""
    cases.snooze(_case_or_404(request, case_id).case, by=_member(request), until=timezone.now() + timedelta(days=1))
    messages.success(request, _("This case comes back tomorrow."))
    return redirect("moderation:queue")


@open_to_all
@require_safe
def log(request: HttpRequest) -> HttpResponse:
    """For everybody, what is moderated by which rule; for moderators, every decision with its undo."""
    reader = _reader(request)
    context = {
        "figures": log_figures(),
        "page": log_page(reader, after=request.GET.get("after", "")) if reader.moderates_anywhere else None,
        "measures": dict(Decision.Measure.choices),
    }
    return render_page(request, "moderation/log.html", context)


def _decision_or_404(request: HttpRequest, decision_id: int) -> Decision:
    try:
        return decision_page(_reader(request), decision_id)
    except Decision.DoesNotExist:
        raise Http404 from None


@open_to_all
@login_required
@require_safe
def decision(request: HttpRequest, decision_id: int) -> HttpResponse:
    """A decision as its addressee reads it; for moderators, with its undo."""
    found, reader = _decision_or_404(request, decision_id), _reader(request)
    context = {
        "decision": found,
        "statement": statement_of(found, language=get_language() or "fr"),
        "undo": may_undo(reader, found) if reader.moderates_anywhere else None,
        "contest": may_appeal(reader, found, now=timezone.now()),
        "is_mine": found.concerned_id == reader.member_id,
        "form": UndoForm(),
    }
    return render_page(request, "moderation/decision.html", context)


@moderators_only
@require_POST
def undo(request: HttpRequest, decision_id: int) -> HttpResponse:
    found, form = _decision_or_404(request, decision_id), UndoForm(request.POST)
    if not form.is_valid():
        context = {
            "decision": found,
            "statement": statement_of(found, language=get_language() or "fr"),
            "undo": may_undo(_reader(request), found),
            "form": form,
        }
        return render_page(request, "moderation/decision.html", context, status=422)
    back = decisions.undo(found, by=_member(request), reason=form.cleaned_data["reason"])
    messages.success(request, _("The decision is undone."))
    return redirect(back)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def contest(request: HttpRequest, decision_id: int) -> HttpResponse:
    found = _decision_or_404(request, decision_id)
    insist(may_appeal(_reader(request), found, now=timezone.now()))
    form = AppealForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        decisions.appeal(found, by=_member(request), **form.cleaned_data)
        messages.success(request, _("Your appeal is with the team; somebody else than before reads it where possible."))
        return redirect(found)
    context = {
        "decision": found,
        "statement": statement_of(found, language=get_language() or "fr"),
        "form": form,
    }
    return render_page(request, "moderation/contest.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_safe
def standing(request: HttpRequest) -> HttpResponse:
    """What was reported and decided about oneself, limits and when they lift, trust and what comes next."""
    page = standing_page(_member(request), _reader(request), after=request.GET.get("after", ""))
    return render_page(request, "moderation/standing.html", {"page": page})


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_post(request: HttpRequest, post_id: int) -> HttpResponse:
    reader = _reader(request)
    posts = Post.objects.reachable_by(reader).with_words_for(reader).select_related("topic__forum", "author")
    post = get_object_or_404(posts, pk=post_id)
    insist(may_report(reader, author_id=post.author_id))
    form = ReportForm(request.POST or None, rules=rules_of(post.topic.forum))
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        cases.report(by=_member(request), post=post, rule=form.rule, is_illegal=form.is_illegal, words=words)
        messages.success(request, _("Thank you. A moderator will read this; the post stays until a person decides."))
        return redirect(post)
    context = {"post": post, "form": form}
    return render_page(request, "moderation/report.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_conversation(request: HttpRequest, topic_id: int) -> HttpResponse:
    """Choose the messages that the team shall read."""
    reader = _reader(request)
    topic = get_object_or_404(Topic.objects.seated(reader), pk=topic_id)
    form = ConversationReportForm(request.POST or None, rules=rules_of(None), posts=messages_to_report(reader, topic))
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        cases.report_conversation(
            form.posts, by=_member(request), rule=form.rule, is_illegal=form.is_illegal, words=words
        )
        messages.success(request, _("Thank you. A moderator will read this."))
        return redirect("forums:conversation-seats", topic.pk)
    context = {"topic": topic, "form": form}
    return render_page(request, "moderation/report.html", context, status=422 if form.errors else 200)


@open_to_all
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def report_member(request: HttpRequest, username: str) -> HttpResponse:
    member = get_object_or_404(Member.objects.shown(), username=username.lower())
    insist(may_report(_reader(request), author_id=member.pk))
    form = ReportForm(request.POST or None, rules=rules_of(None))
    if request.method == "POST" and form.is_valid():
        words = form.cleaned_data["words"]
        cases.report(by=_member(request), member=member, rule=form.rule, is_illegal=form.is_illegal, words=words)
        messages.success(request, _("Thank you. A moderator will read this."))
        return redirect(member)
    context = {"member": member, "form": form}
    return render_page(request, "moderation/report.html", context, status=422 if form.errors else 200)


@moderators_only
@require_POST
def take_up(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(_reader(request)).select_related("topic"), pk=post_id)
    return redirect(cases.take_up(post, by=_member(request)))
