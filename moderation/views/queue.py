"""The queue and its cases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.models import Attachment, Forum, Post, Topic
from forums.queries.topics import rules_of
from forums.readers import Reader
from members.models import Member
from moderation.actions import cases, decisions, notices
from moderation.covers import cover_for
from moderation.forms import BatchForm, DecisionForm, LessonForm
from moderation.gate import moderators_only
from moderation.limits import BATCH_LENGTH
from moderation.measures import IN_BATCHES
from moderation.models import Case, Decision
from moderation.policies import may_take_back, measures_for, sanctions_for
from moderation.queries import (
    CasePage,
    Wanted,
    case_page,
    cases_of_batch,
    decision_by_id,
    file_of_case,
    forums_to_move_into,
    open_counts,
    who_is_on_what,
)
from moderation.queries import queue as waiting_cases
from moderation.queries.rota import at_work, notes_for
from moderation.queries.settings import offered_measures
from moderation.queries.shelf import exemplar_of
from moderation.views.casework import beside
from moderation.views.request import member_of, reader_of
from moderation.wording import drafts_for, filled, language_of
from toolkit.files import send_stored
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


@moderators_only
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits, with filters; after a decision, for half a minute, the way to take it back."""
    reader, wanted = reader_of(request), _wanted(request)
    me = at_work(member_of(request))
    found = waiting_cases(reader, wanted)
    request.open_counts = _counts(reader, wanted, found)  # type: ignore[attr-defined]
    context = {
        "cases": found,
        "wanted": wanted,
        "counts": request.open_counts,  # type: ignore[attr-defined]
        "kinds": [(kind, label) for kind, label in Case.Kind.choices if kind != Case.Kind.NOTICE],
        "forums": _forums_of(found),
        "cover": cover_for(me),
        "notes": notes_for(reader),
        "is_paused": me.known.is_paused(),
        "decided": _just_decided(request),
    }
    return render_page(request, "moderation/queue.html", context, fragment="cases")


def _wanted(request: HttpRequest) -> Wanted:
    """The filters of the address; what makes no sense counts as not asked."""
    asked = request.GET.get
    kind, who, forum = asked("kind", ""), asked("who", ""), asked("forum", "")
    return Wanted(
        kind=kind if kind in Case.Kind.values else "",
        lane=Case.Lane.OUTSIDE if asked("lane") == Case.Lane.OUTSIDE else Case.Lane.MAIN,
        forum=int(forum) if forum.isdecimal() and len(forum) < 10 else None,
        who=who if who in {"nobody", "me", "later"} else "",
    )


def _forums_of(found: list[Case]) -> list[Forum]:
    """The forums that the shown cases are about, by name: loaded with them."""
    about = [case.subject for case in found if case.subject is not None]
    topics = [one.post.topic if one.post is not None else one.topic for one in about]
    forums = {topic.forum_id: topic.forum for topic in topics if topic is not None and topic.forum is not None}
    return sorted(forums.values(), key=lambda forum: str(forum.name))


def _counts(reader: Reader, wanted: Wanted, found: list[Case]) -> dict[str, int]:
    """How many wait in each lane: known from the cases themselves where all were asked for, else one query."""
    if found and wanted.is_everything and wanted.lane == Case.Lane.MAIN:
        first = vars(found[0])
        return {str(Case.Lane.MAIN): first["all_here"], str(Case.Lane.OUTSIDE): first["all_outside"]}
    return open_counts(reader)


def _just_decided(request: HttpRequest) -> Decision | None:
    """What one has decided a moment ago, as the address names it, if it can still be taken back."""
    asked = request.GET.get("decided", "")
    found = decision_by_id(int(asked)) if asked.isdecimal() and len(asked) < 10 else None
    return found if found is not None and may_take_back(reader_of(request), found, now=timezone.now()) else None


@moderators_only
@require_safe
def on_what(request: HttpRequest) -> HttpResponse:
    """Who is on what at this moment, and what waits no longer: asked by the queue's script while it is looked at."""
    said = {
        pk: _("%(name)s is on it") % {"name": name} if name else ""
        for pk, name in who_is_on_what(reader_of(request)).items()
    }
    return JsonResponse({"waiting": said})


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def batch(request: HttpRequest) -> HttpResponse:
    """Several cases at once: what would happen to each; confirmed, that. What is refused is said, the rest done."""
    asked = [int(pk) for pk in (request.POST or request.GET).getlist("case") if pk.isdecimal() and len(pk) < 10]
    reader = reader_of(request)
    chosen = cases_of_batch(reader, asked[:BATCH_LENGTH])
    offered = offered_measures()
    fits = [measures_for(one, reader, offered) for one in chosen]
    measures = [m for m in (fits[0] if fits else ()) if m in IN_BATCHES and all(m in others for others in fits)]
    form = BatchForm(request.POST or None, cases=chosen, rules=rules_of(None), measures=measures) if measures else None
    done, left = 0, []
    if form is not None and request.method == "POST" and form.is_valid():
        ruling = form.ruling()
        for one in chosen:
            try:
                decisions.decide(one, ruling, by=member_of(request))
                done += 1
            except Refused as refusal:
                left.append((one, str(refusal.reason)))
        messages.success(request, ngettext("%(n)d case is decided.", "%(n)d cases are decided.", done) % {"n": done})
        if not left:
            return redirect("moderation:queue")
    context = {
        "cases": [one for one, _why in left] if left else chosen,
        "left": left,
        "form": form,
    }
    return render_page(
        request, "moderation/batch.html", context, status=422 if form is not None and form.errors else 200
    )


