"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from forums.actions.care import run_timers
from forums.actions.keeping import remind
from forums.actions.schedule import publish_due


def keep_time() -> None:
    """Do what members and hosts have set a moment for: timers of topics, scheduled posts, reminders."""
    for work in (run_timers, publish_due, remind):
        while work():
            pass
