from __future__ import annotations

import ipaddress
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SignupBlockQuerySet(models.QuerySet["SignupBlock"]):
    def current(self) -> SignupBlockQuerySet:
        return self.filter(until__gt=timezone.now(), lifted_at=None)


class SignupBlock(models.Model):
    """An e-mail address, a domain of addresses or a network from which nobody signs up, until a date. It keeps nobody
    out who is a member already."""

    class Kind(models.TextChoices):
        ADDRESS = "address", _("e-mail address")
        DOMAIN = "domain", _("domain of e-mail addresses")
        NETWORK = "network", _("network")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    value = models.CharField(_("value"), max_length=254)
    until = models.DateTimeField(_("until"))
    made_at = models.DateTimeField()
    lifted_at = models.DateTimeField(_("lifted"), null=True)

    objects: ClassVar[SignupBlockQuerySet] = SignupBlockQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("block of sign-ups")
        verbose_name_plural = _("blocks of sign-ups")
        constraints = [
            models.CheckConstraint(condition=~Q(value=""), name="a_signup_block_names_something"),
            models.UniqueConstraint(
                fields=["kind", "value"], condition=Q(lifted_at=None), name="one_signup_block_of_a_thing"
            ),
        ]

    def __str__(self) -> str:
        return self.value


def tidy_blocked(kind: str, value: str) -> str:
    """The value as it is compared: lower case, a domain without @, a network in its canonical form (at most a /16, or a
    /32 of IPv6: more would shut out strangers). Raises ValidationError with a sentence."""
    value = value.strip().lower()
    if kind == SignupBlock.Kind.NETWORK:
        return _network(value)
    if kind == SignupBlock.Kind.DOMAIN:
        value = value.removeprefix("@").strip(".")
        if "." not in value or any(c.isspace() or c in "@/" for c in value):
            raise ValidationError(_("Write a domain like example.org."))
    elif value.count("@") != 1 or any(c.isspace() for c in value):
        raise ValidationError(_("Write an e-mail address."))
    return value


def _network(value: str) -> str:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        raise ValidationError(_("Write a network address like 192.0.2.0/24.")) from None
    if network.prefixlen < (16 if network.version == 4 else 32):
        raise ValidationError(_("This network is so large that it would shut out many strangers."))
    return str(network)
