from __future__ import annotations

import pytest

from forums.models import Post
from moderation.actions.cases import report
from moderation.models import Case, Decision
from tests.make import held_post, make_community, make_member, make_moderator, make_reply, make_rule, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def test_reporting_from_the_page_opens_a_case(client):
    rule, post, ann = make_rule(), make_reply(make_topic()), make_member()
    client.force_login(ann)

    response = client.post(f"/p/{post.pk}/report/", {"reason": rule.pk, "words": "Rude."})

    assert response.status_code == 302
    made = Case.objects.get().reports.get()
    assert (made.reporter, made.rule, made.words) == (ann, rule, "Rude.")


def test_reporting_something_else_asks_for_a_word(client):
    post = make_reply(make_topic())
    client.force_login(make_member())

    response = client.post(f"/p/{post.pk}/report/", {"reason": "other", "words": ""})

    assert response.status_code == 422
    assert "Please say what it is about." in response.content.decode()


def test_deciding_from_the_page_hides_and_logs(client):
    rule, post, tom = make_rule(), make_reply(make_topic()), make_moderator()
    case = report(by=make_member(), post=post).case
    client.force_login(tom)
    assert post.body in client.get(f"/moderation/case/{case.pk}/").content.decode()

    response = client.post(
        f"/moderation/case/{case.pk}/", {"measure": "hide", "rule": rule.pk, "facts": "A name.", "message": ""}
    )

    decision = Decision.objects.get()
    assert response.status_code == 302
    assert Post.objects.get(pk=post.pk).is_removed
    assert decision.text.message.startswith(f"Hello {post.author.shown_name}, I have hidden your post")
    assert post.author.shown_name in client.get("/moderation/log/").content.decode()


def test_deciding_without_a_rule_says_so_beside_the_field_and_keeps_what_was_typed(client):
    post, tom = make_reply(make_topic()), make_moderator()
    case = report(by=make_member(), post=post).case
    client.force_login(tom)

    response = client.post(f"/moderation/case/{case.pk}/", {"measure": "hide", "facts": "My long account"})

    html = response.content.decode()
    assert response.status_code == 422
    assert "Name the rule, or the ground of law." in html
    assert "My long account" in html


def test_decision_is_read_by_the_person_concerned_and_moderators_and_nobody_else(client):
    rule, ann, tom = make_rule(), make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann)
    client.force_login(tom)
    client.post(f"/p/{post.pk}/moderate")
    client.post(f"/moderation/case/{Case.objects.get().pk}/", {"measure": "hide", "rule": rule.pk, "facts": "A name."})
    address = Decision.objects.get().get_absolute_url()
    statuses = []
    for who in (tom, ann, make_member()):
        client.force_login(who)
        statuses.append(client.get(address).status_code)

    assert statuses == [200, 200, 404]


def test_contesting_from_the_page_puts_an_appeal_in_the_queue(client):
    rule, ann, tom = make_rule(), make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann)
    client.force_login(tom)
    client.post(f"/p/{post.pk}/moderate")
    client.post(f"/moderation/case/{Case.objects.get().pk}/", {"measure": "hide", "rule": rule.pk, "facts": "A name."})
    decision = Decision.objects.get()
    client.force_login(ann)

    client.post(f"{decision.get_absolute_url()}contest/", {"happened": "I quoted a film.", "wanted": "Show it."})

    assert Case.objects.open().get().appeal.happened == "I quoted a film."


@pytest.mark.parametrize("cases", [1, 12])
def test_queue_costs_the_same_however_long_it_is(client, cases, django_assert_max_num_queries):
    topic = make_topic()
    for _ in range(cases):
        held_post(topic)
    client.force_login(make_moderator())

    with django_assert_max_num_queries(6 + 2 + 2):  # what was handed over; whether one pauses and what is covered
        html = client.get("/moderation/").content.decode()

    assert html.count('<li id="case-') == cases
