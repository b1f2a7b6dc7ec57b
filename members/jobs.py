"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from members.actions import pictures, sanctions

BATCHES = 500  # of a run; what is left waits for the next ring of the clock


def sweep_pictures() -> None:
    for _ in range(BATCHES):
        if not pictures.sweep_pictures():
            return


def end_exclusions() -> None:
    """Exclusions that no second person has confirmed in time are over."""
    sanctions.end_exclusions()
