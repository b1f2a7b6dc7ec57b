"""What moderators do around a case: put it off, note, look up, ask others, file it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions.posts import edit_post
from forums.readers import reader_for
from moderation.actions.cases import open_letter, report, snooze
from moderation.models import Case
from tests.make import (
    make_community,
    make_conversation,
    make_member,
    make_moderator,
    make_reply,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


@pytest.fixture
def tom():
    return make_moderator("tom")


def reported(*, by=None, topic=None, author=None, **more):
    post = make_reply(topic or make_topic(), by=author or make_member(), body=more.pop("body", "A harsh word."))
    return report(by=by or make_member(), post=post, **more).case


def waits():
    return list(Case.objects.waiting())


# --- Put off


def test_case_put_off_until_an_edit_comes_back_with_it(tom):
    case = reported()
    post = case.subject.post

    snooze(case, by=tom, on="edit")
    assert waits() == []
    make_reply(post.topic)
    assert waits() == []
    edit_post(post, by=post.author, body="A kind word.", version=post.version)

    case = Case.objects.get()
    assert waits() == [case]
    assert not case.is_put_off


def test_case_put_off_until_a_reply_comes_back_with_it_also_of_a_topic(tom):
    topic = make_topic()
    about_post = reported(topic=topic)
    about_topic = report(by=make_member(), topic=topic).case
    for case in (about_post, about_topic):
        snooze(case, by=tom, on="reply", until=timezone.now() + timedelta(days=9))
    assert waits() == []

    make_reply(topic)

    assert waits() == [about_post, about_topic]
    assert [one.is_put_off for one in Case.objects.all()] == [False, False]


def test_case_waits_ninety_days_at_most_and_ends_by_itself(tom):
    case = snooze(reported(), by=tom, on="edit")
    assert timedelta(days=89) < case.snoozed_until - timezone.now() <= timedelta(days=90)
    for days in (91, -1):
        with pytest.raises(Refused, match=r"ninety days|still to come"):
            snooze(case, by=tom, until=timezone.now() + timedelta(days=days))
    Case.objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert waits() == [case]


def test_day_alone_takes_the_place_of_a_condition(tom):
    case = reported()
    snooze(case, by=tom, on="reply")
    case = snooze(case, by=tom, until=timezone.now() + timedelta(days=1))
    make_reply(case.subject.post.topic)
    assert (case.wakes_after_place, waits()) == (None, [])


def test_case_has_nothing_to_wait_for_where_nothing_is_edited_or_written(tom):
    member = report(by=make_member(), member=make_member()).case
    letter = open_letter(name="Zoé", email="z@example.net", body="Hello", language="fr", member=None).case
    ann, bob = make_member(), make_member()
    private = report(by=bob, post=make_conversation(ann, bob).posts.get()).case
    for case in (member, letter):
        with pytest.raises(Refused, match="no post in this case"):
            snooze(case, by=tom, on="edit")
    for case in (member, letter, private):
        with pytest.raises(Refused, match="no topic in this case|private conversation"):
            snooze(case, by=tom, on="reply")
    assert set(waits()) == {member, letter, private}


def test_page_offers_what_a_case_can_wait_for_and_puts_it_off(client, tom):
    case, about = reported(), report(by=make_member(), member=make_member()).case
    client.force_login(tom)
    assert "its post is edited" in client.get(case.get_absolute_url()).content.decode()
    assert "its post is edited" not in client.get(about.get_absolute_url()).content.decode()
    day = timezone.localdate() + timedelta(days=20)

    said = client.post(f"{case.get_absolute_url()}snooze", {"when": "reply", "day": f"{day}"}, follow=True)
    assert "comes back when something new is written in the topic" in said.content.decode()
    client.post(f"{about.get_absolute_url()}snooze", {"when": "week"})
    refused = client.post(f"{about.get_absolute_url()}snooze", {"when": "day"})

    case.refresh_from_db()
    about.refresh_from_db()
    assert case.snoozed_until.date() == day
    assert case.wakes_after_place == case.subject.post.topic.last_position
    assert timedelta(days=6) < about.snoozed_until - timezone.now() < timedelta(days=8)
    assert refused.status_code == 403
    assert "Put off until something new" in client.get(case.get_absolute_url()).content.decode()
