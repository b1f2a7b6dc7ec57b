"""What moderators do around a case before they decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from moderation.actions import cases
from moderation.actions import files as filing
from moderation.actions.notes import add_note, remove_note
from moderation.actions.opinions import ask_for_opinions, give_opinion
from moderation.forms import AskForm, FileForm, FileNoteForm, NoteForm, NumberForm, OpinionForm, SnoozeForm
from moderation.gate import moderators_only
from moderation.models import Case, CaseFile, MemberNote
from moderation.policies import may_note, measures_for
from moderation.queries import CasePage
from moderation.queries.files import file_page, files_for, open_files
from moderation.queries.notes import notes_on
from moderation.queries.opinions import opinions_of
from moderation.queries.precedents import add_records, precedents_of, rules_named
from moderation.queries.settings import offered_measures
from moderation.views.request import member_of, reader_of
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


def beside(request: HttpRequest, page: CasePage, measures: Sequence[str]) -> dict[str, Any]:
    """What stands on a case's page beside the case itself. Six queries at most."""
    case, reader = page.case, reader_of(request)
    person = case.subject.accountable if case.subject is not None else None
    may_keep_notes = person is not None and bool(may_note(reader, person))
    add_records(reader, case, page.reports)
    is_open, opinions = case.closed_at is None, opinions_of(reader, case)
    is_asked = is_open and opinions.mine is not None
    files = files_for(reader)
    return {
        "file": next((file for file in files if file.pk == case.file_id), None),
        "file_form": FileForm(auto_id="file_%s", files=files),
        "opinions": opinions,
        "opinion_form": OpinionForm(auto_id="opinion_%s", measures=measures) if is_asked else None,
        "ask_form": AskForm(auto_id="ask_%s") if is_open and not opinions.waiting else None,
        "snooze": SnoozeForm(case=case) if is_open else None,
        "rules": rules_named(page.reports),
        "precedents": precedents_of(reader, case, page.reports, page.decisions),
        "notes": notes_on(reader, person),
        "note_form": NoteForm(auto_id="note_%s") if may_keep_notes else None,
    }


def _case(request: HttpRequest, case_id: int) -> Case:
    """The case, if this reader may see it; else there is none."""
    found = Case.objects.visible_to(reader_of(request)).select_related(
        "subject__post__topic", "subject__post__author", "subject__topic__author", "subject__member"
    )
    return get_object_or_404(found, pk=case_id)


def _insist_valid(form: forms.Form) -> None:
    if not form.is_valid():
        raise Refused(" ".join(str(error) for errors in form.errors.values() for error in errors))


