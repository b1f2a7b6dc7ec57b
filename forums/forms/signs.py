"""What one leaves on a post: a note for oneself, an answer in a poll."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from forums.actions.voting import PollPlan
from forums.forms.care import MomentField
from forums.limits import NOTE_MAX_LENGTH, POLL_OPTION_MAX_LENGTH, POLL_OPTIONS, TITLE_MAX_LENGTH
from forums.models import Poll
from toolkit.text import one_line


class BookmarkForm(forms.Form):
    note = forms.CharField(label=_("Note (only you see it)"), max_length=NOTE_MAX_LENGTH, required=False)
    remind_at = MomentField(label=_("Remind me at (optional)"), required=False)

    def clean_note(self) -> str:
        return one_line(self.cleaned_data["note"])


class PollForm(forms.Form):
    """A poll in the composer. Empty answers mean that there is none."""

    poll_question = forms.CharField(label=_("Question of the poll"), max_length=TITLE_MAX_LENGTH, required=False)
    poll_options = forms.CharField(
        label=_("Its answers, one on each line"),
        required=False,
        max_length=(POLL_OPTION_MAX_LENGTH + 2) * POLL_OPTIONS,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    poll_kind = forms.ChoiceField(
        label=_("How many one may choose"), choices=Poll.Kind, required=False, initial=Poll.Kind.SINGLE
    )
    poll_is_open = forms.BooleanField(label=_("Everyone sees who chose what"), required=False)
    poll_closes_at = MomentField(label=_("Closes at (optional)"), required=False)

    def clean_poll_options(self) -> list[str]:
        options = [one_line(line) for line in self.cleaned_data["poll_options"].splitlines()]
        options = [option for option in options if option]
        if any(len(option) > POLL_OPTION_MAX_LENGTH for option in options):
            raise ValidationError(_("An answer has at most %(n)d characters."), params={"n": POLL_OPTION_MAX_LENGTH})
        if len(options) == 1 or len(options) > POLL_OPTIONS:
            raise ValidationError(_("A poll has two to %(n)d answers."), params={"n": POLL_OPTIONS})
        if len({option.casefold() for option in options}) < len(options):
            raise ValidationError(_("Two answers of the poll are the same."))
        return options

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if one_line(data.get("poll_question", "")) and not data.get("poll_options") and not self.errors:
            self.add_error("poll_options", _("Write the answers to choose from, one on each line."))
        return data

    def plan(self) -> PollPlan | None:
        """The poll asked for, once valid; None where there is none."""
        data = self.cleaned_data
        if not data.get("poll_options"):
            return None
        return PollPlan(
            options=data["poll_options"],
            question=one_line(data["poll_question"]),
            kind=data["poll_kind"] or Poll.Kind.SINGLE,
            is_secret=not data["poll_is_open"],
            closes_at=data["poll_closes_at"],
        )


class ScheduleForm(forms.Form):
    """In the team's composer: when to publish."""

    publish_at = MomentField(label=_("Publish later, at"), required=False)
