from __future__ import annotations

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from django.utils.translation import override

from forums.actions.care import accept_answer
from forums.actions.posts import hide_post
from forums.models import SearchMiss
from forums.queries.search import search, understood
from forums.readers import reader_for
from tests.make import (
    make_admin,
    make_community,
    make_forum,
    make_host,
    make_member,
    make_moderator,
    make_reply,
    make_rule,
    make_topic,
)
from toolkit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _community():
    make_community()


def titles(words, reader=None):
    return [hit.topic.title for hit in search(reader or reader_for(None), words).hits]


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
    assert [hit.topic for hit in search(reader_for(None), "mangé").hits] == [topic]


# --- What one can write


@pytest.fixture
def several():
    """Topics that differ in what filters ask for."""
    forum = make_forum("atelier")
    ann, bob = make_member("ann"), make_member("bob")
    kettle = make_topic(forum, by=ann, title="The kettle boils over", body="Brass kettle.", tags=["Cuisine"])
    make_reply(kettle, by=bob, body="Descale the kettle with vinegar.")
    question = make_topic(make_forum("clinic"), by=bob, title="Kettle or pan?", intent="question", tags=["thé"])
    accept_answer(question, make_reply(question, by=ann, body="A kettle."), by=bob)
    make_topic(forum, by=ann, title="A pan", body="No such thing here.")
    return kettle, question


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("kettle", {"The kettle boils over", "Kettle or pan?"}),
        ("kettle author:bob", {"The kettle boils over", "Kettle or pan?"}),
        ("kettle auteur:ann", {"The kettle boils over", "Kettle or pan?"}),
        ("brass auteur:bob", set()),
        ("vinegar de:bob", {"The kettle boils over"}),
        ("kettle tag:CUISINE", {"The kettle boils over"}),
        ('kettle étiquette:"thé"', {"Kettle or pan?"}),
        ("kettle forum:clinic", {"Kettle or pan?"}),
        ('kettle forum:"The clinic forum"', {"Kettle or pan?"}),
        ("kettle intent:question", {"Kettle or pan?"}),
        ("kettle is:answered", {"Kettle or pan?"}),
        ("kettle est:résolu", {"Kettle or pan?"}),
        ("kettle after:2020", {"The kettle boils over", "Kettle or pan?"}),
        ("kettle before:2020-01-01", set()),
        ("kettle avant:2020", set()),
        ("kettle -pan", {"The kettle boils over"}),
        ("kettle -vinegar -boils", {"Kettle or pan?"}),
        ('"kettle boils"', {"The kettle boils over"}),
        ('"boils kettle"', set()),
        ("« kettle boils »", {"The kettle boils over"}),
        ("forum:atelier", {"The kettle boils over", "A pan"}),
        ("author:bob", {"The kettle boils over", "Kettle or pan?"}),
        ("tag:cuisine is:open", {"The kettle boils over"}),
        ("author:bob -vinegar", {"Kettle or pan?"}),
        ('author:bob -"no such words"', {"The kettle boils over", "Kettle or pan?"}),
        ("forum:atelier -boils", {"A pan"}),
        ("author:Ann", {"The kettle boils over", "Kettle or pan?", "A pan"}),
    ],
)
def test_filters_phrases_and_words_left_out(several, typed, expected):
    assert set(titles(typed)) == expected


@pytest.mark.parametrize(
    ("typed", "left_out", "unknown"),
    [
        ("kettle before:yesterday", ["before:yesterday"], []),
        ("kettle is:blue intent:joke", ["is:blue", "intent:joke"], []),
        ("kettle after:2020-13-45", ["after:2020-13-45"], []),
        ("kettle author:nobody forum:nowhere tag:none", [], ["nowhere", "none", "nobody"]),
    ],
)
def test_what_makes_no_sense_is_left_out_and_told(client, several, typed, left_out, unknown):
    found = search(reader_for(None), typed)

    assert (found.query.left_out, found.unknown) == (left_out, unknown)
    assert len(found.hits) == 2
    html = client.get("/search/", {"q": typed}).content.decode()
    assert "Left out, for" in html


@pytest.mark.parametrize("typed", ["is:foo", "tag:zzzz", "before:0000", "author:nobody", "-colle", 'forum:""'])
def test_a_query_of_which_nothing_is_left_says_so(client, typed):
    html = client.get("/search/", {"q": typed}).content.decode()
    assert "Left out, for" in html


