"""What members show on every page: to those who are leaving, until when they may change their mind."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from members.models import Member
from toolkit import slots


def closing(request: HttpRequest, context: dict[str, Any]) -> str:
    """No query."""
    if not isinstance(request.user, Member) or not request.user.is_leaving:
        return ""
    return render_to_string("members/_closing.html", {}, request)


slots.fill("page.prompt", closing)
