"""Images from strangers: decoded within bounds and encoded again, so that only pixels are left of them.

What goes: EXIF (where it was taken, with what), colour profiles (their colours are brought to sRGB), comments, and
whatever hides behind or inside the pixels' file. What stays: the orientation, applied. Pillow only *warns* of moderate
decompression bombs, so sizes are compared here before anything is decoded.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from PIL import Image, ImageCms, ImageOps

FORMATS = ["JPEG", "PNG", "WEBP", "GIF"]
_BEGINNINGS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a")
LONGEST_SIDE = 3_200  # pixels of the full image; a larger one is made smaller
WIDTHS = (480, 960, 1_600)  # pixels of the smaller copies
# A moving picture is kept as one within these; beyond, its first frame is.
ANIMATION_SIDE = 480  # pixels
ANIMATION_FRAMES = 150
ANIMATION_PIXELS = 150_000_000  # of all frames together, before they are made smaller

warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


class NotAnImage(Exception):
    """The bytes are not an image of a known format, or a broken one."""


class TooManyPixels(NotAnImage):
    """The image is larger than what will be decoded."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """An image ready to be stored."""

    data: bytes
    content_type: str
    suffix: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Picture:
    """The full image, and smaller copies by growing width (all still, also those of a moving picture)."""

    full: Encoded
    copies: list[Encoded] = field(default_factory=list)


def begins_like_an_image(head: bytes) -> bool:
    """Whether the first bytes (12 are enough) are those of a format that is decoded here."""
    return head.startswith(_BEGINNINGS) or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")


def reencode(data: bytes, *, most_pixels: int) -> Picture:
    """The image in `data`, decoded and encoded again with smaller copies.

    Memory is at most about 4 bytes for each of `most_pixels`, and 150 MB for a moving picture.
    Raises TooManyPixels, or NotAnImage if it is none of JPEG, PNG, WebP and GIF, cut short, or damaged.
    """
    with _opened(data, most_pixels) as image:
        moving = _moving(image)
        image.seek(0)
        still = _still(image)
        return _encoded(still, str(image.format), moving)


def portrait(data: bytes, *, most_pixels: int, side: int) -> Encoded:
    """The first frame of the image in `data` as WebP, its longest side at most `side` pixels. Raises as `reencode`."""
    with _opened(data, most_pixels) as image:
        still = _still(image)
        still.thumbnail((side, side), Image.Resampling.LANCZOS)
        return _saved(still, "WEBP", quality=88, method=3)


def squares(data: bytes, *, left: int, top: int, side: int, sizes: Sequence[int]) -> list[Encoded]:
    """A square of an image that `portrait` made, in each of these sizes (pixels of a side). The square is moved and
    made smaller until it lies within the image."""
    with _opened(data, LONGEST_SIDE**2) as image:
        side = max(1, min(side, image.width, image.height))
        left, top = min(max(0, left), image.width - side), min(max(0, top), image.height - side)
        part = _eight_bits(image).crop((left, top, left + side, top + side))
        made = [part.resize((size, size), Image.Resampling.LANCZOS) for size in sizes]
        return [_saved(one, "WEBP", quality=82, method=4) for one in made]


@contextmanager
def _opened(data: bytes, most_pixels: int) -> Iterator[Image.Image]:
    """The image, compared with what will be decoded; whatever goes wrong inside is said in our words."""
    Image.MAX_IMAGE_PIXELS = most_pixels
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > most_pixels:
                raise TooManyPixels
            yield image
    except NotAnImage:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels from error
    except Exception as error:  # noqa: BLE001 - decoders raise a different class for each way bytes can be wrong
        raise NotAnImage from error


def _still(image: Image.Image) -> Image.Image:
    """The first frame in sRGB, upright, no larger than the longest side allowed."""
    image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # JPEG: decode at a half or a quarter of the size where that does
    image.load()
    picture = _eight_bits(image)
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    orientation = image.getexif().get(0x0112, 1)
    picture.getexif().clear()
    picture.getexif()[0x0112] = orientation
    return ImageOps.exif_transpose(picture)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    clear = image.mode in {"RGBA", "LA", "PA", "RGBa", "La"} or "transparency" in image.info
    wanted = "RGBA" if clear else "RGB"
    profile = image.info.get("icc_profile")
    if profile and len(profile) < 1_000_000 and image.mode in {"RGB", "RGBA", "CMYK", "L"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            told = image if image.mode in {"RGB", "CMYK", "L"} else image.convert("RGB")
            seen = ImageCms.profileToProfile(told, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            return image.convert(wanted)  # an odd profile is as good as none
        if seen is not None:
            if clear:
                seen = seen.convert("RGBA")
                seen.putalpha(image.convert("RGBA").getchannel("A"))
            return seen
    return image.convert(wanted)


def _moving(image: Image.Image) -> list[tuple[Image.Image, int]]:
    """All frames with their milliseconds, small; nothing for a still image, or for more than will be decoded."""
    count = getattr(image, "n_frames", 1) if getattr(image, "is_animated", False) else 1
    if not 1 < count <= ANIMATION_FRAMES or image.width * image.height * count > ANIMATION_PIXELS:
        return []
    frames = []
    for number in range(count):
        image.seek(number)
        frame = image.convert("RGBA")
        frame.thumbnail((ANIMATION_SIDE, ANIMATION_SIDE))
        frames.append((frame, min(10_000, max(20, int(image.info.get("duration", 100))))))
    return frames


def _encoded(still: Image.Image, of: str, moving: list[tuple[Image.Image, int]]) -> Picture:
    copies = [_copy(still, width) for width in WIDTHS if width < still.width]
    if moving:
        copies = copies or [_copy(still, still.width)]
        return Picture(_animation(moving), copies)
    if of == "JPEG":
        full = _saved(still.convert("RGB"), "JPEG", quality=86, progressive=True, optimize=True)
    elif of == "WEBP":
        full = _saved(still, "WEBP", quality=86, method=3)
    else:
        full = _saved(still, "PNG")
    return Picture(full, copies)


def _copy(picture: Image.Image, width: int) -> Encoded:
    height = max(1, round(picture.height * width / picture.width))
    smaller = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    return _saved(smaller, "WEBP", quality=80, method=3)


def _animation(frames: list[tuple[Image.Image, int]]) -> Encoded:
    (first, _), *others = frames
    return _saved(
        first,
        "WEBP",
        save_all=True,
        append_images=[frame for frame, _ in others],
        duration=[duration for _, duration in frames],
        loop=0,
        quality=75,
        method=1,
    )


_TYPES = {"JPEG": ("image/jpeg", ".jpg"), "PNG": ("image/png", ".png"), "WEBP": ("image/webp", ".webp")}


def _saved(picture: Image.Image, as_: str, **options: Any) -> Encoded:
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)  # pixels only: nothing that Pillow keeps in `info` goes along
    out = io.BytesIO()
    bare.save(out, as_, **options)
    content_type, suffix = _TYPES[as_]
    return Encoded(out.getvalue(), content_type, suffix, picture.width, picture.height)
