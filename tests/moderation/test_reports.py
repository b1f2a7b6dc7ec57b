"""Whoever reports something sees what became of it."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from engagement.models import Notification
from engagement.queries import notifications_page
from forums.readers import reader_for
from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, decide, undo
from moderation.actions.notices import give_notice
from moderation.models import Case
from moderation.queries import place_at, reports_page
from tests.make import make_community, make_member, make_moderator, make_reply, make_rule, make_topic

pytestmark = pytest.mark.django_db
OWN = "/settings/reports/"


@pytest.fixture(autouse=True)
def _community():
    make_community()


@pytest.fixture
def reported():
    """(post, reporter, second reporter, case, moderator)"""
    ann, bob, cleo = make_member("ann"), make_member("bob"), make_member("cleo")
    post = make_reply(make_topic(), by=ann)
    report(by=cleo, post=post, words="Rude.", rule=make_rule())
    return post, bob, cleo, report(by=bob, post=post, words="Unkind.").case, make_moderator("solene")


def test_reporters_hear_what_became_of_it_and_whom_it_concerned_does_not_hear_of_them(client, reported):
    post, bob, cleo, case, moderator = reported
    client.force_login(bob)
    assert "It is being read." in client.get(OWN).content.decode()

    ruling = Ruling("hide", rule=make_rule(), facts="An insult.", message="Dear Ann.", to_sender="You were right.")
    made = decide(case, ruling, by=moderator)

    for member, words in ((bob, "Unkind."), (cleo, "Rude.")):
        (line,) = notifications_page(reader_for(member)).rows
        assert (line.kind, line.decision, line.outcome) == ("outcome", made, "It was hidden.")
        client.force_login(member)
        assert client.get(f"/notifications/{line.pk}/")["Location"] == reverse("moderation:reports")
        page = client.get(OWN).content.decode()
        for said in (words, "It was hidden.", "You were right."):
            assert said in page, said
        for kept in ("An insult.", "Dear Ann.", "solene", "Solene"):
            assert kept not in page, kept
        assert client.get(made.get_absolute_url()).status_code == 404
    kinds = set(Notification.objects.filter(member=post.author).values_list("kind", flat=True))
    assert kinds == {"decision"}
    undo(made, by=moderator, reason="A mistake.")
    client.force_login(bob)
    assert "The decision before was undone." in client.get(OWN).content.decode()


def test_a_topic_is_reported_as_a_whole_apart_from_its_posts(client):
    topic, bob, moderator = make_topic(title="A rude title"), make_member("bob"), make_moderator()
    rule = make_rule()
    client.force_login(bob)
    assert reverse("moderation:report-topic", args=[topic.pk]) in client.get(topic.get_absolute_url()).content.decode()
    address = reverse("moderation:report-topic", args=[topic.pk])
    assert "A rude title" in client.get(address).content.decode()

    assert client.post(address, {"reason": rule.pk, "words": "The title."})["Location"] == topic.get_absolute_url()
    report(by=bob, post=topic.posts.get(), words="And the post.")

    (about_post, about_topic) = sorted(Case.objects.all(), key=lambda case: case.subject.topic_id is not None)
    assert (about_topic.subject.topic, about_topic.kind) == (topic, "report")
    assert about_post.subject.post == topic.posts.get()
    assert client.post(address, {"reason": rule.pk}).status_code == 403
    client.force_login(topic.author)
    assert client.get(address).status_code == 403
    client.force_login(moderator)
    page = client.get(about_topic.get_absolute_url()).content.decode()
    assert ("A rude title" in page, "The title." in page) == (True, True)
    assert "A rude title" in client.get("/moderation/").content.decode()
    said = {"measure": "warn", "rule": rule.pk, "facts": "A title.", "to_sender": "Renamed."}
    assert client.post(about_topic.get_absolute_url(), said).status_code == 302
    made = about_topic.decisions.get()
    assert (made.concerned, made.forum) == (topic.author, topic.forum)
    assert "A rude title" in client.get(made.get_absolute_url()).content.decode()
    client.force_login(bob)
    assert "Renamed." in client.get(OWN).content.decode()


def test_nothing_wrong_is_told_to_reporters_too(client, reported):
    _post, bob, _cleo, case, moderator = reported
    client.force_login(moderator)

    sent = client.post(case.get_absolute_url(), {"measure": "keep", "to_sender": "It was a quotation."})

    assert sent.status_code == 302
    client.force_login(bob)
    page = client.get(OWN).content.decode()
    assert "It stays as it is." in page
    assert "It was a quotation." in page
    assert "What you reported is decided. It stays as it is." in " ".join(
        client.get("/notifications/").content.decode().split()
    )


def test_what_was_decided_before_is_no_answer_to_a_later_report(client, reported):
    post, bob, _cleo, case, moderator = reported
    decide(case, Ruling("keep"), by=moderator)
    report(by=bob, post=post, words="Again.")

    (again, first) = reports_page(bob).rows

    assert (again.outcomes, len(first.outcomes)) == ([], 1)


def test_members_who_gave_notice_hear_it_here_as_well(client):
    bob, moderator = make_member("bob"), make_moderator()
    post = make_reply(make_topic())
    notice = give_notice(
        key=uuid4(), places=[place_at(f"/p/{post.pk}/", reader_for(bob))], ground="fraud", explanation="A scam.",
        language="en", name="Bob", email="bob@example.org", member=bob,
    )  # fmt: skip
    decide(notice.places.get().case, Ruling("keep", to_sender="It is a joke."), by=moderator)

    assert [line.kind for line in notifications_page(reader_for(bob)).rows] == ["outcome"]
    client.force_login(bob)
    assert notice.get_absolute_url() in client.get(OWN).content.decode()
    client.force_login(make_member())
    assert notice.get_absolute_url() not in client.get(OWN).content.decode()


@pytest.mark.parametrize("rows", [1, 15])
def test_page_costs_the_same_however_much_one_reported(client, rows, django_assert_max_num_queries):
    bob = make_member("bob")
    for _ in range(rows):
        report(by=bob, post=make_reply(make_topic()), words="x")
    client.force_login(bob)
    client.get(OWN)
    with django_assert_max_num_queries(9):
        assert client.get(OWN).content.decode().count('id="report-') == rows
