from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from engagement import jobs as mailing
from engagement.models import Envelope, Letter, Notification
from engagement.queries import notifications_page, standing
from forums.readers import reader_for
from moderation import jobs
from moderation.actions.cases import claim, report, snooze
from moderation.actions.decisions import Ruling, decide
from moderation.actions.notices import give_notice
from moderation.actions.rota import acknowledge, come_back, hand_over, open_duties, pause, spread_calls
from moderation.admin.cases import DutyForm
from moderation.models import Call, Case, Colleague, Decision, Duty, HandOver, Summons
from moderation.queries.places import Place
from moderation.queries.rota import notes_for, rota, team_page
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
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db
EVERY_DAY = list(range(7))


@pytest.fixture(autouse=True)
def _community():
    make_community()


def on_duty(member, **more):
    """On the rota around this moment."""
    now = timezone.now().astimezone(member.zone)
    hours = {"starts": (now - timedelta(hours=1)).time(), "ends": (now + timedelta(hours=2)).time()}
    return Duty.objects.create(member=member, weekdays=EVERY_DAY, **{**hours, **more})


def later(member, *, hours=3):
    now = timezone.now().astimezone(member.zone)
    starts, ends = (now + timedelta(hours=hours)).time(), (now + timedelta(hours=hours + 2)).time()
    return Duty.objects.create(member=member, weekdays=EVERY_DAY, starts=starts, ends=ends)


def quiet(member):
    now = timezone.now().astimezone(member.zone)
    hours = {"quiet_from": (now - timedelta(hours=1)).time(), "quiet_until": (now + timedelta(hours=1)).time()}
    return Colleague.objects.update_or_create(member=member, defaults=hours)


def danger(**more):
    post = make_reply(make_topic(**more))
    return report(by=make_member(), post=post, is_illegal=True, words="A threat.").case


def called():
    """Who was called, and whether by mail."""
    return {one.member.username: one.is_mailed for one in Summons.objects.filter(call__isnull=False)}


def test_case_of_danger_calls_whoever_is_on_duty_and_nobody_else():
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    on_duty(tom)
    later(aicha)
    case = danger()
    assert Call.objects.get().case == case  # a row, in the transaction that opened it

    jobs.keep_rota()
    jobs.keep_rota()

    assert called() == {"tom": True}
    duty, line = notifications_page(reader_for(tom)).rows  # that it began, too
    assert (line.kind, line.summons.call.case) == (Notification.Kind.CALL, case)
    assert duty.summons.duty_ends is not None
    assert notifications_page(reader_for(aicha)).rows == []
    mailing.send_letters()
    envelope = Envelope.objects.get(recipient=tom.email, subject__startswith="You are called")
    assert f"/moderation/case/{case.pk}/" in envelope.text
    assert "threat" not in envelope.text


def test_other_cases_call_nobody_and_a_raised_band_does():
    tom, post = make_moderator("tom"), make_reply(make_topic())
    on_duty(tom)
    report(by=make_member(), post=post)
    spread_calls()
    assert called() == {}

    report(by=make_member(), post=post, is_illegal=True, words="Now a threat.")
    spread_calls()

    assert called() == {"tom": True}


def test_without_a_rota_everybody_is_on_duty_outside_their_quiet_hours():
    make_moderator("tom")
    quiet(make_moderator("aicha"))
    danger()

    spread_calls()

    assert called() == {"tom": True}


def test_nobody_on_duty_gives_everybody_a_line_and_calls_the_next_when_theirs_begins():
    make_moderator("tom")
    aicha = make_moderator("aicha")
    later(aicha, hours=3)
    danger()

    assert spread_calls() == 0
    assert called() == {"tom": False, "aicha": False}
    assert Letter.objects.filter(kind="call").count() == 0

    with clock.at(timezone.now() + timedelta(hours=4)):
        assert spread_calls() == 1
        assert spread_calls() == 0

    assert called() == {"tom": False, "aicha": True}
    assert Letter.objects.get(kind="call").member == aicha


def test_quiet_hours_of_whoever_is_on_duty_are_kept_and_they_are_called_after():
    tom = make_moderator("tom")
    on_duty(tom, starts=time(0), ends=time(0))
    quiet(tom)
    danger()

    spread_calls()
    assert called() == {"tom": False}
    with clock.at(timezone.now() + timedelta(hours=2)):
        spread_calls()

    assert called() == {"tom": True}


