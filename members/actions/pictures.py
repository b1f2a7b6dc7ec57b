"""A member's picture: uploaded, cut to a square, taken off; and the sweep of what is no longer shown."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from members.limits import LEAST_CROP, PICTURE_BYTES, PICTURE_PIXELS, PICTURE_SIZES, WHOLE_KEPT_HOURS, WHOLE_SIDE
from members.models import Member, ProfilePicture
from members.policies import may_change_self
from toolkit import clock
from toolkit.images import NotAnImage, TooManyPixels, portrait, squares
from toolkit.ring import ring
from toolkit.verdicts import Refused, insist

MB = 1024 * 1024


def upload_picture(*, by: Member, file: File[bytes]) -> ProfilePicture:
    """Show the middle of an uploaded image as the member's picture, and keep the whole for a day, so that another part
    can be chosen. It is decoded and encoded again: nothing but pixels is left.

    Raises Refused if it is too large, or no JPEG, PNG, WebP or GIF.
    """
    insist(may_change_self(by))
    data = file.read(PICTURE_BYTES + 1)
    if len(data) > PICTURE_BYTES:
        raise Refused(_("This picture is larger than %(n)d MB.") % {"n": PICTURE_BYTES // MB})
    try:
        whole = portrait(data, most_pixels=PICTURE_PIXELS, side=WHOLE_SIDE)
    except TooManyPixels as error:
        most = PICTURE_PIXELS // 1_000_000
        raise Refused(_("This image has more than %(n)d million pixels; make it smaller.") % {"n": most}) from error
    except NotAnImage as error:
        raise Refused(_("This is not a JPEG, PNG, WebP or GIF image, or it is damaged.")) from error
    side = min(whole.width, whole.height)
    row = ProfilePicture(member=by, width=whole.width, height=whole.height)
    return _shown(row, whole.data, left=(whole.width - side) // 2, top=(whole.height - side) // 2, side=side)


def crop_picture(*, by: Member, left: int, top: int, side: int) -> ProfilePicture:
    """Show another square of the picture uploaded last, in pixels of the whole: a new version at a new address.

    Raises Refused if the whole is no longer kept.
    """
    insist(may_change_self(by))
    kept = picture_to_crop(by)
    if kept is None:
        raise Refused(_("The whole picture is no longer kept; upload it again to choose another part."))
    with default_storage.open(kept.path("whole")) as opened:
        whole = opened.read()
    row = ProfilePicture(member=by, width=kept.width, height=kept.height)
    return _shown(row, whole, left=left, top=top, side=max(LEAST_CROP, side))


def picture_to_crop(member: Member) -> ProfilePicture | None:
    """The picture that is shown, where its whole is still kept. One query."""
    if not member.picture:
        return None
    return ProfilePicture.objects.filter(key=member.picture, member=member, has_whole=True).first()


def _shown(row: ProfilePicture, whole: bytes, *, left: int, top: int, side: int) -> ProfilePicture:
    """The row, then its files, then the member's column: a crash in between leaves rows that the sweep takes."""
    if (by := row.member) is None:
        raise Refused(_("This account is closed."))
    made = squares(whole, left=left, top=top, side=side, sizes=list(PICTURE_SIZES.values()))
    row.key, row.created_at = uuid4().hex, clock.now()
    row.save()
    for size, content in {**dict(zip(PICTURE_SIZES, (one.data for one in made), strict=True)), "whole": whole}.items():
        default_storage.save(row.path(size), ContentFile(content))
    with transaction.atomic():
        member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        insist(may_change_self(member))
        _drop(member)
        member.picture = by.picture = row.key
        member.save(update_fields=["picture"])
    return row


@transaction.atomic
def remove_picture(*, by: Member) -> None:
    """Have the picture drawn from the name again. Its files go at once, or with the next sweep."""
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    _drop(member)
    member.picture = by.picture = ""
    member.save(update_fields=["picture"])


def _drop(member: Member) -> None:
    """The files of every picture of theirs go soon. The member is locked by the caller."""
    stored = ProfilePicture.objects.filter(member=member, key=member.picture, dropped_at=None)
    if stored.update(dropped_at=clock.now()):
        ring("members.sweep_pictures")


@transaction.atomic
def sweep_pictures(batch: int = 100) -> int:
    """Remove the files of pictures that are no longer shown, and the wholes that were kept for a day. Answers how many.

    The files go before their rows: a crash in between leaves rows, which the next sweep takes up again.
    """
    old = clock.now() - timedelta(hours=WHOLE_KEPT_HOURS)
    shown = Member.objects.filter(picture=OuterRef("key"))
    unused = Q(dropped_at__isnull=False) | Q(~Exists(shown), created_at__lt=clock.now() - timedelta(hours=1))
    due = ProfilePicture.objects.filter(unused | Q(has_whole=True, created_at__lt=old))
    going = list(due.annotate(is_shown=Exists(shown)).select_for_update(of=("self",), skip_locked=True)[:batch])
    for row in going:
        default_storage.delete(row.path("whole"))
        if row.is_shown and row.dropped_at is None:
            row.has_whole = False
            row.save(update_fields=["has_whole"])
            continue
        for size in PICTURE_SIZES:
            default_storage.delete(row.path(size))
        row.delete()
    return len(going)
