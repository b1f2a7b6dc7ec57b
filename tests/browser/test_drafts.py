"""What somebody is writing is never lost: each test here is one accident."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone
from playwright.sync_api import Error as PlaywrightError

from forums.actions.care import close_topic
from forums.actions.drafts import keep_draft
from forums.models import Access, Draft, Post
from members.models import Member
from tests.browser.conftest import ARGUMENTS, CHROMIUM, Person, Way
from tests.browser.site import Site, collect
from tests.commune.test_run import eventually
from tests.make import PASSWORD, make_community, make_forum, make_host, make_member, make_reply, make_topic

EN, PHONE = Way("en", True, 1280), Way("en", True, 360)
BODY = "#reply textarea[name=body]"
WORDS = "Words that took a while."


@pytest.fixture(autouse=True)
def place():
    make_community()
    return make_forum("atelier")


@pytest.fixture
def topic(place):
    return make_topic(place, title="La bouilloire")


@pytest.fixture
def ann(somebody, topic):
    make_member("ann")
    person = somebody(EN).signs_in("ann")
    person.goes(topic.get_absolute_url())
    return person


def write(person, words=WORDS, *, kept=True):
    person.page.focus(BODY)
    person.page.wait_for_selector("[data-composer][data-ready]")
    person.page.keyboard.type(words)
    if kept:
        person.page.get_by_text(re.compile("Draft saved at|Brouillon enregistré")).wait_for()


def holds(person, words=WORDS):
    person.page.wait_for_selector("[data-composer]", state="attached")
    assert eventually(lambda: person.page.input_value(BODY) == words, within=8), person.page.input_value(BODY)


def local(person):
    return person.page.evaluate("Object.entries(localStorage).filter(([name]) => name.startsWith('draft:'))")


def test_words_are_kept_while_typing_and_found_on_another_device(somebody, ann, topic):
    write(ann)
    assert Draft.objects.get().body == WORDS
    assert local(ann) == []

    phone = somebody(PHONE).signs_in("ann")
    phone.goes(topic.get_absolute_url())

    holds(phone)
    phone.sees("Your draft is back.")


def test_every_letter_is_in_the_browser_at_once_before_any_server_answers(ann, topic):
    ann.page.route("**/drafts/keep*", lambda route: None)  # a server that hangs
    write(ann, kept=False)

    assert eventually(lambda: any(WORDS in text for _name, text in local(ann)), within=2)


def test_without_a_network_words_stay_in_the_browser_and_reach_the_server_afterwards(ann, topic):
    write(ann, "On", kept=True)
    ann.page.context.set_offline(True)
    ann.page.keyboard.type(" the train")
    ann.page.get_by_text("Kept in this browser").wait_for()
    ann.shot("drafts-offline")
    assert Draft.objects.get().body == "On"

    ann.page.context.set_offline(False)

    assert eventually(lambda: Draft.objects.get().body == "On the train", within=8)


def test_words_that_only_this_browser_has_are_back_when_the_page_is_opened_again(ann, topic):
    ann.page.route("**/drafts/keep*", lambda route: route.abort())
    write(ann, kept=False)
    ann.page.get_by_text("Kept in this browser").wait_for()
    ann.page.unroute("**/drafts/keep*")
    ann.page.reload()

    holds(ann)
    ann.sees("Your words are back, from this browser.")
    assert eventually(lambda: Draft.objects.filter(body=WORDS).exists(), within=8)


def test_of_two_versions_the_newer_wins_and_the_other_is_offered(ann, topic):
    write(ann, "From this browser")
    ann.page.route("**/drafts/keep*", lambda route: route.abort())
    ann.page.keyboard.type(", later lost")
    ann.page.get_by_text("Kept in this browser").wait_for()
    ann.page.unroute("**/drafts/keep*")
    Draft.objects.update(body="From the phone, newer", saved_at=timezone.now() + timezone.timedelta(seconds=5))
    ann.page.reload()

    holds(ann, "From the phone, newer")
    ann.sees("Another version of these words is kept in this browser.")
    ann.page.get_by_text("The other words").first.click()
    assert ann.page.locator("[data-other]").first.inner_text() == "From this browser, later lost"
    ann.shot("drafts-other")
    ann.presses("Exchange them")
    holds(ann, "From this browser, later lost")
    assert ann.page.locator("[data-other]").first.text_content() == "From the phone, newer"


@pytest.mark.parametrize("choice", ["Go on with mine", "Take the others"])
def test_two_devices_at_once_erase_nothing_and_ask(somebody, ann, topic, choice):
    phone = somebody(PHONE).signs_in("ann")
    phone.goes(topic.get_absolute_url())
    write(phone, "From the phone")
    write(ann, "From the desk", kept=False)

    ann.sees("Another device or window has kept other words here since.")
    ann.fits()
    ann.shot("drafts-two-devices")
    assert Draft.objects.get().body == "From the phone"
    assert ann.page.input_value(BODY) == "From the desk"
    ann.presses(choice)

    mine = choice == "Go on with mine"
    won, other = ("From the desk", "From the phone") if mine else ("From the phone", "From the desk")
    holds(ann, won)
    assert eventually(lambda: Draft.objects.get().body == won, within=8)
    assert ann.page.locator("[data-notes] [data-other]").text_content() == other


def test_a_session_that_ended_while_writing_leads_back_to_the_words(ann, topic):
    write(ann, "Half")
    Session.objects.all().delete()
    ann.page.keyboard.type(" and whole")
    ann.page.get_by_text("You are signed out: your words are kept in this browser.").wait_for()

    ann.presses("Send")
    ann.sees("You were signed out meanwhile. Your words are kept: sign in, and send them again.")
    ann.shot("drafts-signed-out")
    ann.page.fill("main [name=login]", "ann")
    ann.page.fill("main [name=password]", PASSWORD)
    ann.page.click("main button.button")

    holds(ann, "Half and whole")
    ann.presses("Send")
    ann.page.locator("article", has_text="Half and whole").wait_for()
    assert Post.objects.filter(author__username="ann").count() == 1
    assert Draft.objects.count() == 0


def test_a_form_whose_token_is_gone_keeps_its_words(ann, topic):
    write(ann, kept=False)
    ann.page.context.clear_cookies(name="csrftoken")
    ann.presses("Send")
    ann.sees("This page was open for a long time. Copy your words, reload, and send them again.")
    assert ann.page.input_value(BODY) == WORDS
    ann.page.reload()

    holds(ann)
    ann.presses("Send")
    ann.page.locator("article", has_text=WORDS).wait_for()


def test_a_rejected_form_keeps_its_words(ann, topic):
    write(ann, "   ", kept=False)
    ann.presses("Send")
    ann.sees("Nothing is written yet.")
    ann.page.evaluate("document.querySelector('#reply textarea').value = 'x'.repeat(60001)")
    ann.presses("Send")
    ann.sees("This is 60001 characters long; 60000 fit.")
    assert len(ann.page.input_value(BODY)) == 60_001


def test_a_topic_closed_meanwhile_keeps_the_words_and_lets_them_move(ann, topic, place):
    write(ann)
    close_topic(topic, by=make_host(place), reason="Done.")
    ann.presses("Send")
    ann.page.get_by_text("This topic is closed to new replies.").first.wait_for()
    assert ann.page.input_value(BODY) == WORDS
    ann.page.get_by_role("link", name="Your words are kept among your drafts.").click()
    ann.sees("Your words, to copy")
    ann.fits()
    ann.shot("drafts-closed")
    ann.presses("Go on")

    assert ann.page.input_value("main [name=body]") == WORDS
    ann.page.fill("main [name=title]", "A topic of its own")
    ann.presses("Send")
    ann.page.get_by_role("heading", name="A topic of its own").wait_for()
    assert Draft.objects.count() == 0


def test_a_topic_that_vanished_keeps_the_words_in_the_browser(ann, topic):
    write(ann)
    Access.objects.all().delete()
    ann.page.keyboard.type(" More.")
    ann.page.get_by_text("Kept in this browser").wait_for()
    assert local(ann)
    ann.presses("Send")
    ann.page.wait_for_load_state()

    assert f"{WORDS} More." in (ann.page.input_value(BODY), ann.page.content())


def test_a_double_click_and_a_lost_answer_post_once(ann, topic):
    write(ann, "Twice", kept=False)
    ann.page.get_by_role("button", name="Send", exact=True).dblclick()
    ann.page.locator("article", has_text="Twice").wait_for()
    write(ann, "Lost", kept=False)
    ann.page.route("**/reply", lambda route: (route.fetch(), route.abort())[1])
    with ann.page.expect_event("requestfailed"):
        ann.presses("Send")
    ann.page.unroute("**/reply")
    assert Post.objects.filter(body="Lost").exists()
    assert ann.page.input_value(BODY) == "Lost"
    ann.presses("Send")
    ann.page.locator("article", has_text="Lost").wait_for()

    assert sorted(Post.objects.filter(author__username="ann").values_list("body", flat=True)) == ["Lost", "Twice"]
    ann.page.reload()
    ann.page.wait_for_load_state("networkidle")
    assert (ann.page.input_value(BODY), local(ann)) == ("", [])


def test_a_lost_answer_to_a_new_topic_leaves_no_draft_of_what_was_posted(ann, place):
    ann.goes(f"/f/{place.slug}/new/")
    ann.page.fill("main [name=title]", "Once only")
    ann.page.locator("main [name=body]").press_sequentially("Words")
    ann.presses("Send")
    ann.page.get_by_role("heading", name="Once only").wait_for()
    ann.goes(f"/f/{place.slug}/new/")
    ann.page.wait_for_load_state("networkidle")

    assert eventually(lambda: local(ann) == [], within=8)
    assert ann.page.input_value("main [name=body]") == ""


def test_a_change_of_a_post_is_kept_and_found_again(somebody, ann, topic):
    post = make_reply(topic, by=Member.objects.get(username="ann"), body="Before")
    ann.goes(f"/p/{post.pk}/edit/")
    ann.page.focus("main [name=body]")
    ann.page.wait_for_selector("[data-composer][data-ready]")
    ann.page.keyboard.press("Control+End")
    ann.page.keyboard.type(" and after")
    ann.page.get_by_text("Draft saved at").wait_for()
    other = somebody(PHONE).signs_in("ann")
    other.goes(f"/p/{post.pk}/edit/")

    assert other.page.input_value("main [name=body]") == "Before and after"
    other.presses("Save")
    assert eventually(lambda: Post.objects.get(pk=post.pk).body == "Before and after", within=8)
    assert Draft.objects.count() == 0


def test_a_visitor_finds_their_words_after_a_reload(somebody, topic):
    visitor = somebody(EN)
    visitor.goes(topic.get_absolute_url())
    write(visitor)
    visitor.page.reload()

    holds(visitor)


def test_a_draft_that_was_kept_before_a_scheduled_one_is_not_mixed_with_it(ann, topic):
    member = Member.objects.get(username="ann")
    draft = keep_draft(by=member, key=None, topic=topic, body="For tomorrow")
    Draft.objects.filter(pk=draft.pk).update(publish_at=timezone.now() + timezone.timedelta(days=1))
    ann.page.reload()
    write(ann, "For today")

    assert {d.body for d in Draft.objects.all()} == {"For tomorrow", "For today"}


# --- Killed


@pytest.fixture(scope="session")
def static(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("static")
    collect(folder)
    return folder


@pytest.fixture
def site(static, topic, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # as the other process has it
    made = Site(static).start()
    yield made
    made.kill()


def test_a_browser_that_is_killed_loses_nothing(playwright, site, topic, tmp_path):
    make_member("ann")

    def open_browser():
        context = playwright.chromium.launch_persistent_context(
            str(tmp_path / "profile"), executable_path=CHROMIUM or None, args=ARGUMENTS, locale="en-GB"
        )
        context.set_default_timeout(10_000)
        return context, Person(context.pages[0], site.url, EN)

    context, ann = open_browser()
    ann.signs_in("ann")
    ann.goes(topic.get_absolute_url())
    write(ann)
    killed = [pid for pid in processes(str(tmp_path / "profile")) if os.kill(pid, 9) is None]
    assert killed
    with contextlib.suppress(PlaywrightError):  # it has ended already
        context.close()

    context, ann = open_browser()
    if not ann.goes("/").query_selector(".menu"):
        ann.signs_in("ann")
    ann.goes(topic.get_absolute_url())
    holds(ann)
    context.close()


def processes(profile: str) -> list[int]:
    """The browsers of this profile: the one that leads, whose end ends the others."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            command = (entry / "cmdline").read_bytes().decode().split("\0")
        except OSError:
            continue
        if f"--user-data-dir={profile}" in command and not any(word.startswith("--type=") for word in command):
            found.append(int(entry.name))
    return found


def test_a_server_that_is_killed_loses_nothing_and_its_hashed_files_hold_the_tools(browser, site, topic):
    make_member("ann")
    context = browser.new_context(locale="en-GB")
    context.set_default_timeout(10_000)
    ann = Person(context.new_page(), site.url, EN)
    fetched = []
    ann.page.on("request", lambda request: fetched.append(request.url))
    ann.signs_in("ann")
    ann.goes(topic.get_absolute_url())
    write(ann, "Before the crash")
    assert any(re.search(r"/static/js/composer\.[0-9a-f]{12}\.js$", url) for url in fetched), fetched

    site.kill()
    ann.page.keyboard.type(", and after it")
    ann.page.get_by_text("Kept in this browser").wait_for()
    site.start()
    ann.page.reload()

    holds(ann, "Before the crash, and after it")
    assert eventually(lambda: Draft.objects.get().body == "Before the crash, and after it", within=8)
    assert ann.errors == []
    context.close()
