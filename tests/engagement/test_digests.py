from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from engagement import jobs
from engagement.actions.digests import period_due, plan_digests
from engagement.models import DigestEdition, Envelope, Letter
from engagement.queries import digest_content
from forums.actions.reading import follow
from forums.models import Post
from forums.readers import reader_for
from members.actions.blocks import block_member
from tests.make import make_community, make_forum, make_host, make_member, make_reply, make_topic
from toolkit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


@pytest.mark.parametrize(
    ("zone", "now", "period", "due"),
    [
        ("Europe/Paris", "2026-11-23T07:30", "2026-W47", "2026-11-23T07:00"),
        ("Europe/Paris", "2026-11-23T06:30", "2026-W46", "2026-11-16T07:00"),
        ("America/Montreal", "2026-11-23T07:30", "2026-W46", "2026-11-16T13:00"),
        ("America/Montreal", "2026-11-23T13:00", "2026-W47", "2026-11-23T13:00"),
        ("Pacific/Auckland", "2026-11-22T19:30", "2026-W47", "2026-11-22T19:00"),
        ("Europe/Paris", "2026-10-26T07:30", "2026-W43", "2026-10-26T07:00"),  # the Monday after summer time ended
        ("Europe/Paris", "2027-01-04T07:30", "2026-W53", "2027-01-04T07:00"),
    ],
)
def test_weekly_digest_is_due_on_monday_at_the_members_own_hour(zone, now, period, due):
    member = make_member(time_zone=zone, digest="weekly", digest_hour=8)

    found = period_due(member, datetime.fromisoformat(now).replace(tzinfo=UTC))

    assert found == (period, datetime.fromisoformat(due).replace(tzinfo=UTC))


def test_planning_twice_or_two_planners_write_one_letter_a_period():
    make_member(digest="weekly")
    make_member(digest="never")
    monday = datetime(2026, 11, 23, 12, tzinfo=UTC)

    with clock.at(monday):
        first, second = plan_digests(), plan_digests()

    assert (first, second) == (1, 0)
    assert Letter.objects.get().period == "2026-W47"


def test_digest_that_is_days_late_is_not_planned():
    make_member(digest="weekly")

    with clock.at(datetime(2026, 11, 27, 12, tzinfo=UTC)):
        assert plan_digests() == 0


def digest_for(member, period):
    now = timezone.now()
    letter = Letter.objects.create(
        member=member,
        kind="digest",
        period=period,
        not_before=now,
        expires_at=now + timedelta(days=3),
        created_at=now,
    )
    jobs.send_letters()
    letter.refresh_from_db()
    return letter


def last_week():
    """A period that has just ended, and a moment inside it."""
    day = timezone.now() - timedelta(days=7)
    year, week, _ = day.isocalendar()
    start = datetime.fromisocalendar(year, week, 3).replace(tzinfo=UTC, hour=12)
    return f"{year}-W{week:02d}", start


def test_digest_says_what_was_said_where_its_reader_may_read():
    period, then = last_week()
    sealed = make_forum(audience="team")
    ann, host = make_member(digest="weekly"), make_host(sealed)
    with clock.at(then):
        mine = make_topic(by=ann, title="My kettle")
        make_reply(mine)
        make_topic(title="An open question", intent="question")
        talked = make_topic(title="Much talked about")
        make_reply(talked)
        make_topic(sealed, by=host, title="For the team only")
    DigestEdition.objects.create(week=period, introduction_en="A good week.", signed_by=host)

    letter = digest_for(ann, period)

    envelope = Envelope.objects.get(letter=letter)
    for part in (envelope.text, envelope.html):
        for said in ("My kettle", "An open question", "Much talked about", "A good week.", "Mend."):
            assert said in part
        assert "For the team only" not in part
    assert envelope.subject == "The week in The Shed"


def test_digest_keeps_to_languages_read_and_leaves_out_blocks_and_what_is_not_wanted():
    period, then = last_week()
    ann, bob, quiet = make_member(digest="weekly", reads="en"), make_member(), make_forum()
    with clock.at(then):
        mine = make_topic(by=ann, title="My kettle")
        make_reply(mine, by=bob, body="From behind a block")
        for title, more in {
            "En français": {"lang": "fr"}, "By Bob": {"by": bob}, "Not wanted": {"forum": quiet}, "In English": {}
        }.items():  # fmt: skip
            make_reply(make_topic(title=title, **{"lang": "en", **more}))
    block_member(bob, by=ann)
    follow(quiet, by=ann, level="nothing")

    letter = digest_for(ann, period)

    text = Envelope.objects.get(letter=letter).text
    assert "In English" in text
    for left_out in ("En français", "By Bob", "Not wanted", "From behind a block"):
        assert left_out not in text


def test_digest_is_never_empty():
    period, _ = last_week()

    letter = digest_for(make_member(digest="weekly"), period)

    assert (letter.state, letter.outcome) == ("skipped", "nothing new to read")
    assert Envelope.objects.count() == 0


def test_digest_switched_off_meanwhile_is_not_sent():
    period, then = last_week()
    with clock.at(then):
        make_topic()
    ann = make_member(digest="never")

    assert digest_for(ann, period).outcome == "the digest was switched off"


def test_digest_has_seven_items_at_most_and_each_once():
    ann = make_member()
    for _ in range(12):
        make_reply(make_topic(by=ann))
        make_topic(intent="question")
    now = timezone.now()

    content = digest_content(reader_for(ann), since=now - timedelta(days=1), until=now + timedelta(days=1))

    topics = [p.topic_id for p in content.replies] + [t.pk for t in [*content.questions, *content.talked]]
    assert len(topics) == 7
    assert len(set(topics)) == 7


def test_what_was_hidden_before_sending_is_left_out():
    ann = make_member()
    post = make_reply(make_topic(by=ann))
    now = timezone.now()
    span = {"since": now - timedelta(days=1), "until": now + timedelta(days=1)}
    assert digest_content(reader_for(ann), **span).replies == [post]

    Post.objects.filter(pk=post.pk).update(state="removed")

    assert digest_content(reader_for(ann), **span).replies == []