def test_what_is_too_long_of_a_query_is_told_as_left_out(client, several):
    long = [letter * 30 for letter in "abcdefgh"]
    typed = " ".join(["kettle", *long])
    found = search(reader_for(None), typed)
    assert found.query.left_out == [" ".join(long[6:])]
    assert len(found.hits) == 2
    response = client.get("/search/", {"q": typed, "forum": "atelier", "author": "bob"})
    assert response["Location"].startswith("/search/?q=author%3Abob+forum%3Aatelier+kettle+aaa")
    assert understood(parse_qs(urlsplit(response["Location"]).query)["q"][0]).left_out == [" ".join(long[5:])]
    again = client.get("/search/", {"q": "kettle before:yesterday", "forum": "atelier"})
    assert again["Location"] == "/search/?q=kettle+before%3Ayesterday+forum%3Aatelier"


def test_filters_are_written_in_the_language_in_use():
    typed = "bois auteur:ann étiquette:chêne intention:idée est:sans-réponse depuis:2026-01-31"
    with override("fr"):
        assert understood(typed).typed() == typed
        assert understood(understood(typed).typed(author="")).filters.state == "unanswered"
    with override("en"):
        english = "bois author:ann tag:chêne intent:idea is:unanswered after:2026-01-31"
        assert understood(typed).typed() == english
    assert understood(english).filters == understood(typed).filters


def test_somebody_who_shows_their_page_to_the_team_only_is_not_found_by_name(client):
    make_topic(by=make_member("hettie", name="Hettie Nance", shown_to="team"), title="A kettle")
    ann = make_member("ann")
    reader = reader_for(ann)
    assert search(reader, "hettie").people == []
    assert search(reader, "author:hettie").unknown == ["hettie"]
    client.force_login(ann)
    assert client.get("/search/complete?q=hett").json()["found"] == []
    assert [hit.topic.title for hit in search(reader_for(make_moderator()), "author:hettie").hits] == ["A kettle"]


def test_a_topic_found_by_its_title_shows_how_it_begins():
    make_topic(title="Spindle", body="It wobbles.")
    (hit,) = search(reader_for(None), "spindle").hits
    assert (hit.title, hit.excerpt) == ([("Spindle", True)], [("It wobbles.", False)])


def test_a_colon_in_a_word_is_no_filter(several):
    assert understood("http://example.org note:this 12:30").words == "http://example.org note:this 12:30"


def test_words_that_stand_everywhere_do_not_decide():
    make_topic(title="Le joint de la porte", body="Il fuit.", lang="fr")

    found = search(reader_for(None), "comment changer le joint de la porte")

    assert [hit.topic.title for hit in found.hits] == ["Le joint de la porte"]
    assert {"le", "de", "la"} <= set(found.too_common)


def test_topics_with_some_of_the_words_come_after_those_with_all_and_this_is_told(client):
    make_topic(title="Grinding noise", body="From the drum of the mill.")
    make_topic(title="Grinding coffee", body="Beans and a mill.")

    found = search(reader_for(None), "grinding noise mill")

    assert [hit.topic.title for hit in found.hits] == ["Grinding noise", "Grinding coffee"]
    assert found.is_partly
    assert "only some of them" in client.get("/search/", {"q": "grinding noise mill"}).content.decode()


def test_rare_words_weigh_more_than_common_ones():
    for number in range(12):
        make_topic(title=f"Machine {number}", body="A machine that makes noise.")
    make_topic(title="Bearings", body="A circlip holds them in the machine.")

    assert titles("machine circlip")[0] == "Bearings"


def test_an_answered_topic_and_a_fresh_one_come_first():
    with clock.at(timezone.now() - timedelta(days=900)):
        make_topic(title="Old solder", body="Solder.", by=make_member(joined_at=timezone.now() - timedelta(days=999)))
    make_topic(title="New solder", body="Solder.")
    answered = make_topic(title="Which solder", body="Solder.", intent="question")
    accept_answer(answered, make_reply(answered, body="This one."), by=answered.author)

    assert titles("solder") == ["Which solder", "New solder", "Old solder"]


@pytest.mark.parametrize(
    ("typed", "found"), [("日本語", 1), ("本語", 1), ("語", 1), ("東京", 0), ("日本の", 0), ("수리", 1)]
)
def test_signs_written_without_spaces_are_found_inside(client, typed, found):
    make_topic(title="Keyboards", body="私は日本語を勉強します。 전자제품수리점", lang="en")

    assert len(titles(typed)) == found
    html = client.get("/search/", {"q": typed}).content.decode()
    assert (f"<mark>{typed}</mark>" in html) == bool(found)


