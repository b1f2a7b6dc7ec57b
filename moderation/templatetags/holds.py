from __future__ import annotations

from django import template

from moderation.wording import why_held

register = template.Library()


@register.filter
def worded_hold(detected: str) -> str:
    """Why an automatic rule held it, in words; nothing where none did."""
    return why_held(detected) if detected else ""
