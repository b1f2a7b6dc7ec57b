"""Every page, as axe-core, a 320-pixel screen and a finger see it: both languages, light, dark and high contrast."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page

from engagement import jobs
from forums.actions import reading
from forums.actions.care import archive_topic, close_topic, move_topic, open_to_all, set_status, slow_topic
from forums.actions.conversations import leave_conversation
from forums.actions.drafts import keep_draft
from forums.actions.keeping import give_reaction, keep_bookmark
from forums.actions.posts import edit_post
from forums.actions.relocation import split_topic
from forums.actions.timers import set_timer
from forums.actions.voting import PollPlan, choose_in_poll, vote_for_idea
from forums.actions.withdrawal import withdraw_post
from forums.models import Forum, Poll, ReactionKind, Rule, Topic
from forums.views.care import VERBS
from members.actions.blocks import block_member
from members.actions.pictures import upload_picture
from members.actions.profiles import describe_self
from members.actions.standing import grant_hat
from members.models import Hat, Member, ProfileField
from moderation.actions.cases import open_letter, report, take_up
from moderation.actions.decisions import Ruling, decide
from moderation.actions.files import open_file
from moderation.actions.letters import write_again
from moderation.actions.notes import add_note
from moderation.actions.opinions import ask_for_opinions
from moderation.actions.rota import hand_over, pause
from moderation.actions.shelf import mark_exemplary
from moderation.models import Case, Decision, Duty
from tests.browser.conftest import Way
from tests.forums.test_reading import fill
from tests.make import (
    held_post,
    make_admin,
    make_community,
    make_conversation,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit import clock

# Targets smaller than 24 × 24 CSS px, links in the middle of a sentence apart (WCAG 2.2, 2.5.8).
SMALL = """
() => [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea, summary")]
  .filter((one) => {
    const box = one.getBoundingClientRect();
    if (!box.width || !box.height || one.closest(".unseen, .skip:not(:focus)")) return false;
    if (box.width >= 24 && box.height >= 24) return false;
    const around = one.closest("p, li, dd, td, caption, blockquote");
    const said = (node) => node.textContent.replace(/[\\s·,.()]/g, "").length;
    const links = around ? [...around.querySelectorAll("a, time")].reduce((sum, link) => sum + said(link), 0) : 0;
    return !around || getComputedStyle(one).display !== "inline" || said(around) <= links;
  })
  .map((one) => one.outerHTML.slice(0, 120))
"""
WIDEST = """
() => [...document.querySelectorAll("main *")]
  .map((one) => [one.getBoundingClientRect().right, one.outerHTML.slice(0, 160)])
  .sort((one, other) => other[0] - one[0])[0]
"""
LONG_CODE = "```\n" + "x = " + "1234567890" * 30 + "\n```"
WIDE_TABLE = "|" + "a long heading|" * 12 + "\n|" + "-|" * 12 + "\n|" + "some words here|" * 12
LISTS = "> Cité\n\n- [ ] à faire\n- [x] fait\n\n[lien](https://e.example)[^1]\n\n[^1]: note"
LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"


@dataclass
class World:
    visitor: list[str]
    member: list[str]
    moderator: list[str]


@pytest.fixture
def life() -> World:
    """Topics at every turn of their life, with all that is left on posts."""
    make_community()
    forum, other = make_forum("atelier"), make_forum("circuits")
    ann, tom, grace = make_member("ann"), make_moderator("tom"), make_host(forum, "grace")
    plan = PollPlan(["Samedi 14", LONG_WORD, "نعم"], question="Quel samedi ?", is_secret=False)
    polled = make_topic(forum, by=grace, title="Quel samedi ?", poll=plan)
    poll = Poll.objects.get(post__topic=polled)
    choose_in_poll(poll, [poll.options.get(order=2)], by=ann)
    post = make_reply(polled, by=tom, reply_to=polled.posts.get())
    for kind in ReactionKind.objects.all():
        give_reaction(post, kind, by=ann)
    keep_bookmark(post, by=ann, note=LONG_WORD, remind_at=timezone.now() + timedelta(days=2))
    mine = make_reply(polled, by=ann, body="À retirer")
    withdraw_post(mine, by=ann)
    wiki = make_reply(polled, by=tom, body="Glossaire")
    open_to_all(wiki, by=grace)
    split_topic(polled, [make_reply(polled).position], title="Autre sujet", by=grace, reason=LONG_WORD)
    slow_topic(polled, by=grace, seconds=900, until=timezone.now() + timedelta(days=2), reason="Respirons.")
    set_timer(polled, by=grace, kind="close", due_at=timezone.now() + timedelta(days=3))
    idea = make_topic(forum, by=ann, intent="idea", title="Une idée")
    vote_for_idea(idea, by=tom)
    set_status(idea, "planned", by=grace, reason="Au printemps.")
    moved = make_topic(forum, title="Déplacé")
    move_topic(moved, by=tom, into=other)
    archived = make_topic(forum, title="Mémoire")
    archive_topic(archived, by=grace)
    long = fill(make_topic(forum, title="Le feuilleton"), 250, every=timedelta(days=2))
    feedback = make_topic(forum, intent="feedback", title="Un retour")
    jobs.spread_news()
    visitor = [
        polled.get_absolute_url(), idea.get_absolute_url(), archived.get_absolute_url(), forum.get_absolute_url(),
        f"{long.get_absolute_url()}?page=4", f"/t/{polled.pk}/best", f"/t/{polled.pk}/print",
        f"/p/{post.pk}/reactions/", f"/polls/{poll.pk}/voters/",
    ]  # fmt: skip
    member = [
        polled.get_absolute_url(), idea.get_absolute_url(), f"{polled.get_absolute_url()}?quote={post.pk}",
        f"/p/{post.pk}/bookmark/", "/bookmarks/", "/notifications/", "/files/", f"/p/{wiki.pk}/history/",
        f"/t/{idea.pk}/care/rename/",
    ]  # fmt: skip
    host = [polled.get_absolute_url(), f"/f/{forum.slug}/new/", f"/t/{feedback.pk}/care/close/"]
    host += [f"/t/{polled.pk}/care/{verb}/" for verb in VERBS]
    return World(visitor, member, host)


@pytest.fixture
def world(settings, tmp_path) -> World:
    """One of everything, with the longest content at hand."""
    settings.MEDIA_ROOT = tmp_path
    make_community()
    forum = make_forum("atelier")
    rule = make_rule(text_fr="Jamais la personne.", text_en="Never the person.")
    make_forum("equipe", audience="team", kind="team")
    ann = make_member("ann", name="A" + "bcdefghij " * 5 + "klmn", bio="Je répare.")
    tom, grace = make_moderator("tom"), make_host(forum, "grace")
    topic = make_topic(forum, by=ann, title="Une question", intent="question", tags=["un", LONG_WORD[:40]])
    for body in (
        LONG_CODE,
        WIDE_TABLE,
        LONG_WORD,
        "مرحبا بكم في الورشة",
        "> Cité\n\n- [ ] à faire\n\n[lien](https://e.example)[^1]\n\n[^1]: note",
    ):
        make_reply(topic, body=body)
    mine = make_reply(topic, by=ann, body="Premier jet")
    edit_post(mine, by=ann, body="Second jet", version=1)
    waiting = held_post(topic)
    hidden = make_reply(topic, by=ann)
    dress(ann, by=make_admin("solene"))
    decision = decide(
        take_up(hidden, by=tom), Ruling(Decision.Measure.HIDE, rule=rule, facts="x", message="Bonjour."), by=tom
    )
    reported = make_reply(topic, by=make_member())
    case = report(by=ann, post=reported, words="Voyez.").case
    taught = on_the_shelf(topic, rule, tom)
    on_the_rota(tom, forum)
    add_note(reported.author, by=tom, body=LONG_WORD)
    filed = open_file(case, by=tom, title=LONG_WORD)
    ask_for_opinions(case, by=grace, question=LONG_WORD)
    closed = make_topic(forum, title=LONG_WORD)
    close_topic(closed, by=grace, reason="Tout est dit.")
    keep_draft(by=ann, key=None, topic=topic, body="Commencé")
    jobs.spread_news()
    where = topic.get_absolute_url()
    visitor = [
        "/", "/?only=unanswered", "/forums/", forum.get_absolute_url(), where, closed.get_absolute_url(),
        f"/f/{forum.slug}/new/", "/search/?q=premier", "/search/?q=rien-de-tel", "/tags/un/", "/m/ann/",
        "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/help/", "/help/writing/",
        "/help/reading/", "/about/", "/rules/", "/m/ann/?show=topics",
        "/m/ann/?show=posts", "/help/people/", "/help/trust/",
        "/privacy/", "/legal/", "/contact/", "/moderation/log/", "/nowhere/",
        "/moderation/log/2025-10/", "/notices/new/?about=/t/1/",
    ]  # fmt: skip
    member = [
        "/", "/?only=unread", where, f"{where}?reply_to={mine.pk}", f"/f/{forum.slug}/new/", "/notifications/",
        "/drafts/", "/settings/", "/settings/profile/", "/settings/picture/", "/settings/privacy/", "/settings/time/",
        "/settings/close/", "/settings/standing/", "/settings/reports/", "/members/",
        "/members/?newcomers=1&order=newest",
        "/members/?name=nobody", "/m/ann/", "/m/ann/?show=thanked", f"/p/{mine.pk}/edit/", f"/p/{mine.pk}/history/",
        f"/p/{reported.pk}/report/", f"/moderation/decision/{decision.pk}/",
        f"/moderation/decision/{decision.pk}/contest/", "/accounts/email/", "/accounts/password/change/", "/outbox/",
    ]  # fmt: skip
    moderator = [
        "/moderation/", f"/moderation/case/{case.pk}/", "/moderation/log/", f"/moderation/decision/{decision.pk}/",
        where, "/tags/un/care/", "/moderation/team/", "/moderation/shelf/", "/moderation/shelf/danger/",
        f"/moderation/case/{waiting.rule_hits.get().case_id}/", f"/moderation/batch/?case={case.pk}",
        f"/moderation/case/{taught.pk}/", "/moderation/files/", filed.get_absolute_url(),
    ]  # fmt: skip
    visitor += [
        "/?only=top&period=ever", "/?intent=question&state=answered", "/tags/", "/help/following/", "/help/searching/",
        "/search/?q=premier+le+rien+forum:nulle-part+before:hier",
    ]  # fmt: skip
    member += [
        "/?only=followed&everything=1", "/settings/following/", "/m/grace/", "/m/ann/?show=topics&only=top",
        f"/f/{forum.slug}/?only=new&intent=idea",
    ]  # fmt: skip
    private = make_conversation(ann, grace, tom, title=LONG_WORD, body=LISTS)
    make_reply(private, by=grace)
    leave_conversation(private, by=tom)
    case_of_private = report(by=ann, post=private.posts.get(position=2)).case
    member += [
        "/conversations/", "/conversations/new/?to=grace", private.get_absolute_url(), f"/conversations/{private.pk}/",
        "/help/conversations/",
    ]  # fmt: skip
    moderator += ["/conversations/", f"/moderation/case/{case_of_private.pk}/"]
    reading.follow(forum, by=ann, level="all")
    block_member(make_member("bob"), by=ann)
    reading.hide_topic(make_topic(forum, by=grace, title="Caché"), by=ann)
    letter = open_letter(name="Rose", email="rose@example.net", body=f"{LONG_WORD} ?", language="fr", member=ann)
    decide(letter.case, Ruling(Decision.Measure.ANSWER, message=f"Bonjour.\n\n{LONG_WORD}"), by=tom)
    write_again(letter, body="مرحبا بكم", key=uuid4())
    visitor.append(letter.get_absolute_url())
    moderator.append(letter.case.get_absolute_url())
    return World(visitor, member, moderator)


def on_the_shelf(topic: Topic, rule: Rule, by: Member) -> Case:
    """A month of the past with decisions, one of them exemplary."""
    with clock.at(datetime(2025, 10, 10, tzinfo=UTC)):
        for n in range(7):
            post = make_reply(topic, by=make_member(), body=f"{LONG_WORD} wanker")
            measure = Decision.Measure.HIDE if n % 2 else Decision.Measure.KEEP
            case = take_up(post, by=by)
            decide(case, Ruling(measure, rule=rule, facts="x", message="Bonjour."), by=by)
    mark_exemplary(case, by=by, lesson=f"Ce que l’on apprend : {LONG_WORD}.")
    return case


def on_the_rota(tom: Member, forum: Forum) -> None:
    """Tom is on duty all day, somebody is next, somebody pauses; two notes are handed over."""
    Duty.objects.create(member=tom, weekdays=list(range(7)), starts=time(0), ends=time(0))
    grace = Member.objects.get(username="grace")
    Duty.objects.create(member=grace, weekdays=[0, 3], starts=time(20), ends=time(6), forum=forum)
    hand_over(by=grace, forum=forum, words=f"Deux choses.\n\n{LONG_WORD}")
    hand_over(by=tom, words="مرحبا بكم")
    pause(by=make_moderator("aicha"), until=timezone.localdate() + timedelta(days=9))


def dress(member: Member, *, by: Member) -> None:
    """A picture, pronouns, fields and a hat, the longest there are."""
    out = io.BytesIO()
    Image.new("RGB", (900, 300), "teal").save(out, "PNG")
    upload_picture(by=member, file=SimpleUploadedFile("me.png", out.getvalue()))
    fields = [
        ProfileField.objects.create(
            name_fr="Atelier", name_en="Workshop", help_fr="Où ?", help_en="Where?", seen_by="everyone", **said
        )
        for said in ({}, {"kind": "url"}, {"kind": "choice", "choices_fr": "Un\nDeux", "choices_en": "One\nTwo"})
    ]
    hat = Hat.objects.create(name_fr="Conservatrice du musée des machines", name_en="Curator", description_en="Museum.")
    answers = dict(
        zip([field.pk for field in fields], [LONG_WORD, f"https://{LONG_WORD[:60]}.example/", "1"], strict=True)
    )
    describe_self(
        by=member, name=member.name, pronouns=LONG_WORD[:40], bio=member.bio, answers=answers,
        hat=grant_hat(hat, to=member, by=by, reason="Letter."),
    )  # fmt: skip


def faults_of(page: Page, axe: Axe, *, with_colours: bool = True) -> list[str]:
    """What is wrong with the page that is open, a line each."""
    options = {"resultTypes": ["violations"], "rules": {"color-contrast": {"enabled": with_colours}}}
    found = _lines(axe.run(page, options=options).response["violations"])
    facts: dict[str, Any] = page.evaluate(
        "() => ({h1: document.querySelectorAll('h1').length, lang: document.documentElement.lang,"
        " title: document.title, wide: document.documentElement.scrollWidth - document.documentElement.clientWidth})"
    )
    if facts["h1"] != 1:
        found.append(f"{facts['h1']} first-level headings")
    if facts["lang"] not in {"fr", "en"} or not facts["title"].strip():
        found.append("no language or no title")
    if facts["wide"] > 0:
        found.append(f"{facts['wide']} px too wide: {page.evaluate(WIDEST)}")
    return found + [f"small: {html}" for html in page.evaluate(SMALL)]


CONTRAST = """
async () => (await axe.run({runOnly: ["color-contrast"], resultTypes: ["violations"]})).violations
"""


def faults_of_colours(page: Page) -> list[str]:
    """What cannot be read in the other themes; axe-core is on the page already."""
    found = []
    for scheme, theme in (("dark", "auto"), ("light", "contrast"), ("dark", "contrast")):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", theme)
        violations = page.evaluate(
            "async () => (await axe.run({runOnly: ['color-contrast'], resultTypes: ['violations']})).violations"
        )
        found += [f"{scheme} {theme}: {line}" for line in _lines(violations)]
    page.emulate_media(color_scheme="light")
    return found


def _lines(violations: list[dict[str, Any]]) -> list[str]:
    return [f"{one['id']}: {node['html'][:150]}" for one in violations for node in one["nodes"][:2]]


@pytest.mark.parametrize("way", [Way("fr", True, 320), Way("en", True, 1280)], ids=str)
def test_every_page_is_for_everybody(somebody, world, way):
    walk(somebody, way, {"": world.visitor, "ann": world.member, "tom": world.moderator})


@pytest.mark.parametrize("way", [Way("fr", True, 320), Way("en", True, 1280)], ids=str)
def test_a_topic_at_every_turn_of_its_life_is_for_everybody(somebody, life, way):
    walk(somebody, way, {"": life.visitor, "ann": life.member, "grace": life.moderator})


OPEN_ALL = "document.querySelectorAll('main details').forEach((one) => { one.open = true })"


def walk(somebody, way, paths_of):
    """Every page of every person, with everything on it opened."""
    Member.objects.update(language=way.lang)
    axe, lines = Axe(), []
    for who, paths in paths_of.items():
        person = somebody(way, color_scheme="light")
        if who:
            person.signs_in(who)
        for path in paths:
            person.goes(path)
            person.page.evaluate(OPEN_ALL)
            in_colour = way.width == 320  # colours are the same at each width and in each language
            found = faults_of(person.page, axe, with_colours=in_colour)
            found += faults_of_colours(person.page) if in_colour else []
            assert person.page.evaluate("document.documentElement.lang") == way.lang
            if way.width > 320:
                person.page.set_viewport_size({"width": 320, "height": 800})
                person.fits()
                person.page.set_viewport_size({"width": way.width, "height": 800})
            lines += [f"{who or 'visitor'} {path}: {line}" for line in found]
    assert not lines, "\n".join(lines)


@pytest.mark.parametrize("way", [Way("fr", True, 320), Way("en", True, 1280)], ids=str)
def test_the_composer_is_for_everybody_in_each_of_its_states(somebody, world, way):
    """Tools, suggestions, preview, two versions of a draft, a hint, an image to be described."""
    make_newcomer("leo", language=way.lang)
    person, axe, lines = somebody(way, color_scheme="light").signs_in("leo"), Axe(), []
    where = next(path for path in world.member if path.startswith("/t/"))
    body = "#reply textarea[name=body]"

    def look(state: str) -> None:
        found = faults_of(person.page, axe) + faults_of_colours(person.page)
        lines.extend(f"{state}: {line}" for line in found)

    person.goes(where)
    person.page.focus(body)
    person.page.wait_for_selector("[data-composer][data-ready]")
    look("tools and hint")
    person.page.keyboard.type("Hello @a")
    person.page.get_by_role("option").first.wait_for()
    look("suggestions")
    person.page.keyboard.press("Escape")
    person.page.locator("[data-do=preview]").click()
    person.page.locator("[data-preview-here] .words").wait_for()
    look("preview")
    person.page.locator("[data-do=write]").click()
    person.page.evaluate(
        """() => {
          const writing = document.querySelector("[data-composer]");
          const note = (name) => writing.querySelector(`template[data-note=${name}]`).content.cloneNode(true);
          const notes = writing.querySelector("[data-notes]");
          for (const name of ["elsewhere", "other", "restored"]) notes.append(note(name));
          const row = note("file").firstElementChild;
          row.append(note("alt").firstElementChild);
          const input = row.querySelector("input");
          input.id = "alt-7";
          row.querySelector("label").htmlFor = "alt-7";
          writing.querySelector("[data-files-here]").append(row);
        }"""
    )
    look("notes and files")
    person.goes("/f/atelier/new/")
    person.page.locator("main [name=title]").press_sequentially("Une question")
    person.page.locator(".similar a").first.wait_for()
    person.page.locator(".more summary").click()
    look("similar topics")
    assert not lines, "\n".join(lines)


def test_the_check_sees_what_is_wrong(somebody, world):
    """A page that is spoilt on purpose is found out."""
    person = somebody(Way("en", True, 320))
    person.goes("/about/")
    person.page.evaluate(
        "document.querySelector('main').insertAdjacentHTML('beforeend',"
        " '<h1>Two</h1><img src=\"/x.png\"><div><button></button></div>'"
        " + '<pre>' + 'x'.repeat(2000) + '</pre>')"
    )

    person.page.evaluate("document.querySelector('h1').style.color = '#222'")  # fine on paper, lost in the dark

    faults = faults_of(person.page, Axe()) + faults_of_colours(person.page)

    for expected in (
        "image-alt",
        "button-name",
        "2 first-level headings",
        "px too wide",
        "small: <button>",
        "dark auto: color",
    ):
        assert any(expected in fault for fault in faults), expected
