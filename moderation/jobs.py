"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from moderation.actions import notes, rota


def keep_rota() -> None:
    """Call whoever is on duty to what is dangerous, and tell those whose duty has begun."""
    rota.spread_calls()
    rota.open_duties()


def forget_notes() -> None:
    """Delete notes on members that were of no use for a year."""
    notes.forget_notes()
