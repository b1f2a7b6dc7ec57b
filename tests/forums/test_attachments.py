"""Files: taken in, cleaned, shown to those who may see them, swept when nobody uses them."""

from __future__ import annotations

import io
import json
import struct
import zlib
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from forums.actions import attachments
from forums.actions.attachments import (
    attach_uploads,
    describe_file,
    discard_file,
    sweep_uploads,
    upload_file,
    used_bytes,
)
from forums.actions.drafts import keep_draft
from forums.actions.posts import edit_post, hide_post
from forums.actions.rendering import render_again
from forums.models import Attachment, Post
from tests.make import make_forum, make_member, make_newcomer, make_reply, make_rule, make_topic
from toolkit.images import begins_like_an_image, reencode
from toolkit.text import file_name
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _own_files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def picture(width=800, height=600, as_="JPEG", mode="RGB", colour=(200, 80, 40), **options) -> bytes:
    out = io.BytesIO()
    Image.new(mode, (width, height), colour).save(out, as_, **options)
    return out.getvalue()


def kept(by, data: bytes | None = None, name: str = "cat.jpg", **more) -> Attachment:
    return upload_file(by=by, file=ContentFile(picture() if data is None else data, name=name), name=name, **more)


def stored(attachment: Attachment) -> list[bytes]:
    return [default_storage.open(path).read() for path in attachment.paths]


def everything_stored(folder) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


# --- What is taken in


def test_image_is_encoded_again_with_smaller_copies_and_their_sizes():
    file = kept(make_member(), picture(2000, 1000), alt="A red wall")
    full, *copies = [Image.open(io.BytesIO(data)) for data in stored(file)]

    assert (file.kind, file.content_type, file.width, file.height) == ("image", "image/jpeg", 2000, 1000)
    assert (full.format, full.size) == ("JPEG", (2000, 1000))
    assert [(c["width"], c["height"], c["content_type"]) for c in file.variants] == [
        (480, 240, "image/webp"),
        (960, 480, "image/webp"),
        (1600, 800, "image/webp"),
    ]
    assert [copy.size for copy in copies] == [(480, 240), (960, 480), (1600, 800)]
    assert file.size == sum(len(data) for data in stored(file))
    assert file.markdown == f"![A red wall](/a/{file.pk}/cat.jpg)"


def test_place_and_camera_go_and_the_orientation_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    exif[0x010F] = "Camera of Ann"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    data = picture(800, 400, exif=exif, comment=b"a secret comment")
    assert b"Camera of Ann" in data
    assert b"a secret comment" in data

    file = kept(make_member(), data)

    assert (file.width, file.height) == (400, 800)
    for bytes_ in stored(file):
        image = Image.open(io.BytesIO(bytes_))
        assert dict(image.getexif()) == {}
        assert not {"exif", "comment", "icc_profile"} & set(image.info)
        assert b"Ann" not in bytes_
        assert b"secret" not in bytes_


@pytest.mark.parametrize(
    ("as_", "mode", "colour", "kept_as"),
    [
        ("PNG", "RGBA", (1, 2, 3, 100), "image/png"),
        ("PNG", "I;16", 40_000, "image/png"),
        ("PNG", "1", 1, "image/png"),
        ("PNG", "P", 3, "image/png"),
        ("WEBP", "RGB", (1, 2, 3), "image/webp"),
        ("GIF", "P", 3, "image/png"),
        ("JPEG", "CMYK", (1, 2, 3, 4), "image/jpeg"),
        ("JPEG", "L", 90, "image/jpeg"),
    ],
)
def test_every_kind_of_picture_is_taken(as_, mode, colour, kept_as):
    file = kept(make_member(), picture(600, 300, as_, mode, colour), f"x.{as_.lower()}")

    assert (file.content_type, file.width, file.height) == (kept_as, 600, 300)


def test_sixteen_bit_grey_keeps_its_grey():
    file = kept(make_member(), picture(600, 300, "PNG", "I;16", 32_768), "x.png")

    assert Image.open(io.BytesIO(stored(file)[0])).getpixel((5, 5)) == (128, 128, 128)


def test_moving_picture_stands_still_where_it_is_shown_and_moves_when_opened():
    frames = [Image.new("RGB", (300, 200), (50 * n, 10, 10)) for n in range(5)]
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=200)
    file = kept(make_member(), out.getvalue(), "dance.gif")
    full, copy = [Image.open(io.BytesIO(data)) for data in stored(file)]

    assert (full.format, full.n_frames, file.name) == ("WEBP", 5, "dance.webp")
    assert getattr(copy, "n_frames", 1) == 1


