"""Shapes of input. None of these saves, none knows permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from forums.actions.tags import insist_on_tags, is_tag
from forums.gatekeepers import Remark
from forums.limits import POST_MAX_LENGTH, REASON_MAX_LENGTH, TAG_MAX_LENGTH, TAGS_PER_TOPIC, TITLE_MAX_LENGTH
from forums.models import Forum, Tag
from forums.models.forums import Intent
from toolkit.text import is_blank, is_legible, one_line, storable, tag_key
from toolkit.verdicts import Refused

LANGUAGES = [("fr", _("French")), ("en", _("English"))]


TOO_LONG = _("This is %(show_value)d characters long; %(limit_value)d fit.")


class BodyField(forms.CharField):
    """A post's Markdown."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=kwargs.pop("label", _("Your words")),
            max_length=POST_MAX_LENGTH,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 8, "autocomplete": "off"}),
            error_messages={"required": _("Nothing is written yet."), "max_length": TOO_LONG},
            **kwargs,
        )

    def to_python(self, value: Any) -> str:
        return storable(str(value or "")).rstrip()

    def validate(self, value: str) -> None:
        if self.required and is_blank(value):
            raise ValidationError(self.error_messages["required"], code="required")


class DraftedForm(forms.Form):
    """A form whose words are kept while they are typed. `elsewhere` is a draft that another device has kept since;
    `hints` are sentences said of the words, `questions` what is to be confirmed before they are published."""

    seen = forms.CharField(required=False, widget=forms.HiddenInput, max_length=40)  # when these words were last kept
    elsewhere: Any = None
    hints: Sequence[str] = ()
    questions: Sequence[Remark] = ()

    @property
    def confirmed(self) -> frozenset[int]:
        """The questions that were answered with yes: the box that was ticked names them."""
        named = str(self.data.get("confirmed", ""))[:200].split()
        return frozenset(int(one) for one in named if one.isdecimal())

    @property
    def to_confirm(self) -> str:
        """What that box stands for: what was confirmed before stays so."""
        return " ".join(map(str, sorted(self.confirmed | {remark.source for remark in self.questions})))

    def went_on(self, **said: str) -> None:
        """Show the form as it was sent, except for what it goes on from (`seen`, `version`)."""
        data = self.data.copy() if isinstance(self.data, QueryDict) else QueryDict(mutable=True)
        for name, value in said.items():
            data[name] = value
        self.data = data


class ComposerForm(DraftedForm):
    """What every composer has: words, their language, and the key that keeps them from being posted twice."""

    body = BodyField()
    lang = forms.ChoiceField(label=_("Language of this text"), choices=LANGUAGES, required=False)
    key = forms.UUIDField(widget=forms.HiddenInput, error_messages={"invalid": _("Send this form again.")})

    def __init__(self, data: Any = None, *, forum: Forum | None, **kwargs: Any) -> None:
        initial = {"key": uuid4(), **{k: v for k, v in (kwargs.pop("initial", None) or {}).items() if v}}
        super().__init__(data, initial=initial, **kwargs)
        if forum is None or forum.post_language:  # in a conversation, one's own
            del self.fields["lang"]


class ReplyForm(ComposerForm):
    reply_to = forms.IntegerField(required=False, widget=forms.HiddenInput)


class TopicForm(ComposerForm):
    title = forms.CharField(
        label=_("Title"),
        max_length=TITLE_MAX_LENGTH,
        error_messages={"required": _("Give your topic a title."), "max_length": TOO_LONG},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    intent = forms.ChoiceField(label=_("What it is"), choices=Intent)
    tags = forms.CharField(
        label=_("Tags"),
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("title", "body", "tags", "intent", "lang", "key")

    def __init__(self, data: Any = None, *, forum: Forum, may_announce: bool = False, **kwargs: Any) -> None:
        super().__init__(data, forum=forum, **kwargs)
        self.forum = forum
        choices = [(i.value, i.label) for i in Intent if may_announce or i != Intent.ANNOUNCEMENT]
        field = self.fields["intent"]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices
        field.initial = forum.default_intent
        self.fields["tags"].help_text = _tags_asked(forum)

    def clean_title(self) -> str:
        return clean_title(self.cleaned_data["title"])

    def clean_tags(self) -> list[str]:
        tags = clean_tags(self.cleaned_data["tags"])
        try:
            insist_on_tags(self.forum, tags)
        except Refused as refusal:
            raise ValidationError(str(refusal.reason)) from refusal
        return tags


def _tags_asked(forum: Forum) -> str:
    """What a forum asks of tags, in a sentence or two."""
    said = str(_("At most %(n)d, with commas between them.") % {"n": TAGS_PER_TOPIC})
    if forum.tags_needed:
        asked = {"least": forum.tags_needed, "n": TAGS_PER_TOPIC}
        said = str(_("Between %(least)d and %(n)d, with commas between them.") % asked)
    if forum.tags_are_limited:
        names = ", ".join(Tag.objects.filter(forums=forum).order_by("name").values_list("name", flat=True)[:60])
        only = _("This forum takes: %(tags)s.") % {"tags": names}
        return f"{said} {only}"
    return said


def clean_title(said: str) -> str:
    """A title on one line, with at least one letter or digit in it."""
    title = one_line(said)
    if not is_legible(title):
        raise ValidationError(_("Give your topic a title that can be read."))
    return title


def clean_tags(said: str) -> list[str]:
    """Tags from a line with commas."""
    tags = [one_line(tag).strip("#") for tag in said.split(",")]
    tags = [tag for tag in tags if is_legible(tag)]
    if len({tag_key(tag) for tag in tags}) > TAGS_PER_TOPIC:
        raise ValidationError(_("At most %(n)d tags, please."), params={"n": TAGS_PER_TOPIC})
    if not all(is_tag(tag) for tag in tags):
        raise ValidationError(_("A tag has at most %(n)d characters."), params={"n": TAG_MAX_LENGTH})
    return tags


class EditForm(DraftedForm):
    body = BodyField()
    reason = forms.CharField(label=_("Why (shown in the history)"), max_length=REASON_MAX_LENGTH, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def clean_reason(self) -> str:
        return one_line(self.cleaned_data["reason"])


class PreviewForm(forms.Form):
    """Words that are only to be seen."""

    body = BodyField()
