"""Notes on members: written, taken away, forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation.limits import NOTE_DAYS, NOTE_MAX_LENGTH
from moderation.models import Decision, MemberNote
from moderation.policies import may_note
from toolkit import clock
from toolkit.text import is_blank, storable
from toolkit.verdicts import Refused, insist


@transaction.atomic
def add_note(member: Member, *, by: Member, body: str) -> MemberNote:
    """Note something about a member, for those who moderate everywhere. Nobody is told; it is deleted a year after its
    last use (`use_notes`).

    Raises Refused if `by` does not moderate everywhere, it is about themselves or about nobody's account (any more), or
    nothing is said.
    """
    member = Member.objects.select_for_update(of=("self",)).get(pk=member.pk)
    insist(may_note(reader_for(by), member))
    body = storable(body).strip()
    if is_blank(body) or len(body) > NOTE_MAX_LENGTH:
        raise Refused(_("Write the note, in a thousand characters at most."))
    now = clock.now()
    return MemberNote.objects.create(member=member, author=by, body=body, created_at=now, used_at=now)


@transaction.atomic
def remove_note(note: MemberNote, *, by: Member) -> None:
    """Take away a note of one's own, for good. Safe to call again. Raises Refused if somebody else wrote it."""
    if note.author_id != by.pk:
        raise Refused(_("Somebody else wrote this note: only its author takes it away."))
    MemberNote.objects.filter(pk=note.pk).delete()


def use_notes(decision: Decision) -> int:
    """Somebody decided about a member, with the notes before them: these count as used now. Those that whoever decided
    does not see do not. Answers how many. Two queries; locks nothing else."""
    if decision.concerned_id is None:
        return 0
    seen = MemberNote.objects.visible_to(reader_for(decision.actor))
    return seen.filter(member=decision.concerned_id, used_at__lt=decision.made_at).update(used_at=decision.made_at)


def forget_notes() -> int:
    """Delete what was of no use for a year. Answers how many. Safe twice, safe late."""
    before = clock.now() - timedelta(days=NOTE_DAYS)
    return MemberNote.objects.filter(used_at__lt=before).delete()[0]
