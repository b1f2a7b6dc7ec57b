"""People at a real browser: choosing a part of one's picture with and without a script; closing an account in three
clicks and keeping it with one."""

from __future__ import annotations

import io

import pytest
from django.core.files.storage import default_storage
from PIL import Image

from members.actions.standing import grant_hat
from members.models import Hat, Member, ProfileField, ProfilePicture
from moderation.actions.cases import report
from moderation.actions.decisions import Ruling, decide
from moderation.models import Decision
from tests.browser.conftest import Way
from tests.make import (
    make_admin,
    make_community,
    make_forum,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)


@pytest.fixture(autouse=True)
def _community(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    make_community()


def stripes() -> dict[str, object]:
    """Red, green and blue side by side, three times as wide as high."""
    image = Image.new("RGB", (900, 300), "green")
    image.paste("red", (0, 0, 300, 300))
    image.paste("blue", (600, 0, 900, 300))
    out = io.BytesIO()
    image.save(out, "PNG")
    return {"name": "me.png", "mimeType": "image/png", "buffer": out.getvalue()}


def colours() -> list[str]:
    """What stands in the picture that is shown: at its left, in its middle, at its right."""
    row = ProfilePicture.objects.get(key=Member.objects.get(username="ann").picture)
    names = {0: "red", 1: "green", 2: "blue"}
    with Image.open(default_storage.open(row.path("large"))) as image:
        shown = image.convert("RGB")
        pixels = [shown.getpixel((x, shown.height // 2)) for x in (20, shown.width // 2, shown.width - 20)]
    return [names[max(range(3), key=lambda n, p=pixel: p[n])] for pixel in pixels]


def test_part_of_a_picture_is_chosen_with_and_without_a_script(somebody, way):
    make_member("ann", language=way.lang, name="Ann Bell")
    ann = somebody(way).signs_in("ann")
    ann.goes("/settings/picture/")
    ann.page.set_input_files("main [type=file]", stripes())
    ann.presses("Show this picture")
    ann.sees("Your picture is shown now.")
    ann.fits()
    assert colours() == ["green"] * 3
    ann.shot("picture")

    if way.js:
        assert ann.page.locator("[data-plain]").count() == 0
        slider = ann.page.get_by_label(way.say("From the left"))
        slider.focus()
        for _ in range(2):
            ann.page.keyboard.press("PageUp")  # by keyboard alone
        slider.press("End")
    else:
        ann.page.locator("label", has_text=way.say("the end")).click()
    ann.presses("Keep this part")

    ann.sees("This part of your picture is shown now.")
    assert colours() == ["blue"] * 3
    ann.presses("Remove it")
    ann.sees("Drawn from your name, as long as you choose no other.")


def test_square_is_dragged_and_made_smaller(somebody):
    make_member("ann")
    ann = somebody(Way("en", True, 1280)).signs_in("ann")
    ann.goes("/settings/picture/")
    ann.page.set_input_files("main [type=file]", stripes())
    ann.presses("Show this picture")
    square = ann.page.locator("[data-square]").bounding_box()
    middle = (square["x"] + square["width"] / 2, square["y"] + square["height"] / 2)

    ann.page.mouse.move(*middle)
    ann.page.mouse.down()
    ann.page.mouse.move(middle[0] - 2000, middle[1], steps=4)
    ann.page.mouse.up()
    assert ann.page.get_by_label("From the left").input_value() == "0"
    ann.page.mouse.move(middle[0] - square["width"], middle[1])
    ann.page.mouse.down()
    ann.page.mouse.move(middle[0] - square["width"] / 2, middle[1], steps=4)
    ann.page.mouse.up()
    ann.presses("Keep this part")

    ann.sees("This part of your picture is shown now.")
    assert colours()[0] == "red"
    assert colours()[2] == "green"


def test_account_is_closed_in_three_clicks_and_kept_with_one(somebody, way):
    ann = make_member("ann", language=way.lang)
    make_topic(make_forum(), by=ann, title="Des cuillères")
    person = somebody(way).signs_in("ann")
    person.goes("/settings/")
    person.shot("settings")

    person.follows("Close my account")
    person.shot("close")
    person.page.get_by_label(way.say("My posts go too")).check()
    person.presses("Close my account")

    ann.refresh_from_db()
    assert (ann.state, ann.leaves_with_posts) == (Member.State.LEAVING, True)
    person.sees("Your posts go too.")
    person.fits()
    person.shot("closing")
    person.goes("/")
    person.presses("Keep my account")
    ann.refresh_from_db()
    assert ann.state == Member.State.ACTIVE


def test_hat_and_fields_are_chosen_and_seen_by_others(somebody, way):
    forum, solene = make_forum(), make_admin("solene")
    maiwenn = make_member("maiwenn", language=way.lang, name="Maïwenn Le Goff", bio="Couturière à Saint-Armel-sur-Mer.")
    hat = Hat.objects.create(
        name_fr="Conservatrice", name_en="Curator", description_fr="Musée.", description_en="Museum."
    )
    grant_hat(hat, to=maiwenn, by=solene, reason="Lettre du musée.")
    ProfileField.objects.create(name_fr="Atelier", name_en="Workshop", seen_by="everyone")
    topic = make_topic(forum, by=maiwenn, title="Une machine à coudre de 1911")
    make_newcomer("leo", name="Léo Kervella", language=way.lang)
    rule, tom = make_rule(), make_moderator("tom", name="Tom Okafor")
    hidden = make_reply(topic, by=maiwenn, body="Trop vif.")
    decide(report(by=make_member(), post=hidden).case, Ruling(Decision.Measure.HIDE, rule=rule, facts="x"), by=tom)
    person = somebody(way).signs_in("maiwenn")
    person.goes("/settings/profile/")
    person.page.get_by_label(way.say("Pronouns")).fill("elle")
    person.page.get_by_label("Atelier" if way.lang == "fr" else "Workshop").fill("Rue du Port")
    person.page.get_by_label("Conservatrice" if way.lang == "fr" else "Curator").check()
    person.shot("profile-edit")
    person.presses("Save")
    person.sees("Your profile is saved.")
    person.goes("/settings/standing/")
    person.fits()
    person.shot("standing")

    leo = somebody(way).signs_in("leo")
    leo.goes(topic.get_absolute_url())
    assert leo.page.locator(".post .hat").first.inner_text() == ("Conservatrice" if way.lang == "fr" else "Curator")
    leo.shot("hat")
    leo.goes("/members/")
    leo.page.get_by_label(way.say("Name"), exact=True).fill("LE goff maiw")
    leo.presses("Find")
    assert leo.page.locator(".people h2").all_inner_texts() == ["Maïwenn Le Goff"]
    leo.goes("/members/")
    leo.shot("directory")
    leo.page.locator(".people a", has_text="Maïwenn").click()
    leo.page.get_by_text("Rue du Port").wait_for()
    leo.shot("profile")
    leo.fits()
    leo.page.locator(".tabs").get_by_role("link", name=way.say("Topics")).click()
    leo.page.locator(".topics a", has_text="machine").wait_for()
    leo.shot("profile-topics")
