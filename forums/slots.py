"""What forums shows on pages of floors below: a member's words on their page and where
they close their account, forums at sign-up, rules, a hint beside the composer."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from forums.queries.attention import shown_on_profile
from forums.queries.composer import wants_hint
from forums.queries.lists import OF_MEMBERS, Asked
from forums.queries.narrowing import choices_for
from forums.queries.people import TABS, member_page
from forums.queries.standing import wrote
from forums.queries.topics import forums_seen, rules_of
from members.models import Member
from toolkit import slots


def profile_words(request: HttpRequest, context: dict[str, Any]) -> str:
    """On a member's page: what they say of themselves, or one list of their words. Two queries at most."""
    tab, reader, asked = request.GET.get("show", "about"), request.reader, Asked.by(request.GET)  # type: ignore[attr-defined]
    tab = tab if tab in TABS else "about"
    if reader.is_visitor and asked.only in OF_MEMBERS:
        asked = replace(asked, only="latest")
    shown: dict[str, Any] = {"page": member_page(reader, context["member"], tab=tab, asked=asked)}
    if tab == "topics":
        shown["choices"] = choices_for(reader, asked, keeps_languages=False)
    return render_to_string("forums/_profile.html", shown, request)


def closing_preview(request: HttpRequest, context: dict[str, Any]) -> str:
    """Before an account is closed: what that concerns, in numbers. One query."""
    return render_to_string("forums/_closing_preview.html", {"wrote": wrote(context["member"])}, request)


slots.fill("profile.words", profile_words)
slots.fill("closing.preview", closing_preview)


def member_actions(request: HttpRequest, context: dict[str, Any]) -> str:
    """Follow and block, on another member's page. One query."""
    member, reader = context["member"], request.reader  # type: ignore[attr-defined]
    if reader.is_visitor or member.state == Member.State.LEFT:
        return ""
    chosen = shown_on_profile(reader, member)
    return render_to_string("forums/_member_actions.html", {"member": member, "chosen": chosen}, request)


slots.fill("profile.actions", member_actions)


def forums_to_join(request: HttpRequest, context: dict[str, Any]) -> str:
    """On the sign-up page, what one would join: the forums a visitor may see, with their purposes. Two queries."""
    forums = forums_seen(request.reader)  # type: ignore[attr-defined]
    return render_to_string("forums/_forums_to_join.html", {"forums": forums}, request) if forums else ""


def house_rules(request: HttpRequest, context: dict[str, Any]) -> str:
    """The house rules in full, on the page of rules. One query."""
    return render_to_string("forums/_house_rules.html", {"rules": rules_of(None)}, request)


def composer_hint(request: HttpRequest, context: dict[str, Any]) -> str:
    """Beside the composer of a newcomer's first posts. One query at most."""
    is_private = context["place"].startswith("conversation=")
    if is_private or not isinstance(request.user, Member) or not wants_hint(request.user):
        return ""
    return render_to_string("forums/_hint.html", {"place": context["place"]}, request)


slots.fill("composer.hint", composer_hint)
slots.fill("page.rules", house_rules)
slots.fill("signup.forums", forums_to_join)
