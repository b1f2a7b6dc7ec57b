"""Real PostgreSQL and Redis for every test: a plugin, because Django reads its settings before any conftest.

The process that divides the work starts them (or takes those the environment names); workers inherit the addresses.
"""

from __future__ import annotations

import os
from pathlib import Path

from commune import embedded

HOME = Path(__file__).resolve().parent.parent / ".local" / "test"

os.environ.setdefault("COMMUNE_HOME", str(HOME))
os.environ.setdefault("COMMUNE_DEVELOPMENT", "1")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "commune.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's sync API runs a loop beside the tests

if "PYTEST_XDIST_WORKER" not in os.environ:
    embedded.attach(home=HOME, durable=False)
else:  # a database of Redis for each worker: one must not empty what another counts
    place, _slash, number = os.environ["REDIS_URL"].rpartition("/")
    os.environ["REDIS_URL"] = f"{place}/{int(number) + 1 + int(os.environ['PYTEST_XDIST_WORKER'].lstrip('gw')) % 14}"
