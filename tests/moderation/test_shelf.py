"""The team's shelf: handbook, reading list, cases to learn from."""

from __future__ import annotations

import pytest

from forums.actions.withdrawal import withdraw_post
from forums.readers import reader_for
from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, decide
from moderation.actions.shelf import mark_exemplary, unmark_exemplary
from moderation.models import Decision, Exemplar, HandbookPage, Reading
from moderation.queries.shelf import shelf_page
from tests.make import (
    make_community,
    make_conversation,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_reply,
    make_topic,
)
from toolkit.typography import english_faults, french_faults
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def closed(forum=None, *, body="A harsh word for @bob.", by=None):
    post = make_reply(make_topic(forum), by=make_member("annabelle"), body=body)
    case = report(by=make_member("zebulon"), post=post).case
    decide(case, Ruling(Decision.Measure.KEEP), by=by or make_moderator())
    return case


def test_handbook_and_reading_list_come_in_both_languages(client):
    client.force_login(make_moderator())

    page = client.get("/moderation/shelf/").content.decode()

    assert HandbookPage.objects.count() == 5
    assert Reading.objects.count() == 9
    for one in HandbookPage.objects.all():
        assert one.title_en in page
        assert [fault for text in (one.title_fr, one.body_fr) for fault in french_faults(text)] == []
        assert english_faults(one.title_en) == []
        assert len(one.body_fr) > 800
        assert len(one.body_en) > 800
        assert client.get(one.get_absolute_url()).status_code == 200
    assert "3018" in client.get("/moderation/shelf/danger/").content.decode()
    assert client.get("/moderation/shelf/nothing/").status_code == 404


def test_shelf_is_for_the_team_hosts_too_and_nobody_else(client):
    for who, status in ((make_host(make_forum()), 200), (make_member(), 403)):
        client.force_login(who)
        assert client.get("/moderation/shelf/").status_code == status
        assert client.get("/moderation/shelf/care/").status_code == status


def test_closed_case_is_put_on_the_shelf_from_its_page_without_names(client):
    case, tom = closed(), make_moderator()
    client.force_login(tom)
    assert "Mark as exemplary" in client.get(f"/moderation/case/{case.pk}/").content.decode()

    client.post(f"/moderation/case/{case.pk}/exemplary", {"lesson": "Harsh about a thing is not harsh about a person."})

    html = client.get("/moderation/shelf/").content.decode().partition("<main")[2]
    assert "Harsh about a thing" in html
    assert "A harsh word for @…" in html
    assert "Decided: kept." in html
    for name in ("Annabelle", "annabelle", "Zebulon", "zebulon", "@bob", f"/p/{case.subject.post_id}"):
        assert name not in html
    client.post(f"/moderation/case/{case.pk}/exemplary", {"take": "off"})
    assert Exemplar.objects.count() == 0


def test_words_of_the_post_stand_there_only_while_they_can_be_read_in_their_place(client):
    case = closed()
    mark_exemplary(case, by=make_moderator(), lesson="A lesson.")
    reader = reader_for(make_moderator())
    assert shelf_page(reader).examples[0].words == "A harsh word for @…."

    withdraw_post(case.subject.post, by=case.subject.post.author)

    assert shelf_page(reader).examples[0].words == ""


@pytest.mark.parametrize("lesson", ["Annabelle was rude.", "zebulon reports a lot", "  "])
def test_lesson_that_names_somebody_or_says_nothing_is_refused(lesson):
    with pytest.raises(Refused, match="without a name|what this case teaches"):
        mark_exemplary(closed(), by=make_moderator(), lesson=lesson)


def test_open_case_is_no_example_and_only_who_could_decide_marks_one():
    forum, tom = make_forum(), make_moderator()
    case = report(by=make_member(), post=make_reply(make_topic(forum))).case
    with pytest.raises(Refused, match="Only a closed case"):
        mark_exemplary(case, by=tom, lesson="x")
    done = closed(forum)
    with pytest.raises(Refused):
        mark_exemplary(done, by=make_host(make_forum()), lesson="x")

    made = mark_exemplary(done, by=make_host(forum), lesson="x")

    assert made.case == done
    with pytest.raises(Refused):
        unmark_exemplary(done, by=make_member())


def test_example_of_a_sealed_forum_or_conversation_is_not_for_hosts_elsewhere():
    sealed, tom = make_forum(audience="invited"), make_moderator()
    post = make_reply(make_topic(sealed, by=tom), by=make_moderator())
    case = report(by=make_moderator(), post=post).case
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)
    mark_exemplary(case, by=tom, lesson="Sealed.")
    bob = make_member()
    private = report(by=bob, post=make_conversation(make_member(), bob, body="zqsecret").posts.get()).case
    decide(private, Ruling(Decision.Measure.KEEP), by=tom)
    mark_exemplary(private, by=tom, lesson="Private.")
    grace = make_host(make_forum())

    assert shelf_page(reader_for(grace)).examples == []
    examples = shelf_page(reader_for(tom)).examples
    assert [one.exemplar.lesson for one in examples] == ["Private.", "Sealed."]
    assert examples[0].words == ""


@pytest.mark.parametrize("many", [1, 6])
def test_shelf_costs_the_same_however_much_stands_on_it(client, many, django_assert_max_num_queries):
    tom, forum = make_moderator(), make_forum()
    for _ in range(many):
        post = make_reply(make_topic(forum))
        case = report(by=make_member(), post=post).case
        decide(case, Ruling(Decision.Measure.KEEP), by=tom)
        mark_exemplary(case, by=tom, lesson="A lesson.")
    client.force_login(tom)

    with django_assert_max_num_queries(6 + 2 + 3):
        html = client.get("/moderation/shelf/").content.decode()

    assert html.count('<li id="example-') == many


def test_handbook_is_written_in_the_administration(admin_client):
    said = {"slug": "ours", "order": 9, "title_fr": "Le nôtre", "title_en": "Ours", "body_fr": "Un.", "body_en": "One."}

    assert admin_client.post("/admin/moderation/handbookpage/add/", said).status_code == 302
    assert HandbookPage.objects.get(slug="ours").body_en == "One."