def test_signs_in_a_title_are_found_too():
    make_topic(title="金継ぎの道具", body="Kintsugi.")
    assert titles("継ぎ") == titles("道具") == ["金継ぎの道具"]


def test_pages_of_results_hold_each_topic_once():
    for number in range(35):
        make_topic(title=f"Spindle {number}")

    first = search(reader_for(None), "spindle")
    second = search(reader_for(None), "spindle", start=first.after)

    assert (first.total, first.after, second.after) == (35, 30, 0)
    assert len({hit.topic.pk for hit in first.hits + second.hits}) == 35


def test_people_and_tags_are_found_beside_topics(client):
    ann, zoe = make_member("ann"), make_member("zoe", name="Zoé Kettleby")
    make_topic(tags=["kettles"])
    found = search(reader_for(ann), "kettle")

    assert (found.people, [tag.name for tag in found.tags]) == ([zoe], ["kettles"])
    assert search(reader_for(None), "kettle").people == []


def test_a_search_costs_the_same_however_much_is_found(django_assert_max_num_queries):
    ann = make_member("ann")
    for number in range(30):
        make_reply(make_topic(title=f"Spindle {number}"), body="A spindle.")
    reader = reader_for(ann)

    with django_assert_max_num_queries(7):
        found = search(reader, "spindle noise")
    assert len(found.hits) == 30
    with django_assert_max_num_queries(11):
        search(reader, "spindle forum:x tag:y author:z")


# --- Fields, chips, completion


def test_fields_become_part_of_the_query_and_chips_take_them_off(client, several):
    response = client.get(
        "/search/", {"q": "kettle -pan", "forum": "atelier", "author": "@bob", "tag": "", "intent": ""}
    )

    assert response["Location"] == "/search/?q=kettle+-pan+author%3Abob+forum%3Aatelier"
    html = client.get(response["Location"]).content.decode()
    assert "in The atelier forum" in html
    assert 'href="?q=kettle+-pan+author%3Abob"' in html
    assert 'href="?q=kettle+-pan+forum%3Aatelier"' in html


def test_completion_finds_words_that_are_only_begun_and_only_what_one_may_read(client, several):
    sealed = make_forum(audience="team")
    host = make_host(sealed)
    make_topic(sealed, by=host, title="Kettledrum, secret", tags=["ketchup"])

    def offered(typed):
        return client.get("/search/complete", {"q": typed}).json()["found"]

    assert offered("kett") == ["Kettle or pan?", "The kettle boils over"]
    assert offered("the kettl") == ["Kettle or pan?", "The kettle boils over"]
    assert offered("kettle boi") == ["The kettle boils over"]
    assert offered("ket") == ["Kettle or pan?", "The kettle boils over"]
    assert offered("cuis") == ["The kettle boils over", "tag:cuisine"]
    assert offered("an") == []
    assert offered("x") == offered("((") == offered("'") == []
    client.force_login(host)
    assert offered("ket") == ["Kettledrum, secret", "Kettle or pan?", "The kettle boils over", "tag:ketchup"]
    assert offered("ann") == ["author:ann"]


def test_what_one_may_not_read_is_in_no_count(several):
    sealed = make_forum(audience="team")
    host = make_host(sealed)
    make_topic(sealed, by=host, title="Kettle, secret")
    make_reply(several[0], by=host, body="kettle")

    assert search(reader_for(None), "kettle").total == 2
    assert search(reader_for(host), "kettle").total == 3
    assert search(reader_for(make_member()), "forum:secret").unknown == ["secret"]


def test_searches_without_results_are_counted_for_the_staff(client):
    for typed in ("théière", "THEIERE", "  theiere "):
        client.get("/search/", {"q": typed})
    client.get("/search/", {"q": "kettle"})
    make_topic(title="Kettle")
    client.get("/search/", {"q": "kettle"})

    assert list(SearchMiss.objects.order_by("-times").values_list("words", "times")) == [("theiere", 3), ("kettle", 1)]
    client.force_login(make_admin())
    html = client.get("/admin/forums/searchmiss/").content.decode()
    assert html.index("theiere") < html.index(">kettle<")
