"""Who may object when a member closes their account: upper apps register questions here, in their AppConfig.ready.

Two moments. When it is asked for, something may have to be handed over first; when the day has come, something may have
to be settled first. Each answers with a sentence for the member, or None.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from members.models import Member

    Question = Callable[[Member], StrOrPromise | None]

_first: list[Question] = []
_waits: list[Question] = []


def hand_over_first(question: Question) -> None:
    """Register what must be handed over before an account may be closed."""
    if question not in _first:
        _first.append(question)


def settle_first(question: Question) -> None:
    """Register what must be settled before an account is closed for good."""
    if question not in _waits:
        _waits.append(question)


def to_hand_over(member: Member) -> list[StrOrPromise]:
    """Why this account cannot be closed yet, a sentence each; empty when it can."""
    return [said for question in _first if (said := question(member)) is not None]


def to_settle(member: Member) -> list[StrOrPromise]:
    """What the closing waits for, a sentence each."""
    return [said for question in _waits if (said := question(member)) is not None]
