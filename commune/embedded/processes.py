"""Starting and ending processes so that none outlives the one that wanted it.

On Linux the kernel itself ends a child when its parent dies, even by `kill -9` (PR_SET_PDEATHSIG). Elsewhere
that part does nothing, and the next start cleans up.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAPABILITY_VERSION_3 = 0x20080522

# Loaded now: between fork and exec is no time to open libraries.
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


@dataclass(frozen=True)
class Account:
    """Whom a process runs as when root may not be it."""

    uid: int
    gid: int
    # Whether something that it needs lies behind folders it may not enter, such as a project under /root.
    needs_passage: bool = False

    def assume(self) -> None:
        """Become this account for good: called in the child, between fork and exec.

        With `needs_passage` it keeps one of root's capabilities (passing closed folders), so that nobody's
        folders have to be opened to everybody for PostgreSQL's sake.
        """
        passage = self.needs_passage and _libc is not None
        if passage and _libc is not None:
            _checked(_libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)
        if passage and _libc is not None:
            header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
            kept = 1 << CAP_DAC_OVERRIDE
            # effective, permitted, inheritable, for capabilities 0-31 and then 32-63
            _checked(_libc.capset(header, (ctypes.c_uint32 * 6)(kept, kept, kept, 0, 0, 0)))
            _checked(_libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_DAC_OVERRIDE, 0, 0))


def _checked(result: int) -> None:
    if result != 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def before_exec(account: Account | None = None, ends_with: int | None = None) -> Callable[[], None]:
    """What a child does first: become `account`, and ask for the signal `ends_with` when we die."""
    parent = os.getpid()

    def prepare() -> None:
        if account is not None:
            account.assume()
        if ends_with is not None and _libc is not None:
            # After the change of account, which forgets it.
            _checked(_libc.prctl(PR_SET_PDEATHSIG, ends_with, 0, 0, 0))
            if os.getppid() != parent:
                os.kill(os.getpid(), signal.SIGKILL)

    return prepare


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[int, float]]) -> None:
    """Send each (signal, seconds to wait after it) in turn until the process is gone; SIGKILL comes last."""
    for number, patience in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)


def end_stranger(pid: int, steps: Sequence[tuple[int, float]]) -> None:
    """As `end`, for a process that is not our child (left behind by somebody who was killed)."""
    for number, patience in (*steps, (signal.SIGKILL, 10.0)):
        try:
            if number:
                os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            return
        if until(lambda: not is_running(pid), patience):
            return


def until(happened: Callable[[], bool], patience: float, *, pause: float = 0.02) -> bool:
    """Wait until `happened()` is true, at most `patience` seconds; says whether it came."""
    deadline = time.monotonic() + patience
    while not happened():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def is_running(pid: int) -> bool:
    """Whether the process exists and is not merely waiting to be buried (a zombie)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return not Path("/proc/self/stat").exists()
    return fields[0] not in "ZX"


def command_of(pid: int) -> str:
    """The command line of a process, its words separated by spaces; empty when it cannot be read."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace").strip()
    except OSError:
        if Path("/proc/self/stat").exists():
            return ""
    return subprocess.run(  # noqa: S603 - our own command
        ["/bin/ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
