"""Writing, as it feels: tools, keys, preview, completion, quotes, files; and all of it without scripts."""

from __future__ import annotations

import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils.translation import override
from PIL import Image

from forums.models import Attachment, Post
from members.models import Member
from moderation.models import AutomaticRule
from tests.browser.conftest import Way
from tests.make import make_community, make_forum, make_host, make_member, make_newcomer, make_reply, make_topic

EN, FR, WITHOUT = Way("en", True, 1280), Way("fr", True, 360), Way("en", False, 1280)
BODY = "#reply textarea[name=body]"


@pytest.fixture(autouse=True)
def place():
    make_community()
    return make_forum("atelier")


@pytest.fixture
def topic(place):
    topic = make_topic(place, by=make_member("zora", name="Zora"), title="La bouilloire", body="Elle siffle *fort*.")
    make_reply(topic, by=make_member("zoe", name="Zoé"), body="Détartrez-la.")
    return topic


@pytest.fixture
def ann(somebody, topic):
    make_member("ann")
    person = somebody(EN).signs_in("ann")
    person.goes(topic.get_absolute_url())
    return person


def begin(person):
    """Focus the composer and wait for its tools."""
    person.page.focus(BODY)
    person.page.wait_for_selector("[data-composer][data-ready]")


def value(person):
    return person.page.input_value(BODY)


def test_tools_are_fetched_only_when_somebody_is_about_to_write(ann):
    fetched = []
    ann.page.on("request", lambda request: fetched.append(request.url))
    ann.page.reload()
    assert not any("composer" in url for url in fetched)

    begin(ann)

    assert any("composer" in url for url in fetched)


def test_a_click_on_a_tool_before_they_are_there_is_not_lost(ann):
    ann.page.fill(BODY, "word")
    ann.page.evaluate(f"document.querySelector('{BODY}').select()")
    ann.page.get_by_role("button", name="Bold").click()

    ann.page.wait_for_function(f"() => document.querySelector('{BODY}').value === '**word**'")


@pytest.mark.parametrize(
    ("tool", "made"),
    [
        ("Bold", "**two**"), ("Emphasis", "*two*"), ("Link", "[two](https://)"), ("Code", "`two`"),
        ("Spoiler", "||two||"), ("Quote", "> two"), ("List", "- two"),
    ],
)  # fmt: skip
def test_each_tool_marks_what_is_selected_and_undo_takes_it_back(ann, tool, made):
    begin(ann)
    ann.page.keyboard.type("two")
    ann.page.keyboard.press("Control+a")

    ann.page.locator(".toolbar").get_by_role("button", name=tool, exact=True).click()
    assert value(ann) == made

    ann.page.keyboard.press("Control+z")
    assert value(ann) == "two"


def test_bold_twice_is_plain_again_and_keys_do_as_buttons(ann):
    begin(ann)
    ann.page.keyboard.type("two")
    ann.page.keyboard.press("Control+a")
    seen = []
    for key in ("Control+b", "Control+b", "Control+i"):
        ann.page.keyboard.press(key)
        seen.append(value(ann))

    assert seen == ["**two**", "two", "*two*"]


def test_lists_go_on_by_themselves_and_end_on_an_empty_point(ann):
    begin(ann)
    for line in ("- one", "two", ""):
        ann.page.keyboard.type(line)
        ann.page.keyboard.press("Enter")
    ann.page.keyboard.type("9. nine")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type("ten")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type("> - [x] done")
    ann.page.keyboard.press("Enter")

    assert value(ann) == "- one\n- two\n9. nine\n10. ten\n> - [x] done\n> - [ ] "


def test_toolbar_is_one_stop_for_tab_with_arrows_inside(ann):
    begin(ann)
    ann.page.keyboard.press("Shift+Tab")
    first = ann.page.evaluate("document.activeElement.dataset.do")
    ann.page.keyboard.press("ArrowRight")
    second = ann.page.evaluate("document.activeElement.dataset.do")
    ann.page.keyboard.press("End")
    last = ann.page.evaluate("document.activeElement.dataset.do")
    ann.page.keyboard.press("Tab")

    assert (first, second, last) == ("bold", "emphasis", "file")
    assert ann.page.evaluate("document.activeElement.name") == "body"
    ann.page.keyboard.press("Tab")  # and Tab is never trapped in the text
    assert ann.page.evaluate("document.activeElement.name") != "body"


