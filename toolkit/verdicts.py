"""Answers with a reason: what a page shows and what an action insists on is the same sentence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class Verdict:
    """May it be done? Truthy when it may; otherwise `reason` says why not, in the reader's language."""

    allowed: bool
    reason: StrOrPromise = ""

    def __bool__(self) -> bool:
        return self.allowed


YES = Verdict(allowed=True)


def no(reason: StrOrPromise) -> Verdict:
    return Verdict(allowed=False, reason=reason)


class Refused(Exception):
    """An action was asked for that may not be done; `reason` is a sentence for the person who asked."""

    def __init__(self, reason: StrOrPromise) -> None:
        super().__init__(str(reason))
        self.reason = reason


def insist(verdict: Verdict) -> None:
    """Raise Refused unless the verdict is yes."""
    if not verdict:
        raise Refused(verdict.reason)
