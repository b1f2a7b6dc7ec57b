"""What visitors and admins do with the community as a whole."""

from __future__ import annotations

import io

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from members import signals
from members.models import Community, Member
from toolkit.verdicts import Refused

LOGO_MAX_BYTES = 2 * 1024 * 1024
LOGO_HEIGHT = 160  # pixels: four times what is shown


@transaction.atomic
def write_to_team(*, name: str, email: str, body: str, language: str, member: Member | None = None) -> None:
    """Bring a message from the contact page to the people who answer: a case in the queue, and a mail."""
    signals.team_letter_written.send(
        sender=Community, name=name, email=email, body=body, language=language, member=member
    )


def clean_logo(data: bytes) -> ContentFile[bytes]:
    """A logo decoded and encoded again as PNG, at most 160 pixels high. Raises Refused if it is no such image."""
    if len(data) > LOGO_MAX_BYTES:
        raise Refused(_("The logo is larger than 2 MB."))
    try:
        with Image.open(io.BytesIO(data), formats=["PNG", "JPEG", "WEBP"]) as image:
            if image.width * image.height > 20_000_000:
                raise Refused(_("The logo has too many pixels."))
            picture = ImageOps.exif_transpose(image).convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError) as error:
        raise Refused(_("This is not a PNG, JPEG or WebP image.")) from error
    if picture.height > LOGO_HEIGHT:
        picture = picture.resize((max(1, round(picture.width * LOGO_HEIGHT / picture.height)), LOGO_HEIGHT))
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return ContentFile(out.getvalue(), name="logo.png")
