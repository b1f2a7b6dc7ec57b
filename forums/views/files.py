from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from forums.actions.attachments import attach_uploads, describe_file, discard_file, upload_file
from forums.forms.files import DescribeForm, UploadForm
from forums.models import Attachment
from forums.policies import may_write
from forums.queries.files import files_page
from forums.views.request import member_of, number, reader_of
from toolkit.files import send_stored
from toolkit.fragments import render_page
from toolkit.verdicts import Refused, insist


@require_http_methods(["GET", "HEAD"])
def file(request: HttpRequest, attachment_id: int, name: str) -> HttpResponseBase:
    """A file, after the gate: an image as we encoded it, anything else as a download, nothing ever as a page."""
    found = get_object_or_404(Attachment.objects.visible_to(reader_of(request)), pk=attachment_id)
    return send_stored(*found.sent(number(request, "w")))


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Keep what was pasted, dropped or chosen. A script is answered in JSON, a form on the page of one's files."""
    insist(may_write(reader_of(request)))
    if "application/json" not in request.headers.get("Accept", ""):
        for error in attach_uploads(request.FILES.getlist("files"), by=member_of(request))[1]:
            messages.error(request, error)
        return redirect("forums:files")
    given = request.FILES.get("file")
    if given is None:
        return JsonResponse({"error": _("No file has arrived.")}, status=422)
    try:
        kept = upload_file(by=member_of(request), file=given, name=given.name or "", alt=request.POST.get("alt", ""))
    except Refused as refusal:
        return JsonResponse({"error": str(refusal.reason)}, status=422)
    return JsonResponse(_told(kept), status=201)


def _told(kept: Attachment) -> dict[str, Any]:
    return {
        "id": kept.pk,
        "url": kept.get_absolute_url(),
        "markdown": kept.markdown,
        "alt": kept.alt,
        "name": kept.name,
        "width": kept.width,
        "height": kept.height,
    }


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted to a composer; None where nothing was. Files that came along (without a script) are kept, and
    stand in the words, to be described before one sends: it is treated as a preview."""
    given = request.FILES.getlist("files")
    if request.method != "POST" or not given or reader_of(request).is_visitor:
        return request.POST if request.method == "POST" else None
    lines, errors = attach_uploads(given, by=member_of(request))
    data = request.POST.copy()
    data["body"] = "\n\n".join([data.get("body", "").rstrip(), *lines]).strip() + "\n"
    data["preview"] = "1"
    for error in errors:
        messages.error(request, error)
    if lines:
        said = _("Your files stand in the text now. Describe each image between its square brackets, then send.")
        messages.info(request, said)
    return data


@login_required
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """One's own files: what they take, where they are shown, what they show."""
    page = files_page(member_of(request), after=request.GET.get("after", ""))
    context = {"page": page, "form": UploadForm(), "allowed": may_write(reader_of(request))}
    return render_page(request, "forums/files.html", context)


@login_required
@require_POST
def describe(request: HttpRequest, attachment_id: int) -> HttpResponse:
    found = get_object_or_404(member_of(request).attachments, pk=attachment_id)
    form = DescribeForm(request.POST)
    if form.is_valid():
        describe_file(found, by=member_of(request), alt=form.cleaned_data["alt"])
        if "application/json" in request.headers.get("Accept", ""):
            return HttpResponse(status=204)
        messages.success(request, _("The description is saved."))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("forums:files")


@login_required
@require_POST
def discard(request: HttpRequest, attachment_id: int) -> HttpResponse:
    discard_file(get_object_or_404(member_of(request).attachments, pk=attachment_id), by=member_of(request))
    messages.success(request, _("The file is removed."))
    return redirect("forums:files")
