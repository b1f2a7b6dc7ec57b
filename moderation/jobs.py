"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from moderation.actions import automation

BATCHES = 2_000  # of a run; what is left waits for the next ring of the clock


def run_trials() -> None:
    for _ in range(BATCHES):
        if not automation.run_trial_batch():
            return
