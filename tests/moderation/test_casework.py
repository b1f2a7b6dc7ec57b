"""What moderators do around a case: put it off, note, look up, ask others, file it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions.posts import edit_post
from forums.readers import reader_for
from members.former import Former
from moderation import jobs
from moderation.actions.cases import open_letter, report, snooze
from moderation.actions.decisions import Ruling, decide
from moderation.actions.departures import unname
from moderation.actions.notes import add_note, remove_note
from moderation.models import Case, Decision, MemberNote
from moderation.queries.notes import notes_on
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


# --- Notes on a member


def test_note_stands_beside_the_person_for_those_who_moderate_everywhere_alone(client, tom):
    forum, bob = make_forum(), make_member("bob")
    case = reported(author=bob, topic=make_topic(forum))
    client.force_login(tom)
    client.post(f"{case.get_absolute_url()}note", {"body": "Apologised by letter on 3 May."})
    client.force_login(make_moderator("aicha"))
    html = client.get(case.get_absolute_url()).content.decode()
    assert "Apologised by letter" in html
    assert "Take this note away" not in html

    client.force_login(make_host(forum))
    html = client.get(case.get_absolute_url()).content.decode()
    assert "Apologised" not in html
    assert "Notes on this member" not in html
    assert client.post(f"{case.get_absolute_url()}note", {"body": "Mine too."}).status_code == 403


def test_notes_are_never_for_the_member_concerned(tom):
    aicha = make_moderator("aicha")
    add_note(aicha, by=tom, body="Was rude in the team's forum.")
    assert notes_on(reader_for(aicha), aicha) == []
    assert len(notes_on(reader_for(make_moderator()), aicha)) == 1
    with pytest.raises(Refused, match="note on yourself"):
        add_note(tom, by=tom, body="I am good.")


def test_note_is_taken_away_by_whoever_wrote_it(client, tom):
    case, aicha = reported(), make_moderator("aicha")
    note = add_note(case.subject.accountable, by=tom, body="A fact.")
    with pytest.raises(Refused, match="Somebody else wrote"):
        remove_note(note, by=aicha)
    client.force_login(tom)
    client.post(f"{case.get_absolute_url()}note/{note.pk}/remove")
    assert not MemberNote.objects.exists()


def test_note_says_something_in_a_thousand_characters(tom):
    for body in ("  ", "x" * 1001):
        with pytest.raises(Refused, match="thousand characters"):
            add_note(make_member(), by=tom, body=body)


def test_note_of_no_use_for_a_year_is_deleted_and_a_decision_is_a_use(tom):
    forum = make_forum()
    old = timezone.now() - timedelta(days=366)
    notes = {}
    for name, who in (("bob", tom), ("eve", make_host(forum)), ("joe", None)):
        case = reported(author=make_member(name), topic=make_topic(forum))
        notes[name] = add_note(case.subject.accountable, by=tom, body="A fact.")
        MemberNote.objects.filter(pk=notes[name].pk).update(created_at=old, used_at=old)
        if who is not None:
            decide(case, Ruling(Decision.Measure.KEEP), by=who)

    jobs.forget_notes()
    jobs.forget_notes()

    assert list(MemberNote.objects.values_list("member__username", flat=True)) == ["bob"]  # the host does not see them


def test_notes_go_when_the_member_leaves_and_name_them_nowhere(tom):
    bob = make_member("bob")
    add_note(bob, by=tom, body="A fact.")
    about_another = add_note(make_member(), by=tom, body="Quarrels with bob.")
    former = Former(username="bob", name=bob.name, email=bob.email, pseudonym="former-1")
    unname(bob, former)
    assert [note.body for note in MemberNote.objects.all()] == ["Quarrels with former-1."]
    assert MemberNote.objects.get() == about_another
