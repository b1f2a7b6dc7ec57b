"""How somebody becomes a member."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from members import signals
from members.gatekeepers import suspicion_about
from members.models import Community, Invitation, Joining, Mail, Member, TakenName
from members.names import RESERVED
from toolkit import clock
from toolkit.text import name_key
from toolkit.verdicts import Refused


def take_name(member: Member) -> None:
    """Keep the member's name for them for ever. Raises Refused if the name, or one that looks like it, is taken."""
    key = name_key(member.username)
    try:
        with transaction.atomic():
            TakenName.objects.create(key=key, member=member, taken_at=clock.now())
    except IntegrityError:
        if not TakenName.objects.filter(key=key, member=member).exists():
            raise Refused(_("This name is taken, or looks too much like one that is.")) from None


def use_invitation(code: str) -> Invitation:
    """Count one use. Raises Refused if the code is unknown, used up or over."""
    used = Invitation.objects.filter(code=code, uses__lt=F("limit"), expires_at__gt=timezone.now()).update(
        uses=F("uses") + 1
    )
    if not used:
        raise Refused(_("This invitation is not valid any more."))
    return Invitation.objects.get(code=code)


def invite(*, by: Member, limit: int = 1, days: int = 14, note: str = "") -> Invitation:
    """A fresh invitation for `limit` people, good for `days` days."""
    return Invitation.objects.create(
        created_by=by, limit=limit, note=note, expires_at=clock.now() + timedelta(days=days)
    )


@transaction.atomic
def confirm_member(member: Member) -> Member:
    """The address is verified: the person is a member, or, where joining needs approval or something speaks for a
    look (`gatekeepers.suspicion_about`), waits for an answer.

    Announces `member_joined` or `member_applied`. Safe to call again.
    """
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.state != Member.State.APPLYING:
        return member
    suspicion = suspicion_about(member)
    if suspicion or Community.current().joining == Joining.APPROVAL:
        signals.member_applied.send(sender=Member, member=member, reason=suspicion)
        return member
    return _admitted(member)


@transaction.atomic
def admit(member: Member) -> Member:
    """Let somebody in who asked. Called by moderation's decision. Raises Refused if they do not wait (any more)."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.state != Member.State.APPLYING:
        raise Refused(_("This person is not waiting any more."))
    return _admitted(member)


@transaction.atomic
def decline(member: Member) -> Member:
    """Do not let somebody in who asked. Called by moderation's decision."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.state != Member.State.APPLYING:
        raise Refused(_("This person is not waiting any more."))
    member.state = Member.State.DECLINED
    member.save(update_fields=["state"])
    return member


@transaction.atomic
def put_back_to_waiting(member: Member, *, was: str, joined_at: datetime | None = None) -> Member:
    """Undo of `admit` (with the date that stood there before) and `decline`. Raises Refused if the member's
    state is no longer `was`."""
    member = Member.objects.select_for_update().get(pk=member.pk)
    if member.state != was:
        raise Refused(_("This member has changed since."))
    member.state, member.joined_at = Member.State.APPLYING, joined_at or member.joined_at
    member.save(update_fields=["state", "joined_at"])
    return member


def make_placeholder(*, name: str, source: str, language: str, joined_at: datetime, wanted: str = "") -> Member:
    """A place kept for the author of imported posts: never mailed, cannot sign in, may be claimed later. The username
    is made of `wanted`, else of the name."""
    told = unicodedata.normalize("NFKD", (wanted or name).lower())
    plain = "".join(c for c in told if not unicodedata.combining(c))
    stem = "".join(c if c.isascii() and c.isalnum() else "-" for c in plain).strip("-")[:22] or "author"
    stem = "-".join(part for part in stem.split("-") if part) or "author"
    for number in range(1, 10_000):
        username = stem if number == 1 else f"{stem}-{number}"
        if (
            username not in RESERVED
            and TakenName.is_free(username)
            and not Member.objects.filter(username=username).exists()
        ):
            break
    member = Member(
        username=username,
        name=name[:60],
        email=None,
        state=Member.State.PLACEHOLDER,
        source=source[:80],
        language=language,
        joined_at=joined_at,
        mail=Mail.NOTHING,
    )
    member.set_unusable_password()
    member.save()
    take_name(member)
    return member


def _admitted(member: Member) -> Member:
    member.state, member.joined_at = Member.State.ACTIVE, clock.now()
    member.save(update_fields=["state", "joined_at"])
    signals.member_joined.send(sender=Member, member=member)
    return member
