"""Bad input through the real forms: a clear sentence, what was typed still there, nothing stored half."""

from __future__ import annotations

import json
import os
from pathlib import Path
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils.html import escape

from forums.limits import POST_MAX_LENGTH, REQUEST_BYTES, TITLE_MAX_LENGTH
from forums.models import Attachment, Post, PostReference, Topic
from tests.make import make_community, make_forum, make_member, make_reply, make_topic
from toolkit.text import storable

pytestmark = pytest.mark.django_db
NAUGHTY = Path(os.environ.get("COMMUNE_ARCHIVES", "")) / "robustness" / "blns.json"


@pytest.fixture
def ann(client):
    make_community()
    member = make_member("ann")
    client.force_login(member)
    return member


def reply(client, topic: Topic, body: str, **more):
    return client.post(reverse("forums:reply", args=[topic.pk]), {"body": body, "key": uuid4(), "lang": "en", **more})


def start(client, title: str, body: str = "Words.", **more):
    said = {"title": title, "body": body, "key": uuid4(), "intent": "discussion", "lang": "en", "tags": "", **more}
    return client.post(reverse("forums:topic-new", args=[make_forum().slug]), said)


@pytest.mark.parametrize("body", ["", "   \n\t ", "\x00", "\u00a0\u2003"])
def test_empty_reply_is_refused_beside_its_field(client, ann, body):
    topic = make_topic()
    response = reply(client, topic, body)

    assert response.status_code == 422
    assert "Nothing is written yet." in response.content.decode()
    assert topic.posts.count() == 1


def test_one_character_too_many_is_refused_with_all_of_it_still_there(client, ann):
    topic, body = make_topic(), "é" * (POST_MAX_LENGTH + 1)
    response = reply(client, topic, body)
    page = response.content.decode()

    assert response.status_code == 422
    assert f"This is {POST_MAX_LENGTH + 1} characters long; {POST_MAX_LENGTH} fit." in page
    assert body in page
    assert topic.posts.count() == 1


def test_longest_reply_is_stored_whole(client, ann):
    topic, body = make_topic(), "é" * POST_MAX_LENGTH
    assert reply(client, topic, body).status_code == 302
    assert topic.posts.get(position=2).body == body


def test_paste_of_five_megabytes_is_answered_beside_the_field_and_not_stored(client, ann):
    topic = make_topic()
    response = reply(client, topic, "word " * 1_048_576)

    assert response.status_code == 422
    assert f"characters long; {POST_MAX_LENGTH} fit." in response.content.decode()
    assert topic.posts.count() == 1


def test_paste_larger_than_what_is_read_is_answered_by_a_page_that_says_so(client, ann):
    topic = make_topic()
    response = reply(client, topic, "word " * 1_400_000)
    page = response.content.decode()

    assert response.status_code == 413
    assert "At most 6 MB can be sent at once." in page
    assert "Nothing was stored." in page
    assert topic.posts.count() == 1
    assert ann.drafts.count() == 0


def test_request_that_announces_too_much_is_refused_before_it_is_read(client, ann):
    class Unread:
        def read(self, *args):
            raise AssertionError("it was read")

        readline = read

    announced = {
        "CONTENT_LENGTH": str(REQUEST_BYTES + 1),
        "wsgi.input": Unread(),
        "CONTENT_TYPE": "multipart/form-data; boundary=x",
    }
    page = client.generic("POST", reverse("forums:upload"), **announced)
    told = client.generic("POST", reverse("forums:upload"), headers={"Accept": "application/json"}, **announced)

    assert (page.status_code, told.status_code) == (413, 413)
    assert json.loads(told.content) == {"error": f"At most {REQUEST_BYTES // 1024 // 1024} MB can be sent at once."}
    assert Attachment.objects.count() == 0


def test_too_many_fields_are_answered_by_a_page(client, ann):
    response = client.post(reverse("forums:reply", args=[make_topic().pk]), {f"field{n}": "x" for n in range(1500)})

    assert response.status_code == 400
    assert "This request could not be read." in response.content.decode()


