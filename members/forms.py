"""Shapes of input. None of these saves what has consequences."""

from __future__ import annotations

import zoneinfo
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.core import context
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from members.actions.sanctions import signup_block
from members.limits import ANSWER_MAX_LENGTH, CLAIM_WORDS_LENGTH, LEAST_CROP, PICTURE_BYTES, WHOLE_SIDE
from members.models import Community, Invitation, Joining, Member, ProfileField, Reads
from members.queries import SelfPage
from toolkit.text import is_legible, one_line, storable

_WEB = URLValidator(schemes=["http", "https"])


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

    def clean_email(self) -> str:
        """Also refuses where the moderation has blocked signing up, saying until when and what one can do."""
        email: str = super().clean_email()
        block = signup_block(email, context.request.META.get("REMOTE_ADDR"))
        if block is not None:
            said = _("Signing up from there is closed until %(date)s. If this is a mistake, write to the team.")
            raise ValidationError(said % {"date": date_format(localtime(block.until), "DATE_FORMAT")})
        return email

    def clean_application(self) -> str:
        return storable(self.cleaned_data["application"]).strip()

    def clean_invitation(self) -> str:
        code: str = self.cleaned_data["invitation"].strip()
        if not Invitation.objects.open().filter(code=code).exists():
            raise ValidationError(_("This invitation is not valid any more; ask whoever invited you for another."))
        return code


class OwnForm(forms.ModelForm[Member]):
    """Single-row edits of one's own that nobody else reacts to. Saves only what the form asks: what others decided
    meanwhile (a suspension, a trust) is not overwritten by what was read before."""

    def save(self, commit: bool = True) -> Member:
        self.instance.save(update_fields=list(self._meta.fields or ()))
        return self.instance


class SettingsForm(OwnForm):
    """Five choices at first; the rest is one step away."""

    class Meta:
        model = Member
        fields = ("language", "mail", "digest", "theme", "open_to")
        widgets = {
            "mail": forms.RadioSelect,
            "digest": forms.RadioSelect,
            "theme": forms.RadioSelect,
            "open_to": forms.RadioSelect,
        }

    language = forms.ChoiceField(
        label=_("Language"), choices=[("fr", "Français"), ("en", "English")], widget=forms.RadioSelect
    )


class PrivacyForm(OwnForm):
    class Meta:
        model = Member
        fields = ("shown_to",)
        widgets = {"shown_to": forms.RadioSelect}