def test_who_pauses_is_not_called_and_a_rota_of_those_who_pause_is_none():
    tom = make_moderator("tom")
    make_moderator("aicha")
    on_duty(tom)
    pause(by=tom)
    danger()

    spread_calls()

    assert called() == {"aicha": True}


def test_where_everybody_pauses_a_line_waits_for_them():
    pause(by=make_moderator("tom"))
    danger()

    spread_calls()

    assert called() == {"tom": False}


def test_a_rota_of_another_forum_leaves_nobody_uncalled():
    here, there = make_forum("here"), make_forum("there")
    on_duty(make_moderator("tom", forum=there))
    make_host(here, "grace")
    danger(forum=here)

    spread_calls()

    assert called() == {"grace": True}


def test_duty_of_one_forum_does_not_cover_another():
    here, there = make_forum("here"), make_forum("there")
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    on_duty(tom, forum=there)
    on_duty(aicha)
    danger(forum=here)

    spread_calls()

    assert called() == {"aicha": True}


def test_case_about_a_moderator_does_not_call_them():
    tom = make_moderator("tom")
    make_moderator("aicha")
    report(by=make_member(), post=make_reply(make_topic(), by=tom), is_illegal=True, words="x")

    spread_calls()

    assert called() == {"aicha": True}


def test_reported_conversation_does_not_call_the_host_of_any_forum():
    make_host(make_forum(), "grace")
    make_moderator("tom")
    ann, bob = make_member(), make_member()
    topic = make_conversation(ann, bob)
    report(by=bob, post=topic.posts.get(), is_illegal=True, words="x")

    spread_calls()

    assert called() == {"tom": True}


def test_what_was_decided_meanwhile_calls_nobody():
    tom = make_moderator("tom")
    case = danger()
    decide(case, Ruling(Decision.Measure.KEEP), by=tom)

    spread_calls()

    assert called() == {}
    assert Call.objects.get().answered_at is not None


def test_what_somebody_is_on_calls_nobody_until_they_pause():
    tom = make_moderator("tom")
    make_moderator("aicha")
    case = danger()
    claim(case, by=tom)
    spread_calls()
    assert called() == {}

    pause(by=tom)
    spread_calls()

    assert called() == {"aicha": True}


def test_dangerous_case_that_was_put_off_calls_again_once_its_owner_pauses():
    tom = make_moderator("tom")
    case = danger()
    spread_calls()
    snooze(case, by=tom, until=timezone.now() + timedelta(days=1))
    make_moderator("aicha")
    spread_calls()
    assert called() == {"tom": True}

    pause(by=tom)
    spread_calls()

    assert called() == {"tom": True, "aicha": True}


def test_line_of_a_call_goes_when_its_case_is_decided_and_the_mail_is_not_sent():
    tom = make_moderator("tom")
    case = danger()
    spread_calls()
    assert standing(reader_for(tom)).told == 1

    decide(case, Ruling(Decision.Measure.KEEP), by=tom)
    mailing.send_letters()

    assert notifications_page(reader_for(tom)).rows == []
    assert standing(reader_for(tom)).told == 0
    assert Letter.objects.get(kind="call").outcome == "decided meanwhile"


def test_line_of_a_call_is_for_the_team_only(client):
    tom = make_moderator("tom")
    case = danger()
    spread_calls()
    line = Notification.objects.get(member=tom, kind="call")
    client.force_login(tom)
    assert client.get(f"/notifications/{line.pk}/").url == case.get_absolute_url()
    assert "You are called" in client.get("/notifications/").content.decode()

    tom.appointments.update(until=timezone.now())

    assert notifications_page(reader_for(tom)).rows == []


def test_second_call_within_half_an_hour_is_not_mailed():
    make_moderator("tom")
    danger()
    spread_calls()
    danger()
    spread_calls()

    assert [one.is_mailed for one in Summons.objects.order_by("pk")] == [True, False]


def test_flood_of_notices_from_outside_calls_once_an_hour():
    make_moderator("tom")
    for n in range(3):
        place = Place(f"/p/{n}", post=make_reply(make_topic()))
        said = {"ground": "fraud", "explanation": "x", "language": "en", "name": "A", "email": f"a{n}@example.net"}
        give_notice(key=uuid4(), places=[place], **said)
        spread_calls()

    assert Summons.objects.count() == 1
    assert Call.objects.filter(answered_at=None).count() == 0


def test_calls_by_mail_can_be_switched_off():
    tom = make_moderator("tom")
    Colleague.objects.create(member=tom, is_called_by_mail=False)
    danger()

    spread_calls()

    assert called() == {"tom": False}
    assert Call.objects.get().answered_at is not None


