from celery import shared_task

from engagement import jobs


@shared_task(name="engagement.spread_news", ignore_result=True)
def spread_news() -> None:
    jobs.spread_news()


@shared_task(name="engagement.send_letters", ignore_result=True)
def send_letters() -> None:
    jobs.send_letters()


@shared_task(name="engagement.send_envelopes", ignore_result=True)
def send_envelopes() -> None:
    jobs.send_envelopes()


@shared_task(name="engagement.plan_digests", ignore_result=True)
def plan_digests() -> None:
    jobs.plan_digests()


@shared_task(name="engagement.offer_welcomes", ignore_result=True)
def offer_welcomes() -> None:
    jobs.offer_welcomes()


@shared_task(name="engagement.tidy", ignore_result=True)
def tidy() -> None:
    jobs.tidy()
