"""Hats beside names: read along with the rows they stand on, without a query of their own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, Subquery
from django.db.models.functions import JSONObject
from django.utils.dateparse import parse_datetime

from members.models import HatGrant
from toolkit.bilingual import Bilingual, Wording, active_language

_SAID = JSONObject(name_fr="hat__name_fr", name_en="hat__name_en", since="since")
_name = Bilingual()
_name.__set_name__(object, "name")


@dataclass(frozen=True, slots=True)
class Worn:
    """A hat in the reader's language, and since when the team has verified it."""

    name: Wording
    since: datetime | None


@dataclass(frozen=True, slots=True)
class _Names:
    name_fr: str
    name_en: str


def worn_hat(member: OuterRef) -> Subquery:
    """The hat that a member wears beside their posts, to annotate a query of posts with; see `worn`."""
    return Subquery(HatGrant.objects.current().filter(member=member, is_worn=True).values(said=_SAID)[:1])


def hats_had(member: OuterRef) -> ArraySubquery:
    """Every hat that a member has now; see `worn`."""
    return ArraySubquery(HatGrant.objects.current().filter(member=member).order_by("since", "pk").values(said=_SAID))


def worn(said: dict[str, Any] | None) -> Worn | None:
    """What one of these annotations holds, for a page."""
    if said is None:
        return None
    names = _Names(said["name_fr"], said["name_en"])
    return Worn(_name.within(names, active_language()), parse_datetime(said["since"]))
