"""Reading, writing, editing, accepting, closing, and what is left on posts: by people at browsers, with and without
scripts, in French and English, narrow and wide."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions.drafts import keep_draft
from forums.actions.voting import PollPlan
from forums.models import Bookmark, Draft, Post, Reaction, Topic
from members.models import Member
from tests.browser.conftest import Way
from tests.forums.test_reading import fill
from tests.make import make_community, make_forum, make_host, make_member, make_reply, make_topic


@pytest.fixture(autouse=True)
def place():
    make_community()


def speaking(way, *usernames):
    Member.objects.filter(username__in=usernames).update(language=way.lang)


def test_a_question_is_asked_answered_edited_accepted_and_closed(somebody, way):
    forum = make_forum("atelier")
    make_member("ann"), make_member("bob"), make_host(forum, "grace")
    speaking(way, "ann", "bob", "grace")
    topic = make_topic(forum, by=Member.objects.get(username="ann"), title="Bouilloire", intent="question")
    bob = somebody(way).signs_in("bob")
    bob.goes(topic.get_absolute_url())
    bob.page.fill("#reply textarea", "Détartrez-la.")
    bob.presses("Send")
    bob.page.locator("article", has_text="Détartrez-la.").wait_for()
    answer = Post.objects.get(body="Détartrez-la.")
    bob.page.locator(f"#post-{answer.pk}").get_by_role("link", name=bob.way.say("Edit"), exact=True).click()
    bob.page.fill("main [name=body]", "Détartrez-la au vinaigre.")
    bob.presses("Save")
    bob.page.locator("article", has_text="au vinaigre").wait_for()

    ann = somebody(way).signs_in("ann")
    ann.goes(f"/p/{answer.pk}/")
    ann.page.locator(f"#post-{answer.pk}").get_by_role("button", name=way.say("This solved it")).click()
    ann.page.locator(f"#post-{answer.pk}.accepted").wait_for()
    ann.shot("life-accepted")
    ann.fits()

    grace = somebody(way).signs_in("grace")
    grace.goes(topic.get_absolute_url())
    grace.page.locator(".tools summary", has_text=way.say("Care for this topic")).click()
    grace.page.get_by_role("link", name=way.say("Close"), exact=True).click()
    grace.page.fill("[name=reason]", "Tout est dit.")
    grace.shot("life-close")
    grace.presses("Close")
    grace.page.check("[name=sure]")  # somebody wrote today: asked a second time, the reason still there
    assert grace.page.input_value("[name=reason]") == "Tout est dit."
    grace.fits()
    grace.presses("Close")
    grace.page.locator(".notice.closed", has_text="Tout est dit.").wait_for()
    grace.shot("life-closed")
    grace.page.locator(".event", has_text="Tout est dit.").get_by_role("button", name=way.say("Undo")).click()
    grace.page.wait_for_load_state()
    assert not Topic.objects.get(pk=topic.pk).is_closed


def test_words_bookmarks_votes_and_answers_are_left_from_the_page(somebody, way):
    forum = make_forum("atelier")
    make_member("ann"), make_host(forum, "grace")
    speaking(way, "ann")
    plan = PollPlan(["Samedi 14", "Samedi 21"], question="Quel samedi ?", closes_at=timezone.now() + timedelta(days=5))
    poll_topic, idea = make_topic(forum, poll=plan), make_topic(forum, intent="idea")
    post = poll_topic.posts.get()
    ann = somebody(way).signs_in("ann")

    ann.goes(poll_topic.get_absolute_url())
    ann.page.locator(".poll").get_by_label("Samedi 21").check()
    ann.presses("Answer")
    ann.page.locator(".results li", has_text="Samedi 21").locator("meter").wait_for()
    assert post.poll.options.get(order=2).vote_count == 1
    ann.page.locator(f"#signs-{post.pk} .sign").first.click()
    ann.page.locator(f"#signs-{post.pk} .sign[aria-pressed=true] .count", has_text="1").wait_for()
    assert Reaction.objects.get().post == post
    ann.page.locator(f"#post-{post.pk} .more-menu > summary").click()
    ann.shot("life-menu")
    ann.fits()
    ann.page.get_by_role("link", name=way.say("Bookmark"), exact=True).click()
    ann.page.fill("[name=note]", "à essayer samedi")
    ann.shot("life-bookmark")
    ann.presses("Save")
    assert Bookmark.objects.get().note == "à essayer samedi"
    ann.goes("/bookmarks/")
    ann.sees("à essayer samedi")
    ann.fits()
    ann.shot("life-bookmarks")
    ann.goes(idea.get_absolute_url())
    ann.presses("I want this too")
    ann.page.get_by_role("button", name=way.say("I no longer want this")).wait_for()
    assert Topic.objects.get(pk=idea.pk).vote_count == 1


def test_withdrawing_and_putting_back(somebody, way):
    ann = make_member("ann", language=way.lang)
    topic = make_topic()
    post = make_reply(topic, by=ann, body="Je regrette ceci.")
    person = somebody(way).signs_in("ann")
    person.goes(topic.get_absolute_url())
    person.page.locator(f"#post-{post.pk} .more-menu > summary").click()
    person.presses("Withdraw")
    person.page.locator(f"#post-{post.pk} .tombstone").wait_for()
    reader = somebody(way)
    reader.goes(topic.get_absolute_url())
    reader.page.locator(f"#post-{post.pk} .tombstone").wait_for()
    assert reader.page.get_by_text("Je regrette ceci.").count() == 0
    reader.shot("life-withdrawn")
    person.page.locator(f"#post-{post.pk} summary").click()
    person.presses("Put it back")
    person.page.locator(f"#post-{post.pk} .words", has_text="Je regrette ceci.").wait_for()


def test_a_long_topic_is_crossed_by_its_rail_a_day_and_the_best_of_it(somebody, way):
    topic = fill(make_topic(title="Le feuilleton"), 399, every=timedelta(days=1))
    reader = somebody(way)
    reader.goes(topic.get_absolute_url())
    reader.fits()
    reader.shot("life-rail")
    reader.page.locator(".rail ol a").last.click()
    reader.page.wait_for_load_state()
    assert "page=20" in reader.page.url
    day = topic.posts.get(position=100).published_at.date().isoformat()
    reader.page.fill("#on", day)
    reader.presses("Go there")
    assert "page=5" in reader.page.url
    reader.follows("The best of it")
    reader.page.locator("article").first.wait_for()
    reader.fits()
    reader.goes(f"/t/{topic.pk}/print")
    assert reader.page.locator(".printed article").count() == 200
    reader.fits()


def test_hosts_split_posts_and_the_permalink_follows(somebody, way):
    forum = make_forum("atelier")
    make_host(forum, "grace")
    speaking(way, "grace")
    topic = make_topic(forum, title="Lave-linge")
    stray = make_reply(topic, body="Et mon sèche-linge ?")
    grace = somebody(way).signs_in("grace")
    grace.goes(topic.get_absolute_url())
    grace.page.locator(f"#post-{stray.pk} .more-menu > summary").click()
    grace.page.get_by_role("link", name=way.say("Move this post")).click()
    assert grace.page.input_value("[name=places]") == "2"
    grace.page.fill("[name=title]", "Sèche-linge")
    grace.shot("life-split")
    grace.fits()
    grace.presses("Move posts")
    grace.page.locator(".event", has_text="Sèche-linge").wait_for()
    grace.shot("life-split-line")
    grace.goes(f"/p/{stray.pk}/")
    grace.page.get_by_role("heading", name="Sèche-linge").wait_for()


def test_a_reply_is_written_sent_and_found_by_keyboard_alone(somebody):
    ann = make_member("ann")
    topic = make_topic()
    person = somebody(Way("en", True, 1280)).signs_in("ann")
    person.goes(topic.get_absolute_url())
    person.page.keyboard.press("r")
    person.page.keyboard.type("Written by keyboard.")
    for _ in range(40):
        person.page.keyboard.press("Tab")
        if person.page.evaluate("document.activeElement.textContent.trim()") == "Send":
            break
    person.page.keyboard.press("Enter")
    person.page.locator("article", has_text="Written by keyboard.").wait_for()
    assert topic.posts.get(author=ann).body == "Written by keyboard."


def test_a_draft_begun_elsewhere_stands_in_the_composer(somebody, way):
    ann = make_member("ann", language=way.lang)
    topic = make_topic()
    keep_draft(by=ann, key=None, topic=topic, body="Commencé ailleurs")
    person = somebody(way).signs_in("ann")
    person.goes(topic.get_absolute_url())

    assert person.page.input_value("#reply textarea") == "Commencé ailleurs"
    person.presses("Send")
    person.page.locator("article", has_text="Commencé ailleurs").wait_for()
    assert not Draft.objects.exists()
