from celery import shared_task

from members import jobs


@shared_task(name="members.sweep_pictures", ignore_result=True)
def sweep_pictures() -> None:
    jobs.sweep_pictures()


@shared_task(name="members.end_exclusions", ignore_result=True)
def end_exclusions() -> None:
    jobs.end_exclusions()
