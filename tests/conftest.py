"""What every test gets: our outbox, quick hashes, no silence inherited from the test before."""

from __future__ import annotations

import pytest

from toolkit import ring
from toolkit.cache import ForgivingRedisCache


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
    ring._silent_until = 0.0
    ForgivingRedisCache._silent_until = 0.0
