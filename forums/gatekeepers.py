"""Who may object while a post is written: upper floors register a judge here, called before the lock.

A judge answers None (publish) or a sentence that says why the post is read first. A judge that fails means hold: a
fault must never let through what it should have stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from forums.models import Forum
    from members.models import Member

logger = logging.getLogger(__name__)

Judge = Callable[["Member", "Forum | None", str], str | None]
"""(author, forum or None in a conversation, body) → why the post must be read first, or None."""

_judges: list[Judge] = []


def register(judge: Judge) -> None:
    if judge not in _judges:
        _judges.append(judge)


def reason_to_hold(author: Member, forum: Forum | None, body: str) -> str | None:
    """The first objection, or None when everybody agrees."""
    for judge in _judges:
        try:
            reason = judge(author, forum, body)
        except Exception:
            logger.exception("A gatekeeper failed; the post is held.")
            return _("A check could not be made.")
        if reason:
            return reason
    return None
