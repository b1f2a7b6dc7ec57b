"""The accent colour as a stylesheet of its own, with contrast corrected for every theme."""

from __future__ import annotations

import hashlib

from members.models import Community

# The least favourable backgrounds that the accent colour stands on (see static/css: --sunk, and --warm in the dark).
LIGHT_PAPER, DARK_PAPER = "#f2eee5", "#372e1d"
TEXT_CONTRAST = 4.6  # WCAG 2.2 AA asks 4.5 for text


def stylesheet_name(community: Community) -> str:
    """A name that changes with the colour, so that the file may be cached for ever."""
    return f"accent-{hashlib.sha256(stylesheet(community.accent).encode()).hexdigest()[:12]}.css"


def stylesheet(accent: str) -> str:
    light = _towards(accent, "#000000", LIGHT_PAPER)
    dark = _towards(accent, "#ffffff", DARK_PAPER)
    on_light, on_dark = _readable_on(light), _readable_on(dark)
    return (
        f":root{{--accent-light:{light};--accent-dark:{dark};"
        f"--on-accent-light:{on_light};--on-accent-dark:{on_dark}}}\n"
    )


def contrast(one: str, other: str) -> float:
    """WCAG contrast ratio of two #rrggbb colours, 1 to 21."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def _towards(colour: str, end: str, paper: str) -> str:
    """The colour, mixed with `end` just until it can be read on `paper`."""
    for step in range(0, 101, 2):
        mixed = _mix(colour, end, step / 100)
        if contrast(mixed, paper) >= TEXT_CONTRAST:
            return mixed
    return end


def _readable_on(colour: str) -> str:
    return max(("#ffffff", "#141311"), key=lambda ink: contrast(ink, colour))


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mix(colour: str, end: str, share: float) -> str:
    pairs = zip(_channels(colour), _channels(end), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _luminance(colour: str) -> float:
    linear = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
