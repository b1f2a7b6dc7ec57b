from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement.models import Letter, Notification
from forums.models import Post
from forums.queries.counters import drift
from forums.readers import reader_for
from members.models import Community, Joining, Member
from moderation.actions.cases import claim, open_application, report, snooze, take_up
from moderation.actions.decisions import Ruling, appeal, decide, undo
from moderation.models import AllowedDomain, Case, Decision
from moderation.queries import queue, usual_wait
from moderation.wording import statement_of
from tests.make import (
    held_post,
    make_community,
    make_forum,
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


def hidden(post, by, rule=None, **more):
    ruling = Ruling(M.HIDE, rule=rule or make_rule(), facts="Called somebody a name.", message="I hid it.", **more)
    return decide(take_up(post, by=by), ruling, by=by)


def test_reports_of_one_post_are_one_case_and_change_nothing_about_it():
    post = make_reply(make_topic())

    first = report(by=make_member(), post=post, words="Rude.")
    second = report(by=make_member(), post=post, is_illegal=True, words="A threat.")

    post.refresh_from_db()
    assert first.case == second.case
    assert post.state == Post.State.PUBLISHED
    assert Case.objects.get().band == Case.Band.DANGER


def test_reporting_twice_or_oneself_is_refused():
    post, ann = make_reply(make_topic()), make_member()
    report(by=ann, post=post)

    with pytest.raises(Refused, match="reported this already"):
        report(by=ann, post=post)
    with pytest.raises(Refused, match="This is yours"):
        report(by=post.author, post=post)


def test_queue_is_by_band_then_the_much_reported_then_the_oldest():
    tom = make_moderator()
    topic = make_topic()
    old, much, illegal = (make_reply(topic) for _ in range(3))
    report(by=make_member(), post=old)
    for _ in range(3):
        report(by=make_member(), post=much)
    report(by=make_member(), post=illegal, is_illegal=True, words="x")
    waiting = held_post(topic)

    assert [case.subject.post for case in queue(reader_for(tom))] == [illegal, waiting, much, old]


def test_moderator_of_one_forum_sees_its_cases_only_and_never_those_about_themselves():
    here, there = make_forum(), make_forum()
    tom = make_moderator(forum=here)
    mine = make_reply(make_topic(here), by=tom)
    theirs, elsewhere = make_reply(make_topic(here)), make_reply(make_topic(there))
    for post in (mine, theirs, elsewhere):
        report(by=make_member(), post=post)

    assert [case.subject.post for case in queue(reader_for(tom))] == [theirs]


def test_member_has_no_queue(client):
    client.force_login(make_member())

    assert client.get("/moderation/").status_code == 403


def test_hiding_tells_the_author_why_by_whom_and_how_to_contest():
    ann, tom, rule = make_member(), make_moderator("tom"), make_rule(title_en="Be kind", text_en="To people.")
    post = make_reply(make_topic(), by=ann)

    decision = hidden(post, tom, rule)

    post.refresh_from_db()
    assert (post.state, post.removed_under) == (Post.State.REMOVED, rule)
    assert Notification.objects.get(member=ann, decision=decision).kind == "decision"
    assert Letter.objects.get(member=ann).decision == decision
    statement = statement_of(decision, language="en")
    assert (statement.message, statement.signature) == ("I hid it.", "Tom, for the moderation")
    points = dict(statement.points)
    assert points["Measure"] == "hidden"
    assert points["Facts"] == "Called somebody a name."
    assert points["Ground"] == "Rule “Be kind” of this community: To people."
    assert points["Automatic means"] == "None: a person noticed and a person decided."
    assert "six months" in points["What you can do"]


@pytest.mark.parametrize(
    ("ruling", "why"),
    [
        (Ruling(M.HIDE, facts="x"), "Name the rule"),
        (Ruling(M.HIDE, rule="a rule"), "State the facts"),
        (Ruling(M.WARN, facts="x"), "Name the rule"),
        (Ruling(M.WORD), "Write what you want to say"),
        (Ruling(M.EDIT, rule="a rule", body="x", version=1), "State the facts"),
        (Ruling(M.EDIT, facts="x", body="x", version=1), "Name the rule"),
        (Ruling(M.ADMIT), "does not fit"),
        (Ruling("nonsense"), "does not fit"),
    ],
)
def test_decision_without_what_the_law_asks_is_refused_and_leaves_nothing(ruling, why):
    post, tom = make_reply(make_topic()), make_moderator()
    case = take_up(post, by=tom)

    with pytest.raises(Refused, match=why):
        decide(case, ruling, by=tom)

    assert Decision.objects.count() == 0
    assert Case.objects.open().count() == 1


def test_second_moderator_is_told_who_decided():
    post, tom, aicha = make_reply(make_topic()), make_moderator("tom"), make_moderator()
    case = report(by=make_member(), post=post).case
    decide(case, Ruling(M.KEEP), by=tom)

    with pytest.raises(Refused, match="Tom has already decided on this: kept"):
        decide(case, Ruling(M.KEEP), by=aicha)


def test_case_somebody_else_is_on_must_be_taken_over_first():
    post, tom, aicha = make_reply(make_topic()), make_moderator("tom"), make_moderator()
    case = claim(report(by=make_member(), post=post).case, by=tom)

    with pytest.raises(Refused, match="Tom is on this case"):
        decide(case, Ruling(M.KEEP), by=aicha)

    claim(case, by=aicha)
    assert decide(case, Ruling(M.KEEP), by=aicha).actor == aicha


def test_moderator_does_not_decide_about_themselves():
    tom = make_moderator()
    case = report(by=make_member(), post=make_reply(make_topic(), by=tom)).case

    with pytest.raises(Refused, match="about you"):
        decide(case, Ruling(M.KEEP), by=tom)


def test_undoing_a_hidden_post_gives_back_post_counters_and_case():
    post, tom = make_reply(make_topic()), make_moderator()
    decision = hidden(post, tom)

    back = undo(decision, by=tom, reason="I misread it.")

    post.refresh_from_db()
    assert (post.state, post.removed_under, post.removed_note) == (Post.State.PUBLISHED, None, "")
    assert (back.measure, back.undoes) == (M.UNDO, decision)
    assert Case.objects.open().get() == decision.case
    assert drift() == []
    with pytest.raises(Refused, match="undone already"):
        undo(decision, by=tom, reason="Again.")


def test_undo_is_refused_when_the_post_has_changed_since():
    ann, tom = make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann, body="Rude words")
    ruling = Ruling(M.EDIT, rule=make_rule(), facts="Took a name out.", body="Words", version=1)
    decision = decide(take_up(post, by=tom), ruling, by=tom)
    from forums.actions.posts import edit_post

    edit_post(post, by=ann, body="Other words", version=2)

    with pytest.raises(Refused, match="changed this post meanwhile"):
        undo(decision, by=tom, reason="I misread it.")

    post.refresh_from_db()
    assert post.body == "Other words"


