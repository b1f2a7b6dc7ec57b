from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement.actions.prompts import dismiss, offer_welcomes, welcome
from engagement.forms import PromptForm
from engagement.models import Prompt, PromptShowing
from engagement.queries import standing, to_welcome
from forums.actions.reading import follow
from forums.models import Topic
from forums.readers import reader_for
from members.actions.blocks import block_member
from tests.make import make_community, make_forum, make_host, make_member, make_newcomer, make_reply, make_topic
from toolkit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community(welcome_after_hours=6)


def waiting_topic(forum=None, *, hours=7, by=None):
    with clock.at(timezone.now() - timedelta(hours=hours)):
        return make_topic(forum, by=by or make_newcomer())


def current():
    return list(PromptShowing.objects.current().values_list("member__username", flat=True))


def test_first_topic_without_an_answer_is_offered_to_three_who_like_to_welcome():
    for n in range(5):
        make_member(f"host{n}", wants_to_welcome=True)
    make_member("shy")
    waiting_topic()

    assert offer_welcomes() == 3
    assert offer_welcomes() == 0
    assert current() == ["host0", "host1", "host2"]


def test_whoever_does_not_read_its_language_or_need_not_meet_its_author_is_not_asked():
    topic = waiting_topic()
    other = "fr" if topic.lang == "en" else "en"
    make_member("elsewhere", wants_to_welcome=True, reads=other)
    apart, quiet = make_member("apart", wants_to_welcome=True), make_member("quiet", wants_to_welcome=True)
    block_member(topic.author, by=apart)
    follow(topic.forum, by=quiet, level="nothing")
    make_member("here", wants_to_welcome=True, reads=topic.lang)

    assert offer_welcomes() == 1
    assert current() == ["here"]


@pytest.mark.parametrize("why_not", ["too soon", "answered", "second topic", "team", "wild", "closed", "member"])
def test_nobody_is_asked_when(why_not):
    make_member(wants_to_welcome=True)
    if why_not == "too soon":
        waiting_topic(hours=5)
    elif why_not == "answered":
        make_reply(waiting_topic())
    elif why_not == "second topic":
        newcomer = make_newcomer()
        make_reply(waiting_topic(by=newcomer, hours=20))
        waiting_topic(by=newcomer)
    elif why_not == "team":
        waiting_topic(make_forum(kind="team"))
    elif why_not == "wild":
        waiting_topic(make_forum(sends_automatic=False))
    elif why_not == "closed":
        Topic.objects.filter(pk=waiting_topic().pk).update(closed_at=timezone.now(), closed_by=make_member())
    elif why_not == "member":
        waiting_topic(by=make_member())

    assert offer_welcomes() == 0


def test_author_adding_to_their_own_topic_does_not_count_as_an_answer():
    make_member(wants_to_welcome=True)
    newcomer = make_newcomer()
    make_reply(waiting_topic(by=newcomer), by=newcomer)

    assert offer_welcomes() == 1


def test_first_human_reply_cancels_it_for_all():
    for _ in range(3):
        make_member(wants_to_welcome=True)
    topic = waiting_topic()
    offer_welcomes()
    assert len(current()) == 3

    make_reply(topic)

    assert current() == []


def test_nobody_is_asked_twice_in_a_week():
    make_member(wants_to_welcome=True)
    waiting_topic()
    waiting_topic()

    assert offer_welcomes() == 1
    PromptShowing.objects.update(created_at=timezone.now() - timedelta(days=8))
    assert offer_welcomes() == 1


def test_somebody_who_may_not_write_there_is_not_asked():
    forum = make_forum()
    make_member(wants_to_welcome=True, state="leaving", leaves_at=timezone.now())
    waiting_topic(forum)

    assert offer_welcomes() == 0


def test_hosts_see_who_waits_and_others_do_not():
    forum = make_forum()
    topic = waiting_topic(forum)

    assert to_welcome(reader_for(make_host(forum))) == [topic]
    assert to_welcome(reader_for(make_host(make_forum()))) == []
    assert to_welcome(reader_for(make_member())) == []


def test_welcome_is_shown_once_and_put_away_for_good():
    ann = make_member()
    showing = welcome(ann)
    assert standing(reader_for(ann)).prompt["pk"] == showing.pk

    dismiss(showing, by=ann)
    welcome(ann)

    assert standing(reader_for(ann)).prompt is None


def test_nobody_puts_away_somebody_elses_prompt(client):
    showing = welcome(make_member())
    client.force_login(make_member())

    assert client.post(f"/prompts/{showing.pk}/dismiss").status_code == 404
    showing.refresh_from_db()
    assert showing.dismissed_at is None


def test_prompt_is_labelled_as_automatic_and_names_purpose_and_reader(client):
    make_forum()
    ann = make_member(name="Ann Bell")
    welcome(ann)
    client.force_login(ann)

    html = client.get("/").content.decode()

    assert "Welcome, Ann Bell. What brings us together: “Mend.”" in html
    assert "Automatic message · The Shed" in html


def test_tu_is_said_where_the_community_says_tu(client):
    make_community(register="tu")
    ann = make_member(language="fr")
    welcome(ann)
    client.force_login(ann)

    assert "Par où veux-tu commencer" in client.get("/").content.decode()


def test_prompt_that_is_switched_off_is_not_shown():
    Prompt.objects.update(is_on=False)

    assert welcome(make_member()) is None


@pytest.mark.parametrize(
    ("field", "text", "why"),
    [
        ("text_fr", "Bonjour {nom}, avançons.", "{nom}"),
        ("text_fr", "Bonjour {name} !", "U+202F"),
        ("text_en", "It's us.", "’"),
    ],
)
def test_prompt_with_an_unknown_placeholder_or_wrong_typography_is_refused(field, text, why):
    prompt = Prompt.objects.get(situation="welcome")
    said = {"is_on": True, "text_fr": prompt.text_fr, "text_fr_tu": prompt.text_fr_tu, "text_en": prompt.text_en}
    assert PromptForm(said, instance=prompt).is_valid()

    form = PromptForm({**said, field: text}, instance=prompt)

    assert not form.is_valid()
    assert why in str(form.errors[field])
