"""A doorbell for jobs: hurry one, and never wait for it nor fail because of it.

The work itself is a row already (see each app's `jobs`); a broker that is down only means that the periodic sweep
does it a little later.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any

from celery import current_app
from django.db import transaction

logger = logging.getLogger(__name__)

SILENCE_AFTER_FAILURE = 5.0  # seconds in which no further try is made
PATIENCE = 0.1  # seconds that a broker has to answer; workers, who wait for work, have longer ones
_silent_until = 0.0
_kept = threading.local()  # a connection must not be shared between threads


def ring(task: str, *args: int | str | bool) -> None:
    """After the commit, ask a worker to run `task` (its Celery name). Never waits; failures are only logged."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def is_silent() -> bool:
    """Whether Redis failed a moment ago and is not asked now."""
    return time.monotonic() < _silent_until


def fall_silent() -> None:
    """Redis did not answer: ask nothing of it for some seconds."""
    global _silent_until
    _silent_until = time.monotonic() + SILENCE_AFTER_FAILURE


def _send(task: str, args: tuple[int | str | bool, ...]) -> None:
    if is_silent():
        return
    try:
        current_app.send_task(task, args=args, connection=_kept_connection(), retry=False, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - kombu raises a different class for each way a broker is away
        fall_silent()
        forget_connection()
        logger.warning("The broker did not take %s (%s: %s); the sweep will do it.", task, type(error).__name__, error)


def _kept_connection() -> Any:
    """One connection to the broker for this thread, with a producer's short patience."""
    if getattr(_kept, "connection", None) is None:
        options = {
            **current_app.conf.broker_transport_options,
            "socket_timeout": PATIENCE,
            "socket_connect_timeout": PATIENCE,
            "max_retries": 0,
        }
        _kept.connection = current_app.connection_for_write(transport_options=options)
    return _kept.connection


def forget_connection() -> None:
    """Connect anew next time: the broker was away, or its address has changed."""
    kept, _kept.connection = getattr(_kept, "connection", None), None
    if kept is not None:
        kept.collect(0.1)
