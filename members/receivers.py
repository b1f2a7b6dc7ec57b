"""What members hears from allauth."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import email_confirmed
from django.dispatch import receiver

from members.actions.joining import confirm_member
from members.models import Member


@receiver(email_confirmed)
def address_verified(request: Any, email_address: Any, **kwargs: Any) -> None:
    confirm_member(Member.objects.get(pk=email_address.user_id))
