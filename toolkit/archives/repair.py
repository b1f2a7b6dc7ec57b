"""UTF-8 that somebody read as Windows-1252 or Latin-1, put right where nothing else can be meant."""

from __future__ import annotations

import re

# What the bytes 0x80 to 0x9F of Windows-1252 look like; those it leaves undefined stay controls, as browsers do it.
_BYTES = {bytes([n]).decode("cp1252", "replace"): n for n in range(0x80, 0xA0) if n not in {129, 141, 143, 144, 157}}
_BYTES |= {chr(n): n for n in (129, 141, 143, 144, 157)}
_BYTES |= {chr(n): n for n in range(0xA0, 0x100)}
_FOREIGN = re.compile(r"[^\x00-\x7f]+")
_CONTROLS = re.compile("[\x80-\x9f]")


def repaired(text: str) -> str:
    """The text as it was meant, if *every* run of letters beyond ASCII in it is UTF-8 misread; else as it is.

    A text that also has one letter in its right form was read rightly: what looks misread there was quoted so.
    """
    runs = _FOREIGN.findall(text)
    if not runs or any(_meant(run) is None for run in runs):
        return text
    return _FOREIGN.sub(lambda match: _meant(match[0]) or match[0], text)


def _meant(run: str) -> str | None:
    data = bytearray()
    for character in run:
        byte = _BYTES.get(character)
        if byte is None:
            return None
        data.append(byte)
    try:
        meant = data.decode("utf-8")
    except UnicodeDecodeError:
        return None
    return None if _CONTROLS.search(meant) else meant
