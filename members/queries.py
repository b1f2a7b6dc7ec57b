"""What members' own pages read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from members.models import HatGrant, Member, ProfileAnswer, ProfileField

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True, slots=True)
class SelfPage:
    """What a member may say of themselves, and says."""

    member: Member
    fields: list[ProfileField]
    answers: dict[int, str]
    hats: list[HatGrant]


def self_page(member: Member) -> SelfPage:
    """Three queries, however many fields and hats there are."""
    return SelfPage(
        member,
        list(ProfileField.objects.filter(retired_at=None)),
        dict(ProfileAnswer.objects.filter(member=member).values_list("field", "value")),
        hats_of(member),
    )


def hats_of(member: Member) -> list[HatGrant]:
    """The hats a member has now, the first given first. One query."""
    return list(HatGrant.objects.current().filter(member=member).select_related("hat").order_by("since", "pk"))


def answers_of(member: Member, *, to_members: bool) -> list[ProfileAnswer]:
    """What a member answered in the community's fields, as far as visitors (or members) see it. One query."""
    shown = ProfileAnswer.objects.filter(member=member, field__retired_at=None)
    if not to_members:
        shown = shown.filter(field__seen_by=ProfileField.Seen.EVERYONE)
    found = shown.select_related("field").order_by("field__order", "field__pk")
    return [answer for answer in found if answer.words]


def only_admin(member: Member) -> StrPromise | None:
    """What stands in the way of the last admin's leaving. One query at most."""
    if not member.is_superuser:
        return None
    if Member.objects.taking_part().filter(is_superuser=True).exclude(pk=member.pk).exists():
        return None
    return _("You are the only admin: make somebody else an admin first, in the administration under “members”.")
