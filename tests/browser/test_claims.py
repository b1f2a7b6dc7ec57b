"""What was imported, and coming into one's own: in both languages, with and without scripts, for everybody."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.management import call_command
from playwright.sync_api import expect

from engagement.models import Envelope
from forums.actions.claims import hand_over
from forums.models import ImportedRecord, Topic
from members.actions.claims import ask_by_mail, ask_moderators
from members.models import Member
from moderation.models import Case
from tests.browser.conftest import Way
from tests.browser.test_accessibility import faults_of, faults_of_colours
from tests.forums.archives import SITE, discourse, plain_forum, stackexchange
from tests.make import make_community, make_member, make_moderator


@pytest.fixture
def place(tmp_path, settings) -> Topic:
    """Three archives, and the topic of one whose author has an address."""
    settings.MEDIA_ROOT = tmp_path / "media"
    make_community()
    said = {"make_forums": True, "stdout": StringIO()}
    call_command("import_stackexchange", str(stackexchange(tmp_path / "s.zip")), site=SITE, **said)
    call_command("import_discourse", str(discourse(tmp_path / "d.zip")), site="https://forum.example.org", **said)
    call_command("import_json", str(plain_forum(tmp_path / "forum.json")), **said)
    return Topic.objects.get(forum__slug="offres-demploi")


def link() -> str:
    (found,) = re.findall(r"http://[^/\s]+(/claims/\S+)", Envelope.objects.get().text)
    return found


def test_somebody_finds_their_own_words_and_takes_them_home(somebody, way, place):
    make_member("mia", language=way.lang)
    ann = Member.objects.get(name="Ann")
    person = somebody(way)
    person.goes(place.get_absolute_url())
    person.page.get_by_role("link", name="Ann", exact=True).first.click()
    person.sees("imported, not claimed")
    person.shot("imported-name")
    person.follows("These are my posts")
    person.page.fill("main [name=login]", "mia")
    person.page.fill("main [name=password]", "correct horse battery")
    person.page.click("main button.button")
    person.page.wait_for_url(f"**/m/{ann.username}/claim/")
    person.fits()
    person.shot("claim")
    person.page.fill("[name=address]", "ann@example.org")
    person.presses("Send me the link")
    expect(person.page.locator(".messages, [role=status]").first).to_be_visible()
    person.goes(link())
    person.fits()
    person.shot("claim-confirm")
    person.presses("Yes, I wrote them")
    person.page.wait_for_url("**/m/mia/")
    while hand_over():
        pass
    person.goes(place.get_absolute_url())
    expect(person.page.get_by_role("link", name="Mia", exact=True).first).to_be_visible()


def test_imported_topics_are_looked_at(somebody, way, place):
    person = somebody(way)
    for external_id in ("post 1", "post 101"):
        topic = ImportedRecord.objects.get(external_id=external_id).post.topic
        person.goes(topic.get_absolute_url())
        person.fits()
        person.shot(f"imported-{topic.pk}-{topic.slug}")


@pytest.mark.parametrize("way", [Way("fr", True, 320), Way("en", True, 1280)], ids=str)
def test_pages_of_imports_and_claims_are_for_everybody(somebody, way, place):
    mia, tom = make_member("mia", language=way.lang), make_moderator("tom", language=way.lang)
    ann = Member.objects.get(name="Ann")
    ask_by_mail(ann, by=mia, address="ann@example.org")
    ask_moderators(ann, by=mia, words="My page says so: https://zoe.example/" + "long" * 40)
    topics = [topic.get_absolute_url() for topic in Topic.objects.all()]
    claims = [ann.get_absolute_url(), f"/m/{ann.username}/claim/", link()]
    history = f"/p/{ImportedRecord.objects.get(external_id='post 1').post_id}/history/"
    queue = ["/moderation/", Case.objects.get().get_absolute_url()]
    axe, lines = Axe(), []
    for who, paths in {"mia": [*claims, *topics, history], tom.username: queue}.items():
        person = somebody(way, color_scheme="light").signs_in(who)
        for path in paths:
            person.goes(path)
            lines += [f"{path}: {line}" for line in faults_of(person.page, axe) + faults_of_colours(person.page)]
            person.page.emulate_media(color_scheme="light")
            if path in queue:
                person.shot(f"case-{queue.index(path)}")
    assert not lines, "\n".join(lines)
