from __future__ import annotations

import re

from django import template
from django.utils.safestring import SafeString, mark_safe

from moderation.models import Case
from moderation.wording import why_held

register = template.Library()

_TAG = re.compile(r"<(?:img|a)\b[^>]*>")
_FILE = re.compile(r"(?<=[\"\s])/a/(?=\d+/)")


@register.filter
def worded_hold(detected: str) -> str:
    """Why an automatic rule held it, in words; nothing where none did."""
    return why_held(detected) if detected else ""


@register.filter
def shown_in_case(html: str, case: Case) -> SafeString:
    """HTML that the markup has sanitised; its files are asked for by way of the case, which shows those of hidden posts
    and reported messages too."""
    own = f"{case.get_absolute_url()}a/"
    return mark_safe(_TAG.sub(lambda tag: _FILE.sub(own, tag[0]), html))  # noqa: S308
