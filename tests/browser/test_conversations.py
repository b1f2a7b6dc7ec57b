"""A conversation at a real browser: opened, answered, muted and left, with a script and without."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import expect

from tests.browser.conftest import WAYS
from tests.commune.test_run import eventually
from tests.make import PASSWORD, make_community, make_member


@pytest.fixture(autouse=True)
def _community():
    make_community()


def mark_of(page):
    """How the first line of the list is marked: the weight of its title, and whether a dot stands before it."""
    title = page.locator(".conversations .topic h2").first
    weight = title.evaluate("title => getComputedStyle(title).fontWeight")
    return weight, dot_of(page, "content") != "none"


def dot_of(page, style):
    return page.locator(".conversations .topic h2 a").first.evaluate(
        "(link, style) => getComputedStyle(link, '::before')[style]", style
    )


def test_two_members_write_to_each_other(somebody, way):
    make_member("ann", language=way.lang, name="Ann Bell")
    make_member("bob", language=way.lang, name="Bob Cole")
    ann = somebody(way).signs_in("ann")
    ann.goes("/m/bob/")
    ann.follows("Write in private")
    kept = ann.page.get_by_text(way.say("Until you send it, a beginning is kept by this browser only."))
    assert kept.count() == 1
    assert kept.is_visible() is way.js
    ann.shot("conversation-new")
    ann.fits()
    ann.page.fill("[name=subject]", "La scie")
    ann.page.fill("[name=body]", "Elle est à vous ?")
    ann.presses("Send")
    ann.page.wait_for_url("**/t/**")
    ann.shot("conversation")
    ann.fits()
    starts = [ann.page.locator(part).first.bounding_box()["x"] for part in (".topic-head h1", ".post .words")]
    assert starts[0] == starts[1]
    bob = somebody(way).signs_in("bob")
    assert bob.page.locator('a.bell[href="/conversations/"] .count').inner_text() == "1"
    bob.goes("/conversations/")
    bob.shot("conversations")
    bob.fits()
    assert mark_of(bob.page) == ("700", True)
    bob.page.emulate_media(forced_colors="active")
    assert dot_of(bob.page, "forcedColorAdjust") == "none"
    bob.page.emulate_media(forced_colors="none")
    if way.js:
        with bob.page.expect_response(lambda response: response.url.endswith("/read")):  # what was on screen
            bob.page.get_by_role("link", name="La scie").click()
    else:
        bob.page.get_by_role("link", name="La scie").click()
    bob.page.fill("#reply [name=body]", "À moi, oui.")
    bob.presses("Send")
    bob.page.locator("article", has_text="À moi, oui.").first.wait_for()
    bob.goes("/conversations/")
    assert bob.page.locator('a.bell[href="/conversations/"] .count').count() == 0
    assert mark_of(bob.page) == ("500", False)
    ann.goes("/conversations/")
    ann.page.get_by_role("link", name="La scie").click()
    ann.page.get_by_role("link", name=way.say("Who is in it, mute, leave")).first.click()
    ann.shot("conversation-seats")
    ann.fits()
    ann.follows("Report this conversation")
    ann.page.get_by_label("À moi, oui.").check()
    ann.page.locator("[name=reason][value=other]").check()
    ann.page.fill("[name=words]", "Ce n’est pas vrai.")
    ann.shot("conversation-report")
    ann.fits()
    ann.presses("Send")
    ann.sees("Thank you. A moderator will read this.")
    final = ann.page.get_by_role("button", name=way.say("Leave for good"))
    expect(final).to_be_hidden()
    ann.page.locator("summary", has_text=way.say("Leave this conversation")).click()
    ann.sees(
        "For good: you no longer read it, what was said before neither, and nobody can invite you into it again. "
        "What you wrote stays, and the others read that you left."
    )
    ann.shot("conversation-leave")
    final.click()
    ann.sees("You have left the conversation.")
    assert ann.page.get_by_role("link", name="La scie").count() == 0


@pytest.mark.parametrize("way", [way for way in WAYS if way.js], ids=str)
def test_a_beginning_waits_in_the_browser_until_it_is_sent(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang)
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    ann.page.focus("[name=body]")
    ann.page.wait_for_selector("[data-composer][data-ready]")
    ann.page.fill("[name=subject]", "La scie")
    ann.page.fill("[name=body]", "Elle est à")
    ann.page.get_by_text(way.say("Kept in this browser")).wait_for()
    ann.goes("/conversations/new/?to=bob")
    expect(ann.page.locator("[name=body]")).to_have_value("Elle est à")
    assert ann.page.input_value("[name=subject]") == "La scie"
    ann.presses("Send")
    ann.page.wait_for_url("**/t/**")
    ann.goes("/conversations/new/?to=bob")
    ann.page.wait_for_load_state("networkidle")
    assert ann.page.input_value("[name=body]") == ""


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]], ids=str)
def test_whom_and_about_what_are_kept_without_a_word_of_the_message(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang)
    make_member("cleo", language=way.lang)
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    type_into(ann, "to", ", cleo")
    type_into(ann, "subject", "La scie")
    ann.page.get_by_text(way.say("Kept in this browser")).wait_for()

    ann.goes("/conversations/new/?to=bob")

    expect(ann.page.locator("[name=subject]")).to_have_value("La scie")
    assert ann.page.input_value("[name=to]") == "bob, cleo"
    ann.page.fill("[name=to]", "bob")
    ann.page.fill("[name=subject]", "")
    expect(ann.page.locator("[data-saved]")).to_have_text("")
    assert eventually(lambda: kept_by(ann) == [], within=8)


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]], ids=str)
def test_what_was_begun_to_somebody_is_offered_elsewhere_until_it_is_sent(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang)
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    type_into(ann, "body", "Elle est à")
    ann.page.get_by_text(way.say("Kept in this browser")).wait_for()

    for address in ("/conversations/new/?to=ann", "/conversations/new/"):
        ann.goes(address)
        ann.page.locator("[data-begun] a").wait_for()
    ann.shot("conversation-begun")
    ann.fits()
    ann.page.locator("[data-begun] a").click()
    expect(ann.page.locator("[name=body]")).to_have_value("Elle est à")
    ann.page.fill("[name=subject]", "La scie")
    ann.presses("Send")
    ann.page.wait_for_url("**/t/**")

    with ann.page.expect_response("**/drafts/keep*"):  # it asks whether it was sent
        ann.goes("/conversations/new/")
    assert eventually(lambda: kept_by(ann) == [], within=8)
    expect(ann.page.locator("[data-begun]")).to_be_hidden()


def kept_by(person):
    """The beginnings that their browser keeps."""
    return person.page.evaluate("() => Object.keys(localStorage).filter((name) => name.startsWith('draft:'))")


def type_into(person, name, words):
    person.page.focus(f"[name={name}]")
    person.page.wait_for_selector("[data-composer][data-ready]")
    person.page.keyboard.press("End")
    person.page.keyboard.type(words)


@pytest.mark.parametrize("way", [WAYS[0], WAYS[2]], ids=str)
def test_names_are_offered_while_one_types_whom_to_write_to_and_whom_to_invite(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang)
    make_member("zed", language=way.lang, name="Zoé Œuvrard")
    make_member("yan", language=way.lang, name="Yann")
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    type_into(ann, "to", ", @zo")
    ann.page.get_by_role("option", name="Zoé Œuvrard @zed").wait_for()
    ann.shot("conversation-names")
    ann.page.keyboard.press("Enter")
    assert ann.page.input_value("[name=to]") == "bob, zed, "
    ann.page.fill("[name=subject]", "La scie")
    ann.page.fill("[name=body]", "Elle est à vous ?")
    ann.presses("Send")
    ann.page.wait_for_url("**/t/**")
    ann.page.get_by_role("link", name=way.say("Who is in it, mute, leave")).first.click()
    ann.page.focus("[name=member]")
    ann.page.wait_for_selector("[name=member][role=combobox]")
    ann.page.keyboard.type("yan")
    ann.page.get_by_role("option", name="Yann @yan").wait_for()
    ann.shot("conversation-invite")
    ann.fits()
    ann.page.keyboard.press("Enter")
    assert ann.page.input_value("[name=member]") == "yan"
    ann.page.keyboard.press("Enter")
    ann.sees("%(name)s is invited, and is told.", name="Yann")


def test_refusal_stands_above_the_form_and_then_at_whom_it_is_about(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang, name="Bob Cole", open_to="nobody")
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    ann.sees("%(name)s cannot be written to in private.", name="Bob Cole")
    ann.shot("conversation-refused")
    ann.fits()
    ann.page.fill("[name=subject]", "La scie")
    ann.page.fill("[name=body]", "Elle est à vous ?")
    ann.presses("Send")

    expect(ann.page.locator("[name=to][aria-invalid=true]")).to_have_count(1)
    beside = ann.page.locator(".field:has([name=to]) .error")
    assert beside.inner_text() == way.say("%(name)s cannot be written to in private.", name="Bob Cole")
    assert ann.page.input_value("[name=body]") == "Elle est à vous ?"
    ann.shot("conversation-refused-sent")


@pytest.mark.parametrize("way", [WAYS[1], WAYS[2]], ids=str)
def test_a_session_that_ends_while_one_writes_loses_nothing(somebody, way):
    make_member("ann", language=way.lang)
    make_member("bob", language=way.lang)
    ann = somebody(way).signs_in("ann")
    ann.goes("/conversations/new/?to=bob")
    ann.page.fill("[name=subject]", "La scie")
    ann.page.fill("[name=body]", "Elle est à vous ?")
    Session.objects.all().delete()
    ann.presses("Send")
    ann.page.fill("main [name=login]", "ann")
    ann.page.fill("main [name=password]", PASSWORD)
    ann.page.click("main button.button")

    ann.page.wait_for_url("**/conversations/new/?to=bob")
    ann.sees("Your draft is back.")
    ann.shot("conversation-signed-in-again")
    assert [ann.page.input_value(f"[name={name}]") for name in ("to", "subject", "body")] == [
        "bob", "La scie", "Elle est à vous ?"
    ]  # fmt: skip
    ann.presses("Send")
    ann.page.wait_for_url("**/t/**")