@moderators_only
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """A case with its context; decide here."""
    page = _case_or_404(request, case_id)
    cases.note_reading(page.case, by=member_of(request))
    form = _decision_form(request, page)
    if request.method == "POST" and form.is_valid():
        try:
            made = decisions.decide(page.case, form.ruling(), by=member_of(request))
        except Refused as refusal:  # what was typed stays on the page
            form.add_error(None, str(refusal.reason))
        else:
            messages.success(request, _("Decided: %(measure)s.") % {"measure": made.get_measure_display()})
            return redirect(f"{resolve_url('moderation:queue')}?decided={made.pk}")
    page.case.cover = cover_for(at_work(member_of(request)))  # type: ignore[attr-defined]
    exemplar = exemplar_of(case_id) if page.case.closed_at is not None else None
    choices = form.fields["measure"].choices  # type: ignore[attr-defined]
    context = {
        "page": page,
        "form": form,
        "drafts": drafts_for(page.case, [choice for choice, _label in choices]),
        "templates": [one for one in page.templates if any(one.fits(choice) for choice, _label in choices)],
        **beside(request, page, [choice for choice, _label in choices]),
        "exemplar": exemplar,
        "lesson": LessonForm(initial={"lesson": exemplar.lesson if exemplar is not None else ""}),
    }
    return render_page(request, "moderation/case.html", context, status=422 if form.errors else 200)


@moderators_only
@require_safe
def case_file(request: HttpRequest, case_id: int, attachment_id: int, name: str) -> HttpResponseBase:
    """A file of the words that a case shows: also of a hidden post, and of a reported message."""
    try:
        found, file = file_of_case(reader_of(request), case_id, attachment_id)
    except (Case.DoesNotExist, Attachment.DoesNotExist):
        raise Http404 from None
    cases.note_reading(found, by=member_of(request), of_file=True)
    width = request.GET.get("w", "")
    return send_stored(*file.sent(int(width) if width.isdecimal() and len(width) < 6 else None))


def _case_or_404(request: HttpRequest, case_id: int) -> CasePage:
    try:
        return case_page(reader_of(request), case_id)
    except Case.DoesNotExist:
        raise Http404 from None


def _decision_form(request: HttpRequest, page: CasePage) -> DecisionForm:
    case, reader = page.case, reader_of(request)
    post = case.subject.post if case.subject else None
    initial: dict[str, Any] = {"body": post.body, "version": post.version} if post is not None else {}
    if post is not None and post.topic.is_conversation and page.said:  # what it says since was not reported
        initial = {"body": page.said[-1].body, "version": page.said[-1].version}
    offered = offered_measures()
    measures = measures_for(case, reader, offered)
    topic = post.topic if post is not None else case.subject.topic if case.subject else None
    return DecisionForm(
        request.POST or None,
        case=case,
        rules=rules_of(topic.forum if topic is not None else None),
        measures=measures,
        sanctions=sanctions_for(case, reader, offered),
        forums=forums_to_move_into(reader) if Decision.Measure.MOVE in measures else [],
        initial={**initial, "seen": decisions.seen_of(case), **_begun(request, page)},
        is_noticed=bool(page.noticed),
        is_reported=bool(page.reports),
    )


def _begun(request: HttpRequest, page: CasePage) -> dict[str, Any]:
    """What the form begins with: the words of the template that was asked for, else the usual."""
    asked = request.GET.get("template", "")
    found = next((one for one in page.templates if str(one.pk) == asked), None)
    if found is None:
        return {}
    by, case = member_of(request), page.case
    with override(language_of(case)):
        words = {"message": filled(str(found.message), case, by=by, rule=found.rule)}
        words["why"] = filled(str(found.why), case, by=by, rule=found.rule)
    measure = found.measures[0] if len(found.measures) == 1 else None
    return {**words, "rule": found.rule_id, "measure": measure}


@moderators_only
@require_POST
def claim(request: HttpRequest, case_id: int) -> HttpResponse:
    page = _case_or_404(request, case_id)
    cases.claim(page.case, by=member_of(request))
    return redirect(page.case)


@moderators_only
@require_POST
def release(request: HttpRequest, case_id: int) -> HttpResponse:
    cases.release(_case_or_404(request, case_id).case, by=member_of(request))
    return redirect("moderation:queue")


@moderators_only
@require_POST
def take_in(request: HttpRequest, case_id: int) -> HttpResponse:
    """From the lane of notices from outside to the rest of the queue."""
    return redirect(notices.take_in(_case_or_404(request, case_id).case, by=member_of(request)))


@moderators_only
@require_POST
def take_up(request: HttpRequest, post_id: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(reader_of(request)).select_related("topic"), pk=post_id)
    return redirect(cases.take_up(post, by=member_of(request)))


@moderators_only
@require_POST
def take_up_topic(request: HttpRequest, topic_id: int) -> HttpResponse:
    topics = Topic.objects.visible_to(reader_of(request)).select_related("forum", "author")
    return redirect(cases.take_up(topic=get_object_or_404(topics, pk=topic_id), by=member_of(request)))


@moderators_only
@require_POST
def take_up_member(request: HttpRequest, username: str) -> HttpResponse:
    member = get_object_or_404(Member.objects.shown(), username=username.lower())
    return redirect(cases.take_up(member=member, by=member_of(request)))
