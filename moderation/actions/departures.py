"""What moderation keeps about somebody who left: every row, as the law asks, under the pseudonym."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, Q, QuerySet

from members.former import Former
from members.models import Member
from moderation.models import (
    Appeal,
    CaseFile,
    DecisionText,
    Exemplar,
    HandOver,
    LetterMessage,
    MemberNote,
    Notice,
    NoticedPlace,
    Opinion,
    Report,
    TeamLetter,
)


def unname(member: Member, former: Former) -> None:
    """Put the pseudonym in the place of their names in what was written about them, by them and to them. Called in the
    transaction that blanks the member. Notes on them are deleted."""
    about = Q(case__subject__member=member) | Q(case__subject__post__author=member)
    about |= Q(case__subject__topic__author=member)
    letters = Q(member=member) | Q(email__iexact=former.email or "-")
    answered = TeamLetter.objects.filter(letters).values("case")
    decided = Q(decision__concerned=member) | Q(decision__actor=member) | Q(decision__case__in=answered)
    decided |= Q(decision__case__reports__reporter=member)
    sent = Notice.objects.filter(Q(member=member) | Q(email=(former.email or "-").lower()))
    decided |= Q(decision__case__noticed__notice__in=sent)
    _unname(DecisionText.objects.filter(decided).distinct(), ["facts", "why", "to_sender", "message", "note"], former)
    _unname(Report.objects.filter(about | Q(reporter=member)), ["words"], former)
    _unname(Appeal.objects.filter(Q(member=member) | Q(decision__concerned=member)), ["happened", "wanted"], former)
    places = NoticedPlace.objects.filter(about | Q(notice__in=sent))
    named = Notice.objects.filter(Q(pk__in=sent) | Q(places__in=places)).distinct()
    _unname(named, ["name", "explanation"], former)
    _unname(places, ["address"], former)
    sent.update(email="")
    said = LetterMessage.objects.filter(Q(letter__in=TeamLetter.objects.filter(letters)) | Q(author=member))
    _unname(said, ["body"], former)
    _unname(TeamLetter.objects.filter(letters), ["name", "body"], former)
    TeamLetter.objects.filter(letters).update(email="")
    Opinion.objects.filter(member=member, given_at=None).delete()
    opinions = Opinion.objects.filter(about | Q(case__reports__reporter=member) | _named_in("words", former))
    _unname(opinions.distinct(), ["words", "question"], former)
    MemberNote.objects.filter(member=member).delete()
    _unname(MemberNote.objects.filter(_named_in("body", former)), ["body"], former)
    named_files = CaseFile.objects.filter(_named_in("title", former) | _named_in("note", former))
    _unname(named_files, ["title", "note"], former)
    _unname(HandOver.objects.filter(_named_in("words", former)), ["words"], former)
    _unname(Exemplar.objects.filter(_named_in("lesson", former)), ["lesson"], former)


def _named_in(column: str, former: Former) -> Q:
    """Texts that are not about anybody in particular, and name this person."""
    named = Q(pk__in=[])
    for words in former.names:
        named |= Q(**{f"{column}__icontains": words})
    return named


def _unname(rows: QuerySet[Any], columns: list[str], former: Former) -> None:
    row: Model
    for row in rows:
        for column in columns:
            text = getattr(row, column)
            setattr(row, column, former.pseudonymised(text)[: row._meta.get_field(column).max_length])  # type: ignore[union-attr]
        row.save(update_fields=columns)
