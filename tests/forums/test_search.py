from __future__ import annotations

import pytest

from forums.actions.posts import hide_post
from forums.queries.search import search
from forums.readers import reader_for
from tests.make import make_community, make_forum, make_host, make_member, make_reply, make_rule, make_topic

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def titles(words, reader=None):
    return [hit.topic.title for hit in search(reader or reader_for(None), words)]


@pytest.mark.parametrize(
    "words", ["roulement", "roulements", "ROULEMENT", "changé", "change", "changées", "œuvre", "oeuvre"]
)
def test_french_is_found_whatever_its_accents_case_and_endings(words):
    make_topic(title="Le lave-linge", body="J’ai changé les roulements, une belle œuvre.", lang="fr")

    assert titles(words) == ["Le lave-linge"]


def test_a_title_counts_more_than_a_mention_and_a_topic_comes_once():
    make_topic(title="Tea", body="Cider is mentioned here, cider, cider.")
    topic = make_topic(title="Cider", body="About cider.")
    make_reply(topic, body="More cider.")

    assert titles("cider") == ["Cider", "Tea"]


def test_what_one_may_not_read_does_not_exist():
    forum = make_forum(audience="team")
    host = make_host(forum)
    make_topic(forum, by=host, title="Secret kettle")

    assert titles("kettle") == []
    assert titles("kettle", reader_for(make_member())) == []
    assert titles("kettle", reader_for(host)) == ["Secret kettle"]


def test_a_hidden_post_is_found_no_more():
    topic = make_topic()
    post = make_reply(topic, body="unmistakable")
    assert titles("unmistakable") == ["A topic"]

    hide_post(post, rule=make_rule(), note="x")

    assert titles("unmistakable") == []


@pytest.mark.parametrize(
    "words", ['"', "'", "((", "a & | !", "\\", "%", "-", "<b>", "' OR 1=1 --", "🫖", "x" * 500, "a:b*"]
)
def test_odd_query_never_fails(client, words):
    make_topic()

    assert client.get("/search/", {"q": words}).status_code == 200


def test_excerpt_marks_what_was_found(client):
    make_topic(title="Repairs", body="The kettle <b>boils</b> over.")

    html = client.get("/search/", {"q": "kettles"}, HTTP_ACCEPT_LANGUAGE="en").content.decode()

    assert "<mark>kettle</mark> &lt;b&gt;boils&lt;/b&gt; over" in html


def test_words_of_marks_alone_are_stored_and_asked_for_without_harm(db):
    """A mark without a letter folds to an empty word, which PostgreSQL takes for a syntax error."""
    topic = make_topic(title="Marks", body="chaos \u0308\u0301 mangées \u0489")

    for words in ("\u0308 mangé", "-\u0308 mangé", '"\u0308" OR mangé', "\u0308", "mangé", "o'clock' mangé"):
        search(reader_for(None), words)
    assert [hit.topic for hit in search(reader_for(None), "mangé")] == [topic]
