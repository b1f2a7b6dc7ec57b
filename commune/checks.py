"""Start-up checks: refuse settings that contradict each other, in one sentence each."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register()
def settings_fit_together(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    faults: list[CheckMessage] = []
    if settings.DEVELOPMENT and settings.SITE_URL.startswith("https"):
        faults.append(
            Error(
                "COMMUNE_DEVELOPMENT is on while SITE_URL is a public https address: everyone could read the mail.",
                hint="Unset COMMUNE_DEVELOPMENT on a server that people use.",
                id="commune.E001",
            )
        )
    if "*" in settings.ALLOWED_HOSTS and not settings.DEVELOPMENT:
        faults.append(Error("ALLOWED_HOSTS is '*': name the hosts you serve.", id="commune.E002"))
    if settings.MAIL_TRANSPORT not in {"smtp", "none"}:
        faults.append(Error("MAIL_TRANSPORT is neither 'smtp' nor 'none'.", id="commune.E003"))
    if settings.MAIL_TRANSPORT == "none" and not settings.DEVELOPMENT:
        faults.append(Error("MAIL_TRANSPORT is 'none': nobody could verify an address.", id="commune.E004"))
    return faults