def test_beginning_of_a_duty_is_told_once_and_mailed_where_something_waits():
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    on_duty(tom)
    later(aicha)
    report(by=make_member(), post=make_reply(make_topic()))

    assert open_duties() == 1
    assert open_duties() == 0

    assert notifications_page(reader_for(tom)).rows[0].summons.duty_ends > timezone.now()
    mailing.send_letters()
    envelope = Envelope.objects.get()
    assert (envelope.recipient, envelope.subject) == (tom.email, "You are on duty")
    assert "1 case waits." in envelope.text


def test_duty_that_begins_with_nothing_to_do_is_not_mailed():
    on_duty(make_moderator())

    open_duties()

    assert [one.is_mailed for one in Summons.objects.all()] == [False]


def test_hours_are_those_of_the_persons_own_zone_through_the_change_of_the_clock():
    duty = Duty(weekdays=[6], starts=time(22), ends=time(6))
    zone = ZoneInfo("Europe/Paris")
    since, until = datetime(2026, 10, 18, tzinfo=UTC), datetime(2026, 10, 27, tzinfo=UTC)

    spans = duty.spans(zone, since=since, until=until)

    assert [(a.astimezone(UTC).isoformat()[:16], b.astimezone(UTC).isoformat()[:16]) for a, b in spans] == [
        ("2026-10-18T20:00", "2026-10-19T04:00"),
        ("2026-10-25T21:00", "2026-10-26T05:00"),
    ]


def test_duties_that_touch_are_one():
    tom = make_moderator("tom", time_zone="UTC")
    day = timezone.now().date() + timedelta(days=1)
    for start, end in ((9, 12), (12, 15)):
        Duty.objects.create(member=tom, date=day, starts=time(start), ends=time(end))
    begin = datetime.combine(day, time(0), UTC)

    (mate,) = rota().mates

    assert [(a.hour, b.hour) for a, b in mate.spans(since=begin, until=begin + timedelta(days=1))] == [(9, 15)]


