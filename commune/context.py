"""What every page knows."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from commune.branding import stylesheet_name
from members.models import Community


def page(request: HttpRequest) -> dict[str, Any]:
    """The community (one query, when used) and where its own stylesheet is."""
    community = SimpleLazyObject(Community.current)
    return {
        "community": community,
        "branding": SimpleLazyObject(lambda: stylesheet_name(community)),  # type: ignore[arg-type]
        "development": settings.DEVELOPMENT,
        "site": settings.SITE_URL,
    }
