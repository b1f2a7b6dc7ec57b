"""The directory of members: each is found by whom they chose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Exists, F, Func, OuterRef, Q, TextField, Value
from django.db.models.functions import Coalesce, NullIf

from forums.policies import is_team
from forums.queries.hats import Worn, hats_had, worn
from members.models import Hat, HatGrant, Member, ShownTo, Trust
from toolkit.paging import KeyPage, page_by_key, page_by_text

if TYPE_CHECKING:
    from forums.readers import Reader

PEOPLE_PER_PAGE = 40


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody looks for in the directory."""

    words: str = ""
    hat: int | None = None
    newcomers: bool = False
    placeholders: bool = False
    newest: bool = False


@dataclass(frozen=True, slots=True)
class DirectoryPage:
    people: KeyPage[Member]
    hats: list[Hat]


def directory_page(reader: Reader, asked: Asked, *, after: str = "") -> DirectoryPage:
    """Members by name (accents and case apart) or the newest first, those who show themselves to this reader. Two
    queries."""
    states = [Member.State.ACTIVE, Member.State.LEAVING]
    if asked.placeholders:
        states.append(Member.State.PLACEHOLDER)
    people = Member.objects.filter(state__in=states, claimed_by=None).annotate(had=hats_had(OuterRef("pk")))
    if not is_team(reader):
        people = people.filter(~Q(shown_to=ShownTo.TEAM) | Q(pk=reader.member_id))
    people = people.exclude(pk__in=reader.blocked)
    if asked.newcomers:
        people = people.filter(trust=Trust.NEWCOMER, state=Member.State.ACTIVE)
    if asked.hat is not None:
        people = people.filter(Exists(HatGrant.objects.current().filter(member=OuterRef("pk"), hat=asked.hat)))
    shown = Coalesce(NullIf("name", Value("")), "username")
    people = people.annotate(folded=_folded(shown), handle=_folded(F("username")))
    for word in asked.words.split()[:5]:
        letters = _folded(Value(word))
        people = people.filter(Q(folded__contains=letters) | Q(handle__contains=letters))
    if asked.newest:
        page = page_by_key(people, by="joined_at", size=PEOPLE_PER_PAGE, after=after)
    else:
        page = page_by_text(people, text="folded", size=PEOPLE_PER_PAGE, after=after)
    for person in page.rows:
        person.shown_hats = _hats(person)
    return DirectoryPage(page, list(Hat.objects.filter(Exists(HatGrant.objects.current().filter(hat=OuterRef("pk"))))))


def _hats(person: Member) -> list[Worn]:
    return [hat for said in vars(person)["had"] if (hat := worn(said)) is not None]


def _folded(words: object) -> Func:
    """Without case and accents, as search folds; compared letter by letter, so that the order is that of the keys."""
    return Func(
        words, function="commune_fold", template='(%(function)s(%(expressions)s) COLLATE "C")', output_field=TextField()
    )