@moderators_only
@require_POST
def snooze(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put off until a day, an edit or a new reply."""
    case = _case(request, case_id)
    form = SnoozeForm(request.POST, case=case)
    _insist_valid(form)
    case = cases.snooze(case, by=member_of(request), **form.asked())
    day = date_format(localtime(case.snoozed_until), "DATE_FORMAT")
    if case.wakes_after_version is not None:
        said = _("This case comes back when its post is edited, and on %(day)s at the latest.")
    elif case.wakes_after_place is not None:
        said = _("This case comes back when something new is written in the topic, and on %(day)s at the latest.")
    else:
        said = _("This case comes back on %(day)s.")
    messages.success(request, said % {"day": day})
    return redirect("moderation:queue")


@moderators_only
@require_POST
def note_new(request: HttpRequest, case_id: int) -> HttpResponse:
    """Note something about the person of a case."""
    case = _case(request, case_id)
    person = case.subject.accountable if case.subject is not None else None
    if person is None:
        raise Http404
    form = NoteForm(request.POST)
    _insist_valid(form)
    add_note(person, by=member_of(request), body=form.cleaned_data["body"])
    messages.success(request, _("Noted."))
    return redirect(f"{case.get_absolute_url()}#notes")


@moderators_only
@require_POST
def note_remove(request: HttpRequest, case_id: int, note_id: int) -> HttpResponse:
    """Take a note of one's own away, and go back to the case."""
    case = _case(request, case_id)
    note = get_object_or_404(MemberNote.objects.visible_to(reader_of(request)), pk=note_id)
    remove_note(note, by=member_of(request))
    messages.success(request, _("The note is gone."))
    return redirect(f"{case.get_absolute_url()}#notes")


@moderators_only
@require_POST
def opinions_ask(request: HttpRequest, case_id: int) -> HttpResponse:
    """Not sure: two others are asked."""
    case = _case(request, case_id)
    form = AskForm(request.POST)
    _insist_valid(form)
    asked = ask_for_opinions(case, by=member_of(request), question=form.cleaned_data["question"])
    names = ", ".join(one.member.shown_name for one in asked)
    messages.success(request, _("Asked: %(names)s.") % {"names": names})
    return redirect(f"{case.get_absolute_url()}#opinions")


@moderators_only
@require_POST
def opinion_give(request: HttpRequest, case_id: int) -> HttpResponse:
    """Say what one would do about a case that one was asked about."""
    case, reader = _case(request, case_id), reader_of(request)
    form = OpinionForm(request.POST, measures=measures_for(case, reader, offered_measures()))
    _insist_valid(form)
    said = form.cleaned_data
    give_opinion(case, by=member_of(request), measure=said["measure"], words=said["words"])
    messages.success(request, _("Thank you: whoever decides reads it."))
    return redirect(f"{case.get_absolute_url()}#opinions")


@moderators_only
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """The open case files."""
    return render_page(request, "moderation/files.html", {"files": open_files(reader_of(request))})


@moderators_only
@require_safe
def file(request: HttpRequest, file_id: int) -> HttpResponse:
    """A case file with its cases."""
    try:
        page = file_page(reader_of(request), file_id)
    except CaseFile.DoesNotExist:
        raise Http404 from None
    shown = {"note_form": FileNoteForm({"note": page.file.note}), "add_form": NumberForm()}
    return render_page(request, "moderation/file.html", {"page": page, **shown})


def _file(request: HttpRequest, file_id: int) -> CaseFile:
    return get_object_or_404(CaseFile.objects.visible_to(reader_of(request)), pk=file_id)


@moderators_only
@require_POST
def file_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """Put a case into an open file, or into a new one."""
    case, me = _case(request, case_id), member_of(request)
    form = FileForm(request.POST, files=files_for(reader_of(request)))
    _insist_valid(form)
    chosen = form.cleaned_data["file"]
    if chosen is not None:
        return redirect(filing.put_into_file(case, chosen, by=me))
    return redirect(filing.open_file(case, by=me, title=form.cleaned_data["title"]))


@moderators_only
@require_POST
def file_add(request: HttpRequest, file_id: int) -> HttpResponse:
    """Put a case into this file, by its number."""
    form = NumberForm(request.POST)
    _insist_valid(form)
    found = Case.objects.visible_to(reader_of(request)).filter(pk=form.cleaned_data["number"]).first()
    if found is None:
        raise Refused(_("There is no case with this number."))
    return redirect(filing.put_into_file(found, _file(request, file_id), by=member_of(request)))


@moderators_only
@require_POST
def file_out(request: HttpRequest, case_id: int) -> HttpResponse:
    """Take a case out of its file."""
    case = _case(request, case_id)
    filing.take_out_of_file(case, by=member_of(request))
    return redirect(case)


@moderators_only
@require_POST
def file_note(request: HttpRequest, file_id: int) -> HttpResponse:
    form = FileNoteForm(request.POST)
    _insist_valid(form)
    return redirect(filing.note_in_file(_file(request, file_id), by=member_of(request), note=form.cleaned_data["note"]))


@moderators_only
@require_POST
def file_own(request: HttpRequest, file_id: int) -> HttpResponse:
    """Answer for a file in the place of whoever did."""
    return redirect(filing.take_over_file(_file(request, file_id), by=member_of(request)))


@moderators_only
@require_POST
def file_close(request: HttpRequest, file_id: int) -> HttpResponse:
    return redirect(filing.close_file(_file(request, file_id), by=member_of(request)))
