from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AllowedDomain(models.Model):
    """A site newcomers may link to without their post being read first; its sub-domains too."""

    domain = models.CharField(_("domain"), max_length=253, unique=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("allowed domain")
        verbose_name_plural = _("allowed domains")

    def __str__(self) -> str:
        return self.domain
