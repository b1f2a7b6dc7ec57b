"""What the tasks do. Safe to run twice; safe to run late."""

from __future__ import annotations

import logging

from forums.actions import attachments, claims, departures, previews, rendering
from forums.actions.keeping import remind
from forums.actions.reading import advance_all_read
from forums.actions.schedule import publish_due
from forums.actions.scores import score_topics
from forums.actions.search import tidy_search_misses
from forums.actions.timers import run_timers
from forums.models import TopicScore
from members.actions.leaving import due_to_leave, is_settled, leave

logger = logging.getLogger(__name__)

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


def close_accounts() -> None:
    """Close every account whose day has come. Killed in the middle, the next run goes on where this one stopped; one
    that fails does not keep the others waiting."""
    for member_id in due_to_leave():
        try:
            if is_settled(member_id):
                _see_off(member_id)
        except Exception:  # noqa: BLE001 - whatever it is, it is theirs alone
            logger.exception("The account %s could not be closed; it is tried again tomorrow.", member_id)


def _see_off(member_id: int) -> None:
    while departures.withdraw_words(member_id):
        pass
    while departures.remove_files(member_id):
        pass
    after = 0
    while after := departures.unname(member_id, after=after):
        pass
    leave(member_id)


def hand_over() -> None:
    for _ in range(BATCHES):
        if not claims.hand_over():
            return