def test_duty_is_on_weekdays_or_on_a_date():
    tom = make_moderator()
    for odd in ({}, {"weekdays": [0], "date": date(2026, 1, 1)}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Duty.objects.create(member=tom, starts=time(8), ends=time(9), **odd)


@pytest.mark.parametrize("who", ["moderator", "host", "member"])
def test_rota_takes_those_who_moderate_there(who):
    forum = make_forum()
    member = {"moderator": make_moderator, "host": lambda: make_host(forum), "member": make_member}[who]()
    said = {"member": member.pk, "forum": forum.pk, "weekdays": ["0", "6"], "starts": "08:00", "ends": "09:00"}

    form = DutyForm(said)

    assert form.is_valid() == (who != "member")
    if form.is_valid():
        assert form.save().weekdays == [0, 6]


def test_rota_is_set_in_the_administration(admin_client):
    tom = make_moderator("tom")
    said = {"member": tom.pk, "forum": "", "weekdays": ["0"], "date": "", "starts": "08:00", "ends": "10:00"}

    assert admin_client.post("/admin/moderation/duty/add/", said).status_code == 302

    assert "Monday" in admin_client.get("/admin/moderation/duty/").content.decode()


def test_pause_hands_everything_over_and_one_click_ends_it(client):
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    on, put_off, hers = (report(by=make_member(), post=make_reply(make_topic())).case for _ in range(3))
    claim(on, by=tom)
    snooze(put_off, by=tom, until=timezone.now() + timedelta(days=2))
    snooze(hers, by=aicha, until=timezone.now() + timedelta(days=2))
    client.force_login(tom)

    client.post("/moderation/team/pause", {"until": ""})

    for case in (on, put_off, hers):
        case.refresh_from_db()
    assert (on.claimed_by, put_off.snoozed_until) == (None, None)
    assert hers.snoozed_by == aicha
    assert set(Case.objects.waiting()) == {on, put_off}
    assert "pauses" in client.get("/moderation/team/").content.decode()
    assert "You pause" in client.get("/moderation/").content.decode()
    decide(on, Ruling(Decision.Measure.KEEP), by=tom)  # may still, if they like

    client.post("/moderation/team/back")

    assert not Colleague.objects.get(member=tom).is_paused()


def test_pause_until_a_day_ends_on_its_morning():
    tom = make_moderator(time_zone="America/Montreal")
    day = timezone.now().astimezone(tom.zone).date() + timedelta(days=3)

    pause(by=tom, until=day)

    known = Colleague.objects.get()
    assert known.paused_until == datetime.combine(day, time(0), tom.zone)
    assert known.is_paused()
    assert not known.is_paused(known.paused_until)
    come_back(by=tom)
    with pytest.raises(Refused, match="still to come"):
        pause(by=tom, until=date(2020, 1, 1))
    with pytest.raises(Refused, match="for moderators"):
        pause(by=make_member())


def test_note_stands_atop_the_queue_of_the_others_until_they_have_read_it(client):
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    client.force_login(tom)
    client.post("/moderation/team/hand-over", {"words": "The lamp is not a sanction."})
    assert "The lamp" not in client.get("/moderation/").content.decode()
    client.force_login(aicha)
    assert "The lamp" in client.get("/moderation/").content.decode()

    client.post(f"/moderation/team/hand-over/{HandOver.objects.get().pk}/read")

    assert "The lamp" not in client.get("/moderation/").content.decode()
    page = client.get("/moderation/team/").content.decode()
    assert "The lamp" in page
    assert "Read by Aicha" in page


def test_note_leaves_the_queue_after_thirty_days():
    tom, aicha = make_moderator(), make_moderator()
    with clock.at(timezone.now() - timedelta(days=29)):
        hand_over(by=tom, words="Nearly old")
    with clock.at(timezone.now() - timedelta(days=31)):
        hand_over(by=tom, words="Old")

    assert [note.words for note in notes_for(reader_for(aicha))] == ["Nearly old"]


def test_note_of_one_forum_is_for_its_team_and_a_host_writes_no_other():
    here, there = make_forum(), make_forum()
    grace, hettie = make_host(here), make_host(there)
    note = hand_over(by=grace, words="Ours", forum=here)

    assert notes_for(reader_for(hettie)) == []
    assert notes_for(reader_for(make_moderator())) == [note]
    with pytest.raises(Refused, match="that you moderate"):
        hand_over(by=grace, words="Everybody's")
    with pytest.raises(Refused):
        acknowledge(note, by=hettie)
    with pytest.raises(Refused):
        hand_over(by=make_member(), words="Mine")


def test_quiet_hours_are_set_on_the_team_page_both_or_none(client):
    tom = make_moderator()
    client.force_login(tom)

    odd = client.post("/moderation/team/habits", {"quiet_from": "22:00", "quiet_until": "", "blurs": "on"})
    assert odd.status_code == 422
    assert "Give both times, or none." in odd.content.decode()
    client.post("/moderation/team/habits", {"quiet_from": "22:00", "quiet_until": "07:00", "blurs": "on"})

    known = Colleague.objects.get()
    assert (known.quiet_from, known.quiet_until, known.is_called_by_mail) == (time(22), time(7), False)
    at = datetime(2026, 11, 25, 23, tzinfo=UTC)
    assert [known.is_quiet(at + timedelta(hours=h), ZoneInfo("UTC")) for h in (0, 7, 8)] == [True, True, False]


def test_team_page_says_who_is_on_duty_now_and_next():
    tom, aicha = make_moderator("tom"), make_moderator("aicha")
    on_duty(tom)
    later(aicha)
    grace = make_host(make_forum(), "grace")

    page = team_page(reader_for(aicha))

    assert [line.mate.member for line in page.on_duty] == [tom]
    assert page.next_up[0].mate.member == aicha
    assert len(page.my_spans) == 4
    assert [line.mate.member for line in team_page(reader_for(grace)).lines] == [aicha, tom, grace]


@pytest.mark.parametrize("many", [1, 12])
def test_team_page_costs_the_same_however_many_there_are(client, many, django_assert_max_num_queries):
    tom = make_moderator()
    for _ in range(many):
        on_duty(make_moderator())
        acknowledge(hand_over(by=make_moderator(), words="A note"), by=tom)
    client.force_login(tom)

    with django_assert_max_num_queries(9 + 2):
        html = client.get("/moderation/team/").content.decode()

    assert html.count('<li id="note-') == many


def test_no_row_of_a_colleague_is_half_a_quiet_hour():
    with pytest.raises(IntegrityError), transaction.atomic():
        Colleague.objects.create(member=make_moderator(), quiet_from=time(22))
    with pytest.raises(ValidationError):
        Duty(member=make_moderator(), weekdays=[9], starts=time(8), ends=time(9)).full_clean()
