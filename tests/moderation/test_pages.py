from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from forums.models import Post
from moderation.actions.cases import claim, report, snooze
from moderation.actions.decisions import Ruling, decide
from moderation.models import Case, Decision, Report, Subject
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


def bulk_of_cases(number):
    """So many reported posts, written in bulk."""
    topic, ben, now = make_topic(), make_member(), timezone.now()
    Post.objects.bulk_create(
        Post(
            topic=topic, author=topic.author, body="x", html="x", renderer_version=1, lang="en", state="published",
            position=n + 2, published_at=now, created_at=now, idempotency_key=uuid4(),
        )
        for n in range(number)
    )  # fmt: skip
    subjects = Subject.objects.bulk_create(Subject(post=post) for post in topic.posts.filter(position__gt=1))
    cases = Case.objects.bulk_create(Case(subject=one, kind="report", band=3, opened_at=now) for one in subjects)
    Report.objects.bulk_create(Report(case=case, reporter=ben, words="Rude.", created_at=now) for case in cases)


@pytest.mark.parametrize("cases", [1, 200])
def test_queue_opens_within_six_queries_however_long_it_is(client, cases, django_assert_num_queries):
    bulk_of_cases(cases)
    client.force_login(make_moderator())
    client.get("/moderation/")

    # the session and the member come first, as on every page; then who reads, whether one pauses, the cases with all
    # their counts, what was handed over, the community, the bell
    with django_assert_num_queries(2 + 6):
        html = client.get("/moderation/").content.decode()

    assert html.count('<li id="case-') == min(cases, 100)
    assert f'<span class="count">{"99+" if cases > 99 else cases}</span>' in html


def test_queue_is_filtered_by_kind_forum_and_who_is_on_it(client):
    here, tom = make_topic(), make_moderator()
    mine, other, late = (report(by=make_member(), post=make_reply(here)).case for _ in range(3))
    waiting = held_post(make_topic())
    claim(mine, by=tom)
    snooze(late, by=tom, until=timezone.now() + timedelta(days=2))
    client.force_login(tom)

    def shown(query):
        html = client.get(f"/moderation/?{query}").content.decode()
        return {case.pk for case in Case.objects.all() if f'id="case-{case.pk}"' in html}

    assert shown("who=me") == {mine.pk}
    assert shown("who=later") == {late.pk}
    assert shown(f"forum={here.forum_id}") == {mine.pk, other.pk}
    assert shown(f"who=nobody&kind=report&forum={here.forum_id}") == {other.pk}
    assert shown("kind=held") == {Case.objects.get(subject__post=waiting).pk}
    assert shown("kind=nonsense&forum=x&who=y") == {mine.pk, other.pk, Case.objects.get(subject__post=waiting).pk}


def test_each_row_says_why_it_is_where_it_is(client):
    topic = make_topic()
    much, danger = make_reply(topic), make_reply(topic)
    for _ in range(3):
        report(by=make_member(), post=much)
    report(by=make_member(), post=danger, is_illegal=True, words="x")
    held_post(topic)
    client.force_login(make_moderator())

    html = client.get("/moderation/").content.decode()

    for said in ("that there is danger", "a person waits for us", "up in its band: 3 people report it"):
        assert html.count(said) == 1, said


def test_batch_shows_what_it_would_do_then_decides_each_and_says_what_was_refused(client):
    tom, aicha, topic = make_moderator(), make_moderator("aicha"), make_topic()
    chosen = [report(by=make_member(), post=make_reply(topic, body=f"Number {n}")).case for n in range(4)]
    query = "&".join(f"case={case.pk}" for case in chosen)
    client.force_login(tom)

    html = client.get(f"/moderation/batch/?{query}").content.decode()
    assert all(f"Number {n}" in html for n in range(4))
    assert Decision.objects.count() == 0
    claim(chosen[0], by=aicha)
    decide(chosen[1], Ruling("keep"), by=aicha)
    words = {"case": [case.pk for case in chosen], "measure": "hide", "rule": make_rule().pk}
    missing = client.post("/moderation/batch/", words)
    assert (missing.status_code, "State the facts" in missing.content.decode()) == (422, True)
    html = client.post("/moderation/batch/", {**words, "facts": "Adverts."}).content.decode()

    assert "Aicha is on this case" in html
    assert set(topic.posts.filter(state="removed").values_list("subject__cases", flat=True)) == {
        chosen[2].pk,
        chosen[3].pk,
    }
    assert Case.objects.open().get() == chosen[0]


def test_who_is_on_what_is_told_while_the_queue_is_looked_at(client):
    tom, aicha = make_moderator(), make_moderator("aicha")
    first, second, gone = (report(by=make_member(), post=make_reply(make_topic())).case for _ in range(3))
    claim(first, by=aicha)
    decide(gone, Ruling("keep"), by=aicha)
    client.force_login(tom)

    assert client.get("/moderation/on").json() == {"waiting": {str(first.pk): "Aicha is on it", str(second.pk): ""}}
