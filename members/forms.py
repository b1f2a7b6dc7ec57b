"""Shapes of input. None of these saves what has consequences."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account import forms as allauth_forms
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.models import Community, Invitation, Joining, Member, Reads
from toolkit.text import one_line, storable


class SignupForm(allauth_forms.SignupForm):  # type: ignore[misc]
    """Address, name, password; one question where joining needs approval, a code where it needs an invitation."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.community = Community.current()
        self.fields["email"].help_text = _("Never shown. We write to it to check that it is yours.")
        self.fields["username"].help_text = _("Shown beside what you write.")
        self.fields["username"].label = _("Name here")
        self.fields["email"].label = _("E-mail address")
        self.fields["password1"].label = _("Password")
        self.fields["password1"].help_text = _("At least ten characters; neither a common one nor digits alone.")
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
        if self.community.languages == Community.Languages.BOTH:
            self.fields["reads"] = forms.ChoiceField(
                label=_("Languages I read"),
                choices=Reads.choices,
                widget=forms.RadioSelect,
                required=False,
                help_text=_("Lists and e-mails keep to them; you can always look at everything."),
            )
        if self.community.joining == Joining.APPROVAL:
            self.fields["application"] = forms.CharField(
                label=self.community.question,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("A moderator reads your answer, usually within a day."),
            )
        if self.community.joining == Joining.INVITATION:
            self.fields["invitation"] = forms.CharField(label=_("Invitation code"), max_length=24)

    def clean_application(self) -> str:
        return storable(self.cleaned_data["application"]).strip()

    def clean_invitation(self) -> str:
        code: str = self.cleaned_data["invitation"].strip()
        if not Invitation.objects.open().filter(code=code).exists():
            raise ValidationError(_("This invitation is not valid any more; ask whoever invited you for another."))
        return code


class SettingsForm(forms.ModelForm[Member]):
    """Five choices at first; a single-row edit that nobody else reacts to."""

    class Meta:
        model = Member
        fields = ("language", "wants_reply_mail", "digest", "wants_to_welcome", "theme")
        widgets = {"digest": forms.RadioSelect}

    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", "Français"), ("en", "English")], widget=forms.RadioSelect
    )


class ProfileForm(forms.ModelForm[Member]):
    class Meta:
        model = Member
        fields = ("name", "bio", "time_zone")
        widgets = {"bio": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(n for n in zoneinfo.available_timezones() if "/" in n and not n.startswith(("Etc/", "posix/")))
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(n, n.replace("_", " ")) for n in [*names, "UTC"]]
        )

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_bio(self) -> str:
        return storable(self.cleaned_data["bio"])


class ContactForm(forms.Form):
    """A message to people, not to a machine. `website` is a field no person sees or fills."""

    name = forms.CharField(label=_("Your name"), max_length=80)
    email = forms.EmailField(label=_("Your e-mail address, for the answer"))
    body = forms.CharField(label=_("Your message"), max_length=5000, widget=forms.Textarea(attrs={"rows": 8}))
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean_name(self) -> str:
        return one_line(self.cleaned_data["name"])

    def clean_body(self) -> str:
        return storable(self.cleaned_data["body"])

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This message looks automatic."))
        return ""

    @property
    def language(self) -> str:
        return "fr" if (get_language() or "").startswith("fr") else "en"
