"""How a prompt is said to one member."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import override

from engagement.models import Prompt
from members.models import Community, Member


@dataclass(frozen=True, slots=True)
class Said:
    """A prompt worded for its reader."""

    pk: int
    situation: str
    text: str
    href: str


PLACEHOLDERS = {
    Prompt.Situation.WELCOME: frozenset({"name", "purpose"}),
    Prompt.Situation.FIRST_POST_WAITS: frozenset({"name", "title"}),
}


def worded(shown: dict[str, Any], *, member: Member, community: Community) -> Said:
    """The text in the member's language (the « tu » text where the community says tu), its placeholders filled."""
    french, tu = shown["prompt__text_fr"], shown["prompt__text_fr_tu"]
    text = shown["prompt__text_en"]
    if member.language == "fr":
        text = tu if tu and community.register == Community.Register.TU else french
    with override(member.language):
        said = {
            "name": member.shown_name if shown["topic_id"] is None else (shown["name"] or shown["username"]),
            "purpose": community.purpose,
            "title": shown["title"] or "",
        }
    href = reverse("forums:topic", args=[shown["topic_id"], shown["slug"]]) if shown["topic_id"] else ""
    return Said(shown["pk"], shown["prompt__situation"], filled(text, said), href)


def previews(prompt: Prompt, member: Member, community: Community) -> list[tuple[str, str]]:
    """A prompt said to one member, in each language: (language, text)."""
    shown = []
    for language, text in (("fr", prompt.text_fr), ("fr", prompt.text_fr_tu), ("en", prompt.text_en)):
        with override(language):
            said = {"name": member.shown_name, "purpose": community.purpose, "title": community.name}
            if text:
                shown.append((language, filled(text, said)))
    return shown


def filled(text: str, said: dict[str, str]) -> str:
    """Named placeholders replaced; nothing else in braces is touched."""
    for name, value in said.items():
        text = text.replace("{" + name + "}", value)
    return text
