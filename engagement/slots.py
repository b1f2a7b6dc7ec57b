"""What engagement shows on pages of floors below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from engagement.models import Prompt
from engagement.queries import Standing, standing, to_welcome
from engagement.wording import worded
from members.models import Community, Member
from toolkit import slots


def _standing(request: HttpRequest) -> Standing:
    """One statement a request, whoever asks first."""
    known: Standing | None = getattr(request, "standing", None)
    if known is None:
        known = standing(request.reader)  # type: ignore[attr-defined]
        request.standing = known  # type: ignore[attr-defined]
    return known


def bell(request: HttpRequest, context: dict[str, Any]) -> str:
    """What is unread, told, begun. One query."""
    if not request.user.is_authenticated:
        return ""
    return render_to_string("engagement/_bell.html", {"standing": _standing(request)}, request)


def prompt(request: HttpRequest, context: dict[str, Any]) -> str:
    """The prompt of the moment, labelled as automatic. No query of its own. The welcome comes along to every page;
    others wait on the home page."""
    shown = _standing(request).prompt if isinstance(request.user, Member) else None
    if shown is None or not isinstance(request.user, Member):
        return ""
    if shown["prompt__situation"] != Prompt.Situation.WELCOME and request.path != "/":
        return ""
    community: Community = context.get("community") or Community.current()
    said = worded(shown, member=request.user, community=community)
    return render_to_string("engagement/_prompt.html", {"prompt": said, "community": community}, request)


def welcome_list(request: HttpRequest, context: dict[str, Any]) -> str:
    """For hosts: who waits for a first word. Two queries."""
    topics = to_welcome(request.reader)  # type: ignore[attr-defined]
    return render_to_string("engagement/_to_welcome.html", {"topics": topics}, request) if topics else ""


slots.fill("header", bell)
slots.fill("page.prompt", prompt)
slots.fill("home.aside", welcome_list)
