from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forums.forms.composer import TOO_LONG, ComposerForm
from forums.forms.guests import NAME_MAX_LENGTH, members_named
from forums.limits import CONVERSATION_SEATS, TITLE_MAX_LENGTH
from members.models import Member
from toolkit.text import is_legible, one_line


class ConversationForm(ComposerForm):
    """A conversation's first message: to whom, about what, the words."""

    to = forms.CharField(
        label=_("To"),
        max_length=(NAME_MAX_LENGTH + 1) * CONVERSATION_SEATS,
        help_text=_("Names as they are shown, or as in “@name”, with commas between them."),
        error_messages={"required": _("Say whom you want to write to.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    subject = forms.CharField(
        label=_("About what"),
        max_length=TITLE_MAX_LENGTH,
        error_messages={"required": _("Say in a few words what it is about."), "max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("to", "subject", "body", "key")

    def __init__(self, data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, forum=None, **kwargs)

    def clean_to(self) -> list[Member]:
        names = addressed(self.cleaned_data["to"])
        if not names:
            raise ValidationError(self.fields["to"].error_messages["required"], code="required")
        return members_named(names)

    def clean_subject(self) -> str:
        subject = one_line(self.cleaned_data["subject"])
        if not is_legible(subject):
            raise ValidationError(_("Say what it is about in words that can be read."))
        return subject


def addressed(line: str) -> list[str]:
    """The names in a line with commas."""
    return [name for name in line.split(",") if one_line(name).strip("@ ")]
