from __future__ import annotations

import re

import pytest
from django.db import connection
from django.urls import reverse

from forums.actions.care import accept_answer, close_topic
from forums.actions.posts import hide_post
from forums.models import Draft, Post, ReadMark, Topic
from moderation.actions.cases import take_up
from moderation.actions.decisions import Ruling, decide
from moderation.models import Decision
from tests.make import (
    held_post,
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

pytestmark = pytest.mark.django_db

# What Django's session and member cost a signed-in request; our own budget comes on top.
SESSION_AND_MEMBER = 2


@pytest.fixture(autouse=True)
def community():
    return make_community()


def page(client, url, **extra):
    response = client.get(url, HTTP_ACCEPT_LANGUAGE="en", **extra)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("posts", [1, 30])
def test_topic_page_costs_six_queries_for_a_member_however_long_it_is(client, posts, django_assert_max_num_queries):
    topic = make_topic()
    for _ in range(posts - 1):
        make_reply(topic)
    topic.refresh_from_db()
    ann = make_member()
    client.force_login(ann)
    ReadMark.objects.create(topic=topic, member=ann, place=1000)  # nothing to move: a view that writes costs one more

    with django_assert_max_num_queries(6 + SESSION_AND_MEMBER):
        html = page(client, topic.get_absolute_url())

    assert html.count('<article id="post-') == min(posts, 20)


@pytest.mark.parametrize("posts", [1, 30])
def test_topic_page_costs_five_queries_for_a_visitor(client, posts, django_assert_max_num_queries):
    topic = make_topic()
    for _ in range(posts - 1):
        make_reply(topic)
    topic.refresh_from_db()

    with django_assert_max_num_queries(5):
        html = page(client, topic.get_absolute_url())

    assert html.count('<article id="post-') == min(posts, 20)


@pytest.mark.parametrize("topics", [1, 30])
@pytest.mark.parametrize("address", ["/", "forum"])
def test_list_costs_six_queries_however_long_it_is(client, topics, address, django_assert_max_num_queries):
    forum = make_forum()
    for _ in range(topics):
        make_topic(forum)
    client.force_login(make_member())

    with django_assert_max_num_queries(6 + SESSION_AND_MEMBER):
        html = page(client, "/" if address == "/" else forum.get_absolute_url())

    assert html.count('<li id="topic-') == topics


def test_second_page_of_a_list_goes_on_where_the_first_ended(client):
    forum = make_forum()
    made = [make_topic(forum, title=f"Topic {n}") for n in range(35)]

    first = page(client, forum.get_absolute_url())
    after = re.search(r'rel="next" href="\?after=([^"]+)"', first)
    second = page(client, f"{forum.get_absolute_url()}?after={after[1]}")

    ids = [int(n) for n in re.findall(r'<li id="topic-(\d+)"', first + second)]
    assert ids == [t.pk for t in reversed(made)]


@pytest.mark.parametrize("key", ["x", "%00", "bm9uc2Vuc2U", "W251bGwsMV0"])
def test_odd_key_of_a_list_shows_its_first_page(client, key):
    topic = make_topic()

    assert f'id="topic-{topic.pk}"' in page(client, f"/?after={key}")


def test_topic_with_another_title_in_its_address_leads_to_the_right_one(client):
    topic = make_topic(title="Mending")

    response = client.get(reverse("forums:topic", args=[topic.pk, "something"]))

    assert (response.status_code, response["Location"]) == (301, topic.get_absolute_url())


def test_permalink_leads_to_the_page_where_the_post_stands(client):
    topic = make_topic()
    for _ in range(20):
        post = make_reply(topic)

    response = client.get(f"/p/{post.pk}/")

    assert response["Location"] == f"{topic.get_absolute_url()}?page=2#post-{post.pk}"


def test_tombstone_names_the_rule_and_shows_no_word_of_the_post(client):
    topic = make_topic()
    post = make_reply(topic, body="Unforgettable insult")
    assert "Unforgettable insult" in page(client, topic.get_absolute_url())

    hide_post(post, rule=make_rule(title_en="Be kind"), note="An insult.")

    html = page(client, topic.get_absolute_url())
    assert "Unforgettable insult" not in html
    assert "under the rule “Be kind”" in html


def test_author_still_reads_their_hidden_post(client):
    topic, ann = make_topic(), make_member()
    post = make_reply(topic, by=ann, body="Unforgettable insult")
    hide_post(post, rule=make_rule(), note="An insult.")
    client.force_login(ann)

    html = page(client, topic.get_absolute_url())

    assert "Unforgettable insult" in html
    assert "Only you see this post" in html


def test_held_post_is_seen_by_its_author_and_the_moderators_and_nobody_else(client):
    topic, newcomer = make_topic(), make_newcomer()
    post = held_post(topic, by=newcomer)
    seen = {}
    for who in (newcomer, make_moderator(), make_member(), None):
        client.logout()
        if who is not None:
            client.force_login(who)
        seen[who] = f'id="post-{post.pk}"' in page(client, topic.get_absolute_url())

    assert list(seen.values()) == [True, True, False, False]


def test_held_post_says_how_long_it_usually_takes(client):
    topic, newcomer = make_topic(), make_newcomer()
    held_post(topic, by=newcomer)
    client.force_login(newcomer)

    html = page(client, topic.get_absolute_url())

    assert "Being read by a moderator, usually within 24 hours." in html
    assert "Why: first post with a link: unknown.example.net." in html


def test_sealed_forum_and_what_stands_in_it_is_not_found_by_others(client):
    forum = make_forum(audience="team")
    topic = make_topic(forum, by=make_host(forum))
    post = topic.posts.get()
    outsider, host = make_member(), make_host(forum)
    addresses = [forum.get_absolute_url(), topic.get_absolute_url(), f"/p/{post.pk}/history/", f"/t/{topic.pk}/unread"]

    def statuses():
        return [client.get(address).status_code for address in addresses]

    assert statuses() == [404] * 4
    client.force_login(outsider)
    assert statuses() == [404] * 4
    assert topic.title not in page(client, "/")
    client.force_login(host)
    assert statuses() == [200, 200, 200, 302]


def test_reading_a_topic_moves_the_mark_and_prefetching_does_not(client):
    topic, ann = make_topic(), make_member()
    make_reply(topic)
    client.force_login(ann)

    page(client, topic.get_absolute_url(), HTTP_SEC_PURPOSE="prefetch")
    assert not ReadMark.objects.filter(member=ann).exists()

    page(client, topic.get_absolute_url())
    assert ReadMark.objects.get(member=ann).place == 2


def test_unread_topics_are_those_with_places_after_the_mark(client):
    topic, ann = make_topic(title="Old news"), make_member()
    client.force_login(ann)
    assert "Old news" in page(client, "/?only=unread")

    page(client, topic.get_absolute_url())
    assert "Old news" not in page(client, "/?only=unread")

    make_reply(topic)
    assert "Old news" in page(client, "/?only=unread")


def test_rejected_reply_keeps_what_was_typed_and_says_why_beside_the_field(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)

    response = client.post(
        reverse("forums:reply", args=[topic.pk]), {"body": "x" * 60_001, "key": "0" * 32}, HTTP_ACCEPT_LANGUAGE="en"
    )

    html = response.content.decode()
    assert response.status_code == 422
    assert "This is 60001 characters long; 60000 fit." in html
    assert "x" * 60_001 in html
    assert Draft.objects.get(member=ann, topic=topic).body == "x" * 60_000


@pytest.mark.parametrize("body", ["", "   \n\t ", "\u0000"])
def test_empty_reply_is_refused_with_a_sentence(client, body):
    topic = make_topic()
    client.force_login(make_member())

    response = client.post(reverse("forums:reply", args=[topic.pk]), {"body": body, "key": "0" * 32})

    assert response.status_code == 422
    assert "Nothing is written yet." in response.content.decode()
    assert topic.posts.count() == 1


@pytest.mark.parametrize("title", ["", "   ", "\u200b\u200b", "!!! ???", "x" * 141])
def test_title_that_cannot_be_read_is_refused(client, title):
    forum = make_forum()
    client.force_login(make_member())

    response = client.post(
        reverse("forums:topic-new", args=[forum.slug]),
        {"title": title, "body": "Hello", "intent": "discussion", "tags": "", "key": "0" * 32},
    )

    assert response.status_code == 422
    assert "Hello" in response.content.decode()
    assert Topic.objects.count() == 0


def test_strange_characters_are_stored_and_shown_again(client):
    topic, ann = make_topic(), make_member()
    client.force_login(ann)
    body = "\u202egnorw 💥 مرحبا Z̴̢͠a\u0000lgo \r\nline"

    client.post(reverse("forums:reply", args=[topic.pk]), {"body": body, "key": "1" * 32})

    assert Post.objects.get(author=ann).body == "\u202egnorw 💥 مرحبا Z̴̢͠algo \nline"


def test_visitor_who_presses_reply_is_asked_to_join_and_loses_nothing(client):
    topic = make_topic()

    response = client.post(reverse("forums:reply", args=[topic.pk]), {"body": "My first words", "key": "2" * 32})

    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/signup/?next=")
    draft = Draft.objects.get()
    assert (draft.body, draft.member, draft.topic) == ("My first words", None, topic)
    assert client.session["drafts"] == [str(draft.key)]


def test_draft_of_a_visitor_becomes_theirs_when_they_sign_in(client):
    topic, ann = make_topic(), make_member("ann")
    client.post(reverse("forums:reply", args=[topic.pk]), {"body": "My first words", "key": "2" * 32})

    client.post("/accounts/login/", {"login": "ann", "password": "correct horse battery"})

    assert Draft.objects.get().member == ann
    assert "My first words" in page(client, topic.get_absolute_url())


def test_refused_reply_is_kept_as_a_draft(client):
    forum = make_forum()
    topic, ann = make_topic(forum), make_member()
    client.force_login(ann)
    close_topic(topic, by=make_host(forum), reason="Done.")

    response = client.post(reverse("forums:reply", args=[topic.pk]), {"body": "Too late", "key": "3" * 32})

    assert response.status_code == 403
    assert Draft.objects.get(member=ann).body == "Too late"


def test_accepted_answer_is_marked_and_linked_from_the_top(client):
    ann = make_member()
    topic = make_topic(by=ann, intent="question")
    answer = make_reply(topic)
    accept_answer(topic, answer, by=ann)

    html = page(client, topic.get_absolute_url())

    assert f'href="/p/{answer.pk}/">answered: see the answer' in html


def test_page_of_an_old_address_without_a_title_leads_on(client):
    topic = make_topic()

    assert client.get(f"/t/{topic.pk}/")["Location"] == topic.get_absolute_url()


def test_text_of_an_admin_in_the_other_language_is_marked_with_its_language(client):
    make_forum("seuil", name_fr="Le seuil", name_en="", purpose_fr="Se présenter.", purpose_en="")

    html = page(client, "/f/seuil/")

    assert '<span lang="fr">Le seuil</span>' in html
    assert '<span lang="fr">Se présenter.</span>' in html


def test_addresses_inside_a_page_hold_for_large_numbers(client):
    """A locale's thousands separator once turned post-1234 into post-1,234."""
    topic = make_topic()
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval(pg_get_serial_sequence('forums_post', 'id'), 1234567)")
    post = make_reply(topic)

    assert f'id="post-{post.pk}"' in page(client, topic.get_absolute_url())
    assert post.pk > 1_000_000


def test_refusal_of_a_fragment_is_shown_above_and_replaces_nothing_that_was_typed(client):
    forum = make_forum()
    topic = make_topic(forum)
    client.force_login(make_member())
    close_topic(topic, by=make_host(forum), reason="Done.")

    response = client.post(
        reverse("forums:reply", args=[topic.pk]), {"body": "Too late", "key": "3" * 32}, HTTP_HX_REQUEST="true"
    )

    assert (response.status_code, response["HX-Retarget"], response["HX-Reswap"]) == (403, "#messages", "innerHTML")
    assert "This topic is closed to new replies." in response.content.decode()
    assert "<form" not in response.content.decode()


def test_what_the_moderation_took_out_is_in_the_history_for_author_and_moderators_only(client):
    ann, tom, stranger = make_member(), make_moderator(), make_member()
    post = make_reply(make_topic(), by=ann, body="Call her on 0123456789")
    ruling = Ruling(Decision.Measure.EDIT, rule=make_rule(), facts="A telephone number.", body="Call her", version=1)
    decide(take_up(post, by=tom), ruling, by=tom)
    shown = {}
    for name, who in (("author", ann), ("moderator", tom), ("stranger", stranger)):
        client.force_login(who)
        html = page(client, f"/p/{post.pk}/history/")
        shown[name] = ("0123456789" in html, "A telephone number." in html)

    assert shown == {"author": (True, True), "moderator": (True, True), "stranger": (False, True)}
