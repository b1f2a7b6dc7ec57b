"""The site as people get it, on the test's own database: granian in a process of its own, hashed static files."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.db import connection

from commune.embedded import ROOT
from tests.commune.test_run import eventually, free_port, status


class Site:
    """It can be killed, and started again."""

    def __init__(self, static: Path) -> None:
        self.port = free_port()
        self.url = f"http://localhost:{self.port}"
        parts = urlsplit(os.environ["DATABASE_URL"])
        database = urlunsplit(parts._replace(path=f"/{connection.settings_dict['NAME']}"))
        self.environment = {
            **os.environ, "DATABASE_URL": database, "SECRET_KEY": settings.SECRET_KEY, "PORT": str(self.port),
            "STATIC_ROOT": str(static), "COMMUNE_DEVELOPMENT": "1", "LANGUAGE_CODE": "en",
        }  # fmt: skip
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> Site:
        command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--no-ws"]
        command += ["--port", str(self.port), "--workers", "1", "--blocking-threads", "4", "commune.wsgi:application"]
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=self.environment, stdout=subprocess.DEVNULL, process_group=0
        )
        assert eventually(self._answers, within=30)
        return self

    def kill(self) -> None:
        """As the kernel would when memory is out: at once, all of it."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, 9)
            self.process.wait(10)

    def _answers(self) -> bool:
        with contextlib.suppress(OSError):
            return status(self.port) == 200
        return False


def collect(static: Path) -> None:
    """What an image holds: every static file under its hashed name, compressed."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    environment = {**os.environ, "STATIC_ROOT": str(static), "COMMUNE_DEVELOPMENT": "1"}
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=120)
