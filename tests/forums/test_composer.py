"""What the composer asks for: previews, names and tags, similar topics, the hint of first posts."""

from __future__ import annotations

import pytest
from django.urls import reverse

from forums.actions.drafts import keep_draft
from forums.models import Draft, Post
from forums.queries.composer import members_like, similar_topics, tags_like
from forums.readers import reader_for
from members.actions.preferences import put_composer_hint_away
from members.models import Member
from tests.make import (
    make_community,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_newcomer,
    make_reply,
    make_topic,
)

pytestmark = pytest.mark.django_db

PREVIEW, COMPLETE, SIMILAR = "/compose/preview", "/compose/complete", "/compose/similar"


@pytest.fixture(autouse=True)
def community():
    return make_community()


def names(found):
    return [member.username for member in found]


# --- Preview


def test_preview_shows_a_reply_as_it_will_look_and_stores_nothing(client):
    topic, ann = make_topic(), make_member("ann")
    client.force_login(ann)

    html = client.post(f"{PREVIEW}?topic={topic.pk}", {"body": "**Bold** and @ann"}).content.decode()

    assert "<strong>Bold</strong>" in html
    assert f'href="{ann.get_absolute_url()}"' in html
    assert (Post.objects.count(), Draft.objects.count()) == (1, 0)


@pytest.mark.parametrize("place", ["topic", "forum", "post"])
def test_preview_serves_replies_new_topics_and_changes(client, place):
    topic, ann = make_topic(), make_member()
    post = make_reply(topic, by=ann)
    client.force_login(ann)
    address = {"topic": topic.pk, "forum": topic.forum.slug, "post": post.pk}[place]

    response = client.post(f"{PREVIEW}?{place}={address}", {"body": "*so*", "title": "A title"})

    assert response.status_code == 200
    assert "<em>so</em>" in response.content.decode()
    assert "<h2>A title</h2>" in response.content.decode()


def test_preview_of_nothing_says_so_as_sending_would(client):
    topic = make_topic()
    client.force_login(make_member())

    response = client.post(f"{PREVIEW}?topic={topic.pk}", {"body": "  "})

    assert response.status_code == 422
    assert "Nothing is written yet." in response.content.decode()


def test_preview_is_for_members_and_for_what_they_may_see(client):
    hidden = make_forum(audience="team")
    topic = make_topic(hidden, by=make_host(hidden))

    assert client.post(f"{PREVIEW}?topic={make_topic().pk}", {"body": "x"}).status_code == 403
    client.force_login(make_member())
    assert client.post(f"{PREVIEW}?topic={topic.pk}", {"body": "x"}).status_code == 404


# --- Completion


def test_names_are_found_by_part_without_case_or_accents():
    make_member("leo", name="Léo Hervé")
    make_member("herve", name="Bob")
    make_member("zoe", name="Zoé")

    assert names(members_like(reader_for(None), "HERV")) == ["herve", "leo"]
    assert names(members_like(reader_for(None), "zoé")) == ["zoe"]
    assert names(members_like(reader_for(None), "%")) == []


def test_those_who_wrote_in_the_topic_come_first_and_need_no_letter():
    topic = make_topic(by=make_member("zora"))
    make_member("zadig")

    assert names(members_like(reader_for(None), "z", topic=topic)) == ["zora", "zadig"]
    assert names(members_like(reader_for(None), "", topic=topic)) == ["zora"]
    assert members_like(reader_for(None), "") == []


def test_completion_keeps_those_who_show_themselves_to_the_team_only():
    zoe = make_member("zoe", shown_to="team")
    topic = make_topic(by=zoe)
    tom = reader_for(make_member("tom"))
    assert names(members_like(tom, "zoe")) == []
    assert names(members_like(tom, "zoe", topic=topic)) == ["zoe"]
    assert names(members_like(reader_for(make_moderator()), "zoe")) == ["zoe"]


def test_only_members_who_take_part_are_named_and_at_most_eight():
    for number in range(10):
        make_member(f"ada{number}")
    make_member("adam", state=Member.State.APPLYING)
    make_member("adan", state=Member.State.PLACEHOLDER)

    found = names(members_like(reader_for(None), "ada"))

    assert found == [f"ada{number}" for number in range(8)]


def test_tag_is_offered_only_if_it_stands_on_a_topic_the_reader_sees():
    hidden = make_forum(audience="team")
    host = make_host(hidden)
    make_topic(hidden, by=host, tags=["café secret"])
    make_topic(tags=["Café crème", "Décaféiné"])

    assert [tag.name for tag in tags_like(reader_for(host), "cafe")] == ["Café crème", "café secret", "Décaféiné"]
    assert [tag.name for tag in tags_like(reader_for(None), "CAFÉ")] == ["Café crème", "Décaféiné"]


