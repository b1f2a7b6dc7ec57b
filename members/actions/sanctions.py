"""What a decision of the moderation does to an account. Called by moderation's actions only, inside their transaction:
nothing here asks whether somebody may. Each answers what stood before and what stands now, as the decision keeps it."""

from __future__ import annotations

import ipaddress
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from members.models import Member, SignupBlock
from toolkit import clock
from toolkit.verdicts import Refused

Change = tuple[dict[str, Any], dict[str, Any]]
_MOMENTS = ("held_until", "suspended_until", "excluded_until")


@transaction.atomic
def hold_posts_of(member: Member, *, until: datetime) -> Change:
    """What they write is read by a person before others see it, until a moment. Raises Refused for who is not here."""
    return _changed(_locked(member), held_until=until)


@transaction.atomic
def suspend(member: Member, *, until: datetime) -> Change:
    """They read, export, contest and leave, and do not write, until a moment. Raises Refused for who is not here."""
    return _changed(_locked(member), suspended_until=until)


@transaction.atomic
def exclude(member: Member, *, until: datetime | None) -> Change:
    """They cannot sign in any more; until a moment (their state comes back by the clock), or for good (None).

    Sessions end with the next request; whoever is excluded already stays so, with this end. Raises Refused where the
    account is closing, or not a member's.
    """
    member = _locked(member, or_in=Member.State.EXCLUDED)
    if member.state == Member.State.LEAVING:
        raise Refused(_("This account is closing already."))
    return _changed(member, state=Member.State.EXCLUDED, excluded_until=until)


@transaction.atomic
def put_standing_back(member: Member, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Undo of the above. Raises Refused if the account is no longer as the measure left it."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if any(_plain(getattr(member, name)) != value for name, value in after.items()):
        raise Refused(_("This member has changed since."))
    for name, value in before.items():
        setattr(member, name, parse_datetime(value) if name in _MOMENTS and value else value)
    member.save(update_fields=list(before))


@transaction.atomic
def end_exclusions() -> int:
    """Write that exclusions which nobody confirmed are over. Answers how many. Safe to run again."""
    over = Member.objects.filter(state=Member.State.EXCLUDED, excluded_until__lte=clock.now())
    ids = list(over.select_for_update(skip_locked=True).values_list("pk", flat=True))
    ended: int = Member.objects.filter(pk__in=ids).update(state=Member.State.ACTIVE, excluded_until=None)
    return ended


@transaction.atomic
def block_signups(kind: str, value: str, *, until: datetime) -> SignupBlock:
    """Nobody signs up from there until a moment; the value is tidied by the caller. Raises Refused where that is so
    already."""
    same = SignupBlock.objects.filter(kind=kind, value=value, lifted_at=None)
    same.filter(until__lte=clock.now()).update(lifted_at=F("until"))
    try:
        with transaction.atomic():
            return SignupBlock.objects.create(kind=kind, value=value, until=until, made_at=clock.now())
    except IntegrityError:
        raise Refused(_("Signing up from there is blocked already.")) from None


@transaction.atomic
def lift_block(block_id: int) -> None:
    """Undo of `block_signups`. Raises Refused where it was lifted already."""
    if not SignupBlock.objects.filter(pk=block_id, lifted_at=None).update(lifted_at=clock.now()):
        raise Refused(_("This was lifted already."))


def signup_block(email: str, address: str | None) -> SignupBlock | None:
    """The block that keeps this e-mail address, or whoever asks from this network address, from signing up. One
    query."""
    email = email.strip().lower()
    domain = email.rpartition("@")[2]
    parents = [domain[start:] for start in _starts(domain)]
    try:
        asked = ipaddress.ip_address(address or "")
    except ValueError:
        asked = None
    for block in SignupBlock.objects.current().order_by("-until"):
        if block.kind == SignupBlock.Kind.NETWORK:
            if asked is not None and asked in ipaddress.ip_network(block.value):
                return block
        elif block.value in (email, *parents):
            return block
    return None


def _starts(domain: str) -> list[int]:
    return [0, *(index + 1 for index, sign in enumerate(domain) if sign == ".")]


def _locked(member: Member, *, or_in: str = Member.State.ACTIVE) -> Member:
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.state not in {Member.State.ACTIVE, Member.State.LEAVING, or_in}:
        raise Refused(_("This account is not a member’s at this moment."))
    return member


def _changed(member: Member, **columns: Any) -> Change:
    before = {name: _plain(getattr(member, name)) for name in columns}
    for name, value in columns.items():
        setattr(member, name, value)
    member.save(update_fields=list(columns))
    return before, {name: _plain(value) for name, value in columns.items()}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
