"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

from forums.actions import attachments, previews, rendering
from forums.actions.care import run_timers
from forums.actions.keeping import remind
from forums.actions.reading import advance_all_read
from forums.actions.schedule import publish_due
from forums.actions.scores import score_topics
from forums.actions.search import tidy_search_misses
from forums.models import TopicScore

Period = TopicScore.Period
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


def score_lately() -> None:
    """The lists of the top of this week and this month."""
    for period in (Period.WEEK, Period.MONTH):
        score_topics(period)


def score_at_length() -> None:
    """The lists of the top of this year and of all time."""
    for period in (Period.YEAR, Period.EVER):
        score_topics(period)


def tidy_search() -> None:
    tidy_search_misses()


def shorten_unread() -> None:
    """For everybody who has read lately: the search for the unread begins later."""
    member = 0
    while member := advance_all_read(after=member):
        pass
