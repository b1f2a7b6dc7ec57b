"""Reading and finding one's way at a real browser, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from forums.models import ReadMark, Topic
from tests.browser.conftest import Way
from tests.make import make_community, make_forum, make_member, make_reply, make_topic


@pytest.fixture
def long_topic() -> Topic:
    make_community()
    topic = make_topic(make_forum("atelier"), title="Un long sujet", by=make_member("bob"), tags=["café"])
    for number in range(17):
        make_reply(topic, body=f"Message {number}\n\n" + "Des mots, encore des mots. " * 60)
    topic.refresh_from_db()
    return topic


def place(topic: Topic) -> int:
    mark = ReadMark.objects.filter(topic=topic, member__username="ann").first()
    return mark.place if mark is not None else 0


def titles(page: Page) -> list[str]:
    return page.locator("#topics h3 a").all_inner_texts()


def test_what_was_on_screen_is_read_and_nothing_else(somebody, long_topic, live_server):
    make_member("ann", language="en")
    ann = somebody(Way("en", True, 1280)).signs_in("ann")
    with ann.page.expect_response(lambda response: response.url.endswith("/read")):
        page = ann.goes(long_topic.get_absolute_url())

    assert 0 < place(long_topic) < 8
    again = make_topic(long_topic.forum, title="Another")
    for number in range(15):
        make_reply(again, body=f"Words, and {number} more words. " * 120)
    with page.expect_response(lambda response: response.url.endswith("/read")):
        ann.goes(Topic.objects.get(pk=again.pk).get_absolute_url())
    seen = place(again)
    assert 0 < seen < 8

    with page.expect_response(lambda response: response.url.endswith("/read")):
        page.locator(f"[data-place='{seen + 4}'] footer").scroll_into_view_if_needed()
    assert seen + 3 <= place(again) < 16
    ann.goes("/?only=unread")
    assert titles(page) == ["Another", "Un long sujet"]
    page.get_by_role("link", name="Another").click()
    page.wait_for_selector("#unread")
    assert page.locator("#unread + article").get_attribute("data-place") == str(place(again) + 1)


def test_without_scripts_opening_a_page_is_reading_it(somebody, long_topic):
    make_member("ann", language="fr")
    ann = somebody(Way("fr", False, 360)).signs_in("ann")
    page = ann.goes("/?only=unread")
    assert titles(page) == ["Un long sujet"]

    page.locator("#topics h3 a").click()

    assert place(long_topic) == 18
    ann.goes("/?only=unread")
    ann.sees("You have read everything. Enjoy the rest of your day.")


def test_one_finds_follows_and_narrows_in_every_way(somebody, long_topic, way):
    make_topic(long_topic.forum, title="Une question", intent="question")
    make_member("ann", language=way.lang)
    ann = somebody(way).signs_in("ann")
    page = ann.goes("/f/atelier/")
    page.get_by_text(way.say("Filter"), exact=True).click()
    page.get_by_role("navigation", name=way.say("By intent")).get_by_role("link", name="question").click()
    page.wait_for_load_state()
    assert titles(page) == ["Une question"]
    ann.fits()
    ann.shot("list-filtered")

    page.locator(".forum-head .follow summary").click()
    ann.presses("All new topics")
    assert ann.page.url.endswith("?intent=question")
    page = ann.goes("/settings/following/")
    page.get_by_text(way.say("all"), exact=True).first.wait_for()
    ann.fits()
    ann.shot("following")
    ann.presses("Back to the usual")
    ann.sees("Nothing chosen: what matters to you reaches you.")

    page.fill("#find", "mots encore -question auteur:bob forum:atelier")
    page.press("#find", "Enter")
    page.wait_for_load_state()
    ann.sees("Search")
    page.locator(".chips a").first.wait_for()
    ann.fits()
    ann.shot("search-chips")
    assert page.locator(".chips a").count() == 2


def test_the_search_field_offers_what_is_only_begun(somebody, long_topic):
    person = somebody(Way("fr", True, 1280))
    page = person.goes("/")
    with page.expect_response(lambda response: "/search/complete" in response.url):
        page.locator("#find").press_sequentially("long suj")
    page.wait_for_selector("#find-offers option", state="attached")
    assert page.locator("#find-offers option").get_attribute("value") == "Un long sujet"
