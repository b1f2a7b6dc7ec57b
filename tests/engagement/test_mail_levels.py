"""Three levels of what reaches a member by e-mail as it happens; decisions always do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models import Q
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter, Notification
from engagement.tokens import DIGEST, REPLIES, unsubscribe_url
from forums.actions.reading import follow_topic
from members.models import Mail, Member
from moderation.actions.cases import take_up
from moderation.actions.decisions import Ruling, decide
from moderation.models import Decision
from tests.make import make_community, make_member, make_moderator, make_reply, make_rule, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def mailed_to(member: Member) -> list[str]:
    """What is mailed to them once ten minutes have passed."""
    jobs.spread_news()
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    jobs.send_letters()
    return sorted(Envelope.objects.filter(recipient=member.email).values_list("subject", flat=True))


def happenings(ann: Member) -> None:
    """A reply in a topic she follows, one to her post, one in her topic, a mention; and a decision."""
    bob, tom, rule = make_member(name="Bob"), make_moderator("tom"), make_rule()
    followed, hers = make_topic(title="Followed"), make_topic(by=ann, title="Hers")
    jobs.spread_news()
    follow_topic(followed, by=ann, level="all")
    post = make_reply(followed, by=ann)
    make_reply(followed, by=bob)
    make_reply(followed, by=bob, reply_to=post, body="To you.")
    make_reply(hers, by=bob)
    make_reply(hers, by=bob, reply_to=make_reply(hers, by=bob), body="To himself.")
    make_reply(make_topic(title="Elsewhere"), by=bob, body=f"Ask @{ann.username}!")
    decide(take_up(post, by=tom), Ruling(Decision.Measure.HIDE, rule=rule, facts="x", message="y"), by=tom)


REPLY, HERS = "Bob replied in “Followed”", "Bob replied in “Hers”"
MENTION, DECISION = "Bob named you in “Elsewhere”", "From the moderation: hidden"


@pytest.mark.parametrize(
    ("level", "subjects"),
    [
        ("all", [MENTION, REPLY, REPLY, HERS, HERS, HERS, DECISION]),
        ("matters", [MENTION, REPLY, HERS, HERS, DECISION]),
        ("nothing", [DECISION]),
    ],
)
def test_level_decides_what_is_mailed_and_notifications_stay(level, subjects):
    ann = make_member("ann", mail=level)
    happenings(ann)

    assert mailed_to(ann) == sorted(subjects)
    assert Notification.objects.filter(member=ann).count() == 7


@pytest.mark.parametrize(
    ("level", "subjects"), [("matters", [MENTION, REPLY, HERS, HERS, DECISION]), ("nothing", [DECISION])]
)
def test_level_chosen_while_letters_wait_is_honoured(level, subjects):
    ann = make_member("ann")
    happenings(ann)
    jobs.spread_news()
    waiting = Letter.objects.filter(member=ann).count()
    Member.objects.filter(pk=ann.pk).update(mail=level)

    assert mailed_to(ann) == sorted(subjects)
    ended = Letter.objects.filter(member=ann, state="skipped")
    assert ended.count() == waiting - len(subjects)
    assert set(ended.values_list("outcome", flat=True)) == {
        {"matters": "only what matters to them is mailed", "nothing": "replies by e-mail were switched off"}[level]
    }


@pytest.mark.parametrize("before", ["all", "matters"])
def test_link_in_a_mail_stops_it_and_takes_it_back_as_it_was(client, before):
    ann = make_member("ann", mail=before)
    path = unsubscribe_url(ann.pk, REPLIES).partition("8000")[2]
    client.get(path)
    ann.refresh_from_db()
    assert ann.mail == before  # looking changes nothing

    page = client.post(path).content.decode()

    ann.refresh_from_db()
    assert ann.mail == Mail.NOTHING
    assert f'name="again" value="{before}"' in page
    client.post(path, {"again": before})
    ann.refresh_from_db()
    assert ann.mail == before


@pytest.mark.parametrize(("said", "becomes"), [("monthly", "monthly"), ("never", "weekly"), ("<b>", "weekly")])
def test_digest_taken_back_is_the_one_from_before(client, said, becomes):
    ann = make_member("ann", digest="monthly")
    path = unsubscribe_url(ann.pk, DIGEST).partition("8000")[2]
    client.post(path)

    client.post(path, {"again": said})

    ann.refresh_from_db()
    assert ann.digest == becomes


@pytest.mark.django_db(transaction=True)
def test_who_had_switched_mail_off_goes_on_having_none():
    """The boolean of before becomes a level, forwards and backwards."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    def at(name: str):
        executor = MigrationExecutor(connection)
        executor.migrate([("members", name)])
        return executor.loader.project_state([("members", name)]).apps.get_model("members", "Member")

    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    make_member("ann", mail="all"), make_member("bob", mail="nothing")
    try:
        old = at("0004_people").objects
        assert dict(old.values_list("username", "wants_reply_mail")) == {"ann": True, "bob": False}
        old.update(wants_reply_mail=Q(username="bob"), mail="all")
        new = at("0006_without_reply_mail").objects
        assert dict(new.values_list("username", "mail")) == {"ann": "nothing", "bob": "all"}
    finally:
        MigrationExecutor(connection).migrate(leaves)
