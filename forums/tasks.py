from celery import shared_task

from forums import jobs
from forums.actions import drafts, trust


@shared_task(name="forums.raise_trust", ignore_result=True)
def raise_trust() -> None:
    trust.raise_trust()


@shared_task(name="forums.tidy_drafts", ignore_result=True)
def tidy_drafts() -> None:
    drafts.tidy_drafts()


@shared_task(name="forums.keep_time", ignore_result=True)
def keep_time() -> None:
    jobs.keep_time()


@shared_task(name="forums.render_again", ignore_result=True)
def render_again() -> None:
    jobs.render_again()


@shared_task(name="forums.sweep_uploads", ignore_result=True)
def sweep_uploads() -> None:
    jobs.sweep_uploads()


@shared_task(name="forums.fetch_previews", ignore_result=True)
def fetch_previews() -> None:
    jobs.fetch_previews()


@shared_task(name="forums.score_lately", ignore_result=True)
def score_lately() -> None:
    jobs.score_lately()


@shared_task(name="forums.score_at_length", ignore_result=True)
def score_at_length() -> None:
    jobs.score_at_length()


@shared_task(name="forums.shorten_unread", ignore_result=True)
def shorten_unread() -> None:
    jobs.shorten_unread()


@shared_task(name="forums.tidy_search", ignore_result=True)
def tidy_search() -> None:
    jobs.tidy_search()


@shared_task(name="forums.close_accounts", ignore_result=True)
def close_accounts() -> None:
    jobs.close_accounts()


@shared_task(name="forums.hand_over", ignore_result=True)
def hand_over() -> None:
    jobs.hand_over()
