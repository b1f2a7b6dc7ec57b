from celery import shared_task

from moderation import jobs
from moderation.actions import automation


@shared_task(name="moderation.keep_rota", ignore_result=True)
def keep_rota() -> None:
    jobs.keep_rota()


@shared_task(name="moderation.run_trials", ignore_result=True)
def run_trials() -> None:
    jobs.run_trials()


@shared_task(name="moderation.tidy_sketches", ignore_result=True)
def tidy_sketches() -> None:
    automation.tidy_sketches()


@shared_task(name="moderation.forget_notes", ignore_result=True)
def forget_notes() -> None:
    jobs.forget_notes()
