from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toolkit.bilingual import Bilingual


class DigestEdition(models.Model):
    """What a person of the team says atop the digests of one week, signed."""

    week = models.CharField(
        _("week"), max_length=8, unique=True, help_text=_("The week that the digest tells of, as 2026-W47.")
    )
    introduction_fr = models.TextField(_("introduction, in French"), max_length=600, blank=True)
    introduction_en = models.TextField(_("introduction, in English"), max_length=600, blank=True)
    introduction = Bilingual()
    signed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("signed by")
    )

    class Meta:
        verbose_name = _("digest introduction")
        verbose_name_plural = _("digest introductions")

    def __str__(self) -> str:
        return self.week
