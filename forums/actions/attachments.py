"""What members do with files: uploaded, described, discarded; and the sweep of those that nothing refers to."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import timedelta
from hashlib import sha256
from typing import Any
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from forums.actions.rendering import names_changed
from forums.limits import (
    ALT_MAX_LENGTH,
    FILE_BYTES,
    FILE_NAME_LENGTH,
    IMAGE_PIXELS,
    QUOTA_BYTES,
    UNUSED_HOURS,
    UPLOADS_PER_HOUR,
)
from forums.models import Attachment, Draft
from forums.models.files import Variant
from forums.policies import may_write
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.images import Encoded, NotAnImage, Picture, TooManyPixels, begins_like_an_image, reencode
from toolkit.text import file_name, one_line
from toolkit.verdicts import Refused, insist

logger = logging.getLogger(__name__)

IMAGE_NAMES = (".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp")
MB = 1024 * 1024


def upload_file(*, by: Member, file: File[bytes], name: str, alt: str = "") -> Attachment:
    """Keep a file for whoever is writing; it becomes a post's once a post's words refer to it.

    Images are decoded and encoded again, with smaller copies; what is named like an image and is none is refused;
    anything else is kept as it is and only ever downloaded. The row is there before the first byte, and says so
    (`is_stored`) after the last: what a crash leaves is swept away after a day.

    Raises Refused if `by` may not write, if it is empty, too large or no image after all, or if their quota or this
    hour's number of files is used up.
    """
    insist(may_write(reader_for(by)))
    _insist_on_room(by, size=file.size or 0)
    data = file.read(FILE_BYTES + 1)
    picture = _picture(data, name)
    _insist_on_size(data)
    attachment = _row(by, data, file_name(name, bytes_=FILE_NAME_LENGTH), alt, picture)
    with transaction.atomic():
        Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)  # two uploads at once count both
        insist(may_write(reader_for(by)))
        _insist_on_room(by, size=attachment.size)
        attachment.save()
    full, *copies = [data] if picture is None else [one.data for one in (picture.full, *picture.copies)]
    for path, content in zip(attachment.paths, [full, *copies], strict=True):
        kept = default_storage.save(path, ContentFile(content))
        if kept != path:  # only if this very file was stored before: its key is random
            raise RuntimeError(f"{path} was taken")
    attachment.is_stored = True
    attachment.save(update_fields=["is_stored"])
    return attachment


def attach_uploads(files: Iterable[Any], *, by: Member) -> tuple[list[str], list[str]]:
    """Keep the files of a composer's form, whatever becomes of the form. Answers the Markdown to put under the words,
    a line for each file, and a sentence for each that was refused."""
    lines, errors = [], []
    for file in files:
        try:
            lines.append(upload_file(by=by, file=file, name=file.name or "").markdown)
        except Refused as refusal:
            said = {"name": file_name(file.name or ""), "reason": refusal.reason}
            errors.append(_("%(name)s: %(reason)s") % said)
    return lines, errors


def describe_file(attachment: Attachment, *, by: Member, alt: str) -> Attachment:
    """Say what an image shows. Posts that show it without words of their own are rendered again.

    Raises Refused if it is not theirs.
    """
    with transaction.atomic():
        attachment = Attachment.objects.select_for_update(of=("self",), no_key=True).get(pk=attachment.pk)
        _insist_on_owner(attachment, by)
        attachment.alt = one_line(alt)[:ALT_MAX_LENGTH]
        attachment.save(update_fields=["alt"])
        if attachment.post_id is not None:
            names_changed(words_of=[attachment.post_id])
    return attachment


def discard_file(attachment: Attachment, *, by: Member) -> None:
    """Remove a file that no post refers to. Raises Refused if it is not theirs, or a post shows it; in a conversation
    that they left, what they wrote stays, with its files."""
    with transaction.atomic():
        attachment = Attachment.objects.select_for_update(of=("self",), no_key=True).get(pk=attachment.pk)
        _insist_on_owner(attachment, by)
        post = attachment.post
        if post is not None and attachment.is_named:
            if post.topic.is_conversation and not post.topic.seats.filter(member=by, left_at=None).exists():
                raise Refused(_("It stands in a conversation that you have left: the others still see it."))
            raise Refused(_("A post shows this file; edit the post first."))
        remove_stored(attachment)


@transaction.atomic
def sweep_uploads(batch: int = 100) -> int:
    """Remove uploads of more than a day ago that neither a post nor a draft refers to, and what crashed uploads left.

    The files go before their rows: a crash in between leaves rows, which the next sweep takes up again.
    """
    address = Concat(Value("/a/"), OuterRef("pk"), Value("/"), output_field=Draft._meta.get_field("body"))
    in_draft = Draft.objects.filter(member=OuterRef("member"), body__contains=address)
    unused = Attachment.objects.filter(
        Q(is_stored=False) | ~Exists(in_draft), post=None, created_at__lt=clock.now() - timedelta(hours=UNUSED_HOURS)
    )
    going = list(unused.select_for_update(of=("self",), skip_locked=True).order_by("created_at")[:batch])
    for attachment in going:
        remove_stored(attachment)
    return len(going)


def used_bytes(member: Member) -> int:
    """How much of their quota a member has used."""
    return int(member.attachments.aggregate(used=Sum("size"))["used"] or 0)


def _insist_on_owner(attachment: Attachment, by: Member) -> None:
    insist(may_write(reader_for(by)))
    if attachment.member_id != by.pk:
        raise Refused(_("This file is somebody else’s."))


def _insist_on_room(by: Member, *, size: int) -> None:
    if size > FILE_BYTES:
        raise Refused(_("This file is larger than %(limit)d MB.") % {"limit": FILE_BYTES // MB})
    hour, most = clock.now() - timedelta(hours=1), UPLOADS_PER_HOUR[by.trust]
    if by.attachments.filter(created_at__gt=hour).count() >= most:
        raise Refused(
            ngettext(
                "You can add %(n)d file an hour; please wait a little.",
                "You can add %(n)d files an hour; please wait a little.",
                most,
            )
            % {"n": most}
        )
    quota = QUOTA_BYTES[by.trust]
    if used_bytes(by) + size > quota:
        raise Refused(
            _("Your files would take more than the %(quota)d MB you have; remove some that you no longer need.")
            % {"quota": quota // MB}
        )


def _insist_on_size(data: bytes) -> None:
    if not data:
        raise Refused(_("This file is empty."))
    if len(data) > FILE_BYTES:
        raise Refused(_("This file is larger than %(limit)d MB.") % {"limit": FILE_BYTES // MB})


def _picture(data: bytes, name: str) -> Picture | None:
    """The image, encoded again; None for another kind of file."""
    _insist_on_size(data)
    if not begins_like_an_image(data[:12]):
        if name.lower().endswith(IMAGE_NAMES):
            raise Refused(_("This is named like an image, but is none."))
        return None
    try:
        return reencode(data, most_pixels=IMAGE_PIXELS)
    except TooManyPixels as error:
        most = IMAGE_PIXELS // 1_000_000
        raise Refused(_("This image has more than %(n)d million pixels; make it smaller.") % {"n": most}) from error
    except NotAnImage as error:
        raise Refused(_("This image is damaged, or no image after all.")) from error


def _row(by: Member, data: bytes, name: str, alt: str, picture: Picture | None) -> Attachment:
    key = uuid4()
    folder = f"attachments/{key.hex[:2]}/{key.hex}"
    row = Attachment(
        key=key, member=by, name=name, sha256=sha256(data).hexdigest(), is_stored=False, created_at=clock.now()
    )
    if picture is None:
        row.file, row.size, row.content_type = f"{folder}/file", len(data), "application/octet-stream"
        return row
    full = picture.full
    row.kind, row.alt = Attachment.Kind.IMAGE, one_line(alt)[:ALT_MAX_LENGTH]
    row.name = f"{name.rpartition('.')[0] or name}{full.suffix}"
    row.file, row.content_type, row.width, row.height = f"{folder}/full", full.content_type, full.width, full.height
    row.variants = [_variant(folder, copy) for copy in picture.copies]
    row.size = sum(len(one.data) for one in (full, *picture.copies))
    return row


def _variant(folder: str, copy: Encoded) -> Variant:
    path = f"{folder}/{copy.width}"
    return Variant(file=path, content_type=copy.content_type, width=copy.width, height=copy.height)


def remove_stored(attachment: Attachment) -> None:
    """The files first, then the row. The row is locked by the caller."""
    for path in attachment.paths:
        default_storage.delete(path)
    attachment.delete()
    logger.info("Attachment %s (%s) was removed.", attachment.name, attachment.key)
