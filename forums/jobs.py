"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from forums.actions import attachments, previews, rendering

BATCHES = 500  # of a run; what is left waits for the next ring of the clock


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
