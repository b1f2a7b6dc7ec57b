"""What forums hears: who comes in brings drafts along, who leaves is forgotten, who claims a name gets its words."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import user_logged_in, user_signed_up
from django.dispatch import receiver

from forums.actions.departures import forget
from forums.actions.drafts import adopt_drafts
from forums.readers import READS_BY_SCREEN
from members.former import Former
from members.models import Claim, Member
from members.signals import claim_confirmed, member_left
from toolkit.ring import ring


@receiver(user_signed_up)
@receiver(user_logged_in)
def bring_drafts_along(request: Any, user: Any, **kwargs: Any) -> None:
    signed_out = request.session.get("signed_out", {})
    adopt_drafts(request.session.get("drafts", []), by=user, signed_out=signed_out)


@receiver(user_logged_in)
def read_by_screen_from_the_first_page(request: Any, **kwargs: Any) -> None:
    """The form they signed in by says whether there are scripts: the first page may be the topic they came for."""
    if request.POST.get("by_screen"):
        request.session[READS_BY_SCREEN] = True


@receiver(member_left)
def forget_member(sender: Any, *, member: Member, former: Former, **kwargs: Any) -> None:
    forget(member, former)


@receiver(claim_confirmed)
def hand_over(sender: Any, *, claim: Claim, **kwargs: Any) -> None:
    ring("forums.hand_over")
