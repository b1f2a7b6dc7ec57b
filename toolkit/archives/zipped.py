"""Zip files read in place: nothing is written to disk, and no member may be more than it says or than is bearable."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from django.utils.translation import gettext as _

from toolkit.archives.unreadable import Unreadable

FILES_MOST = 200_000  # members of one archive
BYTES_MOST = 8 * 1024**3  # of all members, unpacked
RATIO_MOST = 200  # times a member may grow when it is unpacked; text that repeats itself grows about 30 times
RATIO_FREE = 1024**2  # bytes below which the ratio says nothing


class Zipped:
    """A zip file whose directory was looked at. Raises Unreadable if it is none, or is meant to do harm."""

    def __init__(self, path: Path) -> None:
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            said = {"file": path, "reason": error.strerror or error}
            raise Unreadable(_("“%(file)s” cannot be read: %(reason)s.") % said) from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreadable(_("“%(file)s” is not a zip file, or it is damaged.") % {"file": path}) from error
        self.path = path
        self._members = {info.filename: info for info in self._zip.infolist() if not info.is_dir()}
        self._check()

    def _check(self) -> None:
        if len(self._zip.infolist()) > FILES_MOST:
            raise Unreadable(_("This zip file holds more than %(n)d files.") % {"n": FILES_MOST})
        if sum(info.file_size for info in self._members.values()) > BYTES_MOST:
            raise Unreadable(_("This zip file would unpack to more than %(n)d GB.") % {"n": BYTES_MOST // 1024**3})
        for name, info in self._members.items():
            if _leaves(name):
                raise Unreadable(_("This zip file holds a name that leads out of it: “%(name)s”.") % {"name": name})
            if info.flag_bits & 0x1:
                raise Unreadable(_("“%(name)s” in this zip file is encrypted.") % {"name": name})
            if info.file_size > RATIO_FREE and info.file_size > RATIO_MOST * max(1, info.compress_size):
                said = {"name": name, "n": RATIO_MOST}
                raise Unreadable(_("“%(name)s” in this zip file would grow more than %(n)d times.") % said)

    def names(self, ending: str) -> list[str]:
        """Names of members that end so, in the order of the names. What macOS adds is none of them."""
        ours = (name for name in self._members if "__MACOSX" not in name and PurePosixPath(name).name[:2] != "._")
        return sorted(name for name in ours if name.lower().endswith(ending))

    def size(self, name: str) -> int:
        return self._members[name].file_size

    def read(self, name: str, *, most: int) -> bytes:
        """All bytes of a member, at most so many."""
        with self.opened(name) as stream:
            data = stream.read(most + 1)
        if len(data) > most:
            said = {"name": name, "n": most // 1024**2}
            raise Unreadable(_("“%(name)s” is larger than %(n)d MB.") % said)
        return data

    @contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """A member as a stream. A damaged one is told of in a sentence, whenever that shows."""
        try:
            with self._zip.open(self._members[name]) as stream:
                yield stream
        except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error, OSError) as error:
            raise Unreadable(_("“%(name)s” in this zip file is damaged.") % {"name": name}) from error


def _leaves(name: str) -> bool:
    posix, windows = PurePosixPath(name.replace("\\", "/")), PureWindowsPath(name)
    return posix.is_absolute() or bool(windows.drive) or ".." in posix.parts or "\0" in name
