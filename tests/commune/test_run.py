"""`make run` and `manage.py`, for real: each run in a home and at a port of its own, without the demo."""

import contextlib
import http.client
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import django
import psycopg
import pytest

from commune.embedded import ROOT, Home
from commune.embedded.processes import is_running
from commune.run.parts import MARK

READY = re.compile(r"Commune is at (\S+)/  \(ready in [\d.]+ s\)")
LIMIT = 120  # seconds: far more than anything here needs; a test that hangs must end


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def environment(home: Path, port: int | str) -> dict[str, str]:
    unset = {"DATABASE_URL", "REDIS_URL", "SITE_URL", "SECRET_KEY", "COMMUNE_DEVELOPMENT", MARK}
    unset |= {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}
    ours = {"COMMUNE_HOME": str(home), "HOST": "127.0.0.1", "PORT": str(port), "DEMO": "0"}
    return {name: value for name, value in os.environ.items() if name not in unset} | ours


class Run:
    """One `python -m commune.run`, what it says going into a file."""

    def __init__(self, home: Path, port: int | None = None) -> None:
        self.home, self.port = home, port or free_port()
        self.said = Path(tempfile.mkstemp(prefix="said-", dir=home.parent)[1])
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "commune.run"],
                cwd=ROOT,
                env=environment(home, self.port),
                stdout=said,
                stderr=subprocess.STDOUT,
            )

    def ready(self) -> "Run":
        assert eventually(lambda: "Ctrl-C" in self.said.read_text() or self.process.poll() is not None)
        assert READY.search(self.said.read_text()), self.said.read_text()
        return self

    def ended(self, number: int | None = None) -> tuple[int, str]:
        """Send it a signal, if any; its exit code and all it said, once it has ended and left nothing."""
        if number is not None:
            self.process.send_signal(number)
        code = self.process.wait(LIMIT)
        assert started_by(self.home) == []
        return code, self.said.read_text()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "home"
    yield place
    for pid in started_by(place):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def started_by(home: Path, *words: str) -> list[int]:
    """Every process that a run of this home has started, whose command line holds all `words`."""
    mark, found = f"{MARK}={home}".encode(), []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes().decode().replace("\0", " ")
            ours = str(home) in command or mark in (entry / "environ").read_bytes().split(b"\0")
            with contextlib.suppress(OSError):
                ours = ours or Path(os.readlink(entry / "cwd")).is_relative_to(home)
            if ours and int(entry.name) != os.getpid() and all(word in command for word in words):
                found.append(int(entry.name))
    return [pid for pid in found if is_running(pid)]


def eventually(happens: Callable[[], object], *, within: float = LIMIT) -> bool:
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        if happens():
            return True
        time.sleep(0.05)
    return bool(happens())


def status(port: int, path: str = "/healthz") -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def manage(home: Path, *arguments: str, python: tuple[str, ...] = (sys.executable,)) -> tuple[int, str]:
    done = subprocess.run(
        [*python, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(home, 8000),
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def database(home: Path) -> psycopg.Connection:
    return psycopg.connect(host=str(Home(home).run / "postgres"), user="commune", dbname="commune", autocommit=True)


def main_process(home: Path, *words: str) -> int:
    """The one of them that leads its process group."""
    (leader,) = [pid for pid in started_by(home, *words) if os.getpgid(pid) == pid]
    return leader


# --- Starting and stopping


def test_a_run_from_beginning_to_end_and_a_second_one(home: Path) -> None:
    run = Run(home).ready()
    assert status(run.port) == 200
    assert f"http://localhost:{run.port}/" in run.said.read_text()
    live = started_by(home, "commune.live.app")
    assert live, "new replies announce themselves"
    for log in ("web", "live", "worker", "beat"):
        assert eventually(lambda log=log: f" {log:6} | " in (home / "log" / f"{log}.log").read_text())

    again = Run(home)
    assert again.process.wait(LIMIT) == 1
    assert again.said.read_text() == f"Commune is already running in {home}, at http://localhost:{run.port}.\n"
    assert status(run.port) == 200

    code, said = manage(home, "showmigrations", "--plan")
    assert code == 0
    assert "[X]" in said
    assert "[ ]" not in said
    with database(home) as connection:
        connection.execute("CREATE TABLE kept (word text)")
        connection.execute("INSERT INTO kept VALUES ('kept')")
    assert run.ended(signal.SIGINT)[0] == 0
    with pytest.raises(ConnectionRefusedError):
        status(run.port)

    second = Run(home, run.port).ready()
    assert "Bringing the database up to date" not in second.said.read_text()
    with database(home) as connection:
        assert connection.execute("SELECT word FROM kept").fetchone() == ("kept",)
    code, said = second.ended(signal.SIGTERM)
    assert code == 0
    assert said.endswith("Stopping …\nEverything has stopped.\n")


def test_closing_the_terminal_while_it_starts_leaves_nothing_running(home: Path) -> None:
    run = Run(home)
    assert eventually(lambda: started_by(home, "commune.run.prepare"))
    assert run.ended(signal.SIGHUP)[0] == 0
    assert "Commune is at" not in run.said.read_text()


def test_make_says_nothing_ugly_at_ctrl_c(home: Path) -> None:
    port = free_port()
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(ROOT)
        os.execvpe("make", ["make", "--no-print-directory", "run"], environment(home, port))
    heard = b""
    asked = False
    with contextlib.suppress(OSError):  # Linux says EIO when the last one has closed the terminal
        while more := os.read(terminal, 65536):
            heard += more
            if b"Ctrl-C" in heard and not asked:
                asked = True
                os.write(terminal, b"\x03")
    _pid, code = os.waitpid(pid, 0)
    os.close(terminal)
    said = heard.decode()
    assert "Everything has stopped." in said
    assert "make:" not in said.lower()
    assert "Error" not in said
    assert os.waitstatus_to_exitcode(code) in (0, -signal.SIGINT)
    assert started_by(home) == []


# --- Refusing


@contextlib.contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_busy_port_is_said_before_anything_is_started(home: Path) -> None:
    with taken_port() as port:
        assert Run(home, port).ended() == (
            1,
            f"Port {port} of 127.0.0.1 is in use by another program: stop that one, or run Commune on another"
            f" port, for example `make run PORT={port + 1}`.\n",
        )
    assert not (home / "postgres").exists()


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("PORT", "many", "PORT is “many”, which is not a port: give a number from 1 to 65535.\n"),
        ("PORT", "65536", "PORT is “65536”, which is not a port: give a number from 1 to 65535.\n"),
        ("HOST", "192.0.2.1", "HOST is “192.0.2.1”, which is no address of this machine.\n"),
    ],
)
def test_an_address_that_cannot_be_is_refused(home: Path, variable: str, value: str, sentence: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "commune.run"],
        cwd=ROOT,
        env=environment(home, free_port()) | {variable: value},
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence)


