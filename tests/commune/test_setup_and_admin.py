from __future__ import annotations

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image

from commune.demo.removal import remove_demo
from commune.missing import missing
from commune.setup import setup_link
from engagement.models import Envelope, Notification
from forums.actions.forums import merge_forum
from forums.models import Forum, Post, Rule, Topic
from forums.queries.conversations import conversations_page
from forums.queries.counters import drift
from forums.readers import reader_for
from members.models import Community, Member
from moderation.models import Case
from tests.make import (
    make_admin,
    make_community,
    make_conversation,
    make_forum,
    make_member,
    make_moderator,
    make_reply,
    make_topic,
)

pytestmark = pytest.mark.django_db

ANSWERS = {
    "name": "La Grange",
    "purpose": "Chanter ensemble.",
    "languages": "both",
    "joining": "open",
    "username": "Odette",
    "email": "odette@example.org",
    "password": "une phrase assez longue",
    "starters": ["welcome", "questions"],
    "rules": "On écoute.\n\nPas de publicité.",
}


def path_of(link):
    return link.removeprefix("http://localhost:8000")


def test_empty_community_is_set_up_by_a_link_that_works_once(client):
    link = path_of(setup_link())
    assert client.get(link).status_code == 200
    assert client.get("/setup/guess/").status_code == 404

    response = client.post(link, ANSWERS, HTTP_ACCEPT_LANGUAGE="fr")

    assert response.status_code == 200
    admin = Member.objects.get()
    assert (admin.username, admin.is_superuser) == ("odette", True)
    assert Community.current().name_fr == "La Grange"
    assert list(Forum.objects.values_list("slug", flat=True)) == ["welcome", "questions"]
    assert [r.title_fr for r in Rule.objects.all()] == ["On écoute.", "Pas de publicité."]
    assert Envelope.objects.get(recipient="odette@example.org").state == "sent"
    assert client.get(link).status_code == 404
    assert setup_link() == ""
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("field", "value"), [("password", "123"), ("username", "admin"), ("purpose", "x" * 141), ("name", "")]
)
def test_answer_that_will_not_do_is_sent_back_and_nothing_is_made(client, field, value):
    response = client.post(path_of(setup_link()), {**ANSWERS, field: value})

    assert response.status_code == 422
    assert "Chanter ensemble." in response.content.decode() or field == "purpose"
    assert Member.objects.count() == 0
    assert not Community.current().is_set_up


def test_admin_is_told_what_is_missing_until_it_is_there():
    make_community(contact_email="")
    before = len(missing())
    make_community(contact_email="team@example.org")
    make_moderator()
    make_moderator()

    assert len(missing()) == before - 2


def picture(kind="PNG", size=(400, 300)):
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def community_form(**more):
    community = Community.current()
    fields = [
        "name_fr", "name_en", "purpose_fr", "purpose_en", "accent", "languages", "register", "joining", "question_fr",
        "question_en", "contact_email", "welcome_after_hours", "reply_mail_minutes", "unread_days",
    ]  # fmt: skip
    return {**{name: getattr(community, name) for name in fields}, **more}


def test_logo_is_encoded_again_and_shown(client, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community()
    client.force_login(make_admin())

    client.post(
        "/admin/members/community/1/change/",
        community_form(logo=SimpleUploadedFile("évil.php.jpg", picture("JPEG"), "image/jpeg")),
    )

    name = Community.current().logo.name
    response = client.get(f"/brand/logo/{name.removeprefix('community/')}")
    shown = Image.open(io.BytesIO(b"".join(response.streaming_content)))
    assert (shown.format, shown.height) == ("PNG", 160)
    assert f"/brand/logo/{name.removeprefix('community/')}" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("data", "why"), [(b"<svg onload=alert(1)>", "image"), (picture("GIF"), "PNG, JPEG"), (b"x" * 3_000_000, "")]
)
def test_file_that_is_no_picture_is_refused_as_logo(client, data, why):
    make_community()
    client.force_login(make_admin())

    response = client.post(
        "/admin/members/community/1/change/", community_form(logo=SimpleUploadedFile("logo.png", data, "image/png"))
    )

    assert response.status_code == 200
    assert why in response.content.decode()
    assert not Community.current().logo


def test_accent_has_a_stylesheet_that_changes_its_name_with_the_colour(client):
    make_community(accent="#a2431f")
    first = client.get("/").content.decode().split("/brand/")[1][:30]
    make_community(accent="#1c6670")
    second = client.get("/").content.decode().split("/brand/")[1][:30]

    assert first != second
    response = client.get(f"/brand/{second.split('.css')[0]}.css")
    assert "--accent-light:#1c6670" in response.content.decode()
    assert "immutable" in response["Cache-Control"]


def test_purpose_with_wrong_typography_is_refused_with_the_reason(client):
    make_community()
    client.force_login(make_admin())

    response = client.post("/admin/members/community/1/change/", community_form(purpose_fr="Chanter ensemble !"))

    assert "U+202F" in response.content.decode()


def test_forum_with_topics_cannot_be_deleted_and_an_empty_one_can(client):
    make_community()
    full, empty = make_forum("full"), make_forum("empty")
    make_topic(full)
    client.force_login(make_admin())

    assert client.post(f"/admin/forums/forum/{full.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/forums/forum/{empty.pk}/delete/", {"post": "yes"}).status_code == 302
    assert list(Forum.objects.all()) == [full]


def test_forums_are_merged_with_their_counters():
    make_community()
    one, other = make_forum(), make_forum()
    make_reply(make_topic(one))
    make_topic(other)

    assert merge_forum(one, into=other) == 1

    assert drift() == []
    one.refresh_from_db()
    assert one.archived_at is not None
    assert Topic.objects.filter(forum=other).count() == 2


def test_posts_and_decisions_cannot_be_changed_in_the_admin(client):
    make_community()
    post = make_topic().posts.get()
    client.force_login(make_admin())

    assert client.get(f"/admin/forums/post/{post.pk}/change/").status_code == 200
    assert client.post(f"/admin/forums/post/{post.pk}/change/", {"body": "x"}).status_code == 403
    assert client.get("/admin/moderation/decision/add/").status_code == 403


def test_demo_is_whole_and_goes_away_and_leaves_what_is_real():
    call_command("load_demo", stdout=io.StringIO())
    assert Topic.objects.count() >= 60
    assert Post.objects.count() >= 400
    assert Member.objects.count() >= 25
    assert Case.objects.open().count() >= 9
    assert Notification.objects.filter(member__username="camille", read_at=None).exists()
    assert Envelope.objects.filter(recipient="camille@example.org", subject__contains="semaine").exists()
    (private,) = Topic.objects.filter(is_conversation=True)
    camille = Member.objects.get(username="camille")
    assert [topic for topic in conversations_page(reader_for(camille)).rows if topic.is_unread] == [private]
    assert drift() == []
    real = make_member("real")
    answered = Topic.objects.get(title__startswith="Bouilloire")
    mine = make_reply(answered, by=real, body="Un vrai message.")
    make_conversation(camille, real)
    private = make_conversation(real, camille)

    done = remove_demo()

    assert set(Post.objects.filter(author=real)) == {mine, private.posts.get()}
    assert set(Topic.objects.all()) == {answered, private}
    assert done.topics >= 60
    assert drift() == []
    assert not Member.objects.filter(source="demo").exclude(state="placeholder").exists()
    again = remove_demo()
    assert (again.topics, again.posts) == (0, 0)


def test_demo_does_not_mix_with_what_is_there():
    make_member("real")

    call_command("load_demo", "--if-empty", stdout=io.StringIO())

    assert Topic.objects.count() == 0