def test_endless_moving_picture_becomes_its_first_frame():
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), (n, 10, 10)) for n in range(200)]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=20)
    file = kept(make_member(), out.getvalue(), "long.gif")

    assert (file.content_type, len(stored(file))) == ("image/png", 1)


def test_other_file_is_kept_as_it_is():
    file = kept(make_member(), b"%PDF-1.7 words", "Notice d’emploi.pdf")

    assert (file.kind, file.name, file.content_type) == ("file", "Notice d’emploi.pdf", "application/octet-stream")
    assert stored(file) == [b"%PDF-1.7 words"]
    assert file.markdown == f"[Notice d’emploi.pdf](/a/{file.pk}/Notice%20d%E2%80%99emploi.pdf)"


# --- What is refused


def png_bomb(width: int, height: int) -> bytes:
    """A PNG that says it is huge, with hardly any bytes."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"\0" * 1_000_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


POLYGLOT = picture() + b"<script>alert(1)</script><?php evil() ?>PK\x03\x04"


@pytest.mark.parametrize(
    ("data", "name", "sentence"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.jpg", "named like an image, but is none"),
        (b"<!doctype html><script>alert(1)</script>", "a.png", "named like an image, but is none"),
        (b"<?php system($_GET['x']); ?>", "a.GIF", "named like an image, but is none"),
        (b"GIF89a<script>alert(1)</script>", "a.gif", "damaged, or no image after all"),
        (b"\xff\xd8\xff" + b"\0" * 500, "a.jpg", "damaged, or no image after all"),
        (picture()[:2000], "a.jpg", "damaged, or no image after all"),
        (picture(as_="PNG")[:-300], "a.png", "damaged, or no image after all"),
        (picture(as_="PNG")[:-300], "no-name", "damaged, or no image after all"),
        (png_bomb(30_000, 30_000), "a.png", "more than 50 million pixels"),
        (png_bomb(9_000, 6_000), "a.png", "more than 50 million pixels"),
        (png_bomb(7_000, 7_000), "a.png", "damaged, or no image after all"),
        (b"", "a.txt", "This file is empty"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "a.webp", "damaged, or no image after all"),
    ],
    ids=range(13),
)
def test_what_is_no_image_after_all_is_refused_with_a_sentence_and_nothing_is_kept(data, name, sentence, settings):
    with pytest.raises(Refused, match=sentence):
        kept(make_member(), data, name)

    assert Attachment.objects.count() == 0
    assert everything_stored(settings.MEDIA_ROOT) == []


def test_what_hides_behind_the_pixels_is_gone():
    assert begins_like_an_image(POLYGLOT[:12])
    file = kept(make_member(), POLYGLOT, "a.php")

    assert file.name == "a.jpg"
    assert [b"script" in data or b"php" in data or b"PK" in data for data in stored(file)] == [False, False]


def test_too_large_a_file_is_refused(monkeypatch):
    monkeypatch.setattr(attachments, "FILE_BYTES", 1_000_000)
    with pytest.raises(Refused, match="larger than 0 MB"):
        kept(make_member(), b"x" * 1_000_001, "a.txt")
    assert kept(make_member(), b"x" * 1_000_000, "a.txt").size == 1_000_000


def test_quota_and_number_an_hour_depend_on_trust(monkeypatch):
    monkeypatch.setitem(attachments.QUOTA_BYTES, "newcomer", 2_000)
    monkeypatch.setitem(attachments.UPLOADS_PER_HOUR, "member", 2)
    newcomer, member = make_newcomer(), make_member()

    kept(newcomer, b"x" * 1_500, "a.txt")
    with pytest.raises(Refused, match="more than the 0 MB you have"):
        kept(newcomer, b"x" * 600, "b.txt")
    assert used_bytes(newcomer) == 1_500

    kept(member, b"x", "a.txt")
    kept(member, b"x", "b.txt")
    with pytest.raises(Refused, match="You can add 2 files an hour"):
        kept(member, b"x", "c.txt")


def test_who_may_not_write_may_not_upload():
    suspended = make_member(suspended_until=timezone.now() + timedelta(days=1))
    with pytest.raises(Refused, match="You can read, but not write"):
        kept(suspended)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        ("../../etc/passwd", "passwd"),
        ("..\\..\\windows\\system32\\cmd.exe", "cmd.exe"),
        ("C:\\fakepath\\photo.jpg", "photo.jpg"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\x00b\r\nc.txt", "ab c.txt"),
        ("", "file"),
        ("...", "file"),
        (".htaccess", "htaccess"),
        ("con?<x>*.txt", "con__x__.txt"),
        ("\u2800\u3164.png", "file.png"),
        ("été à 100%.jpg", "été à 100_.jpg"),
    ],
)
def test_names_are_cleaned(typed, clean):
    assert file_name(typed) == clean
    assert file_name(clean) == clean


def test_long_name_keeps_its_ending_within_its_bytes():
    name = file_name("é" * 300 + ".jpeg")

    assert name.endswith("é.jpeg")
    assert len(name.encode()) <= 120


# --- Whose it is


def test_image_shown_by_a_post_becomes_the_posts():
    ann = make_member()
    file = kept(ann, alt="A cat")
    post = make_reply(make_topic(), by=ann, body=f"Look:\n\n![]({file.get_absolute_url()})")
    file.refresh_from_db()

    assert file.post == post
    assert post.html == (
        f'<p>Look:</p>\n<p><a href="/a/{file.pk}/cat.jpg" class="picture"><img src="/a/{file.pk}/cat.jpg?w=480" '
        f'alt="A cat" width="800" height="600" loading="lazy"></a></p>\n'
    )


def test_image_of_somebody_else_is_not_shown_and_not_taken():
    """Otherwise `![](/a/1/x)` tells anybody the size and the description of every private picture."""
    file = kept(make_member(), alt="Private matters")
    post = make_reply(make_topic(), body=f"![mine now]({file.get_absolute_url()}) and [x]({file.get_absolute_url()})")
    file.refresh_from_db()

    assert post.html.startswith('<p><span class="not-shown">mine now</span> and <a href="/a/')
    assert "Private" not in post.html
    assert file.post is None


def test_image_of_a_public_post_may_be_quoted_and_one_of_a_closed_forum_not():
    ann = make_member(is_superuser=True)
    files = [kept(ann), kept(ann)]
    for forum, file in zip((make_forum(), make_forum(audience="team")), files, strict=True):
        make_reply(make_topic(forum, by=ann), by=ann, body=file.markdown)

    quotes = [make_reply(make_topic(), body=f"> {file.markdown}").html for file in files]

    assert ["<img" in html for html in quotes] == [True, False]


def test_description_changed_later_is_shown_where_the_words_have_none():
    ann = make_member()
    file = kept(ann)
    post = make_reply(make_topic(), by=ann, body=f"{file.markdown} ![own words]({file.get_absolute_url()})")
    assert 'alt="cat.jpg"' in post.html

    describe_file(file, by=ann, alt="A cat on a bench")
    while render_again():
        pass
    html = Post.objects.get(pk=post.pk).html

    assert ['alt="A cat on a bench"' in html, 'alt="own words"' in html, 'alt="cat.jpg"' in html] == [True, True, False]
    with pytest.raises(Refused, match="somebody else’s"):
        describe_file(file, by=make_member(), alt="Mine")


def test_edit_adds_a_file_and_one_taken_out_stays_the_posts():
    ann = make_member()
    first, second = kept(ann), kept(ann, b"words", "notes.txt")
    post = make_reply(make_topic(), by=ann, body=first.markdown)

    edit_post(post, by=ann, body=second.markdown, version=1)

    assert set(post.attachments.all()) == {first, second}
    assert f'<a href="/a/{second.pk}/notes.txt" class="file">notes.txt</a>' in Post.objects.get(pk=post.pk).html


# --- Serving


def read(client, file: Attachment, width: str = ""):
    response = client.get(file.get_absolute_url() + width)
    if response.status_code == 200:
        response.content_read = b"".join(response.streaming_content)
    return response


def test_image_is_served_inline_as_what_it_is_and_may_be_kept_by_the_browser(client):
    ann = make_member()
    file = kept(ann, picture(2000, 1000))
    make_reply(make_topic(), by=ann, body=file.markdown)

    full, small = read(client, file), read(client, file, "?w=480")

    assert full.content_read == stored(file)[0]
    assert small.content_read == stored(file)[1]
    assert (full["Content-Type"], small["Content-Type"]) == ("image/jpeg", "image/webp")
    assert full["Content-Disposition"] == "inline; filename*=UTF-8''cat.jpg"
    assert full["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert full["X-Content-Type-Options"] == "nosniff"
    assert full["Cache-Control"] == "private, max-age=31536000, immutable"
    assert read(client, file, "?w=77").content_read == full.content_read


@pytest.mark.parametrize("name", ["page.html", "drawing.svg", "run.js", "doc.pdf", "noname"])
def test_anything_else_is_a_download(client, name):
    ann = make_member()
    file = kept(ann, b"<svg><script>alert(1)</script></svg>", name)
    make_reply(make_topic(), by=ann, body=file.markdown)
    response = read(client, file)

    assert response["Content-Type"] == "application/octet-stream"
    assert response["Content-Disposition"] == f"attachment; filename*=UTF-8''{name}"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"


def test_only_those_who_may_read_the_post_get_its_file(client):
    ann, closed = make_member(is_superuser=True), make_forum(audience="team")
    file = kept(ann)
    address = file.get_absolute_url()
    assert client.get(address).status_code == 404
    client.force_login(ann)
    assert client.get(address).status_code == 200  # one's own, not yet in a post
    make_reply(make_topic(closed, by=ann), by=ann, body=file.markdown)
    assert client.get(address).status_code == 200
    client.force_login(make_member())
    assert client.get(address).status_code == 404


def test_file_of_a_hidden_post_is_hidden_with_it(client):
    ann = make_member()
    file = kept(ann)
    post = make_reply(make_topic(), by=ann, body=file.markdown)
    assert client.get(file.get_absolute_url()).status_code == 200

    hide_post(post, rule=make_rule(), note="")

    assert client.get(file.get_absolute_url()).status_code == 404


def test_file_lost_from_the_storage_is_404(client):
    ann = make_member()
    file = kept(ann)
    make_reply(make_topic(), by=ann, body=file.markdown)
    default_storage.delete(file.file.name)

    assert client.get(file.get_absolute_url()).status_code == 404


def test_proxy_sends_the_file_once_it_is_allowed(client, settings):
    settings.SENDFILE_PREFIX = "/_files/"
    ann = make_member()
    file = kept(ann)
    make_reply(make_topic(), by=ann, body=file.markdown)
    response = client.get(file.get_absolute_url())

    assert response["X-Accel-Redirect"] == f"/_files/{file.file.name}"
    assert (response.content, response["Content-Type"]) == (b"", "image/jpeg")


# --- Sweeping


def yesterday(*files: Attachment) -> None:
    Attachment.objects.filter(pk__in=[f.pk for f in files]).update(created_at=timezone.now() - timedelta(hours=25))


def test_unused_upload_goes_after_a_day_with_its_bytes(settings):
    ann = make_member()
    unused, fresh, used, drafted = kept(ann), kept(ann), kept(ann), kept(ann)
    make_reply(make_topic(), by=ann, body=used.markdown)
    keep_draft(by=ann, key=uuid4(), topic=make_topic(), body=f"I write {drafted.markdown}")
    yesterday(unused, used, drafted)

    assert sweep_uploads() == 1

    assert set(Attachment.objects.all()) == {fresh, used, drafted}
    assert everything_stored(settings.MEDIA_ROOT) == sorted(p for f in (fresh, used, drafted) for p in f.paths)
    assert sweep_uploads() == 0


def test_crash_while_storing_leaves_nothing_for_good(settings, monkeypatch):
    ann = make_member()
    saved = []

    def crash(path, content):
        if saved:
            raise OSError("the disk is full")
        saved.append(path)
        return type(default_storage._wrapped).save(default_storage._wrapped, path, content)

    monkeypatch.setattr(default_storage, "save", crash)
    with pytest.raises(OSError, match="the disk is full"):
        kept(ann, picture(2000, 1000))
    monkeypatch.undo()
    (half,) = Attachment.objects.all()
    assert (half.is_stored, len(everything_stored(settings.MEDIA_ROOT))) == (False, 1)
    post = make_reply(make_topic(), by=ann, body=half.markdown)
    assert "<img" not in post.html  # never shown

    yesterday(half)
    sweep_uploads()

    assert (Attachment.objects.count(), everything_stored(settings.MEDIA_ROOT)) == (0, [])


def test_crash_while_removing_is_made_good_by_the_next_sweep(settings, monkeypatch):
    file = kept(make_member(), picture(2000, 1000))
    yesterday(file)
    default_storage.delete(file.paths[0])  # what a crash has left

    assert sweep_uploads() == 1
    assert (Attachment.objects.count(), everything_stored(settings.MEDIA_ROOT)) == (0, [])


def test_discarding_is_for_ones_own_unused_files(settings):
    ann = make_member()
    unused, used = kept(ann), kept(ann)
    make_reply(make_topic(), by=ann, body=used.markdown)
    with pytest.raises(Refused, match="somebody else’s"):
        discard_file(unused, by=make_member())
    with pytest.raises(Refused, match="A post shows this file"):
        discard_file(used, by=ann)

    discard_file(unused, by=ann)

    assert list(Attachment.objects.all()) == [used]
    assert everything_stored(settings.MEDIA_ROOT) == sorted(used.paths)


# --- The doors


def test_script_is_answered_in_json(client):
    client.force_login(make_member())
    file = SimpleUploadedFile("../cat.jpg", picture(), content_type="text/html")
    response = client.post(
        reverse("forums:upload"), {"file": file, "alt": "A [cat]"}, headers={"Accept": "application/json"}
    )
    (row,) = Attachment.objects.all()

    assert response.status_code == 201
    assert json.loads(response.content) == {
        "id": row.pk,
        "url": f"/a/{row.pk}/cat.jpg",
        "markdown": f"![A (cat)](/a/{row.pk}/cat.jpg)",
        "alt": "A [cat]",
        "name": "cat.jpg",
        "width": 800,
        "height": 600,
    }


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"file": SimpleUploadedFile("a.jpg", b"<svg/>")}, "This is named like an image, but is none."),
        ({}, "No file has arrived."),
    ],
)
def test_script_is_told_in_a_sentence_why_not(client, given, sentence):
    client.force_login(make_member())
    response = client.post(reverse("forums:upload"), given, headers={"Accept": "application/json"})

    assert (response.status_code, json.loads(response.content)) == (422, {"error": sentence})


def test_visitor_uploads_nothing(client):
    response = client.post(reverse("forums:upload"), {"file": SimpleUploadedFile("a.txt", b"x")})

    assert (response.status_code, Attachment.objects.count()) == (403, 0)


@pytest.mark.parametrize("count", [1, 30])
def test_page_of_ones_files_works_without_a_script(client, count, django_assert_max_num_queries):
    ann = make_member()
    client.force_login(ann)
    several = [SimpleUploadedFile(f"{n}.txt", b"words") for n in range(count - 1)]
    client.post(reverse("forums:upload"), {"files": [SimpleUploadedFile("cat.jpg", picture()), *several]})
    image = Attachment.objects.get(kind="image")
    with django_assert_max_num_queries(8):
        page = client.get(reverse("forums:files")).content.decode()

    assert page.count('<li id="file-') == count
    assert f'value="![](/a/{image.pk}/cat.jpg)"' in page
    client.post(reverse("forums:describe-file", args=[image.pk]), {"alt": "A cat"})
    assert f'value="![A cat](/a/{image.pk}/cat.jpg)"' in client.get(reverse("forums:files")).content.decode()
    client.post(reverse("forums:discard-file", args=[image.pk]))
    assert not Attachment.objects.filter(pk=image.pk).exists()


def test_somebody_elses_file_is_not_found_on_ones_page(client):
    file = kept(make_member())
    client.force_login(make_member())

    assert client.post(reverse("forums:discard-file", args=[file.pk])).status_code == 404
    assert client.post(reverse("forums:describe-file", args=[file.pk]), {"alt": "x"}).status_code == 404


def test_composers_files_are_kept_whatever_becomes_of_the_form():
    ann = make_member()
    lines, errors = attach_uploads(
        [SimpleUploadedFile("cat.jpg", picture()), SimpleUploadedFile("bad.png", b"<svg/>")], by=ann
    )
    (file,) = Attachment.objects.all()

    assert lines == [f"![](/a/{file.pk}/cat.jpg)"]
    assert errors == ["bad.png: This is named like an image, but is none."]


def test_bytes_of_memory_are_bounded_by_the_pixels_allowed():
    """A picture within the limit is decoded at a quarter where JPEG allows it."""
    small = reencode(picture(8000, 6000), most_pixels=50_000_000)

    assert (small.full.width, small.full.height) == (3200, 2400)