@pytest.mark.parametrize(
    ("body", "kept"),
    [
        ("a\x00b", "ab"),
        ("a\ud800b\udfff", "a?b?"),
        ("one\r\ntwo\rthree", "one\ntwo\nthree"),
        ("Z" + "\u0300" * 500, "Z" + "\u0300" * 8),
        ("\u202ereversed", "\u202ereversed"),
    ],
)
def test_what_cannot_be_stored_is_left_out_and_the_rest_is_kept(client, ann, body, kept):
    topic = make_topic()
    data = f"body={_quoted(body)}&key={uuid4()}&lang=en"
    response = client.post(
        reverse("forums:reply", args=[topic.pk]), data, content_type="application/x-www-form-urlencoded"
    )

    assert response.status_code == 302
    assert topic.posts.get(position=2).body.replace("\ufffd", "?").replace("??", "?").replace("??", "?") == kept


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("title", ["", "    ", "\u200b\u200b", "\u0301", "!!!", "\u202e"])
def test_title_that_cannot_be_read_is_refused_beside_its_field(client, ann, title):
    response = start(client, title)
    page = response.content.decode()

    assert response.status_code == 422
    assert "a title" in page
    assert "Words." in page
    assert Topic.objects.count() == 0


def test_title_one_character_too_long_is_refused(client, ann):
    response = start(client, "t" * (TITLE_MAX_LENGTH + 1))

    assert response.status_code == 422
    assert f"This is {TITLE_MAX_LENGTH + 1} characters long; {TITLE_MAX_LENGTH} fit." in response.content.decode()
    assert Topic.objects.count() == 0


def test_title_of_towers_and_overrides_is_stored_as_one_plain_line(client, ann):
    start(client, "\u202eZ" + "\u0301\u0489" * 60 + "algo\u2067\n and more")
    (topic,) = Topic.objects.all()

    assert topic.title == "Ź\u0489\u0301\u0489\u0301algo and more"


@pytest.mark.parametrize(
    "body",
    [
        "> " * 10_000 + "deep",
        "@ann " * 2_000,
        "[" * 20_000,
        "*a **b " * 5_000,
        "||a" * 10_000,
        "::: details x\n" * 3_000,
        "/t/1/ " * 5_000,
        "#tag " * 5_000,
        "http://a.b/" * 4_000,
        "![](/a/1/x) " * 3_000,
        "[^1]: x\n\n" + "[^1]" * 10_000,
        "https://example.org/\n\n" * 1_500,
    ],
    ids=range(12),
)
def test_hostile_reply_is_stored_and_its_page_stays_small(client, ann, body):
    topic = make_topic()
    assert reply(client, topic, body).status_code == 302
    post = topic.posts.get(position=2)

    assert post.body == body.rstrip()
    assert len(post.html) < 16 * len(body) + 20_000
    assert PostReference.objects.filter(post=post).count() <= 200
    assert client.get(topic.get_absolute_url()).status_code == 200


def test_every_naughty_string_can_be_said_and_is_shown_as_it_was_typed(client, ann):
    strings = (
        json.loads(NAUGHTY.read_text())
        if NAUGHTY.is_file()
        else ["<script>alert(1)</script>", "\u202etest", "' OR 1=1", "a \u0308 b"]
    )
    topic = make_topic()
    for first in range(0, len(strings), 25):
        body = "\n\n".join(f"{n}: {string}" for n, string in enumerate(strings[first : first + 25], first))
        assert reply(client, topic, body).status_code == 302, body
        assert topic.posts.order_by("-pk")[0].body == storable(body).rstrip()
    for string in strings if "COMMUNE_TEST_LONG" in os.environ else strings[::10]:
        assert start(client, string).status_code in {302, 422}, string
    page = client.get(topic.get_absolute_url()).content.decode()

    assert "<script>alert" not in page
    for title in Topic.objects.values_list("title", flat=True):
        assert title.strip()
        assert "\u202e" not in title


def test_typed_text_comes_back_escaped(client, ann):
    evil = '</textarea><script>alert(1)</script>"'
    page = reply(client, make_topic(), evil, preview="1").content.decode()

    assert evil not in page
    assert escape(evil) in page


def test_name_of_a_file_never_leaves_its_folder(client, ann, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    boundary = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../etc/passwd"\r\n\r\nroot\r\n--x--\r\n'
    )
    response = client.generic(
        "POST",
        reverse("forums:upload"),
        boundary,
        content_type="multipart/form-data; boundary=x",
        headers={"Accept": "application/json"},
    )
    (row,) = Attachment.objects.all()

    assert (response.status_code, row.name) == (201, "passwd")
    assert [p.is_relative_to(tmp_path / "media" / "attachments") for p in tmp_path.rglob("*") if p.is_file()] == [True]


def test_body_of_nothing_but_what_names_things_names_a_bounded_number():
    targets = [make_topic() for _ in range(120)]
    post = make_reply(targets[0], body=" ".join(f"/t/{t.pk}/" for t in targets))

    assert Post.objects.get(pk=post.pk).references.filter(topic__isnull=False).count() == 100
