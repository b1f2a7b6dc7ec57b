from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members.actions.community import write_to_team
from members.forms import ContactForm
from members.models import Member, Page
from toolkit.bursts import too_many
from toolkit.fragments import render_page
from toolkit.markup import render_trusted

LETTERS_PER_HOUR = 5


@require_safe
def page(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Page, slug=slug)
    return render_page(request, "members/page.html", {"page": found, "html": render_trusted(found.body)})


@require_http_methods(["GET", "HEAD", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    member = request.user if isinstance(request.user, Member) else None
    known = {"name": member.shown_name, "email": member.email or ""} if member else {}
    form = ContactForm(request.POST or None, initial=known)
    if request.method == "POST" and form.is_valid():
        if too_many(request, "letters", per_hour=LETTERS_PER_HOUR):
            form.add_error(None, _("That is many messages in an hour; please try again later."))
        else:
            words = {key: form.cleaned_data[key] for key in ("name", "email", "body")}
            write_to_team(**words, language=form.language, member=member)
            said = _("Thank you. A person of the team will read this; the address of your letter comes by e-mail.")
            messages.success(request, said)
            return redirect("members:contact")
    found = get_object_or_404(Page, slug="contact")
    context = {"page": found, "html": render_trusted(found.body), "form": form}
    return render_page(request, "members/contact.html", context, status=422 if form.errors else 200)
