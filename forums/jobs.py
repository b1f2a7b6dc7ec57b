"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from forums.actions import attachments, previews, rendering
from forums.actions.care import run_timers
from forums.actions.keeping import remind
from forums.actions.schedule import publish_due

BATCHES = 500  # of a run; what is left waits for the next ring of the clock


def keep_time() -> None:
    """Do what members and hosts have set a moment for: timers of topics, scheduled posts, reminders."""
    for work in (run_timers, publish_due, remind):
        for _ in range(BATCHES):
            if not work():
                break


def render_again() -> None:
    for _ in range(BATCHES):
        if not rendering.render_again():
            return


def sweep_uploads() -> None:
    for _ in range(BATCHES):
        if not attachments.sweep_uploads():
            return


def fetch_previews() -> None:
    for _ in range(BATCHES):
        if not previews.fetch_next_preview():
            return
