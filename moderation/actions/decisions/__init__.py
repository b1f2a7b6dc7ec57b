"""Decisions: every measure, its undo, the appeal against it, and the second person that some of them need."""

from moderation.actions.decisions.appeals import appeal, appeal_as_notifier
from moderation.actions.decisions.deciding import decide
from moderation.actions.decisions.rulings import Ruling, changes_since, seen_of
from moderation.actions.decisions.undoing import revert, take_back, undo

__all__ = [
    "Ruling",
    "appeal",
    "appeal_as_notifier",
    "changes_since",
    "decide",
    "revert",
    "seen_of",
    "take_back",
    "undo",
]
