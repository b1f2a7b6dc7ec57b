"""How somebody leaves: fourteen days to change one's mind, then a pseudonym and nothing else."""

from __future__ import annotations

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from members import signals
from members.actions.claims import forget_claims
from members.actions.joining import take_name
from members.actions.pictures import remove_picture
from members.former import Former
from members.gatekeepers import to_hand_over, to_settle
from members.limits import CLOSING_DAYS
from members.models import (
    Block,
    GroupMembership,
    HatGrant,
    Invitation,
    Mail,
    Member,
    OpenTo,
    ProfileAnswer,
    Reads,
    ShownTo,
    TakenName,
    Theme,
    TrustChange,
)
from members.policies import may_close
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def close_account(*, by: Member, with_posts: bool) -> Member:
    """Close one's account in fourteen days: until then one may read and change one's mind, and nothing is changed.

    Signs out every other browser, and announces `member_leaving` (a mail says until when). Asked twice, done once.
    Raises Refused if something must be handed over first: roles, or being the only admin.
    """
    member: Member = _locked_with_admins(by)
    if member.is_leaving:
        return member
    insist(may_close(member))
    for sentence in to_hand_over(member):
        raise Refused(sentence)
    member.state, member.leaves_with_posts = Member.State.LEAVING, with_posts
    member.signed_out_at = clock.now()
    member.leaves_at = member.signed_out_at + timedelta(days=CLOSING_DAYS)
    member.save(update_fields=["state", "leaves_at", "leaves_with_posts", "signed_out_at"])
    signals.member_leaving.send(sender=Member, member=member)
    return member


def _locked_with_admins(by: Member) -> Member:
    """The member, locked; an admin together with the other admins, so that of two only one can be the last to go."""
    ids = {by.pk}
    if by.is_superuser:
        ids |= set(Member.objects.filter(is_superuser=True).values_list("pk", flat=True))
    rows = Member.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=ids).order_by("pk")
    found: dict[int, Member] = {row.pk: row for row in rows}
    return found[by.pk]


@transaction.atomic
def keep_account(*, by: Member) -> Member:
    """Change one's mind: everything is as it was. Raises Refused once the day has come."""
    member: Member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if member.leaves_at is None:
        return member
    if member.leaves_at <= clock.now():
        raise Refused(_("Your account is being closed at this moment; it can no longer be kept."))
    member.state, member.leaves_at, member.leaves_with_posts = Member.State.ACTIVE, None, False
    member.save(update_fields=["state", "leaves_at", "leaves_with_posts"])
    return member


def due_to_leave() -> list[int]:
    """The ids of members whose day has come. One query."""
    due = Member.objects.filter(state=Member.State.LEAVING, leaves_at__lte=clock.now())
    return list(due.order_by("leaves_at").values_list("pk", flat=True))


@transaction.atomic
def is_settled(member_id: int) -> bool:
    """Whether nothing stands in the way of closing an account now. What does puts its day off until tomorrow."""
    member: Member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member_id)
    if member.leaves_at is None or member.leaves_at > clock.now():
        return False
    if to_settle(member) or to_hand_over(member):
        member.leaves_at = clock.now() + timedelta(days=1)
        member.save(update_fields=["leaves_at"])
        return False
    return True


@transaction.atomic
def leave(member_id: int) -> bool:
    """Close an account for good: what is personal goes, a pseudonym stays on what was written. Called by the nightly
    job, once words that go too are gone; safe to call again.

    Announces `member_left`, for whoever keeps something about the person. The old name stays taken, without saying
    whose it was. Answers whether it was done.
    """
    member: Member = Member.objects.select_for_update(of=("self",)).get(pk=member_id)
    if member.leaves_at is None or member.leaves_at > clock.now():
        return False
    former = former_of(member)
    signals.member_left.send(sender=Member, member=member, former=former)
    _forget_rows(member, former)
    _blank(member, former)
    return True


def former_of(member: Member) -> Former:
    """What a member is called now, and the pseudonym that nobody else has."""
    stem = pseudonym = f"former-member-{member.pk}"
    number = 1
    while not TakenName.is_free(pseudonym) or Member.objects.filter(username=pseudonym).exists():
        number += 1
        pseudonym = f"{stem}-{number}"
    return Former(member.username, member.name, member.email or "", pseudonym)


def _forget_rows(member: Member, former: Former) -> None:
    EmailAddress.objects.filter(user=member).delete()
    ProfileAnswer.objects.filter(member=member).delete()
    GroupMembership.objects.filter(member=member).delete()
    Block.objects.filter(Q(member=member) | Q(blocked=member)).delete()
    remove_picture(by=member)
    HatGrant.objects.current().filter(member=member).update(is_worn=False, until=clock.now())
    TakenName.objects.filter(member=member).update(member=None)
    forget_claims(member)
    Invitation.objects.filter(created_by=member).update(note="")
    for change in TrustChange.objects.filter(member=member).exclude(reason=""):
        change.reason = former.pseudonymised(change.reason)[:400]
        change.save(update_fields=["reason"])
    for grant in HatGrant.objects.filter(member=member):
        grant.reason = former.pseudonymised(grant.reason)[:400]
        grant.withdrawn_reason = former.pseudonymised(grant.withdrawn_reason)[:400]
        grant.save(update_fields=["reason", "withdrawn_reason"])
    for line in LogEntry.objects.filter(object_id=str(member.pk), content_type__model="member"):
        line.object_repr = former.pseudonym
        line.save(update_fields=["object_repr"])
    for session in Session.objects.iterator(chunk_size=500):
        if session.get_decoded().get("_auth_user_id") == str(member.pk):
            session.delete()


def _blank(member: Member, former: Former) -> None:
    member.username = former.pseudonym
    member.state, member.leaves_at = Member.State.LEFT, None
    member.email = member.last_login = member.signed_out_at = member.trust_from = None
    member.name = member.bio = member.application = member.pronouns = member.picture = ""
    member.time_zone, member.theme, member.digest_hour = "Europe/Paris", Theme.AUTO, 8
    member.mail, member.digest = Mail.NOTHING, "never"
    member.reads = Reads.BOTH
    member.open_to, member.shown_to, member.wants_to_welcome = OpenTo.NOBODY, ShownTo.TEAM, False
    member.is_staff = member.is_superuser = False
    member.set_unusable_password()
    member.save()
    member.groups.clear()
    member.user_permissions.clear()
    take_name(member)
