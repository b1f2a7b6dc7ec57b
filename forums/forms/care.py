"""What hosts fill in when they care for a topic."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from forums.limits import REASON_MAX_LENGTH
from toolkit.text import one_line


class CareForm(forms.Form):
    """Closing and the like: a public reason."""

    reason = forms.CharField(
        label=_("Reason (everyone can read it)"),
        max_length=REASON_MAX_LENGTH,
        error_messages={"required": _("Say why, in one sentence.")},
    )

    def clean_reason(self) -> str:
        return one_line(self.cleaned_data["reason"])
