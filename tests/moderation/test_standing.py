"""My standing, and trust that rises by published rules and never falls in silence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from engagement.models import Notification
from forums.actions.care import slow_topic
from forums.actions.trust import raise_trust
from forums.limits import REGULAR_AFTER_POSTS, TRUSTED_AFTER_POSTS
from forums.models import Post
from forums.queries.standing import trust_of
from members.actions.standing import set_trust
from members.models import Member, Trust, TrustChange
from moderation.actions.cases import report, take_up
from moderation.actions.decisions import Ruling, decide, undo
from moderation.models import Decision
from tests.make import (
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


@pytest.fixture(autouse=True)
def _community():
    make_community()


def page_of(client, member: Member) -> str:
    client.force_login(member)
    return client.get("/settings/standing/").content.decode()


def test_standing_says_what_was_reported_once_it_is_decided_and_never_by_whom(client):
    ann, tom, bob = make_member("ann"), make_moderator("tom"), make_member("bob", name="Bobby Reporter")
    post = make_reply(make_topic(title="The kettle"), by=ann)
    case = report(by=bob, post=post, words="She is wrong and I say so.").case
    assert "The kettle" not in page_of(client, ann)

    decide(case, Ruling(M.KEEP), by=tom)

    html = page_of(client, ann)
    assert "Your post in “The kettle”" in html
    assert "nothing was wrong" in html
    assert ("Bobby" in html, "I say so" in html) == (False, False)
    assert "The kettle" not in page_of(client, bob)


def test_standing_lists_decisions_with_rule_statement_and_a_way_to_contest(client):
    ann, tom = make_member("ann"), make_moderator("tom")
    rule = make_rule(title_en="Criticise the object")
    post = make_reply(make_topic(title="The kettle"), by=ann)
    decision = decide(take_up(post, by=tom), Ruling(M.HIDE, rule=rule, facts="x", message="y"), by=tom)

    html = page_of(client, ann)

    assert f'href="/moderation/decision/{decision.pk}/"' in html
    assert f'href="/moderation/decision/{decision.pk}/contest/"' in html
    assert "Criticise the object" in html
    undo(decision, by=tom, reason="I was wrong.")
    html = page_of(client, ann)
    assert f'href="/moderation/decision/{decision.pk}/contest/"' not in html
    assert '<span class="mark">undone</span>' in html


def test_standing_says_which_limits_apply_and_when_they_lift(client):
    ann = make_member("ann")
    assert "None." in page_of(client, ann)
    soon = timezone.now() + timedelta(days=3)
    Member.objects.filter(pk=ann.pk).update(suspended_until=soon, held_until=soon)

    html = page_of(client, ann)

    assert "You can read, not write." in html
    assert "read by a moderator before others see it" in html
    assert html.count("It lifts on") == 2
    assert "As a newcomer" in page_of(client, make_newcomer())


def test_standing_names_slow_topics_one_has_just_written_in(client):
    ann, forum = make_member("ann"), make_forum()
    host, topic = make_host(forum), make_topic(forum, title="Screw or glue")
    slow_topic(topic, by=host, seconds=900, until=timezone.now() + timedelta(days=1), reason="Calm.")
    assert "Screw or glue" not in page_of(client, ann)

    make_reply(topic, by=ann)

    assert "Slow mode in “Screw or glue”." in page_of(client, ann)


@pytest.mark.parametrize("times", [1, 30])
def test_standing_costs_the_same_whatever_there_is(client, django_assert_num_queries, times):
    ann, tom, rule = make_member("ann"), make_moderator("tom"), make_rule()
    topic = make_topic()
    for _ in range(times):
        case = report(by=make_member(), post=make_reply(topic, by=ann)).case
        decide(case, Ruling(M.HIDE, rule=rule, facts="x"), by=tom)
    client.force_login(ann)

    # session, member, reader, header, community; reported, decisions, slow topics, posts for trust
    with django_assert_num_queries(9):
        assert client.get("/settings/standing/").status_code == 200


def test_standing_is_for_oneself(client):
    assert client.get("/settings/standing/")["Location"].startswith("/accounts/login/")


# --- Trust


def wrote(member: Member, posts: int) -> None:
    topic = make_topic()
    for _ in range(posts):
        make_reply(topic, by=member)


def test_trust_rises_by_the_published_numbers_and_is_told_quietly(client):
    leo = make_newcomer("leo", email="leo@example.org")
    wrote(leo, TRUSTED_AFTER_POSTS)
    raise_trust()
    leo.refresh_from_db()
    assert leo.trust == Trust.NEWCOMER  # the days are missing
    Member.objects.filter(pk=leo.pk).update(joined_at=timezone.now() - timedelta(days=4))

    assert (raise_trust(), raise_trust()) == (1, 0)

    leo.refresh_from_db()
    assert leo.trust == Trust.MEMBER
    change = TrustChange.objects.get()
    assert (change.before, change.after, change.by, change.reason) == ("newcomer", "member", None, "")
    assert Notification.objects.get(member=leo).trust_change == change
    client.force_login(leo)
    assert "you are here as “member” from now on" in client.get("/notifications/").content.decode()
    assert client.get(f"/notifications/{Notification.objects.get(member=leo).pk}/")["Location"] == "/settings/standing/"


def test_withdrawn_posts_and_held_members_do_not_count():
    old = timezone.now() - timedelta(days=4)
    leo, mia = make_newcomer("leo"), make_newcomer("mia")
    wrote(leo, TRUSTED_AFTER_POSTS)
    wrote(mia, TRUSTED_AFTER_POSTS)
    Member.objects.update(joined_at=old)
    Member.objects.filter(pk=mia.pk).update(held_until=timezone.now() + timedelta(days=1))
    Post.objects.filter(pk=leo.posts.first().pk).update(state="removed")

    assert raise_trust() == 0


def test_nobody_rises_twice_in_a_night():
    leo = make_newcomer("leo")
    wrote(leo, REGULAR_AFTER_POSTS)
    Member.objects.filter(pk=leo.pk).update(joined_at=timezone.now() - timedelta(days=90))

    raise_trust()

    leo.refresh_from_db()
    assert leo.trust == Trust.MEMBER


def test_trust_lowered_by_an_admin_is_told_with_the_reason_and_counts_anew():
    ann, solene = make_member("ann"), make_admin("solene")
    Member.objects.filter(pk=ann.pk).update(joined_at=timezone.now() - timedelta(days=90))
    wrote(ann, TRUSTED_AFTER_POSTS)

    change = set_trust(ann, Trust.NEWCOMER, by=solene, reason="Three links to a shop.")

    ann.refresh_from_db()
    assert (ann.trust, ann.trust_from) == (Trust.NEWCOMER, change.created_at)
    assert Notification.objects.get(member=ann).trust_change == change
    assert raise_trust() == 0  # the old posts do not lift it again at once
    assert trust_of(ann).posts == 0
    Member.objects.filter(pk=ann.pk).update(trust_from=timezone.now() - timedelta(days=4))
    Post.objects.update(published_at=timezone.now() - timedelta(days=10))
    assert (raise_trust(), trust_of(ann).posts) == (0, 0)  # nor do they after some days
    wrote(ann, TRUSTED_AFTER_POSTS)
    assert raise_trust() == 1


def test_trust_is_set_by_admins_with_a_reason(client):
    ann, tom, solene = make_member("ann"), make_moderator("tom"), make_admin("solene")
    with pytest.raises(Refused, match="Only admins"):
        set_trust(ann, Trust.REGULAR, by=tom, reason="x")
    with pytest.raises(Refused, match="Say why"):
        set_trust(ann, Trust.REGULAR, by=solene, reason=" ")
    with pytest.raises(Refused, match="already"):
        set_trust(ann, Trust.MEMBER, by=solene, reason="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        TrustChange.objects.create(member=ann, before="member", after="newcomer", by=solene, created_at=timezone.now())


def test_admin_page_of_a_member_changes_trust_only_with_a_reason_and_nothing_else(client):
    ann, solene = make_member("ann"), make_admin("solene")
    client.force_login(solene)
    path = f"/admin/members/member/{ann.pk}/change/"
    said = {"name": "Ann", "trust": "newcomer", "language": "en", "time_zone": "Europe/Paris", "why": ""}

    refused = client.post(path, said)
    ann.refresh_from_db()
    assert (refused.status_code, ann.trust) == (200, "member")
    until = timezone.now() + timedelta(days=2)
    Member.objects.filter(pk=ann.pk).update(suspended_until=until)
    assert client.post(path, {**said, "why": "Links to a shop."}).status_code == 302

    ann.refresh_from_db()
    assert (ann.trust, ann.suspended_until) == ("newcomer", until)
    assert TrustChange.objects.get().reason == "Links to a shop."


def test_standing_says_how_far_one_is_and_links_the_rules(client):
    leo = make_newcomer("leo")
    wrote(leo, 2)

    html = page_of(client, leo)

    assert "Next comes “member”: 5 published posts and 3 days here." in html
    assert "Published posts so far: 2. Days so far: 0." in html
    assert 'href="/help/trust/"' in html
    for language, first, second in (
        ("en", "5 published posts and 3 days", "50 published posts and 60 days"),
        ("fr", "5 messages publiés et 3 jours", "50 messages publiés et 60 jours"),
    ):
        type(leo).objects.update(language=language)
        rules = client.get("/help/trust/").content.decode().split("<main")[1].split("</main")[0]
        assert (first in rules, second in rules, "{" in rules) == (True, True, False)
