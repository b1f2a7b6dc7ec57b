"""What upper apps know and members must ask: they register it here, in their AppConfig.ready.

Closing an account has two moments. When it is asked for, something may have to be handed over first; when the day has
come, something may have to be settled first. Each question answers with a sentence for the member, or None. And nobody
may call themselves like those who speak for the community.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django_stubs_ext import StrOrPromise

    from members.models import Member

    Question = Callable[[Member], StrOrPromise | None]
    Team = Callable[[], QuerySet[Member]]
    Suspicion = Callable[[Member], str]

logger = logging.getLogger(__name__)

_first: list[Question] = []
_waits: list[Question] = []
_teams: list[Team] = []
_suspicions: list[Suspicion] = []


def hand_over_first(question: Question) -> None:
    """Register what must be handed over before an account may be closed."""
    if question not in _first:
        _first.append(question)


def settle_first(question: Question) -> None:
    """Register what must be settled before an account is closed for good."""
    if question not in _waits:
        _waits.append(question)


def look_at_signups(suspicion: Suspicion) -> None:
    """Register what makes somebody's sign-up one that a person reads first, although everyone may join."""
    if suspicion not in _suspicions:
        _suspicions.append(suspicion)


def suspicion_about(member: Member) -> str:
    """Why a person shall read this sign-up first, as a code; empty where nothing speaks for it. A check that fails says
    nothing: nobody waits for a fault of ours."""
    for suspicion in _suspicions:
        try:
            said = suspicion(member)
        except Exception:
            logger.exception("A look at a sign-up failed; it is let in.")
            continue
        if said:
            return said
    return ""


def to_hand_over(member: Member) -> list[StrOrPromise]:
    """Why this account cannot be closed yet, a sentence each; empty when it can."""
    return [said for question in _first if (said := question(member)) is not None]


def to_settle(member: Member) -> list[StrOrPromise]:
    """What the closing waits for, a sentence each."""
    return [said for question in _waits if (said := question(member)) is not None]


def speak_for_community(team: Team) -> None:
    """Register who moderates or hosts now: nobody else may be called like them."""
    if team not in _teams:
        _teams.append(team)


def team_members() -> list[Member]:
    """Those whose names nobody else may wear."""
    return [member for team in _teams for member in team()]
