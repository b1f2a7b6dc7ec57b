"""The demo's pictures: drawn here, so that nobody's photographs are in the project."""

from __future__ import annotations

import io
import math

from PIL import Image, ImageDraw

SIZE = (1200, 900)
PAPER, INK, METAL, DARK, RUST = "#f3eee2", "#3b3733", "#b9bdc0", "#84898d", "#8a4b22"


def drawing(name: str) -> bytes:
    """One of the drawings, as a PNG."""
    image = Image.new("RGB", SIZE, PAPER)
    {"trace": _trace, "jour": _gap, "croisillon": _spider}[name](ImageDraw.Draw(image))
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _circle(draw: ImageDraw.ImageDraw, x: float, y: float, radius: float, **look: str | int) -> None:
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), **look)  # type: ignore[arg-type]


def _trace(draw: ImageDraw.ImageDraw) -> None:
    """The back of a tub: its pulley, and a brown trail below the axle."""
    _circle(draw, 600, 430, 360, fill=METAL, outline=INK, width=6)
    draw.polygon([(570, 480), (630, 480), (660, 780), (600, 830), (545, 770)], fill=RUST)
    _circle(draw, 600, 430, 190, fill=DARK, outline=INK, width=6)
    for step in range(6):
        angle = step * math.pi / 3
        draw.line((600, 430, 600 + 185 * math.cos(angle), 430 + 185 * math.sin(angle)), fill=INK, width=14)
    _circle(draw, 600, 430, 46, fill=PAPER, outline=INK, width=6)


def _gap(draw: ImageDraw.ImageDraw) -> None:
    """A drum that does not turn about its axle: a narrow gap above, a wide one below, and a ruler in it."""
    _circle(draw, 600, 450, 380, fill=DARK, outline=INK, width=8)
    _circle(draw, 600, 428, 318, fill=METAL, outline=INK, width=6)
    for ring in (110, 190, 270):
        for step in range(int(ring / 9)):
            angle = step * 2 * math.pi / int(ring / 9)
            _circle(draw, 600 + ring * math.cos(angle), 428 + ring * math.sin(angle), 9, fill=INK)
    draw.rectangle((690, 640, 760, 890), fill="#e7cf8a", outline=INK, width=4)
    for mark in range(16):
        y = 650 + mark * 15
        draw.line((690, y, 715 if mark % 5 else 735, y), fill=INK, width=4)


def _spider(draw: ImageDraw.ImageDraw) -> None:
    """The star of aluminium behind a drum: one of its three arms is broken, the others are eaten away."""
    for arm in range(3):
        angle = -math.pi / 2 + arm * 2 * math.pi / 3
        across = angle + math.pi / 2
        far = 210 if arm == 1 else 380
        outline = ((70, -52), (far, -34), (far - 40 * (arm == 1), 0), (far, 34), (70, 52))
        points = [
            (600 + x * math.cos(angle) + y * math.cos(across), 470 + x * math.sin(angle) + y * math.sin(across))
            for x, y in outline
        ]
        draw.polygon(points, fill=METAL, outline=INK, width=6)
        for bite in range(4):
            _circle(draw, 600 + 130 * math.cos(angle) + 44 - 30 * bite, 470 + 130 * math.sin(angle), 11, fill=PAPER)
    draw.polygon([(820, 690), (930, 745), (905, 800), (795, 745)], fill=METAL, outline=INK, width=6)
    _circle(draw, 600, 470, 92, fill=DARK, outline=INK, width=6)
    _circle(draw, 600, 470, 38, fill=PAPER, outline=INK, width=6)
