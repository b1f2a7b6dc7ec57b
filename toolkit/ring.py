"""A doorbell for jobs: hurry one, and never wait for it nor fail because of it.

The work itself is a row already (see each app's `jobs`); a broker that is down only means that the periodic sweep
does it a little later.
"""

from __future__ import annotations

import logging
import time

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

SILENCE_AFTER_FAILURE = 5.0  # seconds in which no further try is made
_silent_until = 0.0


def ring(task: str, *args: int | str | bool) -> None:
    """After the commit, ask a worker to run `task` (its Celery name). Never waits; failures are only logged."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: str, args: tuple[int | str | bool, ...]) -> None:
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        current_app.send_task(task, args=args, retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - kombu raises a different class for each way a broker is away
        _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE
        logger.warning("The broker did not take %s (%s); the sweep will do it.", task, type(error).__name__)
