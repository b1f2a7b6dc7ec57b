"""The first five minutes of an empty community: a one-time link, five questions, starter forums, a test mail."""

from __future__ import annotations

import secrets
from typing import Any

from allauth.account.models import EmailAddress
from django import forms
from django.conf import settings
from django.contrib.auth import login, password_validation
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.translation import get_language, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement.actions.mail import send_test
from engagement.transport import Outcome
from forums.models import Access, Appointment, Forum, Rule
from members.actions.joining import take_name
from members.models import Community, Joining, Member, TakenName, Trust
from members.names import RESERVED, username_validators
from toolkit.fragments import render_page
from toolkit.text import one_line


def setup_link() -> str:
    """The one-time address that sets up an empty community; empty once that is done."""
    community = Community.current()
    if community.is_set_up:
        return ""
    if not community.setup_key:
        community.setup_key = secrets.token_urlsafe(24)
        community.save(update_fields=["setup_key"])
    return str(settings.SITE_URL) + reverse("setup", args=[community.setup_key])


class SetupForm(forms.Form):
    """Five things: name, purpose, languages, who may join, the first admin."""

    name = forms.CharField(label=gettext_lazy("What is your community called?"), max_length=60)
    purpose = forms.CharField(
        label=gettext_lazy("What is it for, in one sentence?"),
        max_length=140,
        help_text=gettext_lazy("At most 140 characters; people read it before they join and before they write."),
    )
    languages = forms.ChoiceField(
        label=gettext_lazy("Which languages are spoken?"),
        choices=Community.Languages,
        widget=forms.RadioSelect,
    )
    joining = forms.ChoiceField(label=gettext_lazy("Who may join?"), choices=Joining, widget=forms.RadioSelect)
    username = forms.CharField(
        label=gettext_lazy("Your name here"), max_length=30, min_length=2, validators=username_validators
    )
    email = forms.EmailField(label=gettext_lazy("Your e-mail address"))
    password = forms.CharField(
        label=gettext_lazy("A password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}, render_value=True),
    )
    starters = forms.MultipleChoiceField(
        label=gettext_lazy("Forums to begin with"), required=False, widget=forms.CheckboxSelectMultiple
    )
    rules = forms.CharField(
        label=gettext_lazy("House rules, one a line"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, data: Any = None) -> None:
        offered = starters()
        super().__init__(
            data,
            initial={
                "languages": Community.Languages.BOTH,
                "joining": Joining.OPEN,
                "starters": list(offered),
                "rules": "\n".join(house_rules()),
            },
        )
        field = self.fields["starters"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(slug, f"{name}: {purpose}") for slug, (name, purpose) in offered.items()]

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_purpose(self) -> str:
        return one_line(self.cleaned_data["purpose"])

    def clean_username(self) -> str:
        name: str = self.cleaned_data["username"].lower()
        if name in RESERVED or not TakenName.is_free(name):
            raise ValidationError(_("This name is taken, or looks too much like one that is."))
        return name

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password)
        return password


def starters() -> dict[str, tuple[str, str]]:
    """Three forums to begin with, in the language of the moment: address → (name, purpose)."""
    return {
        "welcome": (_("Welcome"), _("Say hello, and what you would like to find here.")),
        "questions": (_("Questions"), _("Ask, and answer what you can.")),
        "ideas": (_("Ideas and feedback"), _("Say what should change here, and see what becomes of it.")),
    }


def house_rules() -> list[str]:
    return [
        _("Criticise ideas, not people."),
        _("Write as you would speak at a shared table."),
        _("No advertising."),
    ]


@require_http_methods(["GET", "HEAD", "POST"])
def setup(request: HttpRequest, key: str) -> HttpResponse:
    """Set up an empty community. The link works once; afterwards it is not found."""
    community = Community.current()
    if community.is_set_up or not community.setup_key or not constant_time_compare(key, community.setup_key):
        raise Http404
    form = SetupForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        admin = found_community(form.cleaned_data, language="fr" if get_language() == "fr" else "en")
        login(request, admin, backend="django.contrib.auth.backends.ModelBackend")
        answer = send_test(to=admin.email or "")
        took = answer.outcome is Outcome.SENT
        return render_page(request, "setup_done.html", {"answer": answer, "took": took, "admin": admin})
    return render_page(request, "setup.html", {"form": form}, status=422 if form.errors else 200)


@transaction.atomic
def found_community(said: dict[str, Any], *, language: str) -> Member:
    """Write what the five questions answered: the settings, the first admin, forums and rules. Returns the admin."""
    community = Community.objects.select_for_update().get(pk=1)
    if community.is_set_up:
        raise Http404
    setattr(community, f"name_{language}", said["name"])
    setattr(community, f"purpose_{language}", said["purpose"])
    community.languages, community.joining = said["languages"], said["joining"]
    community.is_set_up, community.setup_key = True, ""
    community.save()
    admin = Member(
        username=said["username"],
        email=said["email"],
        language=language,
        is_staff=True,
        is_superuser=True,
        trust=Trust.REGULAR,
    )
    admin.set_password(said["password"])
    admin.save()
    take_name(admin)
    EmailAddress.objects.create(user=admin, email=said["email"], verified=True, primary=True)
    Appointment.objects.create(member=admin, role=Appointment.Role.MODERATOR)
    for order, slug in enumerate(said["starters"]):
        _start_forum(slug, order, intent="question" if slug == "questions" else "discussion")
    for order, line in enumerate(filter(None, map(one_line, said["rules"].splitlines()))):
        Rule.objects.create(order=order, **{f"title_{language}": line[:80]})
    return admin


def _start_forum(slug: str, order: int, *, intent: str) -> None:
    """A starter forum, named in both languages, open to all readers and to every member."""
    words: dict[str, str] = {}
    for language in ("fr", "en"):
        with override(language):
            words[f"name_{language}"], words[f"purpose_{language}"] = starters()[slug]
    forum = Forum.objects.create(slug=slug, order=order, default_intent=intent, **words)
    Access.objects.create(forum=forum, audience=Access.Audience.EVERYONE, level=Access.Level.READ)
    Access.objects.create(forum=forum, audience=Access.Audience.MEMBERS, level=Access.Level.START)
