"""The roof's own pages: health, outbox, what is not found, what is refused."""

from __future__ import annotations

import pytest
from django.core.mail import EmailMultiAlternatives
from django.test import Client

from tests.make import make_community, make_forum, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def test_health_is_good_while_the_database_answers(client):
    response = client.get("/healthz")

    assert (response.status_code, response.json()) == (200, {"database": "ok"})


def test_outbox_shows_every_mail_with_its_headers_in_development_and_nowhere_else(client, settings):
    message = EmailMultiAlternatives("A subject", "Some text", None, ["ann@example.org"], headers={"List-Id": "x.y"})
    message.attach_alternative("<p>Some <b>HTML</b><script>alert(1)</script></p>", "text/html")
    message.send()
    settings.DEVELOPMENT = True

    html = client.get("/outbox/").content.decode()

    for said in ("A subject", "Some text", "ann@example.org", "List-Id", "x.y", "Message-ID"):
        assert said in html
    address = html.split('href="/outbox/')[1].split('"')[0]
    alone = client.get(f"/outbox/{address}")
    assert "<b>HTML</b>" in alone.content.decode()
    assert "sandbox" in alone["Content-Security-Policy"]
    settings.DEVELOPMENT = False
    assert client.get("/outbox/").status_code == 404
    assert client.get(f"/outbox/{address}").status_code == 404


def test_what_is_not_found_says_so_kindly(client):
    response = client.get("/t/999999999/nothing/")

    assert response.status_code == 404
    assert "it is not open to you" in response.content.decode()


@pytest.mark.parametrize(
    "path", ["/t/99999999999999999999/x/", "/p/99999999999999999999/", "/a/99999999999999999999/x", "/u/%ff/"]
)
def test_numbers_beyond_the_database_are_not_found(client, path):
    assert client.get(path).status_code == 404


def test_form_without_its_token_is_refused_and_says_that_nothing_is_lost():
    guarded = Client(enforce_csrf_checks=True, HTTP_ACCEPT_LANGUAGE="en")

    response = guarded.post("/contact/", {"name": "x"})

    assert response.status_code == 403
    assert "what you typed is still there" in response.content.decode()


def test_admin_sign_in_is_the_sites_own(client):
    response = client.get("/admin/login/")

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_member_without_the_right_has_no_administration(client):
    client.force_login(make_member())

    assert client.get("/admin/").status_code in {302, 403}


def test_visitor_is_sent_to_sign_in_and_back(client):
    make_forum()

    for path in ("/settings/", "/notifications/", "/drafts/", "/?only=unread", "/moderation/"):
        response = client.get(path)
        assert response.status_code == 302
        assert response["Location"].startswith("/accounts/login/?next=/")
