"""What members say of themselves."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from members.actions.standing import wear_hat
from members.models import HatGrant, Member, ProfileAnswer, ProfileField
from members.policies import may_change_self
from toolkit.verdicts import insist


@transaction.atomic
def describe_self(
    *, by: Member, name: str, pronouns: str, bio: str, answers: Mapping[int, str], hat: HatGrant | None
) -> Member:
    """Change one's name, pronouns and words, the answers to the community's fields (by field id; an empty one goes),
    and the hat worn beside one's posts. Answers to fields that are no longer asked stay.

    Raises Refused if `by` does not take part (any more), or the hat is not theirs.
    """
    member: Member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    insist(may_change_self(member))
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
