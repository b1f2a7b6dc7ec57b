"""Somebody, named: by the name in “@name”, or by the name that is shown where nobody else has it."""

from __future__ import annotations

from collections.abc import Iterable

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Case, F, TextField, Value, When
from django.utils.translation import gettext_lazy as _

from members.models import Member, ShownTo
from toolkit.expressions import folded
from toolkit.text import one_line

NAME_MAX_LENGTH = 61  # as it may be typed: a shown name, or "@" and a username
NAMESAKES_NAMED = 10


class GuestForm(forms.Form):
    """Somebody to invite, by their name here."""

    member = forms.CharField(
        label=_("Whom to invite"),
        max_length=NAME_MAX_LENGTH,
        help_text=_("Their name as it is shown, or as in “@name”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean_member(self) -> Member:
        return members_named([self.cleaned_data["member"]])[0]


def members_named(typed: Iterable[str]) -> list[Member]:
    """The members of these names, in their order, each once. A username goes before a shown name, in which case and
    accents do not matter; whoever shows themselves to the team only is found by the username alone. Two queries at
    most.

    Raises ValidationError if nobody has one of these names, or several members are shown by it.
    """
    names = {key: name for name in map(one_line, typed) if (key := name.lower().strip("@ "))}
    by_username = {member.username: [member] for member in Member.objects.taking_part().filter(username__in=names)}
    shown = _members_shown([name for key, name in names.items() if key not in by_username and name[0] != "@"])
    found = {name: by_username.get(key) or shown.get(name, []) for key, name in names.items()}
    unknown = [name.strip("@ ") for name, members in found.items() if not members]
    errors = [_nobody(unknown)] if unknown or not names else []
    errors += [_several(name, members) for name, members in found.items() if len(members) > 1]
    if errors:
        raise ValidationError(errors)
    return list({member.pk: member for (member,) in found.values()}.values())


def _members_shown(names: list[str]) -> dict[str, list[Member]]:
    """By each of these names the members who show it to everybody who takes part, case and accents apart."""
    shown: dict[str, list[Member]] = {}
    if names:
        members = Member.objects.taking_part().exclude(shown_to=ShownTo.TEAM).alias(said=folded(F("name")))
        asked = Case(*(When(said=folded(Value(name)), then=Value(name)) for name in names), output_field=TextField())
        for member in members.annotate(asked=asked).filter(asked__isnull=False).order_by("username"):
            shown.setdefault(vars(member)["asked"], []).append(member)
    return shown


def _nobody(names: list[str]) -> ValidationError:
    if not names:
        return ValidationError(_("Nobody here has this name."))
    return ValidationError(_("Nobody here has this name: %(names)s."), params={"names": ", ".join(names)})


def _several(name: str, members: list[Member]) -> ValidationError:
    handles = [f"@{member.username}" for member in members[:NAMESAKES_NAMED]]
    said = {"name": name, "names": ", ".join(handles) + (" …" if len(members) > len(handles) else "")}
    return ValidationError(_("Several members are called “%(name)s”; say whom you mean: %(names)s."), params=said)