# --- Breaking


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("celery", "worker"), "The worker was killed by signal 9, so everything stops."),
        (("bin/postgres",), "PostgreSQL has stopped, so everything stops."),
    ],
)
def test_a_part_that_dies_stops_the_rest_with_its_last_words(home: Path, words: tuple[str, ...], says: str) -> None:
    run = Run(home).ready()
    log = home / "log" / ("worker.log" if "celery" in words else "postgres.log")
    assert eventually(lambda: "ready" in log.read_text())
    server = [pid for pid in started_by(home, *words) if "celery" in words or "-D" in command(pid)]
    leader = main_process(home, *words) if "celery" in words else min(server)
    os.kill(leader, signal.SIGKILL)
    code, said = run.ended()
    assert code == 1
    after = said.partition(says + "\nIts last words:\n")[2]
    assert re.search(r"^  .*ready", after, re.MULTILINE)
    assert 1 <= len([line for line in after.splitlines() if line.startswith("  ")]) <= 20


def command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
    return ""


def test_a_killed_supervisor_leaves_nothing_for_ever_and_the_next_run_heals(home: Path) -> None:
    run = Run(home).ready()
    # One that does not listen to being told to stop stays until the next run finds it.
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(300)"
    marked = environment(home, run.port) | {MARK: str(home)}
    deaf = subprocess.Popen([sys.executable, "-c", script], env=marked)
    run.process.kill()
    run.process.wait()
    assert eventually(lambda: started_by(home) == [deaf.pid], within=60)

    second = Run(home, run.port).ready()
    assert "An earlier run was killed and left something running: it is gone now." in second.said.read_text()
    assert deaf.wait(LIMIT) == -signal.SIGKILL
    assert second.ended(signal.SIGINT)[0] == 0


# --- manage.py and make install


def test_manage_starts_what_it_needs_for_its_own_time(home: Path) -> None:
    code, said = manage(home, "shell", "--no-imports", "-c", "from django.db import connection as c; print(c.cursor())")
    assert (code, "Cursor" in said) == (0, True), said
    assert (home / "postgres").is_dir()
    assert started_by(home) == []


def test_manage_needs_no_services_to_answer_about_itself(home: Path) -> None:
    assert manage(home, "version") == (0, f"{django.get_version()}\n")
    assert not (home / "run").exists()


def test_manage_finds_the_python_that_has_django(home: Path) -> None:
    if not (ROOT / ".venv" / "bin" / "python").exists():
        pytest.skip("no .venv beside manage.py")
    # -S: as the system's Python, which knows of no installed packages
    assert manage(home, "version", python=(sys.executable, "-S")) == (0, f"{django.get_version()}\n")


def test_install_heals_what_was_interrupted_and_runs_once(tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "commune" / "run").mkdir(parents=True)
    shutil.copy(ROOT / "commune" / "run" / "install.py", project / "commune" / "run")
    for name in ("requirements.txt", "requirements-dev.txt", "Makefile"):
        (project / name).touch()
    # What Ctrl-C in the first second leaves.
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to(project / "nowhere")

    def install() -> tuple[int, str]:
        script = [sys.executable, str(project / "commune" / "run" / "install.py")]
        done = subprocess.run(script, capture_output=True, text=True, timeout=LIMIT, check=False)
        return done.returncode, done.stdout + done.stderr

    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    installing = "Installing what Commune needs (a minute or two) …\n"
    assert install() == (0, f"Making .venv with Python {version} …\n{installing}")
    assert install() == (0, "")
    (project / "requirements.txt").write_text("# something else\n")
    assert install() == (0, installing)
    # Interrupted in the middle of pip: no stamp, so it is done again.
    next((project / ".venv").glob("installed-*")).unlink()
    assert install() == (0, installing)
    (project / "requirements.txt").write_text("there is no such package\n")
    code, said = install()
    assert code == 1
    assert said.endswith("Not everything could be installed (see above): when that is mended, try again.\n")
    assert install()[0] == 1