def test_a_reply_is_written_and_sent_by_keyboard_alone(ann, topic):
    ann.page.keyboard.press("r")
    ann.page.wait_for_selector("[data-composer][data-ready]")
    ann.page.keyboard.type("By hand, @zo")
    ann.page.wait_for_selector("[role=listbox] [role=option]")
    ann.page.keyboard.press("ArrowDown")
    ann.page.keyboard.press("Enter")
    ann.page.keyboard.type("thanks")
    ann.page.keyboard.press("Control+Enter")

    ann.page.locator("article", has_text="By hand,").wait_for()
    assert Post.objects.get(author__username="ann").body == "By hand, @zora thanks"


def test_words_are_seen_as_they_will_look_and_gone_on_with(ann):
    begin(ann)
    ann.page.keyboard.type("Some **bold** words")
    height = ann.page.evaluate("document.querySelector('#reply form').offsetHeight")

    ann.page.get_by_role("button", name="Preview").click()
    assert ann.page.locator("[data-preview-here] strong").inner_text() == "bold"
    assert not ann.page.is_visible(BODY)
    assert abs(ann.page.evaluate("document.querySelector('#reply form').offsetHeight") - height) < 12
    ann.shot("composer-preview")

    ann.page.get_by_role("button", name="Write", exact=True).click()
    ann.page.keyboard.type("!")
    assert value(ann) == "Some **bold** words!"


def test_preview_that_cannot_be_had_says_so(ann):
    begin(ann)
    ann.page.keyboard.type("Words")
    ann.page.context.set_offline(True)
    ann.page.get_by_role("button", name="Preview").click()
    ann.sees("The preview cannot be had right now.")
    ann.page.context.set_offline(False)


def test_names_are_completed_in_the_text_with_those_of_the_topic_first(ann):
    make_member("zadig", name="Zadig")
    begin(ann)
    field = ann.page.locator(BODY)
    ann.page.keyboard.type("Hello @z")
    options = ann.page.get_by_role("listbox", name="Suggestions").get_by_role("option")
    options.first.wait_for()
    ann.shot("composer-completion")

    assert options.all_inner_texts() == ["Zoé @zoe", "Zora @zora", "Zadig @zadig"]
    active = field.get_attribute("aria-activedescendant")
    assert ann.page.locator(f"#{active}").inner_text() == "Zoé @zoe"
    assert ann.page.locator("[data-told]").inner_text() == "3 suggestions"

    ann.page.keyboard.press("ArrowUp")
    ann.page.keyboard.press("Enter")
    assert value(ann) == "Hello @zadig "
    assert field.get_attribute("aria-activedescendant") is None
    ann.page.keyboard.type("and @ZOÉ")
    options.first.wait_for()
    ann.page.keyboard.press("Escape")
    assert options.count() == 0 or not options.first.is_visible()
    ann.page.keyboard.type(" me@z")
    ann.page.wait_for_timeout(400)
    assert not ann.page.get_by_role("listbox").is_visible()


def test_tags_are_completed_in_their_field_and_in_the_text(somebody, place):
    make_topic(place, tags=["Café crème", "eau"])
    make_member("bob")
    bob = somebody(EN).signs_in("bob")
    bob.goes(f"/f/{place.slug}/new/")
    bob.page.focus("main [name=tags]")
    bob.page.wait_for_selector("[data-composer][data-ready]")
    bob.page.keyboard.type("fer, cafe")
    bob.page.get_by_role("option", name="Café crème").click()
    assert bob.page.input_value("main [name=tags]") == "fer, Café crème, "

    bob.page.focus("main [name=body]")
    bob.page.keyboard.type("See #ea")
    bob.page.get_by_role("option", name="eau").wait_for()
    bob.page.keyboard.press("Enter")
    assert bob.page.input_value("main [name=body]") == "See #eau "


def test_similar_topics_appear_while_a_title_is_typed(somebody, place, topic):
    make_member("bob", language="fr")
    bob = somebody(FR).signs_in("bob")
    bob.goes(f"/f/{place.slug}/new/")
    bob.page.locator("main [name=title]").press_sequentially("Ma bouilloire fuit")

    bob.page.locator(".similar").get_by_role("link", name="La bouilloire").wait_for()
    bob.fits()
    bob.shot("composer-similar")


def test_selected_words_are_quoted_with_a_link_to_their_post(ann, topic):
    begin(ann)
    ann.page.keyboard.type("Before.")
    first = topic.posts.get(position=1)
    ann.page.evaluate(
        "(id) => document.getSelection().selectAllChildren(document.querySelector(`#post-${id} .words`))", first.pk
    )
    button = ann.page.locator(".words + .quote-this")  # Tab leads from the words to it
    button.wait_for()
    ann.shot("composer-quote")
    button.focus()
    ann.page.keyboard.press("Enter")

    expected = f"Before.\n\n> [Zora](/p/{first.pk}/):\n>\n> Elle siffle fort.\n\n"
    ann.page.wait_for_function("(text) => document.querySelector('#reply textarea').value === text", arg=expected)
    assert ann.page.evaluate("document.activeElement.name") == "body"
    assert ann.page.locator(".quote-this").count() == 0