def test_edit_by_the_moderation_shows_in_the_history_and_is_undone_word_for_word():
    ann, tom = make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann, body="Rude words")

    ruling = Ruling(M.EDIT, rule=make_rule(), facts="Took a name out.", body="Words", version=1)
    decision = decide(take_up(post, by=tom), ruling, by=tom)
    post.refresh_from_db()
    assert (post.body, post.revisions.get().source) == ("Words", "moderation")

    undo(decision, by=tom, reason="I misread it.")
    post.refresh_from_db()
    assert post.body == "Rude words"


def test_newcomers_first_link_is_held_then_published_as_new_with_a_word_of_welcome():
    topic, priya, tom = make_topic(), make_newcomer("priya"), make_moderator()
    post = held_post(topic, by=priya)
    make_reply(topic)
    case = Case.objects.open().get(kind=Case.Kind.HELD)
    assert case.detected == "link unknown.example.net"

    decide(case, Ruling(M.APPROVE, message="Welcome!", allow_domains=["unknown.example.net"]), by=tom)

    post.refresh_from_db()
    assert post.position == 3
    assert timezone.now() - post.published_at < timedelta(minutes=1)
    assert AllowedDomain.objects.get().domain == "unknown.example.net"
    assert Notification.objects.get(member=priya).kind == "published"
    again = make_reply(topic, by=priya, body="Also https://another.example.com/")
    assert again.state == Post.State.PUBLISHED


