"""Shapes of input."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.limits import POST_MAX_LENGTH
from forums.models import Forum, Post, Rule
from forums.readers import Reader
from moderation.limits import (
    FACTS_MAX_LENGTH,
    HAND_OVER_MAX_LENGTH,
    LESSON_MAX_LENGTH,
    MESSAGE_MAX_LENGTH,
    NAME_MAX_LENGTH,
    PLACES_PER_NOTICE,
)
from moderation.models import NAMELESS, Case, Colleague, Decision, Ground
from moderation.policies import measures_for
from moderation.queries.places import Place, place_at
from toolkit.markup import text_of
from toolkit.text import is_blank, one_line, storable

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


class NoticeForm(forms.Form):
    """A notice as Article 16(2) of Regulation (EU) 2022/2065 asks for it. `website` is a field no person sees."""

    addresses = forms.CharField(
        label=_("Where is it? The address of each post or page, one on each line"),
        help_text=_("As your browser shows it at the top; each post has one of its own, under its date."),
        max_length=12_000,
        widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"}),
        error_messages={"required": _("Give the address of what is illegal.")},
    )
    ground = forms.ChoiceField(label=_("What kind of illegal content is it?"), choices=[("", "—"), *Ground.choices])
    explanation = forms.CharField(
        label=_("Why is it illegal?"),
        help_text=_("What is said or shown, whom it concerns, and the law you think of, if you know it."),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Say why it is illegal.")},
    )
    name = forms.CharField(
        label=_("Your name"),
        help_text=_("The law asks for it and for the e-mail address, except to tell of the abuse of a child."),
        required=False,
        max_length=NAME_MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label=_("Your e-mail address"),
        help_text=_("For the receipt and the decision. The author of the content does not learn who you are."),
        required=False,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    good_faith = forms.BooleanField(
        label=_("I believe in good faith that what I say here is accurate and complete"),
        error_messages={"required": _("The law asks for this statement.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, host: str, reader: Reader, **kwargs: Any) -> None:
        super().__init__(data, initial={"key": uuid4(), **kwargs.pop("initial", {})}, **kwargs)
        self.host, self.reader = host, reader
        self.places: list[Place] = []

    def clean_addresses(self) -> str:
        lines = dict.fromkeys(one_line(line) for line in self.cleaned_data["addresses"].splitlines())
        given = [line for line in lines if line]
        if not given:
            raise ValidationError(_("Give the address of what is illegal."))
        if len(given) > PLACES_PER_NOTICE:
            said = _("A notice names at most %(n)d addresses; send another one for the rest.")
            raise ValidationError(said % {"n": PLACES_PER_NOTICE})
        for line in given:
            place = place_at(line, self.reader, host=self.host)
            if place is None:
                said = _("“%(address)s” is not an address of this site: copy it from your browser.")
                raise ValidationError(said % {"address": Truncator(line).chars(80)})
            self.places.append(place)
        return "\n".join(given)

    def clean_explanation(self) -> str:
        said = storable(self.cleaned_data["explanation"]).strip()
        if is_blank(said):
            raise ValidationError(_("Say why it is illegal."))
        return said

    def clean_name(self) -> str:
        name = one_line(self.cleaned_data["name"])[:NAME_MAX_LENGTH]
        return "" if is_blank(name) else name

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This message looks automatic."))
        return ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("ground") and data["ground"] not in NAMELESS:
            for name, said in (
                ("name", _("The law asks for your name; only the abuse of a child can be told without.")),
                ("email", _("The law asks for your e-mail address: the answer goes there.")),
            ):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, said)
        return data

    @property
    def words(self) -> dict[str, Any]:
        """What `give_notice` is told."""
        data = self.cleaned_data
        said = {name: data[name] for name in ("ground", "explanation", "name", "email")}
        return {**said, "key": data["key"] or uuid4(), "places": self.places}


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
    ground = forms.ChoiceField(label=_("Or the ground of law"), required=False, choices=[("", "—"), *Ground.choices])
    why = forms.CharField(
        label=_("Why that is against the rule or the law"),
        required=False,
        max_length=FACTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    to_sender = forms.CharField(
        label=_("What you say to whoever reported it"),
        required=False,
        max_length=MESSAGE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("They are told what was done, and how to contest it; if nothing is done, say why."),
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

    def __init__(
        self,
        data: Any = None,
        *,
        case: Case,
        rules: list[Rule],
        is_noticed: bool = False,
        is_reported: bool = False,
        **kwargs: Any,
    ) -> None:
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
        self.is_noticed = is_noticed
        if not (is_noticed or is_reported):
            del self.fields["to_sender"]
        elif case.kind == Case.Kind.NOTICE:
            del self.fields["message"]
        self.order_fields(["measure", "rule", "ground", "facts", "why", "body", "message", "to_sender"])

    NEEDED_BY = {
        "rule": {M.HIDE, M.WARN, M.EDIT, M.REFUSE},
        "ground": {M.HIDE, M.WARN, M.EDIT, M.REFUSE},
        "why": {M.HIDE, M.WARN, M.EDIT, M.REFUSE},
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
        if measure in {M.HIDE, M.WARN} and not data.get("rule") and not data.get("ground"):
            self.add_error("rule", _("Name the rule, or the ground of law."))
        if data.get("ground") and measure in self.NEEDED_BY["why"] and not data.get("why", "").strip():
            self.add_error("why", _("Say why the facts are against the law."))
        if measure == M.KEEP and self.is_noticed and not data.get("to_sender", "").strip():
            self.add_error("to_sender", _("Say to whoever gave notice why nothing is done."))
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


class HandOverForm(forms.Form):
    """A note to whoever comes next."""

    words = forms.CharField(
        label=_("To whoever comes next"),
        help_text=_("Short: what waits, what you began, what can wait. It is signed and dated."),
        max_length=HAND_OVER_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what you want to say.")},
    )
    forum = forms.ModelChoiceField(label=_("For the team of"), queryset=Forum.objects.none(), required=False)

    def __init__(self, data: Any = None, *, reader: Reader) -> None:
        super().__init__(data)
        field = self.fields["forum"]
        if isinstance(field, forms.ModelChoiceField):
            mine = Forum.objects.visible_to(reader)
            field.queryset = mine if reader.moderates_everywhere else mine.filter(pk__in=reader.moderated)
            field.empty_label = gettext("the whole community") if reader.moderates_everywhere else None
            field.required = not reader.moderates_everywhere

    def clean_words(self) -> str:
        return storable(self.cleaned_data["words"]).strip()


class ColleagueForm(forms.ModelForm[Colleague]):
    """Quiet hours, and how one is called and shown things."""

    class Meta:
        model = Colleague
        fields = ("quiet_from", "quiet_until", "is_called_by_mail", "blurs")
        widgets = {
            name: forms.TimeInput(attrs={"type": "time"}, format="%H:%M") for name in ("quiet_from", "quiet_until")
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        start, end = data.get("quiet_from"), data.get("quiet_until")
        if (start is None) != (end is None) and not self.errors:
            self.add_error("quiet_until" if end is None else "quiet_from", _("Give both times, or none."))
        elif start is not None and start == end:
            self.add_error("quiet_until", _("Quiet hours that never end: pause instead, for as long as you like."))
        return data


class PauseForm(forms.Form):
    until = forms.DateField(
        label=_("Until"),
        help_text=_("You are back on the morning of that day; empty: until you say so."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class LessonForm(forms.Form):
    lesson = forms.CharField(
        label=_("What does this case teach?"),
        help_text=_("For the team’s shelf, without names: “the author”, “who reported it”."),
        max_length=LESSON_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say what this case teaches.")},
    )
