from celery import shared_task

from moderation import jobs


@shared_task(name="moderation.keep_rota", ignore_result=True)
def keep_rota() -> None:
    jobs.keep_rota()


@shared_task(name="moderation.forget_notes", ignore_result=True)
def forget_notes() -> None:
    jobs.forget_notes()
