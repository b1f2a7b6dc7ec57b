"""The Celery application. Tasks live in each app's `tasks`, their times in each app's `schedule`."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from django.db import connections

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commune.settings")

app = Celery("commune")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def drop_inherited_connections(**kwargs: Any) -> None:
    """A forked worker must not share its parent's sockets."""
    for connection in connections.all(initialized_only=True):
        pool = getattr(connection, "_connection_pools", None)
        if pool is not None:
            pool.clear()
        connection.connection = None
