from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forums.forms.composer import TOO_LONG, ComposerForm, clean_title
from forums.limits import CONVERSATION_SEATS, TITLE_MAX_LENGTH
from members.models import Member


class ConversationForm(ComposerForm):
    """A conversation's first message: to whom, about what, the words."""

    to = forms.CharField(
        label=_("To"),
        max_length=41 * CONVERSATION_SEATS,
        help_text=_("Names as in “@name”, with commas between them."),
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
        names = [name.strip().lstrip("@").lower() for name in self.cleaned_data["to"].split(",")]
        names = [name for name in dict.fromkeys(names) if name]
        found = {member.username: member for member in Member.objects.taking_part().filter(username__in=names)}
        unknown = [name for name in names if name not in found]
        if unknown:
            raise ValidationError(_("Nobody here has this name: %(names)s."), params={"names": ", ".join(unknown)})
        if not found:
            raise ValidationError(self.fields["to"].error_messages["required"], code="required")
        return [found[name] for name in names]

    def clean_subject(self) -> str:
        return clean_title(self.cleaned_data["subject"])
