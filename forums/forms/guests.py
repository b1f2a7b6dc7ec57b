from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from members.models import Member


class GuestForm(forms.Form):
    """Somebody to invite, by their name here."""

    member = forms.CharField(
        label=_("Whom to invite, by their name here"), max_length=40, help_text=_("As in “@name”.")
    )

    def clean_member(self) -> Member:
        name = self.cleaned_data["member"].strip().lstrip("@").lower()
        found: Member | None = Member.objects.taking_part().filter(username=name).first()
        if found is None:
            raise ValidationError(_("Nobody here has this name."))
        return found
