"""A real Chromium, looking at a real server on a real database."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from django.core.signals import request_finished, request_started
from django.utils.translation import gettext, override
from playwright.sync_api import Browser, Page, Playwright, sync_playwright

from tests.make import PASSWORD

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SHOTS = os.environ.get("COMMUNE_SCREENSHOTS", "")


def pytest_collection_modifyitems(items: list[Any]) -> None:
    for item in items:
        if "/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.django_db(transaction=True))


CHROMIUM = os.environ.get("COMMUNE_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    launched = playwright.chromium.launch(executable_path=CHROMIUM or None, args=ARGUMENTS)
    yield launched
    launched.close()


@dataclass
class Way:
    """How somebody comes: language, width, with or without scripts."""

    lang: str
    js: bool
    width: int

    def say(self, words: str, **said: Any) -> str:
        """Words of the interface in this way's language."""
        with override(self.lang):
            return gettext(words) % said if said else gettext(words)

    def __str__(self) -> str:
        return f"{self.lang}-{self.width}-{'js' if self.js else 'nojs'}"


WAYS = [Way("fr", True, 360), Way("fr", False, 1280), Way("en", True, 1280), Way("en", False, 360)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each test that asks for a way goes two of them, with scripts and without, in one language each: half of the tests
    one pair, half the other. With COMMUNE_TEST_LONG every test goes all four."""
    has_its_own = any("way" in mark.args[0] for mark in metafunc.definition.iter_markers("parametrize"))
    if "way" in metafunc.fixturenames and not has_its_own:
        pairs = [WAYS[0], WAYS[3]], [WAYS[1], WAYS[2]]
        chosen = WAYS if "COMMUNE_TEST_LONG" in os.environ else pairs[crc32(metafunc.function.__name__.encode()) % 2]
        metafunc.parametrize("way", chosen, ids=str)


class Person:
    """Somebody at a browser of their own."""

    def __init__(self, page: Page, base: str, way: Way) -> None:
        self.page, self.base, self.way = page, base, way
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda m: self.errors.append(m.text) if "Content Security Policy" in m.text else None)

    def goes(self, path: str) -> Page:
        self.page.goto(self.base + path)
        return self.page

    def signs_in(self, username: str) -> Person:
        self.goes("/accounts/login/")
        self.page.fill("main [name=login]", username)
        self.page.fill("main [name=password]", PASSWORD)
        self.page.click("main button.button")
        self.page.wait_for_selector(".menu")
        return self

    def presses(self, words: str) -> None:
        self.page.locator("main").get_by_role("button", name=self.way.say(words), exact=True).first.click()
        self.page.wait_for_load_state()

    def follows(self, words: str) -> None:
        self.page.get_by_role("link", name=self.way.say(words), exact=True).first.click()
        self.page.wait_for_load_state()

    def sees(self, words: str, **said: Any) -> None:
        self.page.get_by_text(self.way.say(words, **said)).first.wait_for(state="visible", timeout=5000)

    def shot(self, name: str) -> None:
        """Kept to be looked at when COMMUNE_SCREENSHOTS names a folder."""
        if SHOTS:
            before = list(self.errors)
            Path(SHOTS).mkdir(parents=True, exist_ok=True)
            for scheme in ("dark", "light"):
                self.page.emulate_media(color_scheme=scheme)
                self.page.screenshot(path=f"{SHOTS}/{name}-{self.way}-{scheme}.png", full_page=True)
            self.errors[:] = before  # taking a picture adds a style of its own, which the policy refuses

    def fits(self) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.page.url} is {wide} px too wide at {self.way.width} px"


class Served:
    """How many requests the live server is at work on."""

    def __init__(self) -> None:
        self.now = 0
        self.lock = threading.Lock()

    def begun(self, **kwargs: Any) -> None:
        with self.lock:
            self.now += 1

    def done(self, **kwargs: Any) -> None:
        with self.lock:
            self.now -= 1

    def __enter__(self) -> Served:
        request_started.connect(self.begun)
        request_finished.connect(self.done)
        return self

    def __exit__(self, *args: Any) -> None:
        request_started.disconnect(self.begun)
        request_finished.disconnect(self.done)

    def wait(self) -> None:
        """Until it has had nothing to do for a moment: a request may still be on its way."""
        now = idle_since = time.monotonic()
        deadline = now + 5
        while now < deadline and now - idle_since < 0.1:
            time.sleep(0.02)
            now = time.monotonic()
            idle_since = now if self.now > 0 else idle_since


@pytest.fixture
def somebody(browser: Browser, live_server: Any) -> Iterator[Callable[..., Person]]:
    """Opens a browser for one more person; checks at the end that no script failed and no policy was hurt."""
    people: list[Person] = []

    def come(way: Way, **more: Any) -> Person:
        context = browser.new_context(
            viewport={"width": way.width, "height": 800},
            locale="fr-FR" if way.lang == "fr" else "en-GB",
            java_script_enabled=way.js,
            **more,
        )
        context.set_default_timeout(10_000)
        person = Person(context.new_page(), live_server.url, way)
        people.append(person)
        return person

    with Served() as served:
        yield come
        for person in people:
            person.page.context.close()
        served.wait()  # what a page asked for last must be done before the tables are emptied
    assert [error for person in people for error in person.errors] == []
