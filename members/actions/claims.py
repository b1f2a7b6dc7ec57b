"""How what was imported comes to whoever wrote it: they ask, prove or are believed, and it is theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

from django.conf import settings
from django.core import signing
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from members import signals
from members.limits import CLAIM_LINK_HOURS, CLAIMS_PER_DAY
from members.models import Block, Claim, Community, Member, TakenName
from members.policies import may_claim, may_confirm
from toolkit import clock
from toolkit.mail import address_key
from toolkit.verdicts import Refused, insist

State = Claim.State
_signer = signing.Signer(salt="members.claims")


@transaction.atomic
def ask_by_mail(placeholder: Member, *, by: Member, address: str) -> Claim:
    """Say that one wrote under an imported name from this address. If its archive knows the name by this address, a
    mail with a link goes there; nobody is told whether it does.

    Raises Refused if `by` may not claim the name, or asks too often.
    """
    placeholder = _asked_for(placeholder, by)
    sent = Claim.objects.filter(placeholder=placeholder, asked_at__gt=_a_day_ago()).exclude(mailed_at=None).count()
    claim = Claim.objects.create(placeholder=placeholder, claimant=by, state=State.ASKED, asked_at=clock.now())
    is_plain = address.isascii()  # elsewhere, letters that fold to others would lead the mail to another mailbox
    if is_plain and placeholder.source == address_key(address) and sent < CLAIMS_PER_DAY:
        _mail_link(claim, address)
    return claim


@transaction.atomic
def ask_moderators(placeholder: Member, *, by: Member, words: str) -> Claim:
    """Say that one wrote under an imported name, and why one should be believed. Announces `claim_made`: a case waits.

    Raises Refused if `by` may not claim the name, asks too often, or has asked for it already.
    """
    placeholder = _asked_for(placeholder, by)
    if Claim.objects.filter(placeholder=placeholder, claimant=by, state=State.WAITING).exists():
        raise Refused(_("The moderators are reading what you wrote to them."))
    claim = Claim.objects.create(
        placeholder=placeholder, claimant=by, state=State.WAITING, words=words, asked_at=clock.now()
    )
    signals.claim_made.send(sender=Claim, claim=claim)
    return claim


def _asked_for(placeholder: Member, by: Member) -> Member:
    """The placeholder, if it may be asked for. Locks who asks, so that nobody asks more often by asking at once."""
    by = Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    placeholder = Member.objects.get(pk=placeholder.pk)
    asked = _asked_within_a_day(claimant=by)
    insist(may_claim(by, placeholder, asked_today=asked, at_most=CLAIMS_PER_DAY))
    return placeholder


def _asked_within_a_day(**whose: Member) -> int:
    return Claim.objects.filter(**whose, asked_at__gt=_a_day_ago()).count()


def _a_day_ago() -> datetime:
    return clock.now() - timedelta(days=1)


def _mail_link(claim: Claim, address: str) -> None:
    path = reverse("members:confirm-claim", args=[_signer.sign(str(claim.pk))])
    said = {
        "claim": claim,
        "community": Community.current(),
        "link": f"{settings.SITE_URL}{path}",
        "hours": CLAIM_LINK_HOURS,
    }
    with override(claim.claimant.language):
        subject = _("Are these posts yours?")
        body = render_to_string("members/mail/claim.txt", said)
    send_mail(subject, body, None, [address.strip()])
    claim.mailed_at = clock.now()
    claim.save(update_fields=["mailed_at"])


def claim_of_link(token: str) -> Claim | None:
    """The claim that a mailed link is for; None if the link is not ours."""
    try:
        number = int(_signer.unsign(token))
    except (signing.BadSignature, ValueError):
        return None
    return Claim.objects.select_related("placeholder", "claimant").filter(pk=number).first()


@transaction.atomic
def confirm_by_link(claim: Claim, *, by: Member) -> Claim:
    """Whoever asked has the mail, and with it the address: the name is theirs.

    Raises Refused if another member opens the link, if it is used or too old, or if the name was claimed meanwhile.
    """
    return _decided(claim, confirmed=True, allowed=lambda claim: insist(may_confirm(by, claim)))


@transaction.atomic
def confirm_claim(claim: Claim) -> Claim:
    """A moderator believes the claimant. Called by moderation's decision.

    Raises Refused if the claim does not wait any more, or the name was claimed meanwhile.
    """
    return _decided(claim, confirmed=True, allowed=_insist_on_waiting)


@transaction.atomic
def decline_claim(claim: Claim) -> Claim:
    """A moderator does not. Called by moderation's decision."""
    return _decided(claim, confirmed=False, allowed=_insist_on_waiting)


@transaction.atomic
def put_claim_back(claim: Claim) -> Claim:
    """Undo of declining: the claim waits again. Raises Refused if it was not declined, or another waits."""
    claim = Claim.objects.select_for_update(of=("self",)).get(pk=claim.pk)
    others = Claim.objects.filter(placeholder=claim.placeholder_id, claimant=claim.claimant_id, state=State.WAITING)
    if claim.state != State.DECLINED or others.exists():
        raise Refused(_("This claim has changed since."))
    claim.state, claim.decided_at = State.WAITING, None
    claim.save(update_fields=["state", "decided_at"])
    return claim


def _insist_on_waiting(claim: Claim) -> None:
    if claim.state != State.WAITING:
        raise Refused(_("This claim does not wait any more."))


def _decided(claim: Claim, *, confirmed: bool, allowed: Callable[[Claim], None]) -> Claim:
    """Write the decision; a confirmed one gives the name away and announces `claim_confirmed`. The placeholder is
    locked, so of two claimants one gets it."""
    placeholder = Member.objects.select_for_update(no_key=True).get(pk=claim.placeholder_id)
    claim = Claim.objects.select_for_update(of=("self",)).select_related("claimant").get(pk=claim.pk)
    claim.placeholder = placeholder
    allowed(claim)
    if confirmed and claim.claimant.state != Member.State.ACTIVE:
        raise Refused(_("Whoever asked takes no part any more."))
    if confirmed and placeholder.claimed_by_id is not None:
        raise Refused(_("Somebody has claimed this name already. If it is yours, write to the team."))
    claim.state, claim.decided_at = State.CONFIRMED if confirmed else State.DECLINED, clock.now()
    claim.save(update_fields=["state", "decided_at"])
    if confirmed:
        placeholder.claimed_by = claim.claimant
        placeholder.save(update_fields=["claimed_by"])
        _carry_blocks(placeholder, claim.claimant)
        TakenName.objects.filter(member=placeholder).update(member=claim.claimant)
        signals.claim_confirmed.send(sender=Claim, claim=claim)
    return claim


def _carry_blocks(placeholder: Member, claimant: Member) -> None:
    """Who did not want to meet the imported name need not meet the person."""
    blocks = Block.objects.filter(blocked=placeholder)
    blocks.filter(Q(member=claimant) | Q(member__in=claimant.blocked_by.values("member"))).delete()
    blocks.update(blocked=claimant)


def forget_claims(member: Member) -> None:
    """For whoever leaves, inside their leaving: what they told the moderators goes, and imported names that were theirs
    are no names any more."""
    Claim.objects.filter(claimant=member).update(words="")
    for placeholder in member.claimed.all():
        stem = f"former-name-{placeholder.pk}"
        taken = set(Member.objects.filter(username__startswith=stem).values_list("username", flat=True))
        free = (name for number in count(1) if (name := stem if number == 1 else f"{stem}-{number}") not in taken)
        placeholder.username, placeholder.name = next(free), ""
        placeholder.save(update_fields=["username", "name"])
