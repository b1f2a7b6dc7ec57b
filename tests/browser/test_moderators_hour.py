"""A moderator's hour: twenty mixed cases, by keyboard alone; and deciding without scripts, on a narrow screen."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from forums.models import Post
from members.models import Member
from moderation.actions.cases import open_application, open_letter, report, take_up
from moderation.actions.decisions import Ruling, appeal, decide
from moderation.models import Case, Decision
from tests.browser.conftest import WAYS
from tests.make import (
    held_post,
    make_community,
    make_forum,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)

# What is decided of each kind, in the order in which such cases come; and what is typed into which fields.
PLANS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "held": [("approve", {}), ("approve", {}), ("refuse", {"rule": "1", "facts": "An advert."})],
    "signup": [("admit", {}), ("decline", {"message": "Tell us a little more, please."})],
    "letter": [("answer", {"message": "It is open on Saturdays."})] * 2,
    "appeal": [("maintain", {"message": "I read it again."})],
    "report": [
        ("hide", {"rule": "1", "facts": "A mains lead was shown live."}),
        ("warn", {"rule": "1", "facts": "Called a member useless."}),
        ("suspend", {"rule": "1", "facts": "The third insult.", "length": "3"}),
        ("thank", {}),
        *[("keep", {})] * 8,
    ],
}


def twenty_cases() -> None:
    topic = make_topic(make_forum())
    for _ in range(3):
        held_post(topic)
    for name in ("guest", "other"):
        guest = make_member(name, state=Member.State.APPLYING)
        open_application(guest)
        open_letter(name=name, email=f"{name}@example.org", body="When?", language="en", member=None)
    post = make_reply(topic)
    aicha = make_moderator()
    first = decide(take_up(post, by=aicha), Ruling("hide", rule=make_rule(), facts="x"), by=aicha)
    appeal(first, by=post.author, happened="It was a joke.", wanted="Show it.")
    for number in range(12):
        report(by=make_member(), post=make_reply(topic, body=f"Reported {number}"), words="Have a look.")
    assert Case.objects.open().count() == 20


@pytest.mark.parametrize("way", [WAYS[2]], ids=str)
def test_twenty_mixed_cases_are_decided_by_keyboard_alone(somebody, way):
    make_community()
    twenty_cases()
    tom = make_moderator("tom", language="en")
    page = somebody(way).signs_in("tom").goes("/moderation/")
    keys = Counter()

    def press(key, *, goes=False):
        keys["all"] += 1
        if not goes:
            page.keyboard.press(key)
            return
        with page.expect_navigation():
            page.keyboard.press(key)

    plans = {kind: iter(plan) for kind, plan in PLANS.items()}
    for _ in range(20):
        before = keys["all"]
        page.locator(".case:focus").wait_for()
        press("Enter", goes=True)
        case = Case.objects.get(pk=int(page.url.rstrip("/").rpartition("/")[2]))
        measure, typed = next(plans[case.kind])
        place = page.evaluate("[...document.querySelectorAll('[name=measure]')].map((one) => one.value)").index(measure)
        press("123456789abcdef"[place])
        for name, words in typed.items():
            while page.evaluate("document.activeElement.name") != name:
                press("Tab")
            if name == "rule":
                press("ArrowDown")
            elif name == "length":
                while page.evaluate("document.activeElement.value") != words:
                    press("ArrowDown")
            else:
                page.keyboard.type(words)
        press("Control+Enter" if typed else "Enter", goes=True)
        assert typed or keys["all"] - before == 3, f"{measure} took {keys['all'] - before} keys"

    made = Decision.objects.filter(actor=tom)
    assert Counter(made.values_list("measure", flat=True)) == Counter(m for plan in PLANS.values() for m, _t in plan)
    assert not Case.objects.open().exists()
    press("u", goes=True)
    assert made.filter(measure="undo").count() == 1


@pytest.mark.parametrize("way", [WAYS[0], WAYS[3]], ids=str)
def test_several_are_decided_in_one_go_and_one_is_taken_back(somebody, way):
    make_community()
    topic, rule = make_topic(make_forum()), make_rule()
    make_moderator("tom", language=way.lang)
    for number in range(3):
        report(by=make_member(), post=make_reply(topic, body=f"Reported {number}"), words="Have a look.")
    tom = somebody(way).signs_in("tom")
    tom.goes("/moderation/")
    tom.fits()
    tom.shot("queue")
    for box in tom.page.locator("[name=case]").all()[:2]:
        box.check()
    tom.presses("Decide about those marked")
    tom.fits()
    tom.page.locator("[name=measure][value=hide]").check()
    tom.page.select_option("[name=rule]", str(rule.pk))
    tom.page.fill("[name=facts]", "An advert.")
    tom.shot("batch")
    tom.page.locator("#decide button.button").click()
    tom.page.wait_for_load_state()
    assert Post.objects.filter(state="removed").count() == 2

    tom.page.locator(".case h3 a").first.click()
    tom.page.wait_for_load_state()
    tom.fits()
    tom.page.locator("[name=measure][value=suspend]").check()
    tom.page.select_option("[name=rule]", str(rule.pk))
    tom.page.fill("[name=facts]", "A third time.")
    tom.page.select_option("[name=length]", "3")
    tom.shot("case-suspend")
    tom.presses("Decide and tell")
    person = Decision.objects.get(measure="suspend").concerned
    assert timedelta(days=2) < person.suspended_until - timezone.now() <= timedelta(days=3)
    tom.page.locator("[data-take-back] button").click()
    tom.page.wait_for_load_state()
    assert Member.objects.get(pk=person.pk).suspended_until is None
