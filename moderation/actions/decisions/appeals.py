"""Contesting a decision: by the member whom it is about, also one who cannot sign in, or by whoever gave notice."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from members.models import Member
from moderation.actions.decisions.deciding import open_appeal_case
from moderation.models import Appeal, Decision, Notice
from moderation.policies import may_appeal, may_appeal_as_notifier
from moderation.queries.outcomes import is_about
from toolkit import clock
from toolkit.text import is_blank
from toolkit.verdicts import Refused, insist


@transaction.atomic
def appeal(decision: Decision, *, by: Member, happened: str, wanted: str) -> Appeal:
    """Contest a decision about oneself, within six months, also without being able to sign in any more. It waits in the
    queue for somebody else. Raises Refused later, for others, a second time, or without words."""
    decision = _locked(decision)
    contested = decision.appeals.filter(member=by).exists()
    insist(may_appeal(by.pk, decision, now=clock.now(), contested=contested))
    return _made(decision, happened, wanted, member=by)


@transaction.atomic
def appeal_as_notifier(decision: Decision, *, notice: Notice, happened: str, wanted: str) -> Appeal:
    """Contest what became of something one gave notice of, within six months. It waits in the queue for somebody else.
    Raises Refused later, a second time, without words, or for a decision about something else."""
    decision = _locked(decision)
    if not is_about(decision, notice):
        raise Refused(_("This decision is about something else."))
    contested = decision.appeals.filter(notice=notice).exists()
    insist(may_appeal_as_notifier(decision, now=clock.now(), contested=contested))
    return _made(decision, happened, wanted, notice=notice)


def _locked(decision: Decision) -> Decision:
    return Decision.objects.select_for_update(of=("self",)).get(pk=decision.pk)


def _made(
    decision: Decision, happened: str, wanted: str, *, member: Member | None = None, notice: Notice | None = None
) -> Appeal:
    if is_blank(happened) or is_blank(wanted):
        raise Refused(_("Please write a sentence or two."))
    return Appeal.objects.create(
        case=open_appeal_case(decision),
        decision=decision,
        member=member,
        notice=notice,
        happened=happened,
        wanted=wanted,
        created_at=clock.now(),
    )