def test_link_to_an_allowed_site_or_its_sub_domain_is_not_held():
    AllowedDomain.objects.create(domain="example.com")

    post = make_reply(make_topic(), by=make_newcomer(), body="See https://www.example.com/x and http://localhost:8000/")

    assert post.state == Post.State.PUBLISHED


def test_a_site_that_ends_alike_is_not_allowed_with_it():
    AllowedDomain.objects.create(domain="example.com")

    post = make_reply(make_topic(), by=make_newcomer(), body="See https://notexample.com/x")

    assert post.state == Post.State.HELD


def test_a_gatekeeper_that_fails_holds(monkeypatch):
    from forums import gatekeepers

    topic = make_topic()

    def broken(*args):
        raise RuntimeError

    monkeypatch.setattr(gatekeepers, "_judges", [broken])

    assert make_reply(topic).is_held


def test_refused_post_stays_with_its_author_and_can_be_put_back():
    post, tom = held_post(make_topic()), make_moderator()
    case = Case.objects.open().get()

    decision = decide(case, Ruling(M.REFUSE, rule=make_rule(), facts="An advert."), by=tom)
    post.refresh_from_db()
    assert post.state == Post.State.REFUSED

    undo(decision, by=tom, reason="It was none.")
    post.refresh_from_db()
    assert post.is_held
    assert Case.objects.open().get() == case


def test_usual_wait_is_the_median_of_the_last_thirty_days():
    assert usual_wait() == timedelta(hours=24)
    topic, tom, now = make_topic(), make_moderator(), timezone.now()
    for minutes in (5, 10, 300):
        case = take_up(make_reply(topic), by=tom)
        Case.objects.filter(pk=case.pk).update(
            kind="held", opened_at=now - timedelta(minutes=minutes), closed_at=now, claimed_by=None
        )

    assert usual_wait() == timedelta(minutes=10)


def test_appeal_is_decided_by_somebody_else_and_can_undo():
    ann, tom, aicha = make_member(), make_moderator(), make_moderator()
    post = make_reply(make_topic(), by=ann)
    decision = hidden(post, tom)

    made = appeal(decision, by=ann, happened="I quoted a film.", wanted="Show it again.")

    with pytest.raises(Refused, match="somebody else reads the appeal"):
        decide(made.case, Ruling(M.MAINTAIN, message="It stands."), by=tom)
    verdict = decide(made.case, Ruling(M.UNDO, message="You are right.", facts="A quotation."), by=aicha)
    post.refresh_from_db()
    assert post.state == Post.State.PUBLISHED
    assert (verdict.undoes, verdict.origin) == (decision, Decision.Origin.APPEAL)
    assert Case.objects.get(pk=made.case.pk).closed_at is not None


def test_only_the_person_concerned_appeals_and_only_for_six_months():
    ann, tom = make_member(), make_moderator()
    decision = hidden(make_reply(make_topic(), by=ann), tom)

    with pytest.raises(Refused, match="Only the person concerned"):
        appeal(decision, by=make_member(), happened="x", wanted="y")
    Decision.objects.update(made_at=timezone.now() - timedelta(days=184))
    with pytest.raises(Refused, match="six months"):
        appeal(decision, by=ann, happened="x", wanted="y")


def test_who_asked_to_join_is_let_in_and_may_write_from_then_on():
    make_community(joining=Joining.APPROVAL)
    guest, tom = make_member(state=Member.State.APPLYING), make_moderator()
    case = open_application(guest)
    topic = make_topic()
    with pytest.raises(Refused, match="request to join is still being read"):
        make_reply(topic, by=guest)

    decision = decide(case, Ruling(M.ADMIT, message="Come in."), by=tom)

    assert make_reply(topic, by=Member.objects.get(pk=guest.pk)).position == 2
    undo(decision, by=tom, reason="A mistake.")
    assert Member.objects.get(pk=guest.pk).state == Member.State.APPLYING
    assert Community.current().joining == Joining.APPROVAL


def test_snoozed_case_comes_back_by_itself():
    post, tom = make_reply(make_topic()), make_moderator()
    case = report(by=make_member(), post=post).case
    snooze(case, by=tom, until=timezone.now() + timedelta(hours=1))
    assert queue(reader_for(tom)) == []

    Case.objects.update(snoozed_until=timezone.now() - timedelta(seconds=1))
    assert queue(reader_for(tom)) == [case]
