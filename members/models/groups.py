from __future__ import annotations

import secrets
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.member import Member
from toolkit.bilingual import Bilingual


class Group(models.Model):
    """Some members, named by an admin, to whom a forum may be open."""

    name_fr = models.CharField(_("name, in French"), max_length=60, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=60, blank=True)
    name = Bilingual()
    members: models.ManyToManyField[Member, GroupMembership] = models.ManyToManyField(
        Member, through="GroupMembership", related_name="circles", verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        constraints = [
            models.CheckConstraint(condition=~Q(name_fr="", name_en=""), name="a_group_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class GroupMembership(models.Model):
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="memberships")
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="once_in_a_group")]

    def __str__(self) -> str:
        return f"{self.member} · {self.group}"


def fresh_code() -> str:
    return secrets.token_urlsafe(9)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> InvitationQuerySet:
        return self.filter(uses__lt=F("limit"), expires_at__gt=timezone.now())


class Invitation(models.Model):
    """A code that lets `limit` people join before `expires_at`."""

    code = models.CharField(_("code"), max_length=24, unique=True, default=fresh_code)
    note = models.CharField(_("what for"), max_length=120, blank=True)
    limit = models.PositiveIntegerField(_("how many may use it"), default=1)
    uses = models.PositiveIntegerField(_("used"), default=0, editable=False)
    expires_at = models.DateTimeField(_("ends"))
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="invitations", null=True, editable=False
    )

    objects: ClassVar[InvitationQuerySet] = InvitationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.CheckConstraint(condition=Q(uses__lte=F("limit")), name="invitations_keep_to_their_limit"),
        ]

    def __str__(self) -> str:
        return self.note or self.code
