"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from moderation.actions import rota


def keep_rota() -> None:
    """Call whoever is on duty to what is dangerous, and tell those whose duty has begun."""
    rota.spread_calls()
    rota.open_duties()
