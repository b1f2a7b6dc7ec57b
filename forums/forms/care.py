"""What hosts fill in when they care for a topic, a form for each verb."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from forums.forms.composer import clean_tags, clean_title
from forums.limits import BUSY_HOURS, POSTS_MOVED_AT_ONCE, REASON_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models import Forum, Topic, TopicTimer
from forums.policies import statuses_of
from toolkit.text import one_line


class MomentField(forms.DateTimeField):
    """A moment still to come, in the member's time zone."""

    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d"],
            error_messages={"invalid": _("Write a date and a time, like 2027-03-14 18:30.")},
            **kwargs,
        )

    def validate(self, value: datetime | None) -> None:
        super().validate(value)
        if value is not None and value <= timezone.now():
            raise ValidationError(_("Choose a moment that is still to come."))


class ReasonField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            max_length=REASON_MAX_LENGTH,
            error_messages={"required": _("Say why, in one sentence.")},
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        return one_line(super().clean(value))


class CareForm(forms.Form):
    """What every verb has: it knows its topic, and may ask for a reason."""

    asks_for_reason: ClassVar[bool] = True
    needs_reason: ClassVar[bool] = False

    def __init__(self, data: Any = None, *, topic: Topic, forums: list[Forum] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.topic, self.forums = topic, forums or []
        if self.asks_for_reason:
            required = self.needs_reason or topic.intent == "feedback"
            label = _("Reason (everyone can read it)") if required else _("Reason (optional; everyone can read it)")
            self.fields["reason"] = ReasonField(required=required, label=label)
        self.order_fields(self.field_order)


class PlainForm(CareForm):
    """Nothing but a reason, and that is optional."""


class ReasonForm(CareForm):
    needs_reason = True


class WordlessForm(CareForm):
    asks_for_reason = False


class CloseForm(CareForm):
    """Closing asks a second time when people are talking."""

    needs_reason = True
    field_order = ("reason", "until")
    until = MomentField(label=_("Reopen at (optional)"), required=False)

    def clean(self) -> dict[str, Any]:
        last = self.topic.last_post_at
        busy = last is not None and last > timezone.now() - timedelta(hours=BUSY_HOURS)
        if busy and not self.data.get("sure"):
            self.fields["sure"] = forms.BooleanField(label=_("Close it all the same"), required=False)
            raise ValidationError(
                ngettext(
                    "Somebody wrote here within the last %(n)d hour. Is this the moment to close it?",
                    "Somebody wrote here within the last %(n)d hours. Is this the moment to close it?",
                    BUSY_HOURS,
                )
                % {"n": BUSY_HOURS}
            )
        return super().clean() or {}


class PinForm(WordlessForm):
    until = MomentField(label=_("Until"))
    everywhere = forms.BooleanField(label=_("On the home page too"), required=False)


class RenameForm(CareForm):
    title = forms.CharField(label=_("Title"), max_length=TITLE_MAX_LENGTH)
    tags = forms.CharField(label=_("Tags"), max_length=300, required=False, help_text=_("With commas between them."))
    field_order = ("title", "tags", "reason")

    def __init__(self, data: Any = None, *, topic: Topic, **kwargs: Any) -> None:
        initial = {"title": topic.title, "tags": ", ".join(topic.tag_names)}
        super().__init__(data, topic=topic, initial=initial, **kwargs)

    def clean_title(self) -> str:
        return clean_title(self.cleaned_data["title"])

    def clean_tags(self) -> list[str]:
        return clean_tags(self.cleaned_data["tags"])


class MoveForm(CareForm):
    forum = forms.ChoiceField(label=_("Into which forum"))

    def __init__(self, data: Any = None, *, topic: Topic, **kwargs: Any) -> None:
        super().__init__(data, topic=topic, **kwargs)
        field = self.fields["forum"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(str(forum.pk), str(forum)) for forum in self.forums if forum.pk != topic.forum_id]

    def clean_forum(self) -> Forum:
        return next(forum for forum in self.forums if str(forum.pk) == self.cleaned_data["forum"])


class TopicField(forms.CharField):
    """A topic named by its address or its number; the value is its number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=400, help_text=_("Paste its address."), **kwargs)

    def clean(self, value: Any) -> Any:
        said = super().clean(value)
        if not said:
            return None
        found = re.search(r"/t/(\d{1,15})(?:/|$)", said) or re.fullmatch(r"(\d{1,15})", said.strip())
        if found is None:
            raise ValidationError(_("This is not the address of a topic."))
        return int(found[1])


class MergeForm(CareForm):
    into = TopicField(label=_("Into which topic"))


class SplitForm(CareForm):
    """Which posts leave, and where they go: into a topic of their own, or into another one."""

    places = forms.CharField(
        label=_("Which posts"),
        max_length=400,
        help_text=_("Their numbers in the topic, like 4, 7-12."),
        error_messages={"required": _("Choose the posts to move.")},
    )
    title = forms.CharField(label=_("Title of their own topic"), max_length=TITLE_MAX_LENGTH, required=False)
    into = TopicField(label=_("Or the topic they go to"), required=False)
    field_order = ("places", "title", "into", "reason")

    def clean_places(self) -> list[int]:
        chosen: set[int] = set()
        for part in re.split(r"[,;\s]+", re.sub(r"\s*[-–]\s*", "-", self.cleaned_data["places"].strip())):
            found = re.fullmatch(r"#?(\d{1,9})(?:-#?(\d{1,9}))?", part)
            if found is None:
                raise ValidationError(_("Write numbers of posts, like 4, 7-12."))
            first, last = int(found[1]), int(found[2] or found[1])
            if last - first > POSTS_MOVED_AT_ONCE:
                raise ValidationError(_("At most %(n)d posts are moved at once."), params={"n": POSTS_MOVED_AT_ONCE})
            chosen |= set(range(first, last + 1))
        return sorted(chosen)

    def clean_title(self) -> str:
        title = self.cleaned_data["title"]
        return clean_title(title) if title.strip() else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and bool(data.get("title")) == bool(data.get("into")):
            raise ValidationError(_("Give a title for a new topic, or the address of another one: one of the two."))
        return data


class SlowForm(CareForm):
    PAUSES: ClassVar = [(300, _("5 minutes")), (900, _("15 minutes")), (3600, _("1 hour")), (14400, _("4 hours"))]
    needs_reason = True
    seconds = forms.TypedChoiceField(
        label=_("Between two posts of the same person"), choices=[*PAUSES, (86400, _("1 day"))], coerce=int
    )
    until = MomentField(label=_("Until"))


class TimerForm(CareForm):
    kind = forms.ChoiceField(
        label=_("What happens"), choices=[(k.value, k.label) for k in TopicTimer.Kind if k != TopicTimer.Kind.REOPEN]
    )
    due_at = MomentField(label=_("When"))


class StatusForm(CareForm):
    needs_reason = True
    status = forms.ChoiceField(label=_("Status"))
    field_order = ("status", "reason")

    def __init__(self, data: Any = None, *, topic: Topic, **kwargs: Any) -> None:
        super().__init__(data, topic=topic, initial={"status": topic.status}, **kwargs)
        field = self.fields["status"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(status.value, status.label) for status in statuses_of(topic)]
