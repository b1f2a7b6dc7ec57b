"""Shapes of input in the Django admin."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from engagement.models import Prompt
from engagement.wording import PLACEHOLDERS
from toolkit.typography import english_faults, french_faults


class PromptForm(forms.ModelForm[Prompt]):
    """A prompt names only what its situation knows, and is typographically right in both languages."""

    class Meta:
        model = Prompt
        fields = ("is_on", "text_fr", "text_fr_tu", "text_en")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        known = PLACEHOLDERS.get(Prompt.Situation(self.instance.situation), frozenset())
        for field, faults_of in (
            ("text_fr", french_faults),
            ("text_fr_tu", french_faults),
            ("text_en", english_faults),
        ):
            text = data.get(field, "")
            for name in sorted(set(re.findall(r"\{(\w*)\}", text)) - known):
                self.add_error(field, ValidationError(_("“{%(name)s}” is not known here."), params={"name": name}))
            for fault in faults_of(text):
                self.add_error(field, fault)
        return data
