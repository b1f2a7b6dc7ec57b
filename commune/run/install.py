"""Makes `.venv` and fills it, if that is still to be done. Run by path, before anything is installed.

Standard library only. Installs again when the requirements or the Python have changed, or when the last time
was interrupted.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# In an active .venv, the Python that it was made with: one cannot replace the floor one stands on.
BASE = getattr(sys, "_base_executable", None) or sys.executable
REQUIREMENTS = ("requirements.txt", "requirements-dev.txt")


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Refused(Exception):
    """It cannot be installed; the message is one sentence for a person."""


def stamp() -> Path:
    """The file that says that exactly these requirements are installed for exactly this Python."""
    content = sys.version.encode() + b"".join((ROOT / name).read_bytes() for name in REQUIREMENTS)
    return VENV / f"installed-{hashlib.sha256(content).hexdigest()[:16]}"


def works(*arguments: str) -> bool:
    """Whether the Python of `.venv` can do this."""
    if not PYTHON.exists():
        return False
    done = subprocess.run([str(PYTHON), *arguments], capture_output=True, check=False)  # noqa: S603 - ours
    return done.returncode == 0


def make() -> None:
    """Make `.venv`, with or without the help of ensurepip, which Debian keeps in a package of its own."""
    version = ".".join(map(str, sys.version_info[:2]))
    if works("-c", f"import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"):
        if works("-m", "pip", "--version"):
            return
    elif VENV.exists():
        shutil.rmtree(VENV)  # made by another Python, or half made
    say(f"Making .venv with Python {version} …")
    done = subprocess.run([BASE, "-m", "venv", str(VENV)], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode == 0:
        return
    bare = [BASE, "-m", "venv", "--without-pip", str(VENV)]
    done = subprocess.run(bare, capture_output=True, text=True, check=False)  # noqa: S603 - ours
    if done.returncode != 0:
        said = (done.stderr or done.stdout).strip().splitlines()[-1:]
        raise Refused(f"Python cannot make .venv ({' '.join(said)}): install its venv module, or free some room.")
    try:
        bootstrap_pip()
    except OSError as error:
        raise Refused(
            f"Python came without pip and pypi.org cannot be reached ({error}): install python{version}-venv"
            f" (`apt install python{version}-venv`), then try again."
        ) from error


def bootstrap_pip() -> None:
    """Fetch pip's wheel, check it against the index's digest, and let it install itself."""
    with urllib.request.urlopen("https://pypi.org/pypi/pip/json", timeout=30) as answer:
        files = json.load(answer)["urls"]
    wheel = next(file for file in files if file["packagetype"] == "bdist_wheel")
    with urllib.request.urlopen(wheel["url"], timeout=60) as answer:  # noqa: S310 - as the index said
        content = answer.read()
    if hashlib.sha256(content).hexdigest() != wheel["digests"]["sha256"]:
        raise Refused("pip arrived damaged from pypi.org: try again.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / wheel["filename"]
        path.write_bytes(content)
        pip = [str(PYTHON), f"{path}/pip", "install", "--quiet", "--no-index", str(path)]
        subprocess.run(pip, check=True)  # noqa: S603 - ours


def install() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036 - this file is what says so
        raise Refused(f"Commune needs Python 3.11 or newer, and this is {sys.version.split()[0]}.")
    done = stamp()
    if done.exists() and PYTHON.exists():
        return
    # Two commands at once must not install into one another.
    with (ROOT / "Makefile").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists() and PYTHON.exists():
            return
        make()
        for old in VENV.glob("installed-*"):
            old.unlink()
        say("Installing what Commune needs (a minute or two) …")
        wanted = [part for name in REQUIREMENTS for part in ("-r", name)]
        pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        # Running as root is not news to whoever does it.
        quiet = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
        finished = subprocess.run([*pip, *wanted], cwd=ROOT, env=quiet, check=False)  # noqa: S603 - ours
        if finished.returncode != 0:
            raise Refused("Not everything could be installed (see above): when that is mended, try again.")
        done.touch()


if __name__ == "__main__":
    try:
        install()
    except Refused as refusal:
        sys.stderr.write(f"{refusal}\n")
        sys.exit(1)
    except KeyboardInterrupt:
        with contextlib.suppress(OSError):
            sys.stderr.write("\nInterrupted: the next time goes on from here.\n")
        sys.exit(1)
