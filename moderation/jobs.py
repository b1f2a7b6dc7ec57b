"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from moderation.actions import automation, notes, rota

BATCHES = 2_000  # of a run; what is left waits for the next ring of the clock


def keep_rota() -> None:
    """Call whoever is on duty to what is dangerous, and tell those whose duty has begun."""
    rota.spread_calls()
    rota.open_duties()


def run_trials() -> None:
    for _ in range(BATCHES):
        if not automation.run_trial_batch():
            return


def forget_notes() -> None:
    """Delete notes on members that were of no use for a year."""
    notes.forget_notes()
