"""A letter to the team and what was said since: for whoever wrote it, and for the team."""

from __future__ import annotations

from dataclasses import dataclass

from members.models import Member
from moderation.models import Case, LetterMessage, TeamLetter

LETTERS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LetterPage:
    letter: TeamLetter
    messages: list[LetterMessage]

    @property
    def is_open(self) -> bool:
        return self.letter.case.closed_at is None

    @property
    def is_answered(self) -> bool:
        """Whether the last word is the team's."""
        return bool(self.messages) and self.messages[-1].is_answer


def letter_page(secret: str) -> LetterPage:
    """A letter with all that was written since, for whoever has its address: nobody of the team by name. Two queries.
    Raises TeamLetter.DoesNotExist."""
    letter = TeamLetter.objects.select_related("case").get(secret=secret)
    return LetterPage(letter, list(letter.messages.order_by("pk")))


def letters_of(member: Member) -> list[TeamLetter]:
    """The letters one wrote while signed in, the newest first. One query."""
    return list(TeamLetter.objects.filter(member=member).order_by("-pk")[:LETTERS_SHOWN])


def exchange_in(case: Case) -> list[LetterMessage]:
    """What was written in a letter's case after the first message, with who of the team answered. One query; none for
    other cases."""
    if case.kind != Case.Kind.LETTER:
        return []
    return list(LetterMessage.objects.filter(letter__case=case).select_related("author", "decision").order_by("pk"))
