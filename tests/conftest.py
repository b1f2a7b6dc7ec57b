"""What every test gets: our outbox, quick hashes, no silence inherited from the test before."""

from __future__ import annotations

import os
from importlib import import_module

import pytest
from django.apps import apps
from django.core.cache import cache
from django.core.management import call_command
from django.utils.translation import override

from tests import template
from toolkit import ring
from toolkit.cache import ForgivingRedisCache

FIRST_ROWS = (
    "members.migrations.0002_first_rows",
    "forums.migrations.0004_first_reactions",
    "engagement.migrations.0002_prompts",
    "moderation.migrations.0011_first_automatic_rules",
)


def pytest_configure(config):
    """Translations are compiled before anybody speaks, and the database is migrated once; workers find them made."""
    if hasattr(config, "workerinput"):
        template.use()
        return
    call_command("catalogue", "compile")
    if getattr(config.option, "numprocesses", None):
        template.make()


def pytest_collection_modifyitems(config, items):
    """What takes minutes and is measured better by a command of its own is for `make test-long`."""
    if "COMMUNE_TEST_LONG" in os.environ:
        return
    left = [item for item in items if item.get_closest_marker("only_long")]
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]


@pytest.fixture(autouse=True)
def _in_english(settings):
    """Tests read English sentences unless they say otherwise; what one test activates does not reach the next."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


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
def _first_rows(request):
    """A test that commits empties every table at its end; the rows that migrations wrote come back before the next."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        return
    request.getfixturevalue("transactional_db")
    for module in FIRST_ROWS:
        import_module(module).write(apps, None)


@pytest.fixture(autouse=True)
def _fresh_silences():
    """A failed Redis keeps ring and cache silent for five seconds; no test inherits that from another."""
    cache.clear()
    ring._silent_until = 0.0
    ForgivingRedisCache._silent_until = 0.0