class RhythmForm(OwnForm):
    """What one reads, where one lives, when the digest comes, whether one likes to be asked to welcome."""

    class Meta:
        model = Member
        fields = ("reads", "time_zone", "digest_hour", "wants_to_welcome")
        widgets = {"reads": forms.RadioSelect}

    digest_hour = forms.TypedChoiceField(
        label=_("Hour of the digest"),
        coerce=int,
        choices=[(hour, f"{hour:02d}:00") for hour in range(24)],
        help_text=_("Digests come on Mondays, or on the 1st of the month, at this hour where you live."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = sorted(n for n in zoneinfo.available_timezones() if "/" in n and not n.startswith(("Etc/", "posix/")))
        self.fields["time_zone"] = forms.ChoiceField(
            label=_("Time zone"), choices=[(n, n.replace("_", " ")) for n in [*names, "UTC"]]
        )


class ProfileForm(forms.Form):
    """Name, pronouns, words; the fields that the community asks; the hat worn, where there are any."""

    name = forms.CharField(label=_("Name"), required=False, max_length=60, help_text=_("Shown beside what you write."))
    pronouns = forms.CharField(
        label=_("Pronouns"), required=False, max_length=40, help_text=_("As others should say them.")
    )
    bio = forms.CharField(
        label=_("In a few words"), required=False, max_length=600, widget=forms.Textarea(attrs={"rows": 4})
    )

    def __init__(self, data: Any = None, *, said: SelfPage) -> None:
        member = said.member
        super().__init__(data, initial={"name": member.name, "pronouns": member.pronouns, "bio": member.bio})
        self.asked = {f"field-{field.pk}": field for field in said.fields}
        for name, field in self.asked.items():
            self.fields[name] = _field_for(field)
            self.initial[name] = said.answers.get(field.pk, "")
        if said.hats:
            choices = [("", _("no hat")), *((str(grant.pk), grant.hat.name) for grant in said.hats)]
            self.fields["hat"] = forms.ChoiceField(
                label=_("Hat that I wear beside what I write"),
                required=False,
                choices=choices,
                widget=forms.RadioSelect,
            )
            self.initial["hat"] = next((str(grant.pk) for grant in said.hats if grant.is_worn), "")
        self.hats = {str(grant.pk): grant for grant in said.hats}

    def clean_name(self) -> str:
        """A name that can be read, or none."""
        name = one_line(self.cleaned_data["name"])
        if name and not is_legible(name):
            raise ValidationError(_("Write a name that can be read."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        return {k: (storable if k == "bio" else one_line)(v) if isinstance(v, str) else v for k, v in data.items()}

    @property
    def words(self) -> dict[str, Any]:
        """What `describe_self` is told."""
        data = self.cleaned_data
        return {
            **{name: data[name] for name in ("name", "pronouns", "bio")},
            "answers": {field.pk: data[name] for name, field in self.asked.items()},
            "hat": self.hats.get(data.get("hat", "")),
        }


def _field_for(field: ProfileField) -> forms.Field:
    said: dict[str, Any] = {"label": field.name, "help_text": conditional_escape(field.help), "required": False}
    if field.kind == ProfileField.Kind.CHOICE:
        return forms.ChoiceField(choices=[("", "—"), *field.choices], **said)
    if field.kind == ProfileField.Kind.URL:
        return forms.URLField(max_length=ANSWER_MAX_LENGTH, assume_scheme="https", validators=[_WEB], **said)
    return forms.CharField(max_length=ANSWER_MAX_LENGTH, **said)


class PictureForm(forms.Form):
    file = forms.FileField(
        label=_("A picture from your device"),
        error_messages={"required": _("Choose a picture first.")},
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = _("JPEG, PNG, WebP or GIF, at most %(n)d MB. Where and with what it was taken is not kept.")
        self.fields["file"].help_text = said % {"n": PICTURE_BYTES // (1024 * 1024)}


class CropForm(forms.Form):
    """Which square of the picture to keep: at its start, centre or end, or exactly where (pixels of the whole)."""

    class Position(models.TextChoices):
        START = "start", _("the beginning")
        CENTRE = "centre", _("the middle")
        END = "end", _("the end")

    position = forms.ChoiceField(choices=Position, required=False)
    left = forms.IntegerField(required=False, min_value=0, max_value=WHOLE_SIDE)
    top = forms.IntegerField(required=False, min_value=0, max_value=WHOLE_SIDE)
    side = forms.IntegerField(required=False, min_value=LEAST_CROP, max_value=WHOLE_SIDE)

    def square_of(self, width: int, height: int) -> dict[str, int]:
        """The square chosen of a picture of this size."""
        data = self.cleaned_data
        exact = {name: data.get(name) for name in ("left", "top", "side")}
        if None not in exact.values():
            return {name: int(value or 0) for name, value in exact.items()}
        side = min(width, height)
        share = {"start": 0.0, "end": 1.0}.get(data.get("position", ""), 0.5)
        return {"left": round((width - side) * share), "top": round((height - side) * share), "side": side}


class ClosingForm(forms.Form):
    """What becomes of one's posts."""

    posts = forms.ChoiceField(
        label=_("What becomes of what you wrote?"),
        choices=[("stay", _("My posts stay, under a pseudonym")), ("go", _("My posts go too"))],
        initial="stay",
        widget=forms.RadioSelect,
    )

    @property
    def with_posts(self) -> bool:
        return bool(self.cleaned_data["posts"] == "go")


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


class ClaimByMailForm(forms.Form):
    """The address one wrote from then."""

    address = forms.EmailField(
        label=_("The e-mail address you wrote from then"),
        help_text=_("It is compared with the archive and shown to nobody."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )


class ClaimInWordsForm(forms.Form):
    """What a moderator can check."""

    words = forms.CharField(
        label=_("How can a moderator see that it was you?"),
        help_text=_("A page of yours that says so, something only you know, somebody who knows you."),
        max_length=CLAIM_WORDS_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def clean_words(self) -> str:
        return storable(self.cleaned_data["words"]).strip()
