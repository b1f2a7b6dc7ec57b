"""What admins do with fields and hats, on the pages of the administration."""

from __future__ import annotations

import pytest

from members.models import Hat, HatGrant, ProfileField
from tests.make import make_admin, make_community, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client):
    make_community()
    solene = make_admin("solene")
    client.force_login(solene)
    return solene


def test_field_needs_as_many_choices_in_both_languages(client, admin):
    path = "/admin/members/profilefield/add/"
    said = {"name_fr": "Outil", "name_en": "Tool", "kind": "choice", "seen_by": "members", "order": "0"}

    for french, english in (("", ""), ("Scie\nRabot", "Saw")):
        page = client.post(path, {**said, "choices_fr": french, "choices_en": english})
        assert (page.status_code, ProfileField.objects.count()) == (200, 0)
    assert client.post(path, {**said, "choices_fr": "Scie\nRabot", "choices_en": "Saw\nPlane"}).status_code == 302

    assert ProfileField.objects.get().choices == [("0", "Saw"), ("1", "Plane")]


def test_hat_is_given_and_withdrawn_on_its_page_with_reasons_and_never_deleted(client, admin):
    ann, hat = make_member("ann"), Hat.objects.create(name_en="Curator", name_fr="Conservatrice")
    given = client.post("/admin/members/hatgrant/add/", {"member": ann.pk, "hat": hat.pk, "reason": "Letter."})
    assert given.status_code == 302
    grant = HatGrant.objects.get()
    assert (grant.member, grant.granted_by, grant.reason) == (ann, admin, "Letter.")
    path = f"/admin/members/hatgrant/{grant.pk}/"

    assert client.post(f"{path}change/", {"withdrawn_reason": " "}).status_code == 200
    assert HatGrant.objects.current().count() == 1
    assert client.post(f"{path}change/", {"withdrawn_reason": "She has left the museum."}).status_code == 302

    grant.refresh_from_db()
    assert (grant.withdrawn_by, grant.withdrawn_reason) == (admin, "She has left the museum.")
    assert HatGrant.objects.current().count() == 0
    assert client.post(f"{path}delete/", {"post": "yes"}).status_code == 403
    assert client.post(f"/admin/members/hat/{hat.pk}/delete/", {"post": "yes"}).status_code == 403


def test_hat_that_cannot_be_given_is_refused_on_the_page(client, admin):
    hat = Hat.objects.create(name_en="Curator")
    ghost = make_member("ghost", state="placeholder", email=None)

    page = client.post("/admin/members/hatgrant/add/", {"member": ghost.pk, "hat": hat.pk, "reason": "x"})

    assert (page.status_code, HatGrant.objects.count()) == (403, 0)
    assert "Hats are for members who take part." in page.content.decode()


@pytest.mark.parametrize("model", ["trustchange", "hat", "hatgrant", "profilefield", "member"])
def test_pages_of_the_administration_open(client, admin, model):
    assert client.get(f"/admin/members/{model}/").status_code == 200
