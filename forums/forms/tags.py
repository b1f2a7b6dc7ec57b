"""What is done to a tag, a form for each."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forums.limits import TAG_MAX_LENGTH
from forums.models import Tag
from toolkit.text import one_line, tag_key


class NameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=TAG_MAX_LENGTH)


class DescribeForm(forms.Form):
    fr = forms.CharField(label=_("What it is for, in French"), max_length=200, required=False)
    en = forms.CharField(label=_("What it is for, in English"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        return {name: one_line(value) for name, value in (super().clean() or {}).items()}


class IntoForm(forms.Form):
    """Another tag, by its name."""

    into = forms.CharField(label=_("The other tag"), max_length=TAG_MAX_LENGTH)

    def clean_into(self) -> Tag:
        found: Tag | None = Tag.objects.named(tag_key(self.cleaned_data["into"].strip("# "))).first()
        if found is None:
            raise ValidationError(_("There is no tag of this name."))
        return found
