from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from engagement.models import Envelope, PromptShowing
from members.actions.joining import confirm_member, invite, make_placeholder, take_name, use_invitation
from members.models import Joining, Member
from moderation.models import Case, TeamLetter
from tests.make import make_admin, make_community, make_forum, make_member
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db

SAID = {"email": "new@example.org", "username": "Newt", "password1": "a long enough phrase"}


@pytest.fixture(autouse=True)
def _community():
    make_community()


def test_signing_up_waits_for_the_address_and_keeps_the_name(client):
    response = client.post("/accounts/signup/", SAID)

    member = Member.objects.get(username="newt")
    assert response.status_code == 302
    assert member.state == Member.State.APPLYING
    assert member.names.get().key == "newt"
    assert Envelope.objects.get().recipient == "new@example.org"


@pytest.mark.parametrize(("languages", "said", "reads"), [("both", "fr", "fr"), ("both", "", ""), ("fr", "en", "")])
def test_signing_up_asks_which_languages_one_reads_where_there_are_two(client, languages, said, reads):
    make_community(languages=languages)
    assert ('name="reads"' in client.get("/accounts/signup/").content.decode()) == (languages == "both")

    client.post("/accounts/signup/", {**SAID, "reads": said})

    assert Member.objects.get(username="newt").reads == reads


@pytest.mark.parametrize("taken", ["zoe", "z0e", "Zoé", "admin", "ADMIN", "-x-", "é"])
def test_name_that_is_taken_looks_taken_or_is_ours_is_refused(client, taken):
    make_member("zoe")

    response = client.post("/accounts/signup/", {**SAID, "username": taken})

    assert response.status_code == 200
    assert Member.objects.count() == 1


def test_address_in_use_is_not_betrayed(client):
    make_member("zoe", email="zoe@example.org")

    response = client.post("/accounts/signup/", {**SAID, "email": "Zoe@example.org"})

    assert response.status_code == 302
    assert Member.objects.count() == 1
    assert "account already" in Envelope.objects.get().text


@pytest.mark.parametrize("password", ["short", "1234567890", "password123"])
def test_weak_password_is_refused(client, password):
    client.post("/accounts/signup/", {**SAID, "password1": password})

    assert Member.objects.count() == 0


def test_confirmed_member_is_welcomed_once():
    member = make_member(state=Member.State.APPLYING)

    confirm_member(member)
    confirm_member(member)

    member.refresh_from_db()
    assert member.state == Member.State.ACTIVE
    assert PromptShowing.objects.filter(member=member).count() == 1


def test_where_joining_needs_approval_a_case_is_opened_and_the_answer_kept(client):
    make_community(joining=Joining.APPROVAL)
    client.post("/accounts/signup/", {**SAID, "application": "I mend clocks."})
    member = Member.objects.get()

    confirm_member(member)

    assert (member.application, Case.objects.get().kind) == ("I mend clocks.", "signup")
    assert PromptShowing.objects.count() == 0


def test_where_joining_needs_an_invitation_a_valid_code_is_used_up(client):
    make_community(joining=Joining.INVITATION)
    code = invite(by=make_member("host"), limit=1).code

    assert client.post("/accounts/signup/", SAID).status_code == 200
    assert client.post("/accounts/signup/", {**SAID, "invitation": "wrong"}).status_code == 200
    assert client.post("/accounts/signup/", {**SAID, "invitation": code}).status_code == 302
    with pytest.raises(Refused, match="not valid any more"):
        use_invitation(code)


def test_invitation_that_is_over_is_refused():
    invitation = invite(by=make_member(), days=1)
    type(invitation).objects.update(expires_at=timezone.now() - timedelta(seconds=1))

    with pytest.raises(Refused):
        use_invitation(invitation.code)


def test_placeholder_has_no_address_cannot_sign_in_and_gets_a_name_of_its_own():
    make_member("xavier-leroy")

    ghost = make_placeholder(name="Xavier Leroy", source="mbox:1", language="fr", joined_at=timezone.now())

    assert (ghost.email, ghost.is_active, ghost.username) == (None, False, "xavier-leroy-2")
    assert not ghost.has_usable_password()


def test_taking_a_name_that_looks_like_another_is_refused():
    make_member("paul")
    twin = Member.objects.create(username="pau1", language="en")

    with pytest.raises(Refused):
        take_name(twin)


@pytest.mark.parametrize("fields", [{"email": "ANN@example.org"}, {"username": "ANN"}])
def test_database_keeps_addresses_and_names_apart_without_case(fields):
    make_member("ann", email="ann@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        Member.objects.create(**{"username": "other", "language": "en", **fields})


def test_database_refuses_a_member_who_left_and_is_not_blank():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_member(state=Member.State.LEFT)


def test_letter_to_the_team_is_a_case_and_a_mail_to_a_person(client):
    make_admin("solene")

    response = client.post("/contact/", {"name": "Ann", "email": "ann@example.net", "body": "Hello.", "website": ""})

    assert response.status_code == 302
    assert TeamLetter.objects.get().body == "Hello."
    envelope = Envelope.objects.exclude(recipient="ann@example.net").get()
    assert (envelope.recipient, envelope.headers["Reply-To"]) == ("solene@example.org", "ann@example.net")


def test_letter_that_a_machine_filled_in_is_refused(client):
    client.post("/contact/", {"name": "Bot", "email": "b@example.net", "body": "Buy.", "website": "http://x"})

    assert Case.objects.count() == 0


@pytest.mark.parametrize("path", ["/about/", "/rules/", "/privacy/", "/legal/", "/contact/", "/help/"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pages_that_every_community_needs_are_there_in_both_languages(client, path, language):
    html = client.get(path, HTTP_ACCEPT_LANGUAGE=language).content.decode()

    assert f'<html lang="{language}"' in html
    assert f'<a href="{path}">' in html


def test_language_chosen_by_a_visitor_holds_and_leads_back(client):
    make_forum()

    response = client.post("/language/", {"language": "en", "next": "/about/"})

    assert response["Location"] == "/about/"
    assert '<html lang="en"' in client.get("/", HTTP_ACCEPT_LANGUAGE="fr").content.decode()


def test_language_form_leads_nowhere_else(client):
    assert client.post("/language/", {"language": "en", "next": "https://evil.example/"})["Location"] == "/"


def test_profile_of_somebody_still_asking_to_join_is_not_found(client):
    guest = make_member(state=Member.State.APPLYING)
    assert client.get(f"/m/{guest.username}/").status_code == 404
    Member.objects.update(state=Member.State.ACTIVE)
    assert client.get(f"/m/{guest.username}/").status_code == 200


def test_sign_up_page_shows_the_purposes_of_what_one_would_join(client):
    make_forum("open", purpose_en="Mend kettles together.")
    make_forum("sealed", audience="team", purpose_en="Team business.")

    html = client.get("/accounts/signup/").content.decode()

    assert "Mend." in html
    assert "Mend kettles together." in html
    assert "Team business." not in html
