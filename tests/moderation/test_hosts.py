"""Hosts moderate the forum they host, with the same tools; what is of the whole community is not theirs."""

from __future__ import annotations

import pytest

from forums.models import Post
from forums.readers import reader_for
from members.models import Joining
from moderation.actions.cases import open_application, open_letter, report, take_up
from moderation.actions.decisions import Ruling, appeal, decide, undo
from moderation.models import Case, Decision
from moderation.queries import open_counts, queue
from tests.make import (
    held_post,
    make_community,
    make_conversation,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
M = Decision.Measure


@pytest.fixture(autouse=True)
def _community():
    make_community()


@pytest.fixture
def forum():
    return make_forum("clinic")


@pytest.fixture
def grace(forum):
    return make_host(forum, "grace")


def test_host_sees_the_cases_of_their_forum_and_no_others(forum, grace):
    here, there = make_topic(forum), make_topic()
    mine = {report(by=make_member(), post=make_reply(here)).case, report(by=make_member(), topic=here).case}
    mine.add(Case.objects.get(subject__post=held_post(here)))
    report(by=make_member(), post=make_reply(there))
    report(by=make_member(), member=make_member())
    ann, bob = make_member(), make_member()
    report(by=bob, post=make_conversation(ann, bob).posts.get())
    open_application(make_newcomer(state="applying"))
    open_letter(name="A", email="a@example.org", body="x", language="en", member=None)

    assert set(queue(reader_for(grace))) == mine
    assert open_counts(reader_for(grace))["main"] == 3
    assert len(queue(reader_for(make_moderator()))) == 8


def test_host_decides_with_the_same_tools_and_undoes(client, forum, grace):
    rule, post = make_rule(forum), make_reply(make_topic(forum))
    case = report(by=make_member(), post=post).case
    client.force_login(grace)
    assert post.body in client.get(f"/moderation/case/{case.pk}/").content.decode()

    said = {"measure": "hide", "rule": rule.pk, "facts": "A name.", "message": "I hid it."}
    assert client.post(f"/moderation/case/{case.pk}/", said).status_code == 302

    decision = Decision.objects.get()
    assert decision.actor == grace
    assert Post.objects.get(pk=post.pk).is_removed
    assert client.get("/moderation/log/").content.decode().count('<li id="decision-') == 1
    undo(decision, by=grace, reason="I was wrong.")
    assert not Post.objects.get(pk=post.pk).is_removed


def test_host_takes_up_posts_of_their_forum_only_and_is_offered_no_others(client, forum, grace):
    here, there = make_reply(make_topic(forum)), make_reply(make_topic())
    client.force_login(grace)
    assert f"/p/{here.pk}/moderate" in client.get(here.topic.get_absolute_url()).content.decode()
    assert f"/p/{there.pk}/moderate" not in client.get(there.topic.get_absolute_url()).content.decode()

    assert client.post(f"/p/{here.pk}/moderate").status_code == 302
    with pytest.raises(Refused, match="do not moderate this forum"):
        take_up(there, by=grace)


def test_host_never_judges_their_own_post(client, forum, grace):
    post = make_reply(make_topic(forum), by=grace)
    case = report(by=make_member(), post=post).case
    client.force_login(grace)

    assert client.get(f"/moderation/case/{case.pk}/").status_code == 404
    assert queue(reader_for(grace)) == []
    with pytest.raises(Refused, match="about you"):
        decide(case, Ruling(M.KEEP), by=grace)
    with pytest.raises(Refused):
        take_up(post, by=grace)


def test_what_is_of_the_whole_community_is_not_decided_by_a_host(client, grace):
    make_community(joining=Joining.APPROVAL)
    application = open_application(make_newcomer(state="applying"))
    about_member = report(by=make_member(), member=make_member()).case
    client.force_login(grace)

    for case, measure in ((application, M.ADMIT), (about_member, M.KEEP)):
        assert client.get(f"/moderation/case/{case.pk}/").status_code == 404
        with pytest.raises(Refused, match="whole community"):
            decide(case, Ruling(measure), by=grace)


def test_conversation_stays_sealed_to_a_host_of_any_forum(client, grace):
    ann, bob = make_member(), make_member()
    topic = make_conversation(ann, bob, body="zqsecret")
    case = report(by=bob, post=topic.posts.get()).case
    client.force_login(grace)

    for address in (f"/moderation/case/{case.pk}/", topic.get_absolute_url()):
        response = client.get(address)
        assert response.status_code == 404
        assert "zqsecret" not in response.content.decode()
    with pytest.raises(Refused, match="whole community"):
        decide(case, Ruling(M.KEEP), by=grace)


def test_host_reads_what_is_held_in_their_forum_and_not_elsewhere(client, forum, grace):
    here, there = held_post(make_topic(forum)), held_post(make_topic())
    client.force_login(grace)

    assert "unknown.example.net" in client.get(here.topic.get_absolute_url()).content.decode()
    assert "unknown.example.net" not in client.get(there.topic.get_absolute_url()).content.decode()
    case = Case.objects.get(subject__post=here)
    decide(case, Ruling(M.APPROVE), by=grace)
    here.refresh_from_db()
    assert here.state == Post.State.PUBLISHED


def test_appeal_against_a_host_is_read_by_somebody_else(forum, grace):
    tom, ann = make_moderator("tom"), make_member()
    post = make_reply(make_topic(forum), by=ann)
    hidden = decide(
        take_up(post, by=grace), Ruling(M.HIDE, rule=make_rule(forum), facts="x", message="I hid it."), by=grace
    )
    contested = appeal(hidden, by=ann, happened="A quotation.", wanted="Show it.").case

    with pytest.raises(Refused, match="somebody else reads the appeal"):
        decide(contested, Ruling(M.MAINTAIN, message="It stands."), by=grace)
    decide(contested, Ruling(M.UNDO, message="You are right."), by=tom)

    assert not Post.objects.get(pk=post.pk).is_removed


def test_host_whose_time_is_over_moderates_no_more(forum, grace):
    report(by=make_member(), post=make_reply(make_topic(forum)))
    assert len(queue(reader_for(grace))) == 1

    grace.appointments.update(until="2026-01-01T00:00Z", since="2025-01-01T00:00Z")

    assert queue(reader_for(grace)) == []
    assert not reader_for(grace).moderates_anywhere
