"""The links by which a list of topics is narrowed: plain addresses that combine and can be kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models import Topic, TopicScore
from forums.models.forums import Intent
from forums.policies import STATUSES
from forums.queries.lists import OF_MEMBERS, Asked

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from forums.readers import Reader

_TABS: tuple[tuple[str, StrOrPromise], ...] = (
    ("latest", _("Latest")),
    ("unread", _("Unread")),
    ("new", _("New")),
    ("unanswered", _("Without an answer")),
    ("followed", _("Followed")),
    ("mine", _("Mine")),
    ("top", _("Top")),
)
_STATES: tuple[tuple[str, StrOrPromise], ...] = (
    ("open", _("open")),
    ("answered", pgettext_lazy("topic", "answered")),
    ("closed", _("closed")),
    ("archived", _("archived")),
)

_EMPTY: dict[str, StrOrPromise] = {
    "unread": _("You have read everything. Enjoy the rest of your day."),
    "new": _("No new topic that you have not opened."),
    "unanswered": _("Nobody is waiting for an answer here."),
    "followed": _("You follow nothing here yet: each topic, forum, tag and member has a “Follow”."),
    "mine": _("You have started no topic here yet."),
    "top": _("Nothing here has brought people together in this time yet."),
    "hidden": _("You have hidden no topic."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """One link: what it is called, where it leads, whether it is what is shown now."""

    name: StrOrPromise
    href: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Choices:
    """What a list offers to be narrowed by."""

    asked: Asked
    tabs: list[Choice]
    intents: list[Choice]
    states: list[Choice]
    periods: list[Choice]
    everything: Choice | None

    @property
    def none_here(self) -> StrOrPromise:
        """What to say where the list is empty."""
        if self.asked.after:
            return _("That was all.")
        if self.asked.narrowed:
            return _("No topic here is like this. Try it without the filters.")
        return _EMPTY.get(self.asked.only, "")

    @property
    def without_filters(self) -> str:
        return self.asked.but(intent="", state="")


def _statuses(asked: Asked) -> list[tuple[str, StrOrPromise]]:
    """What may have been said of ideas or feedback: offered where these are listed, and where one is asked for."""
    said = STATUSES.get(asked.intent, ()) if asked.intent else ()  # type: ignore[call-overload]
    shown = [(str(status), status.label) for status in said]
    if asked.state and asked.state not in {*(state for state, _name in (*_STATES, *shown))}:
        shown.append((asked.state, Topic.Status(asked.state).label))
    return shown


def choices_for(reader: Reader, asked: Asked, *, keeps_languages: bool) -> Choices:
    """The links of a list. `keeps_languages`: whether it keeps to what the reader reads unless asked for everything."""
    narrows = keeps_languages or asked.only == "unread"
    quiet = bool(reader.reads or reader.quiet_forums or reader.quiet_tags or reader.quiet_members)
    return Choices(
        asked=asked,
        tabs=[
            Choice(name, asked.but(only=only), asked.only == only)
            for only, name in _TABS
            if not (reader.is_visitor and only in OF_MEMBERS)
        ],
        intents=[
            Choice(name, asked.but(intent=intent), asked.intent == intent)
            for intent, name in (("", _("all")), *Intent.choices)
        ],
        states=[
            Choice(name, asked.but(state=state), asked.state == state)
            for state, name in (("", _("all")), *_STATES, *_statuses(asked))
        ],
        periods=[Choice(period.label, asked.but(period=period), asked.period == period) for period in TopicScore.Period]
        if asked.only == "top"
        else [],
        everything=Choice(_("Show everything"), asked.but(everything="1"), bool(asked.everything))
        if narrows and quiet
        else None,
    )
