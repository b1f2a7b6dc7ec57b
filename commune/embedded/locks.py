"""Locks that the kernel lets go of when their holder dies, whatever it dies of."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


def taken(descriptor: int, kind: int) -> bool:
    """Try for a lock without waiting; whether we have it now."""
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def open_lock(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
