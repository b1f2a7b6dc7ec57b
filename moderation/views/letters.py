"""The page of a letter to the team: for whoever has its address."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from moderation.actions.letters import write_again
from moderation.forms import LetterForm
from moderation.gate import open_to_all
from moderation.limits import LETTER_MESSAGES_PER_HOUR
from moderation.models import TeamLetter
from moderation.queries import letter_page
from toolkit.bursts import too_many
from toolkit.fragments import render_page
from toolkit.verdicts import Refused


@open_to_all
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, secret: str) -> HttpResponse:
    """What was written to the team and what it answered, in one name; and a form to write again."""
    try:
        page = letter_page(secret)
    except TeamLetter.DoesNotExist:
        raise Http404 from None
    form = LetterForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if too_many(request, "letter-messages", per_hour=LETTER_MESSAGES_PER_HOUR):
            form.add_error(None, _("That is many messages in an hour; please try again later."))
        elif _written(form, page.letter):
            messages.success(request, _("Thank you. Your message has arrived; a person of the team will read it."))
            return _for_its_writer(redirect(page.letter))
    context = {"page": page, "form": form}
    return _for_its_writer(render_page(request, "moderation/letter.html", context, status=422 if form.errors else 200))


def _written(form: LetterForm, letter: TeamLetter) -> bool:
    try:
        write_again(letter, body=form.cleaned_data["body"], key=form.key_of_form)
    except Refused as refusal:
        form.add_error(None, str(refusal.reason))
    return not form.errors


def _for_its_writer(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    response["Cache-Control"] = "private, no-store"
    return response
