"""Real PostgreSQL and Redis for every test, started once by the process that divides the work."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".local" / "test"

os.environ.setdefault("COMMUNE_HOME", str(HOME))
os.environ.setdefault("COMMUNE_DEVELOPMENT", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commune.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API runs a loop beside the tests


def _attach() -> None:
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    from commune import embedded

    embedded.attach(home=HOME, durable=False)


_attach()


@pytest.fixture(autouse=True)
def _our_outbox(settings):
    """pytest-django swaps the e-mail backend; ours is what is to be proved."""
    settings.EMAIL_BACKEND = "engagement.outbox.OutboxBackend"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture(autouse=True)
def _fresh_silences():
    """A failed Redis keeps ring and cache silent for five seconds; no test inherits that from another."""
    from toolkit import ring
    from toolkit.cache import ForgivingRedisCache

    ring._silent_until = 0.0
    ForgivingRedisCache._silent_until = 0.0
