from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from forums.models import Forum
from forums.models.forums import Intent
from forums.queries.search import TYPED_MAX_LENGTH, Query


class FilterForm(forms.Form):
    """The filters of a search as fields. What is chosen becomes part of the query; nothing here can be wrong."""

    q = forms.CharField(
        label=_("Words"), required=False, max_length=TYPED_MAX_LENGTH, widget=forms.TextInput({"type": "search"})
    )
    forum = forms.ChoiceField(label=_("Forum"), required=False)
    tag = forms.CharField(label=_("Tag"), required=False, max_length=40)
    author = forms.CharField(label=_("Written by"), required=False, max_length=40, help_text=_("As in “@name”."))
    intent = forms.ChoiceField(label=_("Intent"), required=False, choices=[("", _("any")), *Intent.choices])
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("any")),
            ("answered", pgettext_lazy("topic", "answered")),
            ("unanswered", _("without an answer")),
            ("open", _("open")),
            ("closed", _("closed")),
        ],
    )
    after = forms.DateField(label=_("Since"), required=False, widget=forms.DateInput({"type": "date"}))
    before = forms.DateField(label=_("Before"), required=False, widget=forms.DateInput({"type": "date"}))

    def __init__(self, data: Any = None, *, query: Query, seen: list[Forum]) -> None:
        said = query.filters
        initial = {
            "q": query.words, "forum": said.forum, "tag": said.tag, "author": said.author, "intent": said.intent,
            "state": said.state, "after": said.after and said.after.isoformat(),
            "before": said.before and said.before.isoformat(),
        }  # fmt: skip
        super().__init__(data, initial=initial, auto_id="search-%s")
        choices = [("", _("every forum")), *((forum.slug, str(forum.name)) for forum in seen)]
        self.fields["forum"] = forms.ChoiceField(label=_("Forum"), required=False, choices=choices)

    def typed(self, query: Query) -> str:
        """The query with what the fields say instead of what it said itself."""
        self.is_valid()
        said = self.cleaned_data
        days = {name: said[name].isoformat() if said.get(name) else "" for name in ("after", "before")}
        words = {name: (said.get(name) or "").strip().lstrip("@#") for name in ("forum", "tag", "author", "intent")}
        return query.typed(**words, **{"is": said.get("state", "")}, **days)