def picture():
    """A real image, as a browser sends one."""
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "peru").save(out, "PNG")
    return {"name": "cat.png", "mimeType": "image/png", "buffer": out.getvalue()}


def test_an_image_is_sent_at_once_asked_what_it_shows_and_stands_in_the_post(ann, topic):
    begin(ann)
    ann.page.keyboard.type("Look:")
    ann.page.set_input_files("[data-chooser]", picture())
    ann.page.get_by_label("Describe the image for those who do not see it").fill("A [grey] cat")
    kept = Attachment.objects.get()
    assert value(ann) == f"Look:\n\n![]({kept.get_absolute_url()})\n\n"
    ann.shot("composer-alt")
    with ann.page.expect_response("**/describe"):
        ann.page.keyboard.press("Enter")

    ann.page.wait_for_function("() => document.querySelector('#reply textarea').value.includes('grey')")
    assert value(ann) == f"Look:\n\n![A \\[grey\\] cat]({kept.get_absolute_url()})\n\n"
    assert ann.page.evaluate("document.querySelector('[data-chooser]').files.length") == 0

    ann.page.get_by_role("button", name="Send", exact=True).click()

    shown = ann.page.locator("article img[alt='A [grey] cat']")
    shown.wait_for()
    assert ann.page.wait_for_function("() => [...document.querySelectorAll('article img')].every((i) => i.complete)")
    assert (shown.get_attribute("width"), shown.get_attribute("height")) == ("640", "400")
    kept.refresh_from_db()
    assert (kept.alt, kept.post.topic) == ("A [grey] cat", topic)


def test_a_refused_file_is_explained_beside_the_field_and_leaves_nothing_behind(ann):
    begin(ann)
    ann.page.keyboard.type("Look:")
    fake = {"name": "cat.png", "mimeType": "image/png", "buffer": b"MZ not an image at all"}
    ann.page.set_input_files("[data-chooser]", fake)

    ann.page.locator(".sending .error").wait_for()
    assert "cat.png" in ann.page.locator(".sending").inner_text()
    assert value(ann).strip() == "Look:"
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("way", ["paste", "drop"])
def test_files_are_pasted_and_dropped(ann, way):
    begin(ann)
    ann.page.evaluate(
        """(way) => {
          const data = new DataTransfer();
          data.items.add(new File(["%PDF-1.4"], "notes.pdf", {type: "application/pdf"}));
          const body = document.querySelector("#reply textarea");
          const how = {bubbles: true, cancelable: true};
          const event = way === "paste" ? new ClipboardEvent("paste", {clipboardData: data, ...how})
            : new DragEvent("drop", {dataTransfer: data, ...how});
          body.dispatchEvent(event);
        }""",
        way,
    )

    ann.page.wait_for_function("() => document.querySelector('#reply textarea').value.includes('](/a/')")
    assert value(ann) == f"[notes.pdf]({Attachment.objects.get().get_absolute_url()})\n\n"


def test_files_come_along_without_scripts_and_are_described_before_one_sends(somebody, topic):
    make_member("eve")
    eve = somebody(WITHOUT).signs_in("eve")
    eve.goes(topic.get_absolute_url())
    eve.page.fill(BODY, "Look:")
    eve.page.locator("#reply details.more summary").click()
    eve.page.set_input_files("#reply [name=files]", picture())
    eve.presses("Send")

    kept = Attachment.objects.get()
    eve.sees("Your files stand in the text now. Describe each image between its square brackets, then send.")
    assert value(eve).rstrip() == f"Look:\n\n![]({kept.get_absolute_url()})"
    assert topic.posts.count() == 2
    eve.page.fill(BODY, f"Look:\n\n![Un chat]({kept.get_absolute_url()})")
    eve.presses("Send")
    eve.page.locator("article img[alt='Un chat']").wait_for()


def test_a_poll_and_an_hour_stand_behind_more_options(somebody, place):
    make_host(place, "grace")
    grace = somebody(WITHOUT).signs_in("grace")
    grace.goes(f"/f/{place.slug}/new/")
    grace.page.fill("main [name=title]", "Quel samedi ?")
    grace.page.fill("main [name=body]", "Dites.")
    grace.page.locator("details.more summary").click()
    grace.page.fill("[name=poll_options]", "Samedi 14")
    grace.presses("Send")
    grace.sees("A poll has two to %(n)d answers.", n=12)
    assert grace.page.input_value("[name=poll_options]") == "Samedi 14"
    grace.page.fill("[name=poll_options]", "Samedi 14\nSamedi 21")
    grace.page.fill("[name=publish_at]", "2099-03-14T18:30")
    grace.presses("Send")
    grace.page.locator(".drafts .facts", has_text="2099").wait_for()
    grace.shot("composer-scheduled")
    grace.presses("Change it")
    assert grace.page.input_value("main [name=title]") == "Quel samedi ?"
    assert grace.page.input_value("[name=poll_options]") == "Samedi 14\nSamedi 21"
    grace.presses("Send")
    grace.page.locator(".poll label", has_text="Samedi 21").wait_for()


