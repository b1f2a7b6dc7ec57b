"""The roof: settings, addresses, Celery, embedded services. It knows every app; no app knows it."""

from commune.celery import app as celery_app

__all__ = ["celery_app"]
