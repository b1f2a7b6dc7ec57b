"""Shapes of input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.limits import POST_MAX_LENGTH
from forums.models import Post, Rule
from moderation.limits import FACTS_MAX_LENGTH, MESSAGE_MAX_LENGTH
from moderation.models import Case, Decision
from moderation.policies import measures_for
from toolkit.markup import text_of
from toolkit.text import storable

M = Decision.Measure


class ReportForm(forms.Form):
    """One reason, and words if one likes."""

    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    words = forms.CharField(
        label=_("In a few words, if you like"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    ILLEGAL = "illegal"

    def __init__(self, data: Any = None, *, rules: list[Rule]) -> None:
        super().__init__(data)
        self.rules = {str(rule.pk): rule for rule in rules}
        field = self.fields["reason"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                *((pk, rule.title) for pk, rule in self.rules.items()),
                ("other", _("Something else")),
                (self.ILLEGAL, _("It is illegal, or somebody is in danger")),
            ]

    def clean_words(self) -> str:
        return storable(self.cleaned_data["words"])

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("reason") in {"other", self.ILLEGAL} and not data.get("words", "").strip():
            self.add_error("words", _("Please say what it is about."))
        return data

    @property
    def rule(self) -> Rule | None:
        return self.rules.get(self.cleaned_data["reason"])

    @property
    def is_illegal(self) -> bool:
        return bool(self.cleaned_data["reason"] == self.ILLEGAL)


class ConversationReportForm(ReportForm):
    """The messages that the team shall read, besides."""

    messages = forms.MultipleChoiceField(
        label=_("Which messages shall the team read?"),
        help_text=_("It reads those, and nothing else of the conversation. Older ones have “Report” in their menu."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one message.")},
    )

    def __init__(self, data: Any = None, *, rules: list[Rule], posts: list[Post]) -> None:
        super().__init__(data, rules=rules)
        self.order_fields(["messages", "reason", "words"])
        self.said = {str(post.pk): post for post in posts}
        field = self.fields["messages"]
        if isinstance(field, forms.MultipleChoiceField):
            field.choices = [(pk, _told(post)) for pk, post in self.said.items()]

    @property
    def posts(self) -> list[Post]:
        return [self.said[pk] for pk in self.cleaned_data["messages"]]


def _told(post: Post) -> str:
    """A message in a line: who, when, how it begins."""
    when = date_format(localtime(post.published_at or post.created_at), "SHORT_DATETIME_FORMAT")
    words = Truncator(" ".join(text_of(post.html).split())).chars(200)
    return gettext("%(name)s, %(when)s: %(words)s") % {"name": post.author.shown_name, "when": when, "words": words}


LABELS = {
    M.KEEP: _("Keep: nothing is wrong"),
    M.THANK: _("Thank its author"),
    M.WORD: _("A word in private"),
    M.EDIT: _("Edit"),
    M.HIDE: _("Hide"),
    M.WARN: _("Warn"),
    M.APPROVE: _("Publish"),
    M.REFUSE: _("Do not publish"),
    M.ADMIT: _("Let in"),
    M.DECLINE: _("Do not let in"),
    M.ANSWER: _("Answer"),
    M.MAINTAIN: _("The decision stands"),
    M.UNDO: _("The decision is undone"),
    M.HAND_OVER: _("Hand the posts over"),
    M.NOT_OVER: _("Do not hand them over"),
}


class DecisionForm(forms.Form):
    """One form for every measure; which fields it needs depends on the measure."""

    measure = forms.ChoiceField(
        label=_("What do you decide?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a measure.")},
    )
    rule = forms.ModelChoiceField(label=_("Rule"), queryset=Rule.objects.none(), required=False)
    facts = forms.CharField(
        label=_("Facts: what was written or done"),
        required=False,
        max_length=FACTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    message = forms.CharField(
        label=_("What you say to the person, signed with your name"),
        required=False,
        max_length=MESSAGE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Empty: a short draft in their language is sent."),
    )
    body = forms.CharField(
        label=_("The post, edited"),
        required=False,
        max_length=POST_MAX_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    allow = forms.BooleanField(label=_("Allow these sites from now on"), required=False)
    note = forms.CharField(
        label=_("Note for the team"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, data: Any = None, *, case: Case, rules: list[Rule], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.case = case
        measures = measures_for(case)
        chosen, rule = self.fields["measure"], self.fields["rule"]
        if isinstance(chosen, forms.ChoiceField):
            chosen.choices = [(m.value, LABELS[m]) for m in measures]
        if isinstance(rule, forms.ModelChoiceField):
            rule.queryset = Rule.objects.filter(pk__in=[r.pk for r in rules])
        for name, needed_by in self.NEEDED_BY.items():
            if not needed_by & set(measures):
                del self.fields[name]
        if not case.detected.startswith("link"):
            self.fields.pop("allow", None)

    NEEDED_BY = {
        "rule": {M.HIDE, M.WARN, M.EDIT, M.REFUSE},
        "facts": {M.HIDE, M.WARN, M.EDIT, M.REFUSE},
        "body": {M.EDIT},
        "version": {M.EDIT},
        "allow": {M.APPROVE},
    }

    def clean_body(self) -> str:
        return storable(self.cleaned_data["body"]).rstrip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        measure = data.get("measure")
        if measure in {M.HIDE, M.WARN} and not data.get("rule"):
            self.add_error("rule", _("Name the rule."))
        if measure in {M.HIDE, M.WARN, M.EDIT, M.REFUSE} and not data.get("facts", "").strip():
            self.add_error("facts", _("State the facts: what was written or done."))
        if measure in {M.WORD, M.ANSWER, M.MAINTAIN, M.DECLINE, M.NOT_OVER} and not data.get("message", "").strip():
            self.add_error("message", _("Write what you want to say."))
        if measure == M.EDIT and not data.get("body", "").strip():
            self.add_error("body", _("To leave nothing, hide the post instead."))
        return data


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it undone?"),
        max_length=FACTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, in one sentence.")},
    )


class AppealForm(forms.Form):
    """Three questions: which rule is known already, what happened, what should change."""

    happened = forms.CharField(
        label=_("What happened, as you see it?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    wanted = forms.CharField(label=_("What should change?"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if len(data.get("happened", "x")) < 3 and "happened" in data:
            raise ValidationError(_("Please write a sentence or two."))
        return data
