from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter, News, Notification
from engagement.queries import notifications_page, standing
from forums.actions.posts import hide_post
from forums.actions.reading import follow_topic, mark_read
from forums.readers import reader_for
from tests.make import (
    held_post,
    make_community,
    make_forum,
    make_host,
    make_member,
    make_reply,
    make_rule,
    make_topic,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community(reply_mail_minutes=10)


def lines(member):
    return [(n.kind, n.post) for n in notifications_page(reader_for(member)).rows]


def waited():
    """Eleven minutes later."""
    Letter.objects.update(not_before=timezone.now() - timedelta(minutes=1))
    jobs.send_letters()
    jobs.send_envelopes()


def test_reply_is_told_to_the_author_of_the_topic_and_not_to_its_own():
    ann, bob = make_member(), make_member()
    post = make_reply(make_topic(by=ann), by=bob)

    jobs.spread_news()

    assert lines(ann) == [("reply", post)]
    assert lines(bob) == []
    assert News.objects.filter(told_at=None).count() == 0


def test_telling_twice_tells_once():
    ann = make_member()
    make_reply(make_topic(by=ann))
    jobs.spread_news()
    News.objects.update(told_at=None)

    jobs.spread_news()

    assert Notification.objects.filter(member=ann).count() == 1
    assert Letter.objects.filter(member=ann).count() == 1


def test_mention_in_a_forum_one_may_not_read_tells_nothing():
    forum = make_forum(audience="team")
    host, outsider = make_host(forum), make_member("outsider")
    insider = make_host(forum, "insider")
    make_topic(forum, by=host, body="Ask @outsider and @insider.")

    jobs.spread_news()

    assert [kind for kind, _ in lines(insider)] == ["mention"]
    assert Notification.objects.filter(member=outsider).count() == 0


def test_held_post_is_told_to_nobody_until_it_is_published():
    ann = make_member()
    held_post(make_topic(by=ann))

    jobs.spread_news()

    assert lines(ann) == []


def test_notification_of_a_post_since_hidden_is_not_shown_nor_counted():
    ann = make_member()
    topic = make_topic(by=ann)
    post = make_reply(topic)
    jobs.spread_news()
    assert lines(ann) == [("reply", post)]
    assert standing(reader_for(ann)).told == 1

    hide_post(post, rule=make_rule(), note="x")

    assert lines(ann) == []
    assert standing(reader_for(ann)).told == 0


def test_reading_on_in_the_topic_makes_the_notification_read():
    ann = make_member()
    topic = make_topic(by=ann)
    make_reply(topic)
    jobs.spread_news()

    mark_read(topic, by=ann, place=2)

    assert standing(reader_for(ann)).told == 0


def test_reply_is_mailed_once_after_ten_minutes():
    ann, bob = make_member(language="fr"), make_member(name="Bob")
    make_reply(make_topic(by=ann, title="La bouilloire"), by=bob, body="Un **essai**.")
    jobs.spread_news()
    jobs.send_letters()
    assert Envelope.objects.count() == 0

    waited()
    waited()

    envelope = Envelope.objects.get()
    assert envelope.recipient == ann.email
    assert envelope.subject == "Bob a répondu dans «\u00a0La bouilloire\u00a0»"
    assert "<strong>essai</strong>" in envelope.html
    assert envelope.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert envelope.state == "sent"
    assert Letter.objects.get(member=ann).state == "sent"


@pytest.mark.parametrize(
    ("meanwhile", "outcome"),
    [
        ("read", "read meanwhile"),
        ("hidden", "the post is not there any more"),
        ("stopped", "replies by e-mail were switched off"),
        ("quiet", "the topic was quietened"),
        ("sealed", "the reader may not read it"),
        ("left", "not a member any more"),
    ],
)
def test_letter_is_checked_again_when_its_time_comes(meanwhile, outcome):
    ann = make_member()
    topic = make_topic(by=ann)
    post = make_reply(topic)
    jobs.spread_news()
    if meanwhile == "read":
        mark_read(topic, by=ann, place=2)
    elif meanwhile == "hidden":
        hide_post(post, rule=make_rule(), note="x")
    elif meanwhile == "stopped":
        type(ann).objects.filter(pk=ann.pk).update(mail="nothing")
    elif meanwhile == "quiet":
        follow_topic(topic, by=ann, level="nothing")
    elif meanwhile == "sealed":
        topic.forum.access.all().delete()
    elif meanwhile == "left":
        type(ann).objects.filter(pk=ann.pk).update(state="leaving", leaves_at=timezone.now())

    waited()

    letter = Letter.objects.get(member=ann)
    assert (letter.state, letter.outcome) == ("skipped", outcome)
    assert Envelope.objects.count() == 0


def test_member_who_wants_no_reply_mail_gets_no_letter():
    ann = make_member(mail="nothing")
    make_reply(make_topic(by=ann))

    jobs.spread_news()

    assert len(lines(ann)) == 1
    assert Letter.objects.count() == 0


def test_unsubscribing_takes_one_post_without_a_session_and_a_visit_changes_nothing(client):
    ann = make_member()
    make_reply(make_topic(by=ann))
    jobs.spread_news()
    waited()
    url = Envelope.objects.get().headers["List-Unsubscribe"].strip("<>").removeprefix("http://localhost:8000")

    assert client.get(url).status_code == 200
    ann.refresh_from_db()
    assert ann.mail == "all"

    from django.test import Client

    machine = Client(enforce_csrf_checks=True)
    assert machine.post(url, {"List-Unsubscribe": "One-Click"}).status_code == 200
    ann.refresh_from_db()
    assert ann.mail == "nothing"


@pytest.mark.parametrize("token", ["x", "1.replies", "1.replies:forged", "%00"])
def test_forged_unsubscription_is_not_found(client, token):
    assert client.post(f"/u/{token}/").status_code == 404
