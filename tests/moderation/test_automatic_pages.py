"""Automatic rules where people meet them: in the composer, and in the administration."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse

from forums.models import Draft, Post
from moderation import jobs
from moderation.models import AutomaticRule, RuleHit, RuleTrial
from tests.make import make_admin, make_community, make_forum, make_member, make_moderator, make_newcomer, make_topic
from tests.moderation.test_automatic_rules import make_automatic

pytestmark = pytest.mark.django_db

SAID = "This looks like an advert."
ALL_THE_SAME = "Publish all the same"


@pytest.fixture(autouse=True)
def _only_ours():
    make_community()
    AutomaticRule.objects.update(is_on=False)


def text_of(response) -> str:
    return response.content.decode()


# The composer


def test_a_reply_that_is_asked_about_comes_back_with_its_words_and_a_box_to_tick(client):
    rule, topic, priya = make_automatic(level="confirm", words="casino"), make_topic(), make_newcomer()
    client.force_login(priya)
    words = {"body": "Is a casino a place for children?", "key": str(uuid4()), "as": str(priya.pk)}
    address = reverse("forums:reply", args=[topic.pk])

    asked = client.post(address, words)

    assert asked.status_code == 422
    assert text_of(asked).count(SAID) == 1
    assert ALL_THE_SAME in text_of(asked)
    assert f'name="confirmed" value="{rule.pk}"' in text_of(asked)
    assert words["body"] in text_of(asked)
    assert Draft.objects.get(member=priya).body == words["body"]
    again = client.post(address, words)  # not ticked
    assert again.status_code == 422
    sent = client.post(address, {**words, "confirmed": str(rule.pk)})
    assert sent.status_code == 302
    assert Post.objects.get(author=priya).state == Post.State.PUBLISHED
    assert RuleHit.objects.get().level == "confirm"
    assert not Draft.objects.exists()


def test_a_topic_is_asked_about_by_its_title_too(client):
    rule, forum, priya = make_automatic(level="confirm", words="casino"), make_forum(), make_newcomer()
    client.force_login(priya)
    words = {"title": "Casino", "body": "Who goes?", "key": str(uuid4()), "as": str(priya.pk), "intent": "question"}
    address = reverse("forums:topic-new", args=[forum.slug])

    asked = client.post(address, words)

    assert (asked.status_code, SAID in text_of(asked)) == (422, True)
    assert client.post(address, {**words, "confirmed": f"x {rule.pk}"}).status_code == 302
    assert Post.objects.get(author=priya).topic.title == "Casino"


def test_a_change_is_asked_about(client):
    rule, priya = make_automatic(level="confirm", words="casino"), make_member()
    post = make_topic(by=priya).posts.get()
    client.force_login(priya)
    address, words = reverse("forums:edit", args=[post.pk]), {"body": "A casino.", "version": "1"}

    asked = client.post(address, words)

    assert (asked.status_code, SAID in text_of(asked)) == (422, True)
    assert client.post(address, {**words, "confirmed": str(rule.pk)}).status_code == 302
    post.refresh_from_db()
    assert post.body == "A casino."


def test_a_hint_comes_with_the_kept_draft_and_with_the_preview_and_stops_nothing(client):
    rule, topic, priya = make_automatic(level="hint", words="casino"), make_topic(), make_newcomer()
    client.force_login(priya)
    key = str(uuid4())
    words = {"body": "A casino.", "key": key, "as": str(priya.pk)}
    keep = f"{reverse('forums:keep-draft')}?topic={topic.pk}"

    assert client.post(keep, {**words, "body": "Nothing yet."}).json()["hints"] == []
    kept = client.post(keep, {**words, "seen": Draft.objects.get().saved_at.isoformat()})
    assert kept.json()["hints"] == [SAID]
    hit = RuleHit.objects.get()
    assert (hit.rule, str(hit.key), hit.post) == (rule, key, None)
    previewed = client.post(reverse("forums:reply", args=[topic.pk]), {**words, "preview": "1"})
    assert (previewed.status_code, SAID in text_of(previewed)) == (200, True)
    assert ALL_THE_SAME not in text_of(previewed)

    assert client.post(reverse("forums:reply", args=[topic.pk]), words).status_code == 302

    hit.refresh_from_db()
    assert (hit.post, str(hit.told)) == (Post.objects.get(author=priya), "published")


def test_a_hint_that_was_heeded_is_counted(client):
    rule, topic, priya = make_automatic(level="hint", words="casino"), make_topic(), make_newcomer()
    client.force_login(priya)
    words = {"body": "A casino.", "key": str(uuid4()), "as": str(priya.pk)}
    client.post(f"{reverse('forums:keep-draft')}?topic={topic.pk}", words)

    client.post(reverse("forums:reply", args=[topic.pk]), {**words, "body": "A quiet place."})

    client.force_login(make_admin())
    assert "1 draft changed after the hint" in text_of(client.get(rule.get_absolute_url()))


def test_a_visitor_and_a_private_message_get_no_hints(client):
    make_automatic(level="hint", words="casino")
    topic = make_topic()
    words = {"body": "A casino.", "key": str(uuid4()), "as": ""}

    assert "hints" not in client.post(f"{reverse('forums:keep-draft')}?topic={topic.pk}", words).json()
    assert not RuleHit.objects.exists()


# The administration


def test_an_admin_writes_a_rule_tries_it_and_switches_it_on(client):
    solene = make_admin("solene")
    client.force_login(solene)
    words = {
        "name_en": "Gambling", "level": "hold", "words": " casino \n\npoker*", "words_at_least": "1",
        "links_are": "any", "owner": "",
    }  # fmt: skip
    client.post(reverse("admin:moderation_automaticrule_add"), words)
    rule = AutomaticRule.objects.get(name_en="Gambling")
    assert (rule.words, rule.owner, rule.is_on) == ("casino\npoker*", solene, False)
    switch, try_it = (reverse(f"admin:moderation_automaticrule_{name}", args=[rule.pk]) for name in ("switch", "try"))

    refused = client.post(switch, {"to": "on"}, follow=True)
    assert "there is no finished trial of exactly these conditions" in text_of(refused)
    waiting = client.post(try_it, {"days": "90"}, follow=True)
    assert "It waits for its turn." in text_of(waiting)
    make_topic(title="The poker evening", body="Everybody is welcome.")
    jobs.run_trials()
    RuleTrial.objects.update(met=412, kept=371, removed=40, read=9000)

    page = text_of(client.get(rule.get_absolute_url()))
    assert "It would have held 412 of 9000 posts; 371 of these were kept, 40 were hidden or refused." in page
    assert "“Gambling” is on." in text_of(client.post(switch, {"to": "on"}, follow=True))
    assert client.get(switch).status_code == 405
    changed = client.post(rule.get_absolute_url(), {**words, "words": "roulette"}, follow=True)
    assert "Its conditions have changed: it is off until you have tried it again." in text_of(changed)


def test_a_trial_shows_posts_that_it_would_have_met(client):
    rule = make_automatic(is_on=False, words="poker")
    make_topic(title="The poker evening", body="Everybody is welcome.")
    client.force_login(make_admin())

    client.post(reverse("admin:moderation_automaticrule_try", args=[rule.pk]), {"days": "30"})
    jobs.run_trials()

    page = text_of(client.get(RuleTrial.objects.get().get_absolute_url()))
    assert "It would have held 1 of 1 posts; 1 of these were kept" in page
    assert "The poker evening" in page


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"words": "ca*sino"}, "cannot be looked for"),
        ({"links_to": "https://shop.example/x"}, "is not the name of a site"),
        ({"words": "", "trust_at_most": "newcomer"}, "Give at least one condition besides trust"),
        ({"rate_posts": "5"}, "Give both"),
        ({"level": "hint"}, "Write the sentence"),
        ({"name_en": ""}, "Give it a name"),
    ],
)
def test_a_rule_that_makes_no_sense_is_explained(client, wrong, said):
    client.force_login(make_admin())
    words = {"name_en": "Gambling", "level": "hold", "words": "casino", "words_at_least": "1", "links_are": "any"}

    page = client.post(reverse("admin:moderation_automaticrule_add"), {**words, **wrong})

    assert said in text_of(page)
    assert not AutomaticRule.objects.filter(name_en="Gambling").exists()


def test_the_list_tells_hits_the_overturned_share_and_the_owner(client):
    solene = make_admin("solene")
    rule, tom = make_automatic(words="casino"), make_moderator()
    rows = [("overturned", 1), ("stands", 3), ("", 1)]
    RuleHit.objects.bulk_create(
        RuleHit(rule=rule, author=tom, key=uuid4(), level="hold", outcome=outcome, created_at=rule.on_since)
        for outcome, times in rows
        for _ in range(times)
    )
    client.force_login(solene)

    page = text_of(client.get(reverse("admin:moderation_automaticrule_changelist")))

    assert "25 % (1 of 4)" in page
    assert rule.owner.username in page
    assert client.get(reverse("admin:moderation_rulehit_changelist")).status_code == 200
    assert client.get(reverse("admin:moderation_ruletrial_changelist")).status_code == 200


def test_a_rule_switched_off_by_itself_stands_on_the_first_page_of_the_administration(client):
    rule = make_automatic(is_on=False, words="casino")
    AutomaticRule.objects.filter(pk=rule.pk).update(switched_off_because="overturned", switched_off_at=rule.edited_at)
    client.force_login(make_admin())

    assert "The automatic rule “Adverts” was switched off by itself" in text_of(client.get("/admin/"))


def test_the_doors_of_rules_are_for_admins(client):
    rule = make_automatic(words="casino")
    client.force_login(make_moderator())

    for name in ("switch", "try"):
        answer = client.post(reverse(f"admin:moderation_automaticrule_{name}", args=[rule.pk]), {"to": "off"})
        assert answer.status_code == 302
    rule.refresh_from_db()
    assert rule.is_on
    staff = make_member(is_staff=True)
    client.force_login(staff)
    answer = client.post(reverse("admin:moderation_automaticrule_switch", args=[rule.pk]), {"to": "off"})
    assert answer.status_code == 403
