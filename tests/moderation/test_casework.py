"""What moderators do around a case: put it off, note, look up, ask others, file it."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from django.utils import timezone

from engagement.models import Notification
from engagement.queries import standing
from forums.actions.posts import edit_post
from forums.readers import reader_for
from members.former import Former
from members.models import Member
from moderation import jobs
from moderation.actions.cases import open_letter, report, snooze
from moderation.actions.decisions import Ruling, decide, undo
from moderation.actions.departures import unname
from moderation.actions.files import close_file, open_file, put_into_file, take_out_of_file, take_over_file
from moderation.actions.notes import add_note, remove_note
from moderation.actions.opinions import ask_for_opinions, give_opinion
from moderation.actions.rota import pause
from moderation.models import Case, CaseFile, Decision, Duty, MemberNote, Report
from moderation.queries import case_page
from moderation.queries.notes import notes_on
from moderation.queries.opinions import opinions_of
from moderation.queries.precedents import add_records, precedents_of
from tests.make import (
    make_community,
    make_conversation,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
QUERIES_OF_A_CASE = 30  # however many rows there are of anything; measured with one of each and with eight


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


# --- Reporters, precedents, rules


def said_of(reader, case):
    page = case_page(reader, case.pk)
    add_records(reader, case, page.reports)
    return [(one.followed, one.made) for one in page.reports]


def similar(reader, case):
    page = case_page(reader, case.pk)
    return precedents_of(reader, page.case, page.reports, page.decisions)


def hidden(case, by, facts="A fact."):
    return decide(case, Ruling(Decision.Measure.HIDE, rule=make_rule(), facts=facts), by=by)


def test_how_often_reports_were_followed_by_a_measure_is_said_and_orders_nothing(client, tom):
    ann = make_member()
    hidden(reported(by=ann), tom)
    undo(hidden(reported(by=ann), tom), by=tom, reason="A mistake.")
    decide(reported(by=ann), Ruling(Decision.Measure.KEEP), by=tom)
    reported(by=ann)  # nobody has decided about it
    old = reported(by=ann)
    hidden(old, tom)
    Report.objects.filter(case=old).update(created_at=timezone.now() - timedelta(days=366))
    case = reported(by=ann)
    report(by=make_member(), post=case.subject.post)

    assert said_of(reader_for(tom), case) == [(1, 2), (0, 0)]  # a case that was opened again by an undo waits
    client.force_login(tom)
    assert (
        "1 of 2 reports of the last year were followed by a measure."
        in client.get(case.get_absolute_url()).content.decode()
    )
    host = make_host(case.subject.post.topic.forum)
    assert said_of(reader_for(host), case) == [(0, 0), (0, 0)]  # the others are of forums that they do not moderate


def test_most_similar_decisions_stand_beside_the_case(client, tom):
    like = hidden(reported(body="Buy cheap watches at my workshop"), tom, facts="Advertising for watches.")
    by_report = decide(
        reported(body="Look here", words="He sells watches everywhere"), Ruling(Decision.Measure.KEEP), by=tom
    )
    hidden(reported(body="You are a fool"), tom, facts="An insult.")
    case = reported(body="Watches, watches! Une montre", words="Advertising again")

    assert similar(reader_for(tom), case) == [like, by_report]
    client.force_login(tom)
    html = client.get(case.get_absolute_url()).content.decode()
    assert "Advertising for watches." in html
    assert "An insult." not in html


def test_the_rule_that_was_named_makes_cases_alike_and_is_shown_in_full(client, tom):
    rule = make_rule(title_en="No advertising", text_en="Nobody sells here.")
    same = decide(reported(body="Zorglub"), Ruling(Decision.Measure.HIDE, rule=rule, facts="x"), by=tom)
    case = reported(body="Kreuzberg", rule=rule)
    assert similar(reader_for(tom), case) == [same]
    client.force_login(tom)
    html = client.get(case.get_absolute_url()).content.decode()
    assert "Nobody sells here." in html


def test_precedents_are_of_what_one_may_read_and_never_of_conversations(tom):
    here, ann, bob = make_forum(), make_member(), make_member()
    hidden(reported(body="Watches for sale"), tom, facts="Watches.")
    private = report(by=bob, post=make_conversation(ann, bob, body="Watches for sale").posts.get()).case
    decide(private, Ruling(Decision.Measure.HIDE, also="warn", rule=make_rule(), facts="Watches in private."), by=tom)
    mine = hidden(reported(body="Watches for sale", topic=make_topic(here)), tom, facts="Watches.")
    case = reported(body="Watches for sale", topic=make_topic(here))

    assert similar(reader_for(make_host(here)), case) == [mine]
    assert len(similar(reader_for(tom), case)) == 2
    assert "Watches in private." not in [one.text.facts for one in similar(reader_for(tom), case)]


def test_letter_and_request_to_join_cost_no_search(tom, django_assert_num_queries):
    case = open_letter(name="Zoé", email="z@example.net", body="Hello", language="fr", member=None).case
    reader = reader_for(tom)
    with django_assert_num_queries(0):
        assert precedents_of(reader, case, []) == []


# --- Second opinions


def asked_of(opinions):
    return [one.member.username for one in opinions]


def test_two_who_may_decide_are_asked_on_duty_first_then_the_least_asked(tom):
    forum = make_forum()
    aicha, joe = make_moderator("aicha"), make_moderator("joe")
    host = make_host(forum, "grace")
    away = make_moderator("away")
    pause(by=away)
    make_moderator("elsewhere", forum=make_forum())
    case = reported(topic=make_topic(forum), by=make_moderator("reporter"), author=make_moderator("accused"))
    assert asked_of(ask_for_opinions(case, by=tom)) == ["aicha", "joe"]

    other = reported(topic=make_topic(forum), by=make_member())
    for name in ("reporter", "accused"):
        pause(by=Member.objects.get(username=name))
    assert asked_of(ask_for_opinions(other, by=tom)) == ["grace", "aicha"]  # nothing is awaited of the host

    third = reported(topic=make_topic(forum))
    Duty.objects.create(member=joe, weekdays=list(range(7)), starts=time(0), ends=time(0))
    assert asked_of(ask_for_opinions(third, by=tom)) == ["joe", "grace"]
    assert host.pk
    assert aicha.pk


def test_nobody_to_ask_is_a_sentence_and_one_is_one(tom):
    case = reported(author=make_member())
    with pytest.raises(Refused, match="nobody else who could say"):
        ask_for_opinions(case, by=tom)
    make_moderator("aicha")
    assert asked_of(ask_for_opinions(case, by=tom)) == ["aicha"]
    with pytest.raises(Refused, match="have not answered yet: Aicha"):
        ask_for_opinions(case, by=tom)


def test_whoever_is_asked_is_told_sees_it_in_the_queue_and_answers(client, tom):
    aicha = make_moderator("aicha")
    case = reported(by=make_member())
    client.force_login(tom)
    client.post(f"{case.get_absolute_url()}ask", {"question": "Is this irony?"})
    assert "your opinion is asked" not in client.get("/moderation/").content.decode()

    client.force_login(aicha)
    assert standing(reader_for(aicha)).told == 1
    assert "is not sure about a case" in client.get("/notifications/").content.decode()
    line = Notification.objects.get(member=aicha)
    assert client.get(f"/notifications/{line.pk}/").headers["Location"] == case.get_absolute_url()
    assert "your opinion is asked" in client.get("/moderation/").content.decode()
    assert "Is this irony?" in client.get(case.get_absolute_url()).content.decode()
    client.post(f"{case.get_absolute_url()}opinion", {"measure": "keep", "words": "Plain irony."})

    assert "your opinion is asked" not in client.get("/moderation/").content.decode()
    assert standing(reader_for(aicha)).told == 0
    client.force_login(tom)
    assert "Plain irony." in client.get(case.get_absolute_url()).content.decode()
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)  # was never in the way


def test_opinions_are_read_by_whoever_asked_and_by_those_who_gave_theirs(tom):
    aicha, joe, eve = make_moderator("aicha"), make_moderator("joe"), make_moderator("eve")
    case = reported(by=eve)
    ask_for_opinions(case, by=tom)
    give_opinion(case, by=aicha, measure="keep", words="Harmless.")
    read = {who.username: len(opinions_of(reader_for(who), case).shown) for who in (tom, aicha, joe, eve)}
    assert read == {"tom": 1, "aicha": 1, "joe": 0, "eve": 0}
    assert opinions_of(reader_for(joe), case).hidden == 1
    give_opinion(case, by=joe, measure="warn")
    assert len(opinions_of(reader_for(joe), case).shown) == 2


def test_opinion_is_given_once_by_whoever_was_asked_with_a_measure_that_fits(tom):
    aicha = make_moderator("aicha")
    case = reported()
    ask_for_opinions(case, by=tom)
    for who, measure, said in ((tom, "keep", "Nobody has asked"), (aicha, "admit", "does not fit")):
        with pytest.raises(Refused, match=said):
            give_opinion(case, by=who, measure=measure)
    give_opinion(case, by=aicha, measure="keep")
    with pytest.raises(Refused, match="You have said"):
        give_opinion(case, by=aicha, measure="hide")
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)
    with pytest.raises(Refused, match="already decided"):
        ask_for_opinions(case, by=tom)


# --- Case files


def test_cases_of_every_kind_go_into_one_file_and_out_again(client, tom):
    case, about = reported(), report(by=make_member(), member=make_member()).case
    client.force_login(tom)
    client.post(f"{case.get_absolute_url()}file", {"title": "The watch seller"})
    file = CaseFile.objects.get()
    assert (file.owner, list(file.cases.all())) == (tom, [case])
    client.post(f"{file.get_absolute_url()}add", {"number": about.pk})
    client.post(f"{file.get_absolute_url()}note", {"note": "Two accounts, one voice."})

    html = client.get(file.get_absolute_url()).content.decode()
    assert html.count('<li id="case-') == 2
    assert "Two accounts, one voice." in html
    assert "The watch seller" in client.get("/moderation/files/").content.decode()
    assert "In the file “The watch seller”" in client.get(case.get_absolute_url()).content.decode()
    client.post(f"{about.get_absolute_url()}unfile")
    assert list(file.cases.all()) == [case]
    assert client.post(f"{file.get_absolute_url()}add", {"number": 10**6}).status_code == 403


def test_file_is_closed_by_its_owner_when_its_cases_are(tom):
    case, aicha = reported(), make_moderator("aicha")
    file = open_file(case, by=tom, title="The watch seller")
    with pytest.raises(Refused, match="still open"):
        close_file(file, by=tom)
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)
    with pytest.raises(Refused, match="take it over first"):
        close_file(file, by=aicha)
    take_over_file(file, by=aicha)
    close_file(file, by=aicha)
    for act in (lambda: put_into_file(reported(), file, by=tom), lambda: take_out_of_file(case, by=tom)):
        with pytest.raises(Refused, match="file is closed"):
            act()


def test_file_is_seen_by_whoever_sees_a_case_of_it_and_by_nobody_whom_it_is_about(client, tom):
    here, elsewhere = make_forum(), make_forum()
    mine, theirs = reported(topic=make_topic(here)), reported(topic=make_topic(elsewhere), body="Of elsewhere.")
    file = open_file(mine, by=tom, title="The watch seller")
    put_into_file(theirs, file, by=tom)
    client.force_login(make_host(here))
    html = client.get(file.get_absolute_url()).content.decode()
    assert f'id="case-{mine.pk}"' in html
    assert f'id="case-{theirs.pk}"' not in html

    aicha = make_moderator("aicha")
    for who in (make_host(make_forum()), aicha):
        if who == aicha:
            put_into_file(reported(author=aicha), file, by=tom)
        client.force_login(who)
        assert client.get(file.get_absolute_url()).status_code == 404
        assert "watch seller" not in client.get("/moderation/files/").content.decode()
        with pytest.raises(Refused, match="not for you"):
            take_over_file(file, by=who)


def test_file_shows_that_its_owner_pauses(client, tom):
    file = open_file(reported(), by=tom, title="The watch seller")
    pause(by=tom)
    client.force_login(make_moderator())
    for page in ("/moderation/files/", file.get_absolute_url()):
        assert '<span class="mark">pauses</span>' in client.get(page).content.decode()


# --- What it costs


@pytest.mark.parametrize("many", [1, 8])
def test_case_page_costs_the_same_however_much_stands_beside_it(client, many, tom, django_assert_max_num_queries):
    for _ in range(many):
        hidden(reported(body="Watches for sale"), tom, facts="Watches.")
        open_file(reported(), by=tom, title="A file")
    for n in range(3):
        make_moderator(f"mod{n}")
    case = reported(body="Watches for sale", rule=make_rule())
    for _ in range(many):
        report(by=make_member(), post=case.subject.post, words="Watches")
        add_note(case.subject.accountable, by=tom, body="A fact.")
    ask_for_opinions(case, by=tom)
    client.force_login(tom)
    client.get(case.get_absolute_url())

    with django_assert_max_num_queries(QUERIES_OF_A_CASE):
        html = client.get(case.get_absolute_url()).content.decode()

    assert "Decided in cases like this one" in html
