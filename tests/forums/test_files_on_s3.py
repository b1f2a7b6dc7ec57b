"""The same files in an S3-compatible storage: a real local server, whose bucket is private."""

from __future__ import annotations

import io
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from urllib.request import urlopen

import boto3
import pytest
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import timezone
from moto.server import ThreadedMotoServer
from PIL import Image

from forums.actions.attachments import sweep_uploads, upload_file
from forums.models import Attachment
from tests.make import make_forum, make_member, make_reply, make_topic

pytestmark = pytest.mark.django_db
BUCKET = "commune-files"


@pytest.fixture(scope="module")
def server():
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server, settings):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "us-east-1"}
    client = boto3.client("s3", endpoint_url=server, **keys)
    client.create_bucket(Bucket=BUCKET)
    settings.S3_BUCKET = BUCKET
    settings.STORAGES = {
        **settings.STORAGES,
        "default": {
            "BACKEND": "storages.backends.s3.S3Storage",
            "OPTIONS": {
                "bucket_name": BUCKET,
                "endpoint_url": server,
                "region_name": "us-east-1",
                "access_key": "testing",
                "secret_key": "testing",
                "signature_version": "s3v4",
                "default_acl": None,
                "querystring_auth": True,
                "file_overwrite": False,
            },
        },
    }
    yield client
    for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        client.delete_object(Bucket=BUCKET, Key=entry["Key"])


def keys_in(client) -> list[str]:
    return sorted(entry["Key"] for entry in client.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def kept(by, name="wall.png", size=(1200, 600)) -> Attachment:
    out = io.BytesIO()
    Image.new("RGB", size, (10, 90, 90)).save(out, "PNG")
    return upload_file(by=by, file=ContentFile(out.getvalue()), name=name)


def test_image_is_stored_shown_by_a_short_lived_address_and_swept(bucket):
    ann = make_member()
    file = kept(ann)
    assert keys_in(bucket) == sorted(file.paths)
    make_reply(make_topic(), by=ann, body=file.markdown)

    response = Client().get(f"{file.get_absolute_url()}?w=480")
    address = urlsplit(response["Location"])

    assert response.status_code == 302
    assert response["Cache-Control"] == "private, max-age=150"
    assert address.path == f"/{BUCKET}/{file.variants[0]['file']}"
    assert parse_qs(address.query)["X-Amz-Expires"] == ["300"]
    assert f"img-src 'self' {address.scheme}://{address.netloc} data:" in response["Content-Security-Policy"]
    with urlopen(response["Location"]) as answer:
        assert answer.headers["Content-Type"] == "image/webp"
        assert answer.headers["Content-Disposition"].startswith("inline;")
        assert Image.open(io.BytesIO(answer.read())).size == (480, 240)

    unused = kept(ann)
    Attachment.objects.filter(pk=unused.pk).update(created_at=timezone.now() - timedelta(days=2))
    assert sweep_uploads() == 1
    assert keys_in(bucket) == sorted(file.paths)


def test_download_from_the_bucket_is_still_a_download(bucket):
    ann = make_member()
    file = upload_file(by=ann, file=ContentFile(b"<script>alert(1)</script>"), name="page.html")
    make_reply(make_topic(), by=ann, body=file.markdown)
    with urlopen(Client().get(file.get_absolute_url())["Location"]) as answer:
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''page.html"


def test_no_address_is_given_to_who_may_not_read(bucket):
    ann = make_member(is_superuser=True)
    file = kept(ann)
    make_reply(make_topic(make_forum(audience="team"), by=ann), by=ann, body=file.markdown)

    assert Client().get(file.get_absolute_url()).status_code == 404
