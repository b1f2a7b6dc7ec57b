"""Lists of topics: what each shows, how filters combine, pages by key, what a reader does not want to see."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from forums.actions import care, reading
from forums.actions.keeping import give_reaction
from forums.actions.scores import score_topics
from forums.models import Level, ReactionKind, SearchMiss, Tag, Topic
from forums.queries.lists import Asked, Where, topics_in
from forums.readers import reader_for
from members.actions.blocks import block_member
from members.models import Member
from tests.make import PASSWORD, make_community, make_forum, make_host, make_member, make_reply, make_topic
from toolkit import clock

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def community():
    return make_community()


@pytest.fixture
def ann():
    return make_member("ann")


def shown(member: Member | None, where: Where | None = None, **asked: str) -> list[str]:
    """Titles of the first page."""
    page = topics_in(reader_for(member), where or Where(), Asked.by(asked))
    return [topic.title for topic in page.rows]


def titled(*titles: str, **more) -> list[Topic]:
    return [make_topic(title=title, **more) for title in titles]


# --- Kinds


def test_latest_is_in_the_order_of_the_last_words(ann):
    first, _second = titled("First", "Second")
    make_reply(first)

    assert shown(ann) == shown(None) == ["First", "Second"]


def test_new_lists_what_one_has_not_opened_newest_first(ann):
    first, second, third = titled("First", "Second", "Third")
    make_reply(first)
    reading.mark_read(second, by=ann, place=1)

    assert shown(ann, only="new") == ["Third", "First"]
    assert shown(None, only="new") == ["Third", "Second", "First"]
    reading.mark_all_read(by=ann, forum=third.forum)
    assert shown(ann, only="new") == ["First"]


def test_unanswered_are_open_topics_with_nothing_but_their_first_words(ann):
    forum = make_forum()
    titled("Waits", forum=forum)
    answered, closed = titled("Answered", "Closed", forum=forum)
    make_reply(answered)
    care.close_topic(closed, by=make_host(forum), reason="Settled.")

    assert shown(ann, only="unanswered") == ["Waits"]


def test_mine_are_those_i_started(ann):
    titled("Mine", by=ann)
    titled("Theirs")

    assert shown(ann, only="mine") == ["Mine"]


def test_followed_comes_from_topics_forums_tags_and_members(ann):
    forum, bob = make_forum(), make_member("bob")
    titled("In the forum", forum=forum)
    titled("By Bob", by=bob)
    titled("Tagged", tags=["Soudure"])
    (alone,) = titled("By itself")
    titled("None of these")
    assert shown(ann, only="followed") == []

    reading.follow(forum, by=ann, level=Level.ALL)
    reading.follow(bob, by=ann, level=Level.ALL)
    reading.follow(Tag.objects.get(key="soudure"), by=ann, level=Level.ALL)
    reading.follow_topic(alone, by=ann, level=Level.ALL)

    assert shown(ann, only="followed") == ["By itself", "Tagged", "By Bob", "In the forum"]


def test_top_counts_people_who_wrote_and_who_thanked_each_once(ann):
    bob, eve = make_member("bob"), make_member("eve")
    long_ago = timezone.now() - timedelta(days=20)
    with clock.at(long_ago):
        (old,) = titled("Old and rich", by=ann)
        for who in (bob, eve, make_member()):
            make_reply(old, by=who)
    (talk,) = titled("Two who talk a lot", by=ann)
    for _ in range(5):
        make_reply(talk, by=bob)
    (thanked,) = titled("Two who talk, and one who thanks", by=ann)
    reply = make_reply(thanked, by=bob)
    kind = ReactionKind.objects.first()
    give_reaction(reply, kind, by=eve)
    give_reaction(Topic.objects.get(pk=thanked.pk).posts.first(), kind, by=eve)
    titled("A person alone")

    for period in ("week", "month", "ever"):
        score_topics(period)

    assert shown(ann, only="top", period="week") == ["Two who talk, and one who thanks", "Two who talk a lot"]
    expected = ["Old and rich", "Two who talk, and one who thanks", "Two who talk a lot"]
    assert shown(None, only="top", period="month") == shown(ann, only="top", period="ever") == expected


def test_hidden_topics_leave_every_list_but_their_own(ann):
    (topic,) = titled("Enough of this", by=make_member())
    assert shown(ann) == ["Enough of this"]

    reading.hide_topic(topic, by=ann)

    assert shown(ann) == shown(ann, only="unread") == shown(ann, Where(forum=topic.forum)) == []
    assert shown(ann, only="hidden") == ["Enough of this"]
    assert shown(make_member()) == ["Enough of this"]
    reading.show_topic_again(topic, by=ann)
    assert shown(ann) == ["Enough of this"]


# --- Filters


def test_filters_of_intent_and_state_combine(ann):
    forum = make_forum()
    host = make_host(forum)
    question, idea, other = (
        make_topic(forum, title=title, intent=intent)
        for title, intent in (("Why?", "question"), ("What if", "idea"), ("How?", "question"))
    )
    care.accept_answer(question, make_reply(question), by=host)
    care.set_status(idea, "planned", by=host, reason="Next month.")
    care.close_topic(other, by=host, reason="Settled.")

    where = Where(forum=forum)
    assert shown(ann, where, intent="question") == ["Why?", "How?"]
    assert shown(ann, where, intent="question", state="answered") == ["Why?"]
    assert shown(ann, where, state="planned") == ["What if"]
    assert shown(ann, where, state="closed") == shown(ann, state="closed") == ["How?"]
    assert shown(ann, where, state="open", only="unread") == ["Why?", "What if"]
    care.archive_topic(idea, by=host)
    assert shown(ann, state="archived") == ["What if"]


def test_a_closing_that_is_over_is_no_closing(ann):
    forum = make_forum()
    (topic,) = titled("Back soon", forum=forum)
    care.close_topic(topic, by=make_host(forum), reason="Calm.", until=timezone.now() + timedelta(hours=1))
    assert shown(ann, state="closed") == ["Back soon"]

    Topic.objects.update(closed_until=timezone.now() - timedelta(seconds=1))

    assert shown(ann, state="closed") == []
    assert shown(ann, state="open") == ["Back soon"]


@pytest.mark.parametrize(
    "said", [{"only": "'; DROP TABLE"}, {"state": "rotten"}, {"after": "%00"}, {"after": "W10"}, {"period": "x"}]
)
def test_an_odd_address_is_the_plain_list(said):
    titled("Here")
    assert shown(None, **said) == ["Here"]


def test_a_link_keeps_what_was_chosen_and_drops_the_page():
    asked = Asked.by({"only": "top", "intent": "idea", "after": "abc", "period": "week"})

    assert asked.but(state="open") == "?only=top&intent=idea&state=open&period=week"
    assert asked.but(only="latest") == "?intent=idea"
    assert Asked().but() == "?"


# --- What a reader does not want


def test_home_and_unread_keep_to_the_languages_i_read(ann):
    titled("En français", lang="fr")
    titled("In English", lang="en")
    ann.reads = "en"
    ann.save()

    assert shown(ann) == shown(ann, only="unread") == ["In English"]
    assert shown(ann, everything="1") == ["In English", "En français"]
    assert shown(ann, only="unread", everything="1") == ["In English", "En français"]
    assert shown(ann, Where(forum=Topic.objects.get(lang="fr").forum)) == ["En français"]


def test_nothing_of_a_forum_a_tag_or_a_member_leaves_home_and_unread(ann):
    forum, bob = make_forum(), make_member("bob")
    in_forum, by_bob, tagged = (*titled("Forum", forum=forum), *titled("Bob", by=bob), *titled("Tag", tags=["vrac"]))
    titled("Kept")
    assert len(shown(ann)) == 4

    for thing in (forum, bob, Tag.objects.get(key="vrac")):
        reading.follow(thing, by=ann, level=Level.NOTHING)

    assert shown(ann) == shown(ann, only="unread") == ["Kept"]
    assert shown(ann, Where(forum=forum)) == ["Forum"]
    reading.follow_topic(tagged, by=ann, level=Level.ALL)
    assert shown(ann) == ["Kept", "Tag"]
    reading.follow(bob, by=ann, level=Level.NORMAL)
    assert shown(ann) == ["Kept", "Tag", "Bob"]
    assert by_bob.forum != in_forum.forum


def test_a_row_is_marked_where_the_badge_counts_it(ann):
    forum = make_forum()
    quiet, muted, french, other = (
        titled("Quiet", "Muted", forum=forum),
        titled("Muted too"),
        titled("Fr", lang="fr"),
        [],
    )
    ann.reads = "en"
    ann.save()
    reading.follow(forum, by=ann, level=Level.NOTHING)
    reading.follow_topic(muted[0], by=ann, level=Level.NOTHING)
    other = titled("Unread", lang="en")

    rows = topics_in(reader_for(ann), Where(), Asked(everything="1")).rows
    assert [topic.title for topic in rows if topic.is_unread] == shown(ann, only="unread") == ["Unread"]
    assert {t.pk for t in (*quiet, *muted, *french, *other)} == {t.pk for t in rows}


def test_a_block_takes_topics_out_of_both_lists(ann):
    bob = make_member("bob")
    titled("Ann's", by=ann)
    titled("Bob's", by=bob)
    assert len(shown(ann)) == len(shown(bob)) == 2

    block_member(bob, by=ann)

    assert (shown(ann), shown(bob)) == (["Ann's"], ["Bob's"])
    assert len(shown(None)) == 2


def test_being_away_for_a_year_leaves_forty_days_of_unread(ann):
    Member.objects.filter(pk=ann.pk).update(joined_at=timezone.now() - timedelta(days=400))
    for days in (300, 41, 39):
        with clock.at(timezone.now() - timedelta(days=days)):
            titled(f"{days} days ago", by=make_member(joined_at=timezone.now() - timedelta(days=500)))

    assert shown(ann, only="unread") == ["39 days ago"]


def test_what_was_there_before_one_joined_is_not_unread():
    with clock.at(timezone.now() - timedelta(days=2)):
        titled("Before")
    late = make_member(joined_at=timezone.now() - timedelta(days=1))
    titled("After")

    assert shown(late, only="unread") == ["After"]


# --- Pages by key


@pytest.mark.parametrize("only", ["latest", "new", "top"])
@pytest.mark.parametrize("forums", [1, 4])
def test_pages_show_each_topic_once_in_order(ann, only, forums):
    rooms = [make_forum() for _ in range(forums)]
    start = timezone.now() - timedelta(days=3)
    for number in range(65):
        with clock.at(start + timedelta(minutes=number // 3)):  # three of the same moment
            topic = make_topic(rooms[number % forums], title=f"{number}", by=make_member())
            make_reply(topic)
    score_topics("month")

    found, after = [], ""
    for _ in range(3):
        page = topics_in(reader_for(ann), Where(), Asked(only=only, after=after))
        found += [topic.pk for topic in page.rows]
        after = page.after

    assert after == ""
    expected = Topic.objects.order_by("-last_post_at", "-pk").values_list("pk", flat=True)
    assert found == list(expected) if only != "top" else sorted(expected, reverse=True)


@pytest.mark.parametrize("only", ["latest", "unread", "new", "unanswered", "followed", "mine", "top", "hidden"])
def test_each_list_is_one_query(ann, only, django_assert_num_queries):
    for _ in range(3):
        make_topic(by=ann, tags=["a"])
    score_topics("month")
    reader = reader_for(ann)

    with django_assert_num_queries(1):
        topics_in(reader, Where(), Asked(only=only))


# --- The pages


@pytest.mark.parametrize("address", ["/", "/f/atelier/", "/tags/cafe/"])
def test_every_list_has_its_tabs_and_filters(client, ann, address):
    make_topic(make_forum("atelier"), title="Here", tags=["café"], intent="question")
    client.force_login(ann)

    for only in ("latest", "unread", "new", "unanswered", "top"):
        html = client.get(f"{address}?only={only}&intent=question").content.decode()
        assert ("Here" in html) == (only != "top")
        assert f'href="?only={only}&amp;intent=question&amp;state=open"'.replace("only=latest&amp;", "") in html
    assert "No topic here is like this" in client.get(f"{address}?intent=idea").content.decode()


def test_a_visitor_is_asked_to_sign_in_for_lists_of_their_own(client):
    make_forum("atelier")
    for address in ("/", "/f/atelier/"):
        response = client.get(f"{address}?only=unread")
        assert (response.status_code, response["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_marking_all_read_empties_list_and_badge(client, ann):
    make_topic(make_forum("atelier"), title="Here")
    make_topic(make_forum("other"), title="There")
    client.force_login(ann)
    assert '<span class="count">2</span>' in client.get("/?only=unread").content.decode()

    client.post("/read", {"forum": "atelier"})
    html = client.get("/?only=unread").content.decode()
    assert '<span class="count">1</span>' in html
    assert ("Here" in html, "There" in html) == (False, True)
    client.post("/read")
    html = client.get("/?only=unread").content.decode()
    assert "You have read everything." in html
    assert '?only=unread">Unread</a>' in html


def test_what_a_script_says_was_on_screen_is_what_is_read(client, ann):
    topic = make_topic()
    for _ in range(4):
        make_reply(topic)
    client.force_login(ann)

    assert client.post("/read/by-screen").status_code == 204
    assert client.post(f"/t/{topic.pk}/read", {"place": "3"}).status_code == 204
    assert topic.read_marks.get(member=ann).place == 3
    client.get(Topic.objects.get().get_absolute_url())  # the script of this session says how far
    client.post(f"/t/{topic.pk}/read", {"place": "2"})
    assert topic.read_marks.get(member=ann).place == 3
    client.post(f"/t/{topic.pk}/read", {"place": "999999999"})
    assert topic.read_marks.get(member=ann).place == 5
    client.post(f"/p/{topic.posts.get(position=4).pk}/unread")
    assert topic.read_marks.get(member=ann).place == 3
    response = client.get(f"/t/{topic.pk}/unread")
    assert response["Location"] == f"/p/{topic.posts.get(position=4).pk}/"


def test_unread_from_here_is_refused_for_what_is_too_old(client, ann):
    topic = make_topic()
    reading.mark_all_read(by=ann)
    client.force_login(ann)

    response = client.post(f"/p/{topic.posts.get().pk}/unread")

    assert response.status_code == 403
    assert "too old to count as unread" in response.content.decode()


def test_asking_only_for_the_head_of_a_page_reads_nothing(client, ann):
    topic = make_topic()
    make_reply(topic)
    client.force_login(ann)

    for address in ("/", "/feed/", topic.get_absolute_url(), "/search/?q=nothing-like-it"):
        assert client.head(address).status_code == 200, address
    assert not topic.read_marks.filter(member=ann).exists()
    assert not SearchMiss.objects.exists()
    client.get(topic.get_absolute_url())
    assert topic.read_marks.get(member=ann).place == 2


def test_signing_in_with_scripts_on_reads_by_the_screen_from_the_first_page_on(client, ann):
    topic = make_topic()
    said = {"login": ann.username, "password": PASSWORD, "by_screen": "1"}
    client.post("/accounts/login/", said)
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "data-by-screen" not in html
    assert not topic.read_marks.filter(member=ann).exists()
