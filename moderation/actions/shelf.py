"""Cases to learn from."""

from __future__ import annotations

import re

from django.db import transaction
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation.models import Case, Exemplar
from moderation.policies import may_decide
from toolkit import clock
from toolkit.verdicts import Refused, insist

SHORTEST_NAME = 3  # characters: what is shorter is as likely a word


@transaction.atomic
def mark_exemplary(case: Case, *, by: Member, lesson: str) -> Exemplar:
    """Put a closed case on the shelf, with what it teaches; said again, the new words stand in place of the old ones.

    Raises Refused if `by` may not decide about it, the case is open, nothing is said, or what is said names whom the
    case is about or who reported it.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    insist(may_decide(reader_for(by), case))
    if case.closed_at is None:
        raise Refused(_("Only a closed case can be exemplary."))
    if not lesson.strip():
        raise Refused(_("Say what this case teaches."))
    if any(_names(person, lesson) for person in _people_of(case)):
        raise Refused(_("Somebody of this case is named there; say it without a name."))
    said = {"lesson": lesson.strip(), "marked_by": by, "marked_at": clock.now()}
    return Exemplar.objects.update_or_create(case=case, defaults=said)[0]


@transaction.atomic
def unmark_exemplary(case: Case, *, by: Member) -> None:
    """Take a case off the shelf. Safe to call again. Raises Refused if `by` may not decide about it."""
    insist(may_decide(reader_for(by), case))
    Exemplar.objects.filter(case=case).delete()


def _people_of(case: Case) -> list[Member]:
    reported = Member.objects.filter(reports_made__case=case)
    concerned = case.subject.accountable if case.subject is not None else None
    return [*reported, *([concerned] if concerned is not None else [])]


def _names(person: Member, words: str) -> bool:
    names = [name for name in (person.name, person.username) if len(name) >= SHORTEST_NAME]
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", words, re.IGNORECASE) for name in names)
