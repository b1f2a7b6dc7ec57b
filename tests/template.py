"""A migrated database that every worker's is copied from: migrating takes long, and is done once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import psycopg
from django.db import connection
from psycopg import sql

NAME = "commune_template"
VARIABLE = "COMMUNE_TEST_TEMPLATE"


def make() -> None:
    """Make it anew, for the workers that inherit this process's environment."""
    place, _slash, name = os.environ["DATABASE_URL"].partition("?")[0].rpartition("/")
    query = os.environ["DATABASE_URL"].partition("?")[2]
    known = connection.get_connection_params() | {"dbname": "postgres"}
    known = {key: known[key] for key in ("dbname", "user", "password", "host", "port") if key in known}
    with psycopg.connect(**known, autocommit=True) as postgres:
        postgres.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(NAME)))
        postgres.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    address = f"{place}/{NAME}" + (f"?{query}" if query else "")
    migrate = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    root = Path(__file__).resolve().parent.parent
    subprocess.run(migrate, cwd=root, env={**os.environ, "DATABASE_URL": address}, check=True)  # noqa: S603
    os.environ[VARIABLE] = NAME


def use() -> None:
    """Copy it for this process's test database, where it was made."""
    if VARIABLE in os.environ:
        connection.settings_dict["TEST"]["TEMPLATE"] = os.environ[VARIABLE]
