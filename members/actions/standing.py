"""Trust and hats: what the team says of a member, always with a reason."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from members import signals
from members.models import Hat, HatGrant, Member, Trust, TrustChange
from members.policies import may_change_self
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def set_trust(member: Member, trust: str, *, by: Member, reason: str) -> TrustChange:
    """Raise or lower a member's trust by hand. They are told, with the reason; once lowered, trust counts from now on.

    Raises Refused if `by` is no admin, no reason is given, or it is theirs already.
    """
    if not by.is_superuser:
        raise Refused(_("Only admins set trust by hand."))
    if not reason.strip():
        raise Refused(_("Say why: the member is told."))
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
    if member.trust == trust:
        raise Refused(_("This is their trust already."))
    now = clock.now()
    change = TrustChange(
        member=member, before=member.trust, after=Trust(trust), by=by, reason=reason.strip(), created_at=now
    )
    if not change.is_raise:
        member.trust_from = now
    member.trust = trust
    member.save(update_fields=["trust", "trust_from"])
    change.save()
    signals.trust_changed.send(sender=TrustChange, change=change)
    return change


@transaction.atomic
def grant_hat(hat: Hat, *, to: Member, by: Member, reason: str, until: datetime | None = None) -> HatGrant:
    """Say that the team has verified an affiliation of a member. It shows on their profile; they choose whether to wear
    it beside their posts.

    Raises Refused if `by` is no admin, no reason is given, they have the hat already, or they are no active member.
    """
    _insist_on_admin(by, reason)
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=to.pk)
    if member.state != Member.State.ACTIVE:
        raise Refused(_("Hats are for members who take part."))
    now = clock.now()
    if until is not None and until <= now:
        raise Refused(_("Choose a moment that is still to come."))
    given = HatGrant.objects.filter(member=member, hat=hat, withdrawn_by=None)
    if given.current().exists():
        raise Refused(_("They have this hat already."))
    for over in given:  # ended by its date: the log says so
        _end(over, by=by, reason=_("It had ended."), until=over.until)
    return HatGrant.objects.create(member=member, hat=hat, granted_by=by, reason=reason.strip(), since=now, until=until)


@transaction.atomic
def withdraw_hat(grant: HatGrant, *, by: Member, reason: str) -> HatGrant:
    """Take a hat back, with the reason in the log. Raises Refused if it was withdrawn already."""
    _insist_on_admin(by, reason)
    grant = HatGrant.objects.select_for_update(of=("self",)).get(pk=grant.pk)
    if grant.withdrawn_by_id is not None:
        raise Refused(_("This hat was withdrawn already."))
    now = clock.now()
    return _end(grant, by=by, reason=reason.strip(), until=min(grant.until or now, now))


def _insist_on_admin(by: Member, reason: str) -> None:
    if not by.is_superuser:
        raise Refused(_("Only admins give and withdraw hats."))
    if not reason.strip():
        raise Refused(_("Say why: it is kept in the log."))


def _end(grant: HatGrant, *, by: Member, reason: str, until: datetime | None) -> HatGrant:
    grant.until, grant.is_worn, grant.withdrawn_by, grant.withdrawn_reason = until, False, by, reason
    grant.save(update_fields=["until", "is_worn", "withdrawn_by", "withdrawn_reason"])
    return grant


@transaction.atomic
def wear_hat(grant: HatGrant | None, *, by: Member) -> None:
    """Show one of one's hats beside what one writes, or none. Raises Refused if it is not theirs, or no longer is."""
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    insist(may_change_self(member))
    HatGrant.objects.filter(member=member, is_worn=True).update(is_worn=False)
    if grant is None:
        return
    if not HatGrant.objects.current().filter(pk=grant.pk, member=member).update(is_worn=True):
        raise Refused(_("This hat is not yours to wear."))
