"""A second person's reply makes one quiet line appear; nothing moves until it is pressed."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Way
from tests.commune.test_live import Process
from tests.make import make_community, make_forum, make_member, make_reply, make_topic
from toolkit import ring

EN, FR = Way("en", True, 1280), Way("fr", True, 360)


@pytest.fixture
def process(tmp_path, settings, live_server, monkeypatch):
    monkeypatch.setattr(ring, "_silent_until", 0.0)
    made = Process(tmp_path, settings, site=live_server.url)
    yield made
    made.end()


@pytest.fixture
def topic(process):
    make_community()
    return make_topic(make_forum("atelier"), title="La bouilloire", body="Elle siffle.")


def line(person):
    return person.page.locator("[data-live]")


def opened(person, topic, page=""):
    with person.page.expect_response("**/live/*"):
        person.goes(f"{topic.get_absolute_url()}{page}")


def test_replies_of_others_wait_behind_one_line_until_it_is_pressed(somebody, topic):
    reader = somebody(EN)
    opened(reader, topic)
    height = reader.page.evaluate("document.body.offsetHeight")
    make_reply(topic, body="First answer.")
    line(reader).get_by_text("1 new reply: show it").wait_for()
    make_reply(topic, body="Second answer.")
    make_reply(topic, body="Third answer.")
    line(reader).get_by_text("3 new replies: show them").wait_for()
    reader.shot("live-line")
    assert reader.page.locator("article").count() == 1
    assert abs(reader.page.evaluate("document.body.offsetHeight") - height) < 12

    reader.page.fill("#reply textarea", "Half a reply")
    line(reader).get_by_role("link").click()

    reader.page.locator("article", has_text="Third answer.").wait_for()
    assert reader.page.locator("article").count() == 4
    assert "First answer." in reader.page.evaluate("document.activeElement.textContent")
    assert reader.page.input_value("#reply textarea") == "Half a reply"
    assert line(reader).inner_text() == ""
    make_reply(topic, body="Fourth answer.")
    line(reader).get_by_text("1 new reply: show it").wait_for()


def test_the_line_is_a_plain_link_that_leads_to_the_new_replies(somebody, topic):
    reader = somebody(FR)
    opened(reader, topic)
    make_reply(topic, body="Réponse.")
    link = line(reader).get_by_role("link")
    link.wait_for()
    first = topic.posts.get(position=1)

    assert link.get_attribute("href") == f"?page=1#post-{first.pk}"
    reader.fits()
    reader.shot("live-line")


def test_a_full_page_leads_to_the_next(somebody, topic):
    for _ in range(19):
        make_reply(topic)
    reader = somebody(EN)
    opened(reader, topic)
    make_reply(topic, body="On the second page.")
    line(reader).get_by_role("link").click()

    reader.page.locator("article", has_text="On the second page.").wait_for()
    assert reader.page.url.endswith("?page=2")


def test_ones_own_reply_is_not_announced_to_oneself(somebody, topic):
    make_member("ann")
    ann = somebody(EN).signs_in("ann")
    opened(ann, topic)
    ann.page.fill("#reply textarea", "Mine.")
    ann.presses("Send")
    ann.page.locator("article", has_text="Mine.").wait_for()
    ann.page.wait_for_timeout(700)

    assert line(ann).inner_text() == ""
    make_reply(topic, body="Theirs.")
    line(ann).get_by_text("1 new reply: show it").wait_for()


def test_without_the_process_nothing_is_missing(somebody, topic, process):
    process.kill()
    reader = somebody(EN)
    reader.goes(topic.get_absolute_url())
    make_reply(topic, body="Unheard.")
    reader.page.wait_for_timeout(500)

    assert line(reader).inner_text() == ""
    reader.page.reload()
    reader.page.locator("article", has_text="Unheard.").wait_for()
