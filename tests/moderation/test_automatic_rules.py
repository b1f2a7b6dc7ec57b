"""Automatic rules: what meets them, what they do, what they cost; trials, switching, and being overturned."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from engagement.models import Envelope
from forums.actions.posts import edit_post, reply_to_topic
from forums.actions.withdrawal import withdraw_post
from forums.gatekeepers import AskedFirst, Level, Words
from forums.models import Post
from moderation import jobs
from moderation.actions import automation
from moderation.actions.cases import take_up
from moderation.actions.decisions import Ruling, decide, undo
from moderation.automatic.judge import judge
from moderation.models import AutomaticRule, Case, Decision, PostSketch, RuleHit, RuleTrial
from moderation.models.automation import is_too_often_overturned
from moderation.queries import rule_page
from moderation.wording import told_of_trial, why_held
from tests.make import (
    make_admin,
    make_conversation,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit import clock
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db

M = Decision.Measure
LONG = "Somebody has written a text that is long enough to be compared with another one, and says so in many words."


@pytest.fixture
def _alone():
    """Only the rules that the test makes."""
    AutomaticRule.objects.update(is_on=False)


def make_automatic(*, is_on: bool = True, level: str = "hold", **said: Any) -> AutomaticRule:
    """A rule as the action stores it; on by a trial of nothing."""
    solene = make_admin()
    rule = AutomaticRule(
        name_en="Adverts", name_fr="Publicités", sentence_en="This looks like an advert.", level=level, **said
    )
    automation.keep_rule(rule, by=solene)
    if is_on:
        automation.try_rule(rule, days=30, by=solene)
        jobs.run_trials()
        rule = automation.switch_on(rule, by=solene)
    return rule


def levels(member: Any, body: str, **more: Any) -> list[str]:
    return [remark.level.value for remark in judge(Words(member, make_topic().forum, body, **more))]


# What meets a rule


@pytest.mark.usefixtures("_alone")
def test_all_conditions_of_a_rule_must_hold():
    make_automatic(words="casino\npoker", words_at_least=2, links_at_least=1, trust_at_most="newcomer")
    ann, priya = make_member(), make_newcomer()

    assert levels(priya, "A casino with poker: https://x.example.com/") == ["hold"]
    assert levels(priya, "A casino: https://x.example.com/") == []
    assert levels(priya, "A casino with poker.") == []
    assert levels(ann, "A casino with poker: https://x.example.com/") == []


@pytest.mark.usefixtures("_alone")
@pytest.mark.parametrize(
    ("condition", "met", "unmet"),
    [
        ({"words": "casino"}, {"title": "The Casino"}, {}),
        ({"links_to": "shop.example"}, {"body": "https://www.shop.example/x"}, {"body": "https://myshop.example/"}),
        ({"links_at_least": 2}, {"body": "https://a.example/ https://b.example/"}, {"body": "https://a.example/x /y"}),
        ({"text_at_most": 3}, {"body": "See this https://a.example/one-two-three"}, {"body": "See this one here"}),
        ({"younger_than_hours": 2}, {"joined": 1}, {"joined": 3}),
        ({"posts_at_most": 1}, {"posts": 1}, {"posts": 2}),
        ({"rate_posts": 3, "rate_minutes": 10}, {"posts": 2}, {"posts": 1}),
        ({"address_is_new": True}, {"email": "x@fresh.example"}, {"email": "x@known.example"}),
    ],
    ids=lambda value: next(iter(value), "nothing") if isinstance(value, dict) else value,
)
def test_a_condition_is_met_or_not(condition, met, unmet):
    make_automatic(**condition)
    make_member(email="older@known.example", joined_at=timezone.now() - timedelta(days=400))
    for case, expected in ((met, ["hold"]), (unmet, [])):
        joined = timezone.now() - timedelta(hours=case.get("joined", 1))
        author = make_member(email=case.get("email"), joined_at=joined)
        AutomaticRule.objects.update(is_on=False)
        for _ in range(case.get("posts", 0)):
            make_reply(make_topic(), by=author)
        AutomaticRule.objects.filter(name_en="Adverts").update(is_on=True)
        assert levels(author, case.get("body", "Hello, everybody here"), title=case.get("title", "")) == expected


@pytest.mark.usefixtures("_alone")
def test_text_like_a_hidden_post_is_known_until_the_hiding_is_undone():
    make_automatic(like_removed=60)
    tom, priya = make_moderator(), make_newcomer()
    spam = make_reply(make_topic(), by=make_newcomer(), body=LONG)
    assert levels(priya, f"{LONG} Really.") == []

    hidden = decide(take_up(spam, by=tom), Ruling(M.HIDE, rule=make_rule(), facts="An advert."), by=tom)

    (remark,) = judge(Words(priya, make_topic().forum, f"{LONG} Really."))
    assert remark.level == Level.HOLD
    assert remark.matched.endswith(f"% /p/{spam.pk}/")
    undo(hidden, by=tom, reason="It was none.")
    assert levels(priya, f"{LONG} Really.") == []


@pytest.mark.usefixtures("_alone")
def test_the_same_text_counts_again_within_a_week_and_not_where_its_author_took_it_back():
    make_automatic(level="confirm", repeated_times=1)
    ann, bob = make_member(), make_member()
    first = make_reply(make_topic(), by=ann, body=LONG)
    assert levels(bob, LONG) == ["confirm"]
    assert levels(bob, "Thank you very much indeed.") == []

    withdraw_post(first, by=ann)
    assert levels(bob, LONG) == []
    with clock.at(timezone.now() - timedelta(days=8)):
        make_reply(make_topic(), by=ann, body=LONG)
    assert levels(bob, LONG) == []


def test_words_of_a_conversation_are_read_by_no_rule_and_kept_comparable_nowhere():
    bob = make_newcomer()
    topic = make_conversation(make_member(), bob)

    said = make_reply(topic, by=bob, body=f"My online casino is full. {LONG}")

    assert said.state == Post.State.PUBLISHED
    assert not PostSketch.objects.filter(post__topic=topic).exists()
    assert not RuleHit.objects.exists()
    with pytest.raises(Refused, match="cannot be sent here"):
        make_reply(topic, by=bob, body="See https://unknown.example.net/")


# What rules do


@pytest.mark.usefixtures("_alone")
def test_a_hold_puts_the_post_into_the_queue_with_the_rule_and_what_it_met():
    rule = make_automatic(words="casino*\njackpot")
    make_automatic(level="confirm", words="casinos")  # whoever is held is asked nothing
    post = make_reply(make_topic(), by=make_newcomer(), body="The Casinos have a jackpot.")

    assert post.is_held
    case = Case.objects.open().get(subject__post=post)
    assert why_held(case.detected) == "rule “Adverts” (casino*, jackpot)"
    with override("fr"):
        assert why_held(case.detected) == "règle «\xa0Publicités\xa0» (casino*, jackpot)"
    hit = RuleHit.objects.get()
    assert (hit.rule, hit.post, hit.case, hit.matched, hit.outcome) == (rule, post, case, "casino*, jackpot", "")
    AutomaticRule.objects.filter(pk=rule.pk).update(name_en="Renamed")
    assert why_held(Case.objects.get().detected) == "rule “Adverts” (casino*, jackpot)"


@pytest.mark.usefixtures("_alone")
def test_a_question_is_asked_once_and_what_is_confirmed_is_published_and_logged():
    rule = make_automatic(level="confirm", words="casino")
    topic, priya, key = make_topic(), make_newcomer(), uuid4()

    with pytest.raises(AskedFirst, match="looks like an advert"):
        reply_to_topic(topic, by=priya, body="A casino.", key=key)
    assert not Post.objects.filter(author=priya).exists()
    with pytest.raises(AskedFirst):
        reply_to_topic(topic, by=priya, body="A casino.", key=key, confirmed={rule.pk + 1})

    post = reply_to_topic(topic, by=priya, body="A casino.", key=key, confirmed={rule.pk})

    assert post.state == Post.State.PUBLISHED
    assert reply_to_topic(topic, by=priya, body="A casino.", key=key) == post  # sent again: not asked again
    hit = RuleHit.objects.get()
    assert (hit.post, hit.level, hit.case) == (post, "confirm", None)
    assert rule_page(rule).confirmed == 1


@pytest.mark.usefixtures("_alone")
def test_an_edit_is_judged_by_what_it_brings():
    hold, ask = make_automatic(words="casino"), make_automatic(level="confirm", words="poker")
    priya = make_newcomer()
    post = make_reply(make_topic(), by=priya, body="Hello.")

    with pytest.raises(Refused, match="cannot be put into a post later"):
        edit_post(post, by=priya, body="A casino.", version=1)
    with pytest.raises(AskedFirst):
        edit_post(post, by=priya, body="Poker.", version=1)
    edited = edit_post(post, by=priya, body="Poker.", version=1, confirmed={ask.pk})
    edited = edit_post(edited, by=priya, body="Poker on Friday.", version=2)  # was there already

    assert (edited.body, edited.state) == ("Poker on Friday.", Post.State.PUBLISHED)
    assert [hit.rule for hit in RuleHit.objects.all()] == [ask]
    assert hold.pk != ask.pk


@pytest.mark.usefixtures("_alone")
def test_whoever_moderates_there_is_not_held_by_a_rule():
    make_automatic(words="casino")
    topic = make_topic()

    assert make_reply(topic, by=make_moderator(forum=topic.forum), body="A casino.").state == Post.State.PUBLISHED
    assert make_reply(topic, by=make_moderator(forum=make_topic().forum), body="A casino.").is_held


def test_what_rules_cost_is_bounded_however_many_there_are():
    """One query for the rules, six for what they ask, one where something is held."""
    topic = make_topic()
    for number in range(30):
        AutomaticRule.objects.create(
            name_en=f"Rule {number}",
            level="hint",
            sentence_en="Hm.",
            edited_at=timezone.now(),
            links_at_least=1,
            links_are="unknown",
            posts_at_most=50,
            is_unapproved=True,
            address_is_new=number % 2 == 0,
            rate_posts=2,
            rate_minutes=number + 1,
            like_removed=30,
        )
    AutomaticRule.objects.update(shipped_as=F("fingerprint"))
    priya = make_newcomer(email="priya@fresh.example")
    for _ in range(2):
        make_reply(topic, by=priya, body=f"{LONG} Well.", confirmed=None)
    tom = make_moderator()
    decide(take_up(topic.posts.last(), by=tom), Ruling(M.HIDE, rule=make_rule(), facts="An advert."), by=tom)

    AutomaticRule.objects.update(is_on=True, on_since=timezone.now())

    with CaptureQueriesContext(connection) as asked:
        remarks = judge(Words(priya, topic.forum, f"{LONG} https://unknown.example.net/"))
    assert len(asked) == 8
    assert len([remark for remark in remarks if remark.level == Level.HINT]) >= 15

    ann = make_member()
    with CaptureQueriesContext(connection) as asked:
        assert judge(Words(ann, topic.forum, "Thank you, that was it.")) == []
    assert len(asked) == 1


# Trials


@pytest.mark.usefixtures("_alone")
def test_a_trial_reads_what_was_posted_as_it_was_then():
    rule = make_automatic(is_on=False, words="casino", trust_at_most="newcomer")
    solene, tom, now = make_admin(), make_moderator(), timezone.now()
    with clock.at(now - timedelta(days=60)):
        make_reply(make_topic(), by=make_newcomer(), body="An old casino.")
    topic, priya = make_topic(), make_newcomer()
    kept = make_reply(topic, by=priya, body="A casino.")
    edited = make_reply(topic, by=priya, body="Casino, casino.")
    edit_post(edited, by=priya, body="Nothing of the kind.", version=1)
    gone = make_reply(topic, by=make_newcomer(), body="My casino!")
    decide(take_up(gone, by=tom), Ruling(M.HIDE, rule=make_rule(), facts="An advert."), by=tom)
    make_reply(topic, body="A member’s casino.")
    make_conversation(make_member(), make_member(), body="A private casino.")

    trial = automation.try_rule(rule, days=30, by=solene)
    assert automation.try_rule(rule, days=30, by=solene) == trial  # asked twice, run once
    assert told_of_trial(trial) == "It waits for its turn."
    jobs.run_trials()
    jobs.run_trials()

    trial.refresh_from_db()
    assert (trial.met, trial.kept, trial.removed) == (3, 2, 1)
    assert trial.examples == [kept.pk, edited.pk, gone.pk]
    assert told_of_trial(trial).startswith("It would have held 3 of ")
    assert [post.state for post in (Post.objects.get(pk=kept.pk), Post.objects.get(pk=gone.pk))] == [
        "published",
        "removed",
    ]  # it does nothing
    longer = automation.try_rule(rule, days=90, by=solene)
    jobs.run_trials()
    longer.refresh_from_db()
    assert longer.met == 4


@pytest.mark.usefixtures("_alone")
def test_a_trial_finds_repeated_texts_that_were_posted_before_they_were_comparable(monkeypatch):
    monkeypatch.setattr(automation, "TRIAL_BATCH", 2)  # goes on where it stopped
    rule = make_automatic(is_on=False, repeated_times=1)
    topic = make_topic()
    for day in (20, 18, 3):
        with clock.at(timezone.now() - timedelta(days=day)):
            make_reply(topic, by=make_member(), body=LONG)
    PostSketch.objects.all().delete()

    trial = automation.try_rule(rule, days=30, by=make_admin())
    jobs.run_trials()

    trial.refresh_from_db()
    assert (trial.met, trial.finished_at is not None) == (1, True)  # the second; the third is two weeks later


# Switching


@pytest.mark.usefixtures("_alone")
def test_a_rule_is_switched_on_only_by_a_finished_trial_of_its_present_conditions():
    solene = make_admin()
    rule = make_automatic(is_on=False, words="casino")
    with pytest.raises(Refused, match="Try it first"):
        automation.switch_on(rule, by=solene)
    automation.try_rule(rule, days=30, by=solene)
    with pytest.raises(Refused, match="Try it first"):
        automation.switch_on(rule, by=solene)
    jobs.run_trials()
    assert automation.switch_on(rule, by=solene).is_on

    rule.words = "poker"
    rule = automation.keep_rule(rule, by=solene)

    assert (rule.is_on, rule.switched_off_because) == (False, "edited")
    with pytest.raises(Refused, match="Try it first"):
        automation.switch_on(rule, by=solene)
    rule.words = "casino"
    automation.keep_rule(rule, by=solene)
    assert automation.switch_on(rule, by=solene).is_on  # exactly these were tried
    with pytest.raises(Refused, match="set by admins"):
        automation.switch_off(rule, by=make_moderator())


@pytest.mark.usefixtures("_alone")
def test_the_database_knows_no_rule_that_is_on_without_its_trial():
    rule = make_automatic(words="casino")
    waiting = RuleTrial.objects.create(
        rule=rule, fingerprint="x", days=30, asked_by=make_admin(), asked_at=timezone.now()
    )
    rows = AutomaticRule.objects.filter(pk=rule.pk)
    for wrong in ({"words": "poker"}, {"level": "hint"}, {"trial": None}, {"trial": waiting}):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        AutomaticRule.objects.exclude(shipped_as="").update(is_on=True, on_since=timezone.now(), words="anything")
    AutomaticRule.objects.exclude(shipped_as="").update(is_on=True, on_since=timezone.now())
    rows.update(name_en="Another name")


@pytest.mark.usefixtures("_alone")
def test_a_rule_without_a_condition_is_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_automatic(is_on=False, trust_at_most="newcomer")


@pytest.mark.usefixtures("_alone")
def test_a_trial_is_given_up_when_the_rule_changes_under_it():
    rule, solene = make_automatic(is_on=False, words="casino"), make_admin()
    automation.try_rule(rule, days=30, by=solene)
    rule.words = "poker"
    automation.keep_rule(rule, by=solene)

    jobs.run_trials()

    assert not RuleTrial.objects.exists()


# Overturned


@pytest.mark.parametrize(
    ("decided", "overturned", "off"), [(19, 19, False), (20, 6, False), (20, 7, True), (0, 0, False)]
)
def test_more_than_thirty_percent_of_at_least_twenty(decided, overturned, off):
    assert is_too_often_overturned(decided=decided, overturned=overturned) is off


@pytest.mark.usefixtures("_alone")
def test_a_rule_that_is_wrong_too_often_is_switched_off_in_the_decision_that_says_so():
    rule, tom = make_automatic(words="casino"), make_moderator(email="tom@example.org")
    owner = rule.owner
    post = make_reply(make_topic(), by=make_newcomer(), body="A casino.")
    decided = [
        RuleHit(
            rule=rule, author=tom, key=uuid4(), level="hold", created_at=timezone.now(),
            outcome="overturned" if number < 6 else "stands",
        )
        for number in range(19)
    ]  # fmt: skip
    decided.append(RuleHit(rule=rule, author=tom, key=uuid4(), level="hold", created_at=timezone.now()))  # undecided
    RuleHit.objects.bulk_create(decided)
    Envelope.objects.all().delete()

    decide(Case.objects.open().get(subject__post=post), Ruling(M.APPROVE), by=tom)

    rule.refresh_from_db()
    assert (rule.is_on, rule.switched_off_because) == (False, "overturned")
    told = Envelope.objects.filter(subject__contains="was switched off by itself")
    assert owner.email in {envelope.recipient for envelope in told}
    assert make_reply(make_topic(), by=make_newcomer(), body="A casino.").state == Post.State.PUBLISHED
    with pytest.raises(Refused, match="try it again"):
        automation.switch_on(rule, by=owner)
    automation.try_rule(rule, days=30, by=owner)
    jobs.run_trials()
    assert automation.switch_on(rule, by=owner).is_on
    assert rule_page(rule).decided == 0  # it begins anew


@pytest.mark.usefixtures("_alone")
def test_a_refusal_stands_for_the_rule_until_it_is_undone():
    make_automatic(words="casino")
    tom, post = make_moderator(), make_reply(make_topic(), by=make_newcomer(), body="A casino.")
    case = Case.objects.open().get(subject__post=post)

    refused = decide(case, Ruling(M.REFUSE, rule=make_rule(), facts="An advert."), by=tom)
    assert RuleHit.objects.get().outcome == "stands"
    undo(refused, by=tom, reason="It was none.")
    assert RuleHit.objects.get().outcome == "overturned"


def test_what_comes_with_commune_is_on_and_speaks_both_languages():
    shipped = AutomaticRule.objects.exclude(shipped_as="")
    assert shipped.count() >= 8
    assert all(rule.is_on and rule.shipped_as == rule.fingerprint for rule in shipped)
    assert all(rule.name_fr and rule.name_en and rule.sentence_fr and rule.sentence_en for rule in shipped)


@pytest.mark.usefixtures("_alone")
def test_sketches_are_forgotten_in_time():
    topic = make_topic(body=LONG)
    make_reply(topic, body=f"{LONG} Old.")
    hidden = make_reply(topic, body=f"{LONG} Hidden.")
    PostSketch.objects.update(created_at=timezone.now() - timedelta(days=101))
    PostSketch.objects.filter(post=hidden).update(removed_at=timezone.now() - timedelta(days=10))

    assert automation.tidy_sketches() == 2
    assert [sketch.post for sketch in PostSketch.objects.all()] == [hidden]


def test_a_case_names_its_rules(client):
    tom = make_moderator()
    post = make_reply(make_topic(), by=make_newcomer(), body="My online casino has free spins.")
    case = Case.objects.open().get(subject__post=post)
    client.force_login(tom)

    page = client.get(case.get_absolute_url()).content.decode()
    queue = client.get("/moderation/").content.decode()

    assert "Held by an automatic rule" in page
    assert "free spins" in page
    assert "rule “Phrases of adverts” (online casino*, free spins)" in queue
