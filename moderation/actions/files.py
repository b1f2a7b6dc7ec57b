"""Case files: cases that belong together, with somebody who answers for them."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from forums.readers import reader_for
from members.models import Member
from moderation.limits import FILE_NOTE_MAX_LENGTH
from moderation.models import Case, CaseFile
from moderation.policies import may_decide, may_tend_file
from toolkit import clock
from toolkit.text import is_legible, one_line, storable
from toolkit.verdicts import Refused, insist


@transaction.atomic
def open_file(case: Case, *, by: Member, title: str) -> CaseFile:
    """Open a file that begins with this case, open or closed; whoever opens it is its owner. The case leaves the file
    it was in. Raises Refused if `by` may not decide about the case, or the title cannot be read."""
    title = one_line(title)[:120]
    if not is_legible(title):
        raise Refused(_("Give the file a title."))
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    insist(may_decide(reader_for(by), case))
    case.file = CaseFile.objects.create(title=title, owner=by, opened_at=clock.now())
    case.save(update_fields=["file"])
    return case.file


@transaction.atomic
def put_into_file(case: Case, file: CaseFile, *, by: Member) -> CaseFile:
    """Put a case, open or closed, into a file; it leaves the one it was in. Safe to call again.

    Raises Refused if `by` may not decide about the case or does not see the file, or the file is closed.
    """
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    insist(may_decide(reader_for(by), case))
    file = _tended(file, by)
    case.file = file
    case.save(update_fields=["file"])
    return file


@transaction.atomic
def take_out_of_file(case: Case, *, by: Member) -> None:
    """A case does not belong to its file after all. Safe to call again. Raises Refused if `by` may not decide about the
    case, or does not see the file, or it is closed."""
    case = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    insist(may_decide(reader_for(by), case))
    if case.file is not None:
        _tended(case.file, by)
        case.file = None
        case.save(update_fields=["file"])


@transaction.atomic
def note_in_file(file: CaseFile, *, by: Member, note: str) -> CaseFile:
    """Write what the file is about in the place of what stood there. Raises Refused if `by` does not see it, or it is
    closed."""
    file = _tended(file, by)
    file.note = storable(note).strip()[:FILE_NOTE_MAX_LENGTH]
    file.save(update_fields=["note"])
    return file


@transaction.atomic
def take_over_file(file: CaseFile, *, by: Member) -> CaseFile:
    """Answer for a file from now on, in the place of whoever did. Raises Refused if `by` does not see it, or it is
    closed."""
    file = _tended(file, by)
    file.owner = by
    file.save(update_fields=["owner"])
    return file


@transaction.atomic
def close_file(file: CaseFile, *, by: Member) -> CaseFile:
    """Close a file, by its owner. Raises Refused if `by` is not, or a case of it is open, also one that `by` does not
    see."""
    file = _tended(file, by)
    if file.owner_id != by.pk:
        raise Refused(_("Its owner closes it: take it over first."))
    if file.cases.filter(closed_at=None).exists():
        raise Refused(_("A case of this file is still open."))
    file.closed_at = clock.now()
    file.save(update_fields=["closed_at"])
    return file


def _tended(file: CaseFile, by: Member) -> CaseFile:
    """The file, locked. A case is locked before it."""
    file = CaseFile.objects.select_for_update(of=("self",)).get(pk=file.pk)
    reader = reader_for(by)
    insist(may_tend_file(file, is_seen=CaseFile.objects.visible_to(reader).filter(pk=file.pk).exists()))
    return file
