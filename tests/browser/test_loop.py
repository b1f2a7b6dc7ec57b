"""The nine steps of the loop, each by a person at a browser: in French and English, narrow and wide, with and
without scripts."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from engagement import jobs
from engagement.models import Envelope, Letter, PromptShowing
from forums.models import Draft, Post, Topic
from members.models import Community, Member
from moderation.models import Case, Decision
from tests.make import (
    make_admin,
    make_community,
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


@pytest.fixture(autouse=True)
def place():
    make_community()
    forum = make_forum("atelier")
    make_rule(title_fr="Rien sous tension", title_en="Nothing live")
    return forum


@pytest.fixture
def forum(place):
    return place


def test_1_a_visitor_reads_the_home_page_and_opens_a_topic(somebody, way, forum):
    make_topic(forum, title="La bouilloire", body="Elle s’éteint.")
    visitor = somebody(way)

    visitor.goes("/")
    visitor.sees("Mend." if way.lang == "en" else "Réparer ensemble.")
    visitor.page.get_by_role("link", name=str(forum.name_fr if way.lang == "fr" else forum.name_en)).first.wait_for()
    visitor.fits()
    visitor.shot("1-home")
    visitor.page.get_by_role("link", name="La bouilloire").click()

    visitor.page.get_by_text("Elle s’éteint.").wait_for()
    visitor.fits()
    visitor.shot("1-topic")


def test_2_a_visitor_writes_then_joins_and_finds_their_words_and_a_welcome(somebody, way, forum):
    topic = make_topic(forum, title="La bouilloire")
    visitor = somebody(way)
    visitor.goes(topic.get_absolute_url())
    visitor.page.fill("#reply textarea", "J’ai la même chez moi.")
    visitor.presses("Send")
    visitor.sees("What you wrote is kept. Once you have joined you will find it where you left it.")
    assert visitor.page.locator("header.top").count() == 1  # a page of its own, not one inside the other
    visitor.shot("2-signup")
    visitor.page.fill("main [name=email]", f"lea-{uuid4().hex[:8]}@example.org")
    visitor.page.fill("main [name=username]", "Lea")
    visitor.page.fill("main [name=password1]", "un mot de passe long")
    visitor.presses("Join")
    visitor.page.wait_for_selector("main [name=code]")
    visitor.shot("2-code")
    code = re.search(r"^([A-Z0-9-]{4,12})$", Envelope.objects.latest("pk").text, re.MULTILINE)[1]

    visitor.page.fill("main [name=code]", code)
    visitor.presses("Confirm")

    assert visitor.page.url.split("#")[0].split("?")[0].endswith(topic.get_absolute_url())
    assert visitor.page.input_value("#reply textarea") == "J’ai la même chez moi."
    prompt = visitor.page.locator(".prompt")
    assert ("Bienvenue parmi nous" if way.lang == "fr" else "Welcome, lea") in prompt.inner_text()
    visitor.fits()
    visitor.shot("2-welcome")
    assert Draft.objects.get().member.username == "lea"
    visitor.presses("Put away for good")
    visitor.page.wait_for_selector(".prompt", state="detached")
    visitor.goes("/")
    assert visitor.page.locator(".prompt").count() == 0
    visitor.goes(topic.get_absolute_url())
    visitor.presses("Send")
    visitor.page.locator("article", has_text="J’ai la même chez moi.").wait_for()
    assert topic.posts.count() == 2


def test_3_a_member_starts_a_topic_and_sees_first_how_it_will_look(somebody, way, forum):
    make_member("camille", language=way.lang)
    camille = somebody(way).signs_in("camille")
    camille.goes(forum.get_absolute_url())
    camille.follows("Start a topic")
    camille.sees("Parler." if way.lang == "fr" else "Talk.")
    camille.sees("Rien sous tension" if way.lang == "fr" else "Nothing live")
    camille.page.fill("main [name=title]", "Une bouilloire")
    camille.page.fill("main [name=body]", "Elle **siffle**.")
    camille.page.fill("main [name=tags]", "Café, cafe, eau")
    camille.presses("Preview")
    assert camille.page.locator(".preview strong").inner_text() == "siffle"
    assert Topic.objects.count() == 0
    camille.fits()
    camille.shot("3-preview")

    camille.presses("Send")

    camille.page.get_by_role("heading", name="Une bouilloire").wait_for()
    assert camille.page.locator("article strong").inner_text() == "siffle"
    topic = Topic.objects.get()
    assert topic.tag_names == ["Café", "eau"]
    camille.shot("3-topic")


def test_4_the_author_hears_of_a_reply_here_and_once_by_mail_and_can_stop_it_with_one_click(somebody, way, forum):
    ann = make_member("ann", language=way.lang)
    topic = make_topic(forum, by=ann, title="La bouilloire")
    make_member("bob", language=way.lang)
    bob = somebody(way).signs_in("bob")
    bob.goes(topic.get_absolute_url())
    bob.page.fill("#reply textarea", "Détartrez-la.")
    bob.presses("Send")
    bob.page.locator("article", has_text="Détartrez-la.").wait_for()

    jobs.spread_news()
    Letter.objects.update(not_before=timezone.now())
    jobs.send_letters()
    jobs.send_envelopes()

    reader = somebody(way).signs_in("ann")
    reader.page.locator(".bell .count", has_text="1").wait_for()
    reader.goes("/notifications/")
    reader.sees("%(name)s replied in “%(title)s”", name="Bob", title="La bouilloire")
    reader.fits()
    reader.shot("4-notifications")
    reader.page.locator(".notifications a").first.click()
    reader.page.locator("article", has_text="Détartrez-la.").wait_for()
    assert reader.page.locator(".bell .count").count() == 0
    (envelope,) = Envelope.objects.filter(recipient=ann.email)
    stop = re.search(r"http://\S+(/u/\S+)", envelope.text)[1]
    stranger = somebody(way)
    stranger.goes(stop)
    stranger.presses("Stop them")
    stranger.sees("Done: no more replies will be sent by e-mail.")
    stranger.shot("4-unsubscribed")
    ann.refresh_from_db()
    assert ann.mail == "nothing"


def test_5_a_report_is_decided_with_a_reason_logged_contested_and_undone(somebody, way, forum):
    rule_name = "Rien sous tension" if way.lang == "fr" else "Nothing live"
    topic = make_topic(forum)
    author = make_member("malik", language=way.lang)
    post = make_reply(topic, by=author, body="Test it while it is plugged in.")
    make_member("grace", language=way.lang)
    make_moderator("tom", language=way.lang)
    grace = somebody(way).signs_in("grace")
    grace.goes(f"/p/{post.pk}/report/")
    grace.page.get_by_label(rule_name).check()
    grace.page.fill("main [name=words]", "Dangereux.")
    grace.shot("5-report")
    grace.presses("Send")
    grace.sees("Thank you. A moderator will read this; the post stays until a person decides.")

    tom = somebody(way).signs_in("tom")
    tom.goes("/moderation/")
    tom.fits()
    tom.shot("5-queue")
    tom.page.locator(".case a").first.click()
    tom.page.locator("blockquote", has_text="Dangereux.").wait_for()
    tom.page.locator(".in-context.focus", has_text="plugged in").wait_for()
    tom.fits()
    tom.shot("5-case")
    tom.page.check("[name=measure][value=hide]")
    tom.page.select_option("[name=rule]", label=rule_name)
    tom.page.fill("[name=facts]", "Un conseil dangereux.")
    tom.presses("Decide and tell")
    tom.goes("/moderation/log/")
    tom.page.locator(".log li").first.wait_for()
    tom.shot("5-log")

    malik = somebody(way).signs_in("malik")
    malik.goes("/notifications/")
    malik.page.locator(".notifications a").first.click()
    malik.page.locator(".statement", has_text="Un conseil dangereux.").wait_for()
    assert "Tom" in malik.page.locator(".signature").inner_text()
    malik.fits()
    malik.shot("5-statement")
    malik.follows("Contest this decision")
    malik.page.fill("[name=happened]", "J’étais pressé.")
    malik.page.fill("[name=wanted]", "Rétablir avec un avertissement.")
    malik.presses("Send")
    assert Case.objects.open().get(kind="appeal").appeal.member == author

    tom.goes(Decision.objects.get().get_absolute_url())
    tom.page.fill("[name=reason]", "Je m’étais trompé.")
    tom.presses("Undo this decision")
    post.refresh_from_db()
    assert post.state == Post.State.PUBLISHED


def test_6_a_first_link_waits_in_place_can_be_edited_and_is_published_as_new(somebody, way, forum):
    topic = make_topic(forum)
    make_newcomer("priya", language=way.lang)
    make_moderator("tom", language=way.lang)
    priya = somebody(way).signs_in("priya")
    priya.goes(topic.get_absolute_url())
    priya.page.fill("#reply textarea", "Voir https://unknown.example.net/page")
    priya.presses("Send")
    hours = "24 heures" if way.lang == "fr" else "24 hours"
    priya.page.locator(".waiting", has_text=hours).wait_for()
    priya.fits()
    priya.shot("6-held")
    make_reply(topic, body="Pendant ce temps.")
    priya.page.locator(".post.held").get_by_role("link", name=way.say("Edit"), exact=True).click()
    priya.page.fill("main [name=body]", "Voir https://unknown.example.net/page, et bonjour.")
    priya.presses("Save")

    tom = somebody(way).signs_in("tom")
    tom.goes("/moderation/")
    tom.page.locator(".case a").first.click()
    tom.page.check("[name=measure][value=approve]")
    tom.page.fill("[name=message]", "Bienvenue, Priya.")
    tom.presses("Decide and tell")

    post = Post.objects.get(author__username="priya")
    assert (post.position, post.state) == (3, Post.State.PUBLISHED)
    priya.goes("/notifications/")
    priya.page.locator(".notifications a").first.click()
    priya.page.locator(".statement", has_text="Bienvenue, Priya.").wait_for()
    priya.goes(topic.get_absolute_url())
    priya.page.locator("article", has_text="et bonjour.").wait_for()
    assert priya.page.locator(".post.held").count() == 0


def test_7_a_weekly_digest_is_sent_and_stopped_with_one_click(somebody, way, forum):
    ann = make_member("ann", language=way.lang)
    person = somebody(way).signs_in("ann")
    person.goes("/settings/")
    person.page.check("[name=digest][value=weekly]")
    person.fits()
    person.shot("7-settings")
    person.presses("Save")
    monday = (timezone.now() - timedelta(days=timezone.now().weekday())).replace(hour=12)
    with clock.at(monday - timedelta(days=4)):
        make_topic(forum, title="Un sujet de la semaine", intent="question")
    with clock.at(monday):
        jobs.plan_digests()
        jobs.send_letters()
    jobs.send_envelopes()
    envelope = Envelope.objects.get(recipient=ann.email)
    assert "Un sujet de la semaine" in envelope.text
    mail = somebody(way)  # a page of nobody's, without the site's policy: mails carry their styles with them
    mail.page.set_content(envelope.html)
    mail.fits()
    mail.shot("7-digest")
    stop = re.search(r"http://\S+(/u/\S+)", envelope.text)[1]
    stranger = somebody(way)
    stranger.goes(stop)
    stranger.presses("Stop them")
    stranger.sees("Done: no more digests will be sent.")
    ann.refresh_from_db()
    assert ann.digest == "never"


def test_8_an_admin_changes_the_community_and_sees_the_effect(somebody, way, forum):
    make_admin("solene")
    Member.objects.filter(username="solene").update(language=way.lang)
    make_topic(forum)
    solene = somebody(way).signs_in("solene")
    solene.goes("/admin/")
    solene.page.locator("#missing li").first.wait_for()
    solene.shot("8-admin")
    solene.goes("/admin/members/community/1/change/")
    solene.page.fill("[name=name_fr]", "La Forge")
    solene.page.fill("[name=name_en]", "The Forge")
    solene.page.fill("[name=purpose_fr]", "Forger ensemble.")
    solene.page.fill("[name=purpose_en]", "Forge together.")
    solene.page.evaluate("document.querySelector('[name=accent]').value = '#1c6670'") if way.js else None
    solene.page.select_option("[name=joining]", "invitation")
    assert solene.page.get_by_role("link", name=way.say("See the effect")).count() == 2
    solene.page.click("[name=_save]")
    visitor = somebody(way)
    visitor.goes("/")
    visitor.sees("Forge together." if way.lang == "en" else "Forger ensemble.")
    assert ("The Forge" if way.lang == "en" else "La Forge") in visitor.page.locator(".top .home").inner_text()
    visitor.shot("8-effect")
    visitor.goes("/accounts/signup/")
    visitor.page.wait_for_selector("[name=invitation]")
    solene.goes("/admin/engagement/prompt/")
    solene.page.locator("#result_list tbody th a").first.click()
    solene.page.fill("[name=text_en]", "Welcome, {name}. Here is a seat.")
    solene.page.click("[name=_save]")
    solene.goes(f"/admin/forums/forum/{forum.pk}/change/")
    assert solene.page.locator(".deletelink").count() == 0
    assert Community.current().joining == "invitation"


def test_9_a_first_topic_without_an_answer_is_offered_to_welcomers_and_hosts_until_somebody_replies(
    somebody, way, forum
):
    newcomer = make_newcomer("leo", name="Léo")
    make_member("camille", language=way.lang, wants_to_welcome=True)
    host = make_host(forum, "grace")
    Member.objects.filter(pk=host.pk).update(language=way.lang)
    with clock.at(timezone.now() - timedelta(hours=7)):
        topic = make_topic(forum, by=newcomer, title="Bouilloire qui s’éteint")
    jobs.offer_welcomes()
    camille, grace = somebody(way).signs_in("camille"), somebody(way).signs_in("grace")
    camille.goes("/")
    assert "Léo" in camille.page.locator(".prompt").inner_text()
    grace.goes("/")
    grace.page.locator(".to-welcome", has_text="Bouilloire qui s’éteint").wait_for()
    grace.fits()
    grace.shot("9-to-welcome")
    camille.follows("Read it")
    camille.page.locator(".mark.new").first.wait_for()
    camille.shot("9-newcomer")
    camille.page.fill("#reply textarea", "Bienvenue, Léo.")
    camille.presses("Send")
    camille.page.locator("article", has_text="Bienvenue, Léo.").wait_for()

    assert PromptShowing.objects.current().filter(topic=topic).count() == 0
    grace.goes("/")
    assert grace.page.locator(".to-welcome").count() == 0


def test_a_held_topic_is_seen_in_place_by_its_author(somebody, forum):
    from tests.browser.conftest import WAYS

    make_newcomer("priya")
    priya = somebody(WAYS[2]).signs_in("priya")
    priya.goes(f"/f/{forum.slug}/new/")
    priya.page.fill("main [name=title]", "A good page")
    priya.page.fill("main [name=body]", "See https://unknown.example.net/")
    priya.presses("Send")
    priya.page.locator(".post.held .waiting").wait_for()
    assert Topic.objects.get().is_waiting


def test_10_somebody_without_an_account_gives_notice_and_reads_what_was_decided(somebody, way, live_server, settings):
    settings.SITE_URL = live_server.url
    make_community()
    make_moderator("tom", language=way.lang)
    topic = make_topic(title="La scie", by=make_member("ann", language=way.lang))
    rose = somebody(way)
    rose.goes(topic.get_absolute_url())
    rose.follows("Illegal content?")
    assert rose.page.input_value("[name=addresses]").endswith(topic.get_absolute_url())
    rose.page.fill("[name=explanation]", "Il dit que ma sœur a volé.")
    rose.page.fill("main [name=name]", "Rose")
    rose.page.fill("main [name=email]", "rose@example.net")
    rose.page.select_option("[name=ground]", "insult")
    rose.page.check("[name=good_faith]")
    rose.presses("Send this notice")
    rose.sees("It is being read.")
    rose.shot("notice")
    rose.fits()
    tom = somebody(way).signs_in("tom")
    tom.goes("/moderation/?lane=outside")
    tom.page.locator(".case h3 a").click()
    tom.page.check("[name=measure][value=hide]")
    tom.page.select_option("[name=ground]", "insult")
    tom.page.fill("[name=facts]", "Un vol est allégué.")
    tom.page.fill("[name=why]", "C’est une allégation qui porte atteinte à l’honneur.")
    tom.page.fill("[name=to_sender]", "Merci de nous l’avoir dit.")
    tom.shot("noticed-case")
    tom.fits()
    tom.presses("Decide and tell")
    tom.page.wait_for_url("**/moderation/?decided=*")
    rose.page.reload()
    rose.sees("It was hidden.")
    assert rose.page.get_by_text("Merci de nous l’avoir dit.").count() == 1
    rose.fits()
