"""What forums shows on pages of floors below: a member's posts on their page, drafts in the header."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from forums.queries.attention import shown_on_profile
from forums.queries.composer import wants_hint
from forums.queries.people import recent_posts
from forums.queries.topics import forums_seen, rules_of
from members.models import Member
from toolkit import slots


def profile_posts(request: HttpRequest, context: dict[str, Any]) -> str:
    reader = request.reader  # type: ignore[attr-defined]
    posts = recent_posts(reader, context["member"].pk)
    return render_to_string("forums/_profile_posts.html", {"posts": posts, "member": context["member"]}, request)


slots.fill("profile.posts", profile_posts)


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
    if not isinstance(request.user, Member) or not wants_hint(request.user):
        return ""
    return render_to_string("forums/_hint.html", {"place": context["place"]}, request)


slots.fill("composer.hint", composer_hint)
slots.fill("page.rules", house_rules)
slots.fill("signup.forums", forums_to_join)
