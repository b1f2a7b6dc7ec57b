"""Shapes of input."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import Truncator
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.limits import POST_MAX_LENGTH
from forums.models import Forum, Post, Rule
from forums.readers import Reader
from members.models import Member, SignupBlock, tidy_blocked
from moderation.actions.decisions import Ruling
from moderation.limits import (
    FACTS_MAX_LENGTH,
    FILE_NOTE_MAX_LENGTH,
    HAND_OVER_MAX_LENGTH,
    LESSON_MAX_LENGTH,
    LETTER_MAX_LENGTH,
    MESSAGE_MAX_LENGTH,
    NAME_MAX_LENGTH,
    NOTE_MAX_LENGTH,
    OPINION_MAX_LENGTH,
    PLACES_PER_NOTICE,
    QUESTION_MAX_LENGTH,
)
from moderation.measures import ENDS, LABELS, NEEDED, SHOWN
from moderation.models import NAMELESS, Case, CaseFile, Colleague, Decision, Ground
from moderation.policies import may_wait_for
from moderation.queries.places import Place, place_at
from toolkit import clock
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


class LetterForm(forms.Form):
    """One more message of a letter to the team. `website` is a field no person sees."""

    body = forms.CharField(
        label=_("Your message"),
        max_length=LETTER_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": _("Write what you want to say.")},
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    website = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"key": uuid4()})

    def clean_body(self) -> str:
        said = storable(self.cleaned_data["body"]).strip()
        if is_blank(said):
            raise ValidationError(_("Write what you want to say."))
        return said

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise ValidationError(_("This message looks automatic."))
        return ""

    @property
    def key_of_form(self) -> UUID:
        """Of the form as it was shown; a new one where none came back."""
        return self.cleaned_data["key"] or uuid4()


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


LENGTHS = (
    ("", "—"),
    ("1h", _("1 hour")),
    ("6h", _("6 hours")),
    ("1", _("1 day")),
    ("3", _("3 days")),
    ("7", _("7 days")),
    ("14", _("14 days")),
    ("30", _("30 days")),
    ("90", _("90 days")),
    ("180", _("180 days")),
    ("365", _("one year")),
)
PAUSES = ((600, _("10 minutes")), (3600, _("1 hour")), (21_600, _("6 hours")), (86_400, _("1 day")))


def _after(length: str) -> datetime | None:
    """The moment that is so far away."""
    if not length:
        return None
    hours = int(length[:-1]) if length.endswith("h") else int(length) * 24
    return clock.now() + timedelta(hours=hours)


def _area(label: Any, rows: int, length: int, help_text: Any = "") -> forms.CharField:
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=length, widget=area, help_text=help_text)


class Measures(forms.RadioSelect):
    """The choices, each with what it shows and needs as classes that the stylesheet reads, and its place as its key."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        shown = [f"shows-{field}" for field, measures in SHOWN.items() if value in measures]
        needed = [f"needs-{field}" for field, measures in NEEDED.items() if value in measures]
        option["attrs"]["class"] = " ".join([*shown, *needed])
        option["attrs"]["data-key"] = str(option["index"])
        return option


