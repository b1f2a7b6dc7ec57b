"""A letter to the team goes on: in one case, answered in one name."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from moderation.limits import LETTER_MAX_LENGTH, MESSAGES_PER_LETTER_PER_DAY
from moderation.models import Case, Decision, LetterMessage, TeamLetter
from toolkit import clock
from toolkit.text import is_blank
from toolkit.verdicts import Refused


@transaction.atomic
def write_again(letter: TeamLetter, *, body: str, key: UUID) -> LetterMessage:
    """Whoever has the address of a letter's page adds a message to it. Its case waits again, among the people who wait:
    put off no longer; a closed one is opened again, from this moment on.

    Locks the case. The same `key` with the same words gives the same message again, and changes nothing.
    Raises Refused for no words, for more than 5,000 characters, and for the twenty-first message within a day.
    """
    if is_blank(body):
        raise Refused(_("Write what you want to say."))
    if len(body) > LETTER_MAX_LENGTH:
        raise Refused(_("A message has at most %(n)d characters.") % {"n": LETTER_MAX_LENGTH})
    case = Case.objects.select_for_update(of=("self",)).get(letter=letter)
    key, now = uuid5(key, f"{letter.pk}\n{body}"), clock.now()
    known = letter.messages.filter(key=key).first()
    if known is not None:
        return known
    if letter.messages.filter(author=None, created_at__gt=now - timedelta(days=1)).count() >= (
        MESSAGES_PER_LETTER_PER_DAY
    ):
        raise Refused(_("That is many messages in a day; please write again tomorrow."))
    _waits_again(case)
    return LetterMessage.objects.create(letter=letter, body=body, key=key, created_at=now)


def _waits_again(case: Case) -> None:
    if case.closed_at is not None:
        case.closed_at, case.opened_at = None, clock.now()
        case.claimed_by = case.claimed_until = None
    case.band = Case.Band.PEOPLE
    case.snoozed_until = case.snoozed_by = None
    case.save(
        update_fields=["closed_at", "opened_at", "claimed_by", "claimed_until", "band", "snoozed_until", "snoozed_by"]
    )


def keep_answer(decision: Decision) -> LetterMessage | None:
    """An answer to a letter stands in its exchange. Nothing for other decisions. The case is locked by the caller."""
    case = decision.case
    if decision.measure != Decision.Measure.ANSWER or case is None or case.kind != Case.Kind.LETTER:
        return None
    return LetterMessage.objects.create(
        letter=case.letter,
        author=decision.actor,
        body=decision.text.message,
        decision=decision,
        created_at=decision.made_at,
    )