def test_the_hint_of_first_posts_is_put_away_for_good_and_what_was_typed_stays(somebody, topic):
    leo = make_newcomer("leo", language="fr")
    person = somebody(FR).signs_in("leo")
    person.goes(topic.get_absolute_url())
    person.page.fill(BODY, "Je commence")
    person.page.locator(".hint").wait_for()
    person.fits()
    person.shot("composer-hint")
    person.presses("Do not show this again")
    person.page.wait_for_selector(".hint", state="detached")

    assert value(person) == "Je commence"
    assert not Member.objects.get(pk=leo.pk).wants_composer_hint
    person.page.reload()
    assert person.page.locator(".hint").count() == 0


def test_everything_needed_is_there_without_scripts(somebody, topic, place):
    make_newcomer("leo")
    leo = somebody(WITHOUT).signs_in("leo")
    leo.goes(topic.get_absolute_url())
    assert not leo.page.locator(".toolbar").is_visible()
    leo.page.fill(BODY, "A **plain** reply")
    leo.page.locator("#reply .more summary").click()
    assert leo.page.locator("#reply input[type=file][name=files][multiple]").is_visible()
    leo.presses("Do not show this again")
    assert value(leo) == "A **plain** reply"
    assert leo.page.locator(".hint").count() == 0
    leo.presses("Preview")
    assert leo.page.locator(".preview strong").inner_text() == "plain"
    leo.shot("composer-without")
    leo.presses("Send")
    leo.page.locator("article", has_text="A plain reply").wait_for()

    leo.goes(f"/f/{place.slug}/new/")
    assert [leo.page.locator(f"main [name={name}]").is_visible() for name in ("title", "body", "tags", "intent")] == [
        True, True, True, False,
    ]  # fmt: skip
    leo.page.fill("main [name=title]", "Bouilloire")
    leo.page.fill("main [name=body]", "x")
    leo.presses("Preview")
    leo.page.locator(".similar").get_by_role("link", name="La bouilloire").wait_for()


@pytest.mark.parametrize("way", [EN, FR], ids=str)
def test_the_composer_looks_right(somebody, topic, place, way):
    make_member("bob", language=way.lang)
    bob = somebody(way).signs_in("bob")
    bob.goes(topic.get_absolute_url())
    begin(bob)
    bob.fits()
    bob.shot("composer-reply")
    bob.goes(f"/f/{place.slug}/new/")
    bob.fits()
    bob.shot("composer-topic")


@pytest.mark.parametrize("way", [FR, WITHOUT], ids=str)
def test_a_rule_hints_while_one_writes_and_asks_before_it_is_published(somebody, topic, way):
    """The first link of somebody who has just come, and words that are urgent: both come with Commune."""
    make_newcomer("priya", language=way.lang)
    person = somebody(way).signs_in("priya")
    person.goes(topic.get_absolute_url())
    urgent, ask = AutomaticRule.objects.get(level="hint"), AutomaticRule.objects.get(name_en="First post with a link")
    with override(way.lang):
        hint, question = str(urgent.sentence), str(ask.sentence)
    told = "It is urgent. " + "I have written down all that I know of this kettle, with pictures, " * 3

    if way.js:
        begin(person)
        person.page.locator(BODY).press_sequentially("Urgent!")
    else:
        person.page.fill(BODY, "Urgent!")
        person.presses("Preview")
    person.page.locator("[data-hints]").get_by_text(hint, exact=True).wait_for()
    person.shot("composer-rule-hint")

    person.page.fill(BODY, f"{told} https://kettles.example.net/")
    person.presses("Send")
    person.page.locator(".questions").get_by_text(question, exact=True).wait_for()
    assert value(person).startswith(told)
    person.fits()
    if way.js:
        assert [found["id"] for found in Axe().run(person.page).response["violations"]] == []
    person.shot("composer-rule-question")
    person.page.get_by_label(person.way.say("Publish all the same")).check()
    person.presses("Send")

    person.page.locator(".post").get_by_text("all that I know of this kettle").first.wait_for()
    assert Post.objects.get(author__username="priya").state == Post.State.PUBLISHED
