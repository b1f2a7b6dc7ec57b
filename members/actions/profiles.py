"""What members say of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _

from members.actions.standing import wear_hat
from members.gatekeepers import team_members
from members.models import HatGrant, Member, ProfileAnswer, ProfileField
from members.names import RESERVED
from members.policies import may_change_self
from toolkit.text import name_key
from toolkit.verdicts import Refused, insist


@transaction.atomic
def describe_self(
    *, by: Member, name: str, pronouns: str, bio: str, answers: Mapping[int, str], hat: HatGrant | None
) -> Member:
    """Change one's name, pronouns and words, the answers to the community's fields (by field id; an empty one goes),
    and the hat worn beside one's posts. Answers to fields that are no longer asked stay.

    Raises Refused if `by` does not take part (any more), the hat is not theirs, or the name is somebody's who hosts,
    moderates or administers, or says so: accents, case and look-alikes apart.
    """
    member: Member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    insist(may_change_self(member))
    if name != member.name and name_key(name) in _names_of_team(but=member):
        raise Refused(_("This name belongs to the team; write yours with something of your own beside it."))
    member.name, member.pronouns, member.bio = name, pronouns, bio
    member.save(update_fields=["name", "pronouns", "bio"])
    asked = set(ProfileField.objects.filter(retired_at=None).values_list("pk", flat=True))
    said = {field: value for field, value in answers.items() if field in asked}
    ProfileAnswer.objects.filter(
        member=member, field__in=[field for field, value in said.items() if not value]
    ).delete()
    ProfileAnswer.objects.bulk_create(
        [ProfileAnswer(member=member, field_id=field, value=value) for field, value in said.items() if value],
        update_conflicts=True,
        unique_fields=["member", "field"],
        update_fields=["value"],
    )
    wear_hat(hat, by=member)
    return member


def _names_of_team(*, but: Member) -> set[str]:
    admins = Member.objects.filter(is_superuser=True, state=Member.State.ACTIVE)
    named = {member.pk: member for member in [*admins, *team_members()] if member.pk != but.pk}.values()
    names = {name for member in named for name in (member.name, member.username) if name}
    return {name_key(name) for name in RESERVED | names}