class DecisionForm(forms.Form):
    """One form for every measure; which fields it needs depends on it (`measures.SHOWN`, `measures.NEEDED`)."""

    measure = forms.ChoiceField(
        label=_("What do you decide?"),
        widget=Measures,
        error_messages={"required": _("Choose a measure.")},
    )
    rule = forms.ModelChoiceField(label=_("Rule"), queryset=Rule.objects.none(), required=False)
    ground = forms.ChoiceField(label=_("Or the ground of law"), required=False, choices=[("", "—"), *Ground.choices])
    facts = _area(_("Facts: what was written or done"), 2, FACTS_MAX_LENGTH)
    why = _area(
        _("Why that is against the rule or the law"),
        2,
        FACTS_MAX_LENGTH,
        _("Empty, with a rule: its own words are quoted."),
    )
    length = forms.ChoiceField(label=_("For how long"), required=False, choices=LENGTHS)
    until = forms.DateField(
        label=_("Or until this day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    pause = forms.TypedChoiceField(
        label=_("One post per person every"), required=False, coerce=int, choices=PAUSES, initial=3600
    )
    into = forms.ModelChoiceField(label=_("Into the forum"), queryset=Forum.objects.none(), required=False)
    block_kind = forms.ChoiceField(
        label=_("Block"), required=False, choices=SignupBlock.Kind.choices, initial=SignupBlock.Kind.ADDRESS
    )
    block_value = forms.CharField(label=_("Which one"), required=False, max_length=254)
    body = forms.CharField(
        label=_("The post, edited"),
        required=False,
        max_length=POST_MAX_LENGTH,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    also = forms.ChoiceField(label=_("And against its author"), required=False)
    also_length = forms.ChoiceField(label=_("That one for how long"), required=False, choices=LENGTHS)
    message = _area(
        _("What you say to the person, signed with your name"),
        4,
        MESSAGE_MAX_LENGTH,
        _("Empty: a short draft in their language is sent."),
    )
    to_sender = _area(
        _("What you say to whoever reported it"),
        3,
        MESSAGE_MAX_LENGTH,
        _("They are told what was done, and how to contest it; if nothing is done, say why."),
    )
    allow = forms.BooleanField(label=_("Allow these sites from now on"), required=False)
    note = _area(_("Note for the team"), 2, 1000)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        case: Case,
        rules: list[Rule],
        measures: Sequence[str],
        sanctions: Sequence[str] = (),
        forums: Sequence[Forum] = (),
        is_noticed: bool = False,
        is_reported: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        self.case = case
        self._choose("measure", [(m, LABELS[m]) for m in measures])
        self._choose("also", [("", "—"), *((m, LABELS[m]) for m in sanctions)])
        for name, rows in (("rule", Rule.objects.filter(pk__in=[r.pk for r in rules])), ("into", _among(forums))):
            field = self.fields[name]
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = rows
        for name, shown_for in SHOWN.items():
            if not shown_for & set(measures):
                del self.fields[name]
        if not sanctions:
            self.fields.pop("also", None)
            self.fields.pop("also_length", None)
        if not case.detected.startswith("link"):
            self.fields.pop("allow", None)
        self.is_noticed = is_noticed
        if not (is_noticed or is_reported):
            del self.fields["to_sender"]
        elif case.kind == Case.Kind.NOTICE:
            del self.fields["message"]

    SHOWN = SHOWN

    def _choose(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        if isinstance(field, forms.ChoiceField):
            field.choices = choices

    def clean_body(self) -> str:
        return storable(self.cleaned_data["body"]).rstrip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        measure = data.get("measure", "")
        for name, said in _MISSING.items():
            if measure in NEEDED[name] and name in self.fields and is_blank(str(data.get(name) or "")):
                if name == "rule" and data.get("ground"):
                    continue
                if name == "length" and data.get("until"):
                    continue
                self.add_error(name, said)
        if data.get("ground") and measure in SHOWN["why"] and is_blank(data.get("why", "")):
            self.add_error("why", _("Say why the facts are against the law."))
        if measure == M.KEEP and self.is_noticed and is_blank(data.get("to_sender", "")):
            self.add_error("to_sender", _("Say to whoever gave notice why nothing is done."))
        if data.get("also") in ENDS and not data.get("also_length"):
            self.add_error("also_length", _("Say until when."))
        if measure == M.BLOCK and data.get("block_value"):
            try:
                data["block_value"] = tidy_blocked(data["block_kind"], data["block_value"])
            except ValidationError as error:
                self.add_error("block_value", error)
        return data

    def ruling(self) -> Ruling:
        """What was filled in, as the action takes it; what does not belong to the measure is left out."""
        data = self.cleaned_data
        measure = data["measure"]
        given: dict[str, Any] = {name: data[name] for name in SHOWN if measure in SHOWN[name] and data.get(name)}
        day = given.pop("until", None)
        zone = timezone.get_current_timezone()
        until = datetime.combine(day, time(23, 59), tzinfo=zone) if day else _after(given.pop("length", ""))
        given.pop("length", None)
        also_until = _after(given.pop("also_length", ""))
        allow = self.case.detected.split()[1:] if given.pop("allow", False) else []
        words = {name: data.get(name, "") for name in ("message", "to_sender", "note", "seen")}
        return Ruling(
            measure=measure, until=until, also_until=also_until if given.get("also") in ENDS else None,
            allow_domains=allow, **given, **words,
        )  # fmt: skip


_MISSING = {
    "rule": _("Name the rule, or the ground of law."),
    "facts": _("State the facts: what was written or done."),
    "length": _("Say until when."),
    "pause": _("Say how long everyone waits between two posts."),
    "into": _("Say into which forum."),
    "body": _("To leave nothing, hide the post instead."),
    "block_value": _("Say from where nobody shall sign up."),
    "message": _("Write what you want to say."),
}


def _among(forums: Sequence[Forum]) -> QuerySet[Forum]:
    return Forum.objects.filter(pk__in=[forum.pk for forum in forums])


class BatchForm(DecisionForm):
    """One decision for several cases: the same measure for the same reason, and what is particular to one left out."""

    def __init__(self, data: Any = None, *, cases: Sequence[Case], rules: list[Rule], measures: Sequence[str]) -> None:
        super().__init__(data, case=cases[0], rules=rules, measures=measures, is_reported=True)
        for name in (
            "length",
            "until",
            "pause",
            "into",
            "block_kind",
            "block_value",
            "body",
            "version",
            "also",
            "allow",
        ):
            self.fields.pop(name, None)
        for name in ("also_length", "seen"):
            self.fields.pop(name, None)


class UndoForm(forms.Form):
    reason = forms.CharField(
        label=_("Why is it undone?"),
        max_length=FACTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say why, in one sentence.")},
    )


def _moment() -> forms.DateTimeInput:
    return forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


class RevertForm(forms.Form):
    """Whose decisions, between which moments (of the reader's own time zone)."""

    name = forms.CharField(label=_("Whose decisions"), max_length=30)
    since = forms.DateTimeField(label=_("From"), widget=_moment())
    until = forms.DateTimeField(label=_("To"), widget=_moment())
    reason = forms.CharField(
        label=_("Why are they undone?"),
        required=False,
        max_length=FACTS_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("Each person concerned reads it."),
    )

    def clean_name(self) -> str:
        self.actor = Member.objects.filter(username=self.cleaned_data["name"].strip().lower()).first()
        if self.actor is None:
            raise ValidationError(_("Nobody here has this name."))
        return str(self.actor.username)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "since" in data and "until" in data and data["since"] >= data["until"]:
            self.add_error("until", _("This is before the beginning."))
        return data

    def asked(self) -> dict[str, Any]:
        data = self.cleaned_data
        return {"actor": self.actor, "since": data["since"], "until": data["until"]}


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


class SnoozeForm(forms.Form):
    """Until when a case is put off: in some days, on a day, or when something happens to what it is about."""

    DAYS: ClassVar = {"tomorrow": 1, "days": 3, "week": 7}

    when = forms.ChoiceField(label=_("Until"), required=False)
    day = forms.DateField(
        label=_("Which day, or at the latest"),
        help_text=_("Ninety days at most."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )

    def __init__(self, data: Any = None, *, case: Case) -> None:
        super().__init__(data)
        field = self.fields["when"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [
                ("tomorrow", _("tomorrow")),
                ("days", _("in three days")),
                ("week", _("in a week")),
                ("day", _("the day given here")),
                *([("edit", _("its post is edited"))] if may_wait_for(case, "edit") else []),
                *([("reply", _("something new is written in the topic"))] if may_wait_for(case, "reply") else []),
            ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("when") == "day" and not data.get("day") and "day" not in self.errors:
            self.add_error("day", _("Say which day."))
        return data

    def asked(self) -> dict[str, Any]:
        """Until when and on what, as the action takes it: of a day, its morning; nothing said is tomorrow."""
        when, day = self.cleaned_data["when"] or "tomorrow", self.cleaned_data["day"]
        if when in self.DAYS:
            return {"until": clock.now() + timedelta(days=self.DAYS[when])}
        until = datetime.combine(day, time(6), tzinfo=timezone.get_current_timezone()) if day else None
        return {"until": until, "on": when if when != "day" else ""}


class NoteForm(forms.Form):
    """A note on a member."""

    body = forms.CharField(
        label=_("What happened, and when"),
        help_text=_("Facts, no guesses: the member may ask to read it. It is deleted a year after its last use."),
        max_length=NOTE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write the note, in a thousand characters at most.")},
    )


class AskForm(forms.Form):
    """What whoever is not sure asks two others."""

    question = forms.CharField(
        label=_("What are you not sure of?"),
        help_text=_("If you like. Two others who may decide are asked what they would do; you may decide before that."),
        required=False,
        max_length=QUESTION_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class OpinionForm(forms.Form):
    """What one would do, and why."""

    measure = forms.ChoiceField(label=_("I would"))
    words = forms.CharField(
        label=_("Because"),
        required=False,
        max_length=OPINION_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, data: Any = None, *, measures: Sequence[str], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["measure"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(measure, LABELS[measure]) for measure in measures]


class FileForm(forms.Form):
    """Into which file a case is put: an open one, or a new one."""

    file = forms.ModelChoiceField(
        label=_("Which file"), queryset=CaseFile.objects.none(), required=False, empty_label=_("a new one")
    )
    title = forms.CharField(label=_("Title of a new file"), required=False, max_length=120)

    def __init__(self, data: Any = None, *, files: Sequence[CaseFile], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        field = self.fields["file"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = CaseFile.objects.filter(pk__in=[file.pk for file in files])
            field.choices = [("", _("a new one")), *((file.pk, file.title) for file in files)]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if "file" in data and data["file"] is None and is_blank(data.get("title") or ""):
            self.add_error("title", _("Choose a file, or give a new one a title."))
        return data


class FileNoteForm(forms.Form):
    note = forms.CharField(
        label=_("What it is about"),
        required=False,
        max_length=FILE_NOTE_MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
    )


class NumberForm(forms.Form):
    number = forms.IntegerField(
        label=_("Number of a case"), help_text=_("It stands in the address of its page."), min_value=1
    )


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
