"""Every measure: what it does, what it asks for, its end, its undo, and the second person that some of them need."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter, Notification
from forums.models import Post, Topic
from forums.queries.counters import drift
from forums.readers import reader_for
from members.actions.joining import confirm_member
from members.actions.sanctions import end_exclusions
from members.models import Member, SignupBlock
from moderation.actions.cases import report, take_up
from moderation.actions.decisions import Ruling, appeal, decide, seen_of, take_back, undo
from moderation.measures import LABELS, NEEDED, SHOWN, fitting
from moderation.models import Case, Decision, MeasureSetting
from moderation.queries import queue
from moderation.queries.settings import offered_measures
from moderation.wording import why_held
from tests.make import (
    held_post,
    make_admin,
    make_community,
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
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _community():
    make_community()


def ruled(measure, **more):
    return Ruling(measure, rule=make_rule(), facts="Called somebody a name.", **more)


def in_days(days):
    return timezone.now() + days * DAY


def fresh(member):
    return Member.objects.get(pk=member.pk)


def test_every_measure_has_a_name_and_fits_some_case():
    kinds = [Case(kind=kind) for kind in Case.Kind if kind != Case.Kind.REPORT]
    post = make_reply(make_topic())
    subjects = [report(by=make_member(), **about).case for about in ({"post": post}, {"topic": post.topic})]
    subjects.append(report(by=make_member(), member=post.author).case)
    fits = {measure for case in [*kinds, *subjects] for measure in fitting(case)}

    assert set(LABELS) == set(M) == fits
    assert Decision.REASONED == SHOWN["facts"] == NEEDED["facts"] == NEEDED["rule"]


def test_suspended_member_reads_contests_and_leaves_and_writes_again_by_the_clock(client):
    ann, tom = make_member(), make_moderator()
    topic = make_topic()
    decision = decide(take_up(make_reply(topic, by=ann), by=tom), ruled(M.SUSPEND, until=in_days(3)), by=tom)

    with pytest.raises(Refused, match="You can read, but not write"):
        make_reply(topic, by=fresh(ann))
    client.force_login(ann)
    for page in (topic.get_absolute_url(), "/settings/close/", "/settings/standing/", decision.get_absolute_url()):
        assert client.get(page, follow=True).status_code == 200, page
    assert appeal(decision, by=ann, happened="A film.", wanted="Let me write.").pk
    Member.objects.filter(pk=ann.pk).update(suspended_until=timezone.now())
    assert make_reply(topic, by=fresh(ann)).position == 3


def test_posts_are_read_first_until_a_date_and_undo_gives_back_what_was_before():
    ann, tom = make_member(held_until=in_days(1)), make_moderator()
    before = fresh(ann).held_until
    decision = decide(take_up(member=ann, by=tom), ruled(M.HOLD, until=in_days(30)), by=tom)
    assert make_reply(make_topic(), by=fresh(ann)).is_held

    undo(decision, by=tom, reason="Too long.")

    assert fresh(ann).held_until == before


@pytest.mark.parametrize(("measure", "until"), [(M.EXCLUDE, None), (M.SUSPEND, 30)])
def test_what_needs_a_second_person_holds_72_hours_and_lapses_or_is_confirmed(measure, until):
    ann, tom, aicha = make_member(), make_moderator("tom"), make_moderator()
    ruling = ruled(measure, until=in_days(until) if until else None)
    decision = decide(take_up(member=ann, by=tom), ruling, by=tom)
    ends = fresh(ann).excluded_until or fresh(ann).suspended_until
    assert decision.provisional_until == ends
    assert timedelta(hours=71) < ends - timezone.now() <= timedelta(hours=72)
    waiting = Case.objects.open().get(kind=Case.Kind.CONFIRM)
    with pytest.raises(Refused, match="second person"):
        decide(waiting, Ruling(M.CONFIRM), by=tom)

    decide(waiting, Ruling(M.CONFIRM), by=aicha)

    now = fresh(ann)
    assert (now.excluded_until if measure == M.EXCLUDE else now.suspended_until) == decision.until
    assert Notification.objects.filter(member=ann, kind="decision").count() == 2
    undo(decision, by=tom, reason="We were wrong.")
    now = fresh(ann)
    assert (now.state, now.suspended_until, now.excluded_until) == ("active", None, None)


def test_exclusion_that_nobody_confirms_is_over_by_the_clock_before_any_job_runs(client):
    ann, tom = make_member(), make_moderator()
    make_moderator()
    client.force_login(ann)
    decide(take_up(member=ann, by=tom), ruled(M.EXCLUDE), by=tom)
    assert "sign in" in client.get("/").content.decode().lower()
    assert not fresh(ann).is_active
    assert reader_for(ann).writable == frozenset()

    Member.objects.filter(pk=ann.pk).update(excluded_until=timezone.now())

    assert fresh(ann).is_active
    assert reader_for(ann).is_taking_part
    assert end_exclusions() == 1
    assert (fresh(ann).state, fresh(ann).excluded_until) == ("active", None)
    assert end_exclusions() == 0


def test_second_person_who_does_not_confirm_ends_it_at_once():
    ann, tom, aicha = make_member(), make_moderator("tom"), make_moderator()
    decision = decide(take_up(member=ann, by=tom), ruled(M.EXCLUDE), by=tom)
    waiting = Case.objects.open().get(kind=Case.Kind.CONFIRM)

    with pytest.raises(Refused, match="Write what you want to say"):
        decide(waiting, Ruling(M.LAPSE), by=aicha)
    verdict = decide(waiting, Ruling(M.LAPSE, message="A week would do."), by=aicha)

    assert (fresh(ann).state, verdict.undoes) == ("active", decision)


def test_only_moderator_decides_alone_which_is_written_down_and_looked_at_by_an_admin(client):
    ann, tom, solene = make_member(), make_moderator(), make_admin()
    decision = decide(take_up(member=ann, by=tom), ruled(M.EXCLUDE), by=tom)
    assert (decision.was_alone, decision.provisional_until, fresh(ann).excluded_until) == (True, None, None)

    waiting = Case.objects.open().get(kind=Case.Kind.CONFIRM)
    client.force_login(solene)
    assert waiting in queue(reader_for(solene))
    client.post(waiting.get_absolute_url(), {"measure": "confirm", "message": "Seen."})

    assert Case.objects.get(pk=waiting.pk).closed_at is not None
    assert fresh(ann).state == "excluded"


def test_excluded_member_contests_by_the_link_of_the_mail_without_signing_in(client):
    ann, tom, aicha = make_member("ann"), make_moderator(), make_moderator()
    decision = decide(take_up(member=ann, by=tom), ruled(M.EXCLUDE), by=tom)
    Letter.objects.update(not_before=timezone.now())
    jobs.send_letters()
    text = Envelope.objects.get(recipient="ann@example.org").text
    link = next(line for line in text.splitlines() if "/appeal/" in line).partition("/appeal/")[2]
    page = client.get(f"/appeal/{link}").content.decode()
    assert "Called somebody a name." in page

    client.post(f"/appeal/{link}", {"happened": "It was a quotation.", "wanted": "Let me in."})

    case = Case.objects.open().get(kind=Case.Kind.APPEAL)
    assert (case.appeal.member, case.appeal.decision) == (ann, decision)
    assert "have contested this decision" in client.get(f"/appeal/{link}").content.decode()
    assert client.get("/appeal/forged:abc/").status_code == 404
    decide(case, Ruling(M.UNDO, facts="A quotation."), by=aicha)
    assert fresh(ann).state == "active"


def test_spam_is_swept_in_one_go_and_comes_back_whole():
    spammer, tom = make_member(), make_moderator("tom")
    make_moderator()
    topic = make_topic()
    posts = [make_reply(topic, by=spammer, body=f"Buy {n}") for n in range(3)]
    posts.append(held_post(make_topic(), by=spammer) if spammer.is_newcomer else make_reply(make_topic(), by=spammer))
    reported = [report(by=make_member(), post=post).case for post in posts[:2]]

    decision = decide(reported[0], ruled(M.SWEEP), by=tom)

    assert set(Post.objects.filter(author=spammer).values_list("state", "is_sealed")) == {("removed", True)}
    assert fresh(spammer).state == "excluded"
    assert not Case.objects.open().exclude(kind=Case.Kind.CONFIRM).exists()
    assert Notification.objects.filter(kind="outcome").count() == 2
    assert Notification.objects.filter(member=spammer).count() == 1
    assert drift() == []
    undo(decision, by=tom, reason="No spammer.")
    assert set(Post.objects.filter(author=spammer).values_list("state", "is_sealed")) == {("published", False)}
    assert fresh(spammer).state == "active"
    assert {case.pk for case in Case.objects.open()} == {case.pk for case in reported}
    assert drift() == []


def test_removed_post_is_read_by_nobody_not_even_its_author(client):
    ann, tom = make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann, body="The words.")
    decide(take_up(post, by=tom), ruled(M.REMOVE), by=tom)

    client.force_login(ann)

    assert "The words." not in client.get(post.topic.get_absolute_url()).content.decode()
    assert client.get(f"/p/{post.pk}/history/").status_code == 404


def test_topic_is_moved_closed_slowed_and_removed_by_decision_and_each_is_undone():
    tom, here, there = make_moderator(), make_forum(), make_forum()
    topic = make_topic(here)
    make_reply(topic)
    first = Topic.objects.values().get(pk=topic.pk)
    for ruling in (
        Ruling(M.MOVE, into=there),
        ruled(M.CLOSE, until=in_days(1)),
        ruled(M.SLOW, pause=3600, until=in_days(1)),
        ruled(M.REMOVE),
    ):
        decision = decide(take_up(topic=topic, by=tom), ruling, by=tom)
        changed = Topic.objects.values().get(pk=topic.pk)
        assert changed != first, ruling.measure
        undo(decision, by=tom, reason="A mistake.")
        again = Topic.objects.values().get(pk=topic.pk)
        assert {k: v for k, v in again.items() if v != first[k]}.keys() <= {"fresh_at"}, ruling.measure
        assert drift() == []


def test_signing_up_is_blocked_from_an_address_a_domain_and_a_network_until_a_date(client):
    guest, tom = make_member(state=Member.State.APPLYING), make_moderator()
    block = ruled(M.BLOCK, until=in_days(30), block_kind="domain", block_value="spam.example")
    case = Case.objects.create(subject=take_up_subject(guest), kind="signup", band=2, opened_at=timezone.now())
    decision = decide(case, block, by=tom)
    SignupBlock.objects.create(kind="network", value="127.0.0.0/8", until=in_days(-1), made_at=timezone.now())
    fields = {"username": "newone", "password1": "correct horse battery", "email": "x@mail.spam.example"}

    refused = client.post("/accounts/signup/", fields).content.decode()
    assert "Signing up from there is closed until" in refused
    assert fresh(guest).state == "declined"

    undo(decision, by=tom, reason="They are not spammers.")
    assert fresh(guest).state == "applying"
    client.post("/accounts/signup/", fields)
    assert Member.objects.filter(username="newone").exists()
    client.logout()
    SignupBlock.objects.update(until=in_days(1), lifted_at=None)
    again = client.post("/accounts/signup/", {**fields, "username": "other", "email": "y@example.org"})
    assert "Signing up from there is closed until" in again.content.decode()


def test_sign_up_like_an_excluded_ones_is_read_by_a_person_although_everyone_may_join():
    spammer, tom = make_member(email="a@spam.example"), make_moderator()
    decide(take_up(member=spammer, by=tom), ruled(M.EXCLUDE), by=tom)
    like, other = (
        make_member(email=f"{name}@{domain}", state=Member.State.APPLYING)
        for name, domain in (("b", "spam.example"), ("c", "post.example"))
    )
    link = make_member(name="www.cheap.example", state=Member.State.APPLYING)

    for guest in (like, other, link):
        confirm_member(guest)

    assert [fresh(guest).state for guest in (like, other, link)] == ["applying", "active", "applying"]
    waiting = Case.objects.open().filter(kind=Case.Kind.SIGNUP).order_by("pk")
    assert [why_held(case.detected) for case in waiting] == [
        "signs up with an address of “spam.example”, as somebody who was excluded or blocked",
        "gives a link instead of a name or an answer",
    ]
    decide(waiting[0], Ruling(M.ADMIT), by=tom)
    assert fresh(like).state == "active"


def test_forum_has_what_newcomers_or_all_write_read_first_but_not_its_team():
    forum = make_forum(reads_first="newcomers")
    topic, host, newcomer = make_topic(forum), make_host(forum), make_newcomer()
    assert make_reply(topic, by=newcomer).is_held
    assert not make_reply(topic).is_held
    forum.reads_first = "all"
    forum.save()
    topic.refresh_from_db()

    held = make_reply(Topic.objects.get(pk=topic.pk))

    assert held.is_held
    assert why_held(Case.objects.open().get(subject__post=held).detected) == "in this forum, posts are read first"
    assert not make_reply(Topic.objects.get(pk=topic.pk), by=host).is_held


def take_up_subject(member):
    from moderation.actions.cases import subject_of

    return subject_of(member=member)


def test_decision_from_a_topic_page_or_a_members_page_is_the_same_decision(client):
    topic, ann, tom = make_topic(), make_member("ann"), make_moderator("tom")
    client.force_login(tom)

    page = client.get(topic.get_absolute_url()).content.decode()
    assert f"/t/{topic.pk}/moderate" in page
    case = client.post(f"/t/{topic.pk}/moderate").url
    words = {"measure": "close", "rule": make_rule().pk, "facts": "An advert.", "length": "3"}
    assert client.post(case, words).status_code == 302
    assert "/m/ann/moderate" in client.get("/m/ann/").content.decode()
    case = client.post("/m/ann/moderate").url
    assert client.post(case, {"measure": "word", "message": "Hello Ann."}).status_code == 302

    closed, word = Decision.objects.order_by("pk")
    assert (closed.subject.topic, closed.origin, closed.after.keys()) == (topic, Decision.Origin.OWN, {"events"})
    assert Topic.objects.get(pk=topic.pk).is_closed
    assert (word.subject.member, word.concerned) == (ann, ann)
    client.force_login(ann)
    assert client.post(f"/t/{topic.pk}/moderate").status_code == 403


def test_hiding_and_suspending_in_one_form_are_two_decisions_each_with_its_statement():
    ann, tom = make_member(), make_moderator()
    ruling = ruled(M.HIDE, also=M.SUSPEND, also_until=in_days(3))

    decision = decide(take_up(make_reply(make_topic(), by=ann), by=tom), ruling, by=tom)

    also = decision.companions.get()
    assert (also.measure, also.subject.member, also.text.facts) == (M.SUSPEND, ann, "Called somebody a name.")
    assert fresh(ann).is_suspended
    assert Letter.objects.filter(member=ann).count() == 2
    undo(also, by=tom, reason="Hiding is enough.")
    assert not fresh(ann).is_suspended
    assert Case.objects.open().count() == 0


def test_post_given_back_waits_for_its_author_and_comes_back_once_it_is_changed():
    from forums.actions.posts import edit_post

    tom = make_moderator()
    post = held_post(make_topic())
    case = Case.objects.open().get()
    decide(case, ruled(M.RETURN, message="Say where the link leads."), by=tom)
    post.refresh_from_db()
    assert post.is_held
    assert queue(reader_for(tom)) == []

    edit_post(post, by=post.author, body="It leads to a manual: https://unknown.example.net/page", version=1)

    assert queue(reader_for(tom)) == [case]


def test_account_is_no_matter_for_who_moderates_one_forum_and_an_admins_for_nobody():
    forum = make_forum()
    local, tom, solene = make_moderator(forum=forum), make_moderator(), make_admin()
    case = report(by=make_member(), post=make_reply(make_topic(forum))).case
    about_admin = report(by=make_member(), post=make_reply(make_topic(forum), by=solene)).case

    for by, where in ((local, case), (tom, about_admin)):
        with pytest.raises(Refused, match="does not fit"):
            decide(where, ruled(M.SUSPEND, until=in_days(1)), by=by)
        with pytest.raises(Refused, match="does not fit"):
            decide(where, ruled(M.HIDE, also=M.SUSPEND, also_until=in_days(1)), by=by)
    assert make_host(forum)


def test_admin_leaves_measures_out_and_limits_their_length():
    tom = make_moderator()
    MeasureSetting.objects.create(measure=M.SLOW, is_offered=False)
    MeasureSetting.objects.create(measure=M.SUSPEND, at_most_days=7)
    case = take_up(make_reply(make_topic()), by=tom)
    assert M.SLOW not in offered_measures()

    with pytest.raises(Refused, match="does not fit"):
        decide(case, ruled(M.SLOW, pause=60, until=in_days(1)), by=tom)
    with pytest.raises(Refused, match="At most 7 days here"):
        decide(case, ruled(M.SUSPEND, until=in_days(30)), by=tom)
    with pytest.raises(Refused, match="That moment is over"):
        decide(case, ruled(M.SUSPEND, until=in_days(-1)), by=tom)


def test_stale_decision_is_refused_with_what_changed_and_keeps_what_was_typed(client):
    from forums.actions.posts import edit_post

    ann, tom = make_member(), make_moderator()
    post = make_reply(make_topic(), by=ann)
    case = take_up(post, by=tom)
    seen = seen_of(case)
    edit_post(post, by=ann, body="I take it back.", version=1)
    report(by=make_member(), post=post)
    client.force_login(tom)
    words = {"measure": "hide", "rule": make_rule().pk, "facts": "My long facts.", "message": "My words.", "seen": seen}

    page = client.post(case.get_absolute_url(), words)

    said = page.content.decode()
    assert page.status_code == 422
    assert "Its author has edited it: it is at version 2 now. Somebody else has reported it." in said
    assert "My long facts." in said
    assert "My words." in said
    assert Decision.objects.count() == 0


def test_whoever_decided_takes_it_back_within_half_a_minute_and_nobody_was_told():
    ann, tom, aicha = make_member(), make_moderator("tom"), make_moderator()
    post = make_reply(make_topic(), by=ann)
    case = report(by=make_member(), post=post).case
    decision = decide(case, ruled(M.HIDE), by=tom)
    jobs.send_letters()
    assert not Envelope.objects.exists()
    with pytest.raises(Refused, match="Only whoever decided"):
        take_back(decision, by=aicha)

    take_back(decision, by=tom)

    post.refresh_from_db()
    assert post.state == Post.State.PUBLISHED
    assert not Notification.objects.filter(member=ann).exists()
    assert Letter.objects.get(member=ann).outcome == "taken back"
    assert queue(reader_for(tom)) == [case]
    again = decide(case, ruled(M.HIDE), by=tom)
    Decision.objects.filter(pk=again.pk).update(made_at=timezone.now() - timedelta(seconds=31))
    with pytest.raises(Refused, match="half minute is over"):
        take_back(Decision.objects.get(pk=again.pk), by=tom)


def test_admin_sees_what_reverting_a_rogue_would_do_then_does_it(client):
    rogue, solene = make_moderator("rogue"), make_admin()
    topic = make_topic()
    posts = [make_reply(topic) for _ in range(3)]
    for post in posts:
        decide(take_up(post, by=rogue), ruled(M.HIDE), by=rogue)
    last = Decision.objects.order_by("pk").last()
    undo(last, by=rogue, reason="This one was right.")
    asked = {
        "name": "rogue",
        "since": (timezone.now() - DAY).strftime("%Y-%m-%dT%H:%M"),
        "until": (timezone.now() + DAY).strftime("%Y-%m-%dT%H:%M"),
    }
    client.force_login(rogue)
    assert client.get("/moderation/revert/").status_code == 403
    client.force_login(solene)

    shown = client.get("/moderation/revert/", asked).content.decode()
    assert shown.count("would be undone") == 2
    assert Post.objects.filter(state="removed").count() == 2
    client.post("/moderation/revert/", {**asked, "reason": "A rogue account."})

    assert not Post.objects.filter(state="removed").exists()
    assert Decision.objects.filter(measure=M.UNDO, actor=solene).count() == 2
    assert drift() == []
