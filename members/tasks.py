from celery import shared_task

from members import jobs


@shared_task(name="members.sweep_pictures", ignore_result=True)
def sweep_pictures() -> None:
    jobs.sweep_pictures()