def test_completion_answers_members_and_tags_and_tells_visitors_nothing(client):
    topic = make_topic(by=make_member("ann", name="Ann"), tags=["kettle"])
    client.force_login(make_member("bob"))

    members = client.get(COMPLETE, {"what": "member", "q": "an", "topic": topic.pk}).json()
    tags = client.get(COMPLETE, {"what": "tag", "q": "ket"}).json()
    client.logout()
    nothing = client.get(COMPLETE, {"what": "member", "q": "an"}).json()

    assert members == {"found": [{"value": "ann", "label": "Ann"}], "said": "1 suggestion"}
    assert tags["found"] == [{"value": "kettle", "label": "kettle"}]
    assert nothing["found"] == []


# --- Similar topics


def test_similar_topics_share_a_word_that_means_something_in_either_language():
    kettle = make_topic(title="La bouilloire siffle toujours")
    make_topic(title="Une question pour les nouveaux")
    noise = make_topic(title="The kettles are noisy")
    reader = reader_for(None)

    assert similar_topics(reader, "Ma Bouilloire ne marche plus avec les autres") == [kettle]
    assert similar_topics(reader, "A kettle that whistles") == [noise]
    assert similar_topics(reader, "pour les avec the") == []


def test_similar_topics_are_at_most_five_and_only_what_the_reader_may_read(client):
    hidden = make_forum(audience="team")
    host = make_host(hidden)
    make_topic(hidden, by=host, title="Kettle, in private")
    assert [t.title for t in similar_topics(reader_for(host), "kettle")] == ["Kettle, in private"]
    for number in range(7):
        make_topic(title=f"Kettle {number}")

    html = client.get(SIMILAR, {"title": "My kettle"}).content.decode()

    assert html.count("<li>") == 5
    assert "in private" not in html


@pytest.mark.parametrize(
    "title", ["", "a", "' OR 1=1 --", "((", "&|!:*", "\x00kettle", "🫖🫖🫖", "x" * 5000, "or or or"]
)
def test_similar_topics_of_an_odd_title_are_none_and_never_an_error(client, title):
    response = client.get(SIMILAR, {"title": title})

    assert response.status_code == 200
    assert "<li>" not in response.content.decode()


def test_similar_topics_stand_on_the_preview_page_without_scripts(client):
    forum = make_forum()
    make_topic(forum, title="La bouilloire")
    client.force_login(make_member())

    html = client.post(
        f"/f/{forum.slug}/new/",
        {"title": "Bouilloire", "body": "x", "intent": "discussion", "key": "0" * 32, "preview": "1"},
    ).content.decode()

    assert "Similar topics" in html


# --- The hint of first posts


def hint_is_shown(client, topic):
    return "Do not show this again" in client.get(topic.get_absolute_url()).content.decode()


def test_hint_stands_beside_posts_one_to_three_of_a_newcomer(client):
    topic, newcomer = make_topic(), make_newcomer()
    client.force_login(newcomer)
    seen = []
    for _ in range(4):
        seen.append(hint_is_shown(client, topic))
        make_reply(topic, by=newcomer)

    assert seen == [True, True, True, False]


def test_hint_is_put_away_for_good_and_what_was_typed_stays(client):
    topic, newcomer = make_topic(), make_newcomer()
    client.force_login(newcomer)

    response = client.post(f"{reverse('forums:dismiss-hint')}?topic={topic.pk}", {"body": "Begun", "key": "1" * 32})

    assert response["Location"] == f"{topic.get_absolute_url()}?page=1#reply"
    assert Draft.objects.get(member=newcomer).body == "Begun"
    assert not hint_is_shown(client, topic)


def test_hint_costs_a_settled_member_no_query(django_assert_num_queries):
    from forums.queries.composer import wants_hint

    member, newcomer = make_member(), make_newcomer()
    put_composer_hint_away(by=newcomer)
    newcomer.refresh_from_db()

    with django_assert_num_queries(0):
        assert (wants_hint(member), wants_hint(newcomer)) == (False, False)


def test_composer_keeps_the_topic_page_within_its_queries(client, django_assert_max_num_queries):
    """A newcomer's hint and a draft cost one each."""
    topic, newcomer = make_topic(), make_newcomer()
    client.force_login(newcomer)
    client.get(topic.get_absolute_url())
    keep_draft(by=newcomer, key=None, topic=topic, body="Begun")

    with django_assert_max_num_queries(6 + 2 + 2):
        html = client.get(topic.get_absolute_url()).content.decode()

    assert "Begun" in html
