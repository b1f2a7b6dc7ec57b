"""What a username may look like, and how a member is called. Settings name these."""

from __future__ import annotations

import re

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from members.models import Member

RESERVED = frozenset(
    [
        "admin",
        "administrator",
        "root",
        "system",
        "commune",
        "moderator",
        "moderation",
        "moderateur",
        "team",
        "equipe",
        "staff",
        "everyone",
        "all",
        "here",
        "support",
        "contact",
        "help",
        "aide",
        "security",
        "postmaster",
        "abuse",
        "webmaster",
        "noreply",
        "nobody",
        "anonymous",
    ]
)

username_validators = [
    RegexValidator(
        re.compile(r"^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$", re.IGNORECASE),
        _("Use letters without accents, digits, hyphens and underscores; begin and end with a letter or a digit."),
    )
]


def display_name(member: Member) -> str:
    return member.shown_name
