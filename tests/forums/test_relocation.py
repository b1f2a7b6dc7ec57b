"""Posts that change their topic."""

from __future__ import annotations

import pytest

from engagement import jobs as engagement_jobs
from engagement.models import Notification
from forums.actions.care import accept_answer, move_topic
from forums.actions.drafts import keep_draft
from forums.actions.keeping import give_reaction, keep_bookmark
from forums.actions.reading import follow_topic, mark_read
from forums.actions.relocation import merge_topics, move_posts, split_topic, undo_event
from forums.actions.voting import vote_for_idea
from forums.models import Draft, Forum, Post, ReactionKind, ReadMark, Topic
from forums.queries.counters import drift
from tests.forums.test_care import now_of
from tests.make import held_post, make_forum, make_host, make_member, make_moderator, make_reply, make_topic
from toolkit.verdicts import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def forum():
    return make_forum("atelier")


@pytest.fixture
def host(forum):
    return make_host(forum, "grace")


def bodies(topic):
    return list(topic.posts.order_by("position").values_list("position", "body"))


def talk(forum, title, *words, **more):
    topic = make_topic(forum, title=title, body=words[0], **more)
    for word in words[1:]:
        make_reply(topic, body=word)
    topic.refresh_from_db()
    return topic


def test_split_posts_get_places_of_their_own_and_the_old_place_keeps_a_line(client, forum, host):
    topic = talk(forum, "Lave-linge", "a", "b", "c", "d", "e")
    third, fifth = topic.posts.get(position=3), topic.posts.get(position=5)

    event = split_topic(topic, [5, 3], title="Sèche-linge", by=host, reason="Un autre appareil.")

    fresh = Topic.objects.get(pk=event.after["topic"])
    assert bodies(fresh) == [(1, "c"), (2, "e")]
    assert bodies(topic) == [(1, "a"), (2, "b"), (4, "d")]
    assert fresh.author == third.author
    assert (event.place, event.reason) == (3, "Un autre appareil.")
    assert drift() == []
    third.refresh_from_db()
    for post in (third, fifth):
        assert client.get(f"/p/{post.pk}/")["Location"].startswith(f"/t/{fresh.pk}/seche-linge/")
    html = client.get(topic.get_absolute_url()).content.decode()
    assert "Grace moved 2 posts from here to another topic." in html
    assert "Sèche-linge" in html
    topic.refresh_from_db()
    assert make_reply(topic, body="f").position == 6  # places are not given twice
    assert [t.title for t in Topic.objects.filter(forum=forum, is_listed=True).order_by("pk")] == [
        "Lave-linge", "Sèche-linge",
    ]  # fmt: skip


def test_undo_of_a_split_puts_everything_back_and_the_other_address_leads_home(client, forum, host):
    topic = talk(forum, "Lave-linge", "a", "b", "c", intent="question")
    accept_answer(topic, topic.posts.get(position=3), by=topic.author)
    before, counted = now_of(topic), Forum.objects.values("topic_count", "post_count").get(pk=forum.pk)
    event = split_topic(topic, [2, 3], title="Autre", by=host)
    assert Topic.objects.get(pk=topic.pk).accepted_post_id is None

    undo_event(event, by=host)

    assert now_of(topic) == before
    assert bodies(topic) == [(1, "a"), (2, "b"), (3, "c")]
    assert Forum.objects.values("topic_count", "post_count").get(pk=forum.pk) == counted
    assert client.get(f"/t/{event.after['topic']}/")["Location"] == f"/t/{topic.pk}/"
    assert drift() == []


def test_posts_move_to_the_end_of_another_topic_oldest_first(client, forum, host):
    topic, other = talk(forum, "Un", "a", "b", "c"), talk(forum, "Deux", "x", "y")

    event = move_posts(topic, [3, 2], into=other, by=host)

    assert bodies(other) == [(1, "x"), (2, "y"), (3, "b"), (4, "c")]
    assert bodies(topic) == [(1, "a")]
    html = client.get(other.get_absolute_url()).content.decode()
    assert "moved 2 posts here from another topic" in html
    assert drift() == []
    make_reply(other, body="z")
    undo_event(event, by=host)
    assert bodies(topic) == [(1, "a"), (2, "b"), (3, "c")]
    assert bodies(other) == [(1, "x"), (2, "y"), (5, "z")]
    assert drift() == []


def test_a_merge_takes_posts_votes_followers_and_drafts_along(client, forum, host):
    into = talk(forum, "Idée", "a", "b", intent="idea")
    source = talk(forum, "La même idée", "x", "y", "z", intent="idea")
    ann, bob, eve = make_member("ann"), make_member("bob"), make_member("eve")
    for topic, who in ((into, ann), (source, ann), (source, bob)):
        vote_for_idea(topic, by=who)
    follow_topic(source, by=eve, level="all")
    keep_draft(by=eve, key=None, topic=source, body="Commencé")
    keep_draft(by=bob, key=None, topic=source, body="Sous")
    keep_draft(by=bob, key=None, topic=into, body="Dessus")
    held = held_post(source)
    old = source.get_absolute_url()
    posts = Forum.objects.get(pk=forum.pk).post_count

    event = merge_topics(source, into=into, by=host, reason="Deux fois.")
    engagement_jobs.spread_news()

    assert bodies(into)[:5] == [(1, "a"), (2, "b"), (3, "x"), (4, "y"), (5, "z")]
    into.refresh_from_db()
    assert into.vote_count == 2
    held.refresh_from_db()
    assert (held.topic, held.position) == (into, None)
    assert ReadMark.objects.get(topic=into, member=eve).follow == "all"
    drafts = {(d.member.username, d.body) for d in Draft.objects.filter(topic=into)}
    assert drafts == {("eve", "Commencé"), ("bob", "Dessus\n\nSous")}
    assert Forum.objects.values_list("topic_count", "post_count").get(pk=forum.pk) == (1, posts)
    assert client.get(old, follow=True).redirect_chain[-1][0].startswith(into.get_absolute_url())
    html = client.get(into.get_absolute_url()).content.decode()
    assert "Grace merged the topic “La même idée” into this one." in html
    assert Notification.objects.filter(member=source.author, event=event).exists()
    assert drift() == []


def test_undo_of_a_merge_gives_both_topics_back(forum, host):
    into, source = talk(forum, "Un", "a", "b", intent="idea"), talk(forum, "Deux", "x", "y", intent="idea")
    ann = make_member("ann")
    vote_for_idea(source, by=ann)
    follow_topic(source, by=ann, level="all")
    before, both = now_of(source), Forum.objects.values("topic_count", "post_count").get(pk=forum.pk)
    target = {**now_of(into)}
    event = merge_topics(source, into=into, by=host)

    undo_event(event, by=host)

    assert now_of(source) == before
    after = now_of(into)
    assert {**after, "last_position": 2} == target  # places are not given twice
    assert Forum.objects.values("topic_count", "post_count").get(pk=forum.pk) == both
    assert Topic.objects.get(pk=into.pk).vote_count == 0
    assert not ReadMark.objects.filter(topic=into, member=ann).exists()
    assert drift() == []
    with pytest.raises(Refused, match="undone already"):
        undo_event(event, by=host)


def test_undo_of_a_move_is_refused_when_a_post_has_moved_on(forum, host):
    topic, other, third = talk(forum, "Un", "a", "b"), talk(forum, "Deux", "x"), talk(forum, "Trois", "q")
    event = move_posts(topic, [2], into=other, by=host)
    move_posts(other, [2], into=third, by=host)

    with pytest.raises(Refused, match="where the posts are"):
        undo_event(event, by=host)


@pytest.mark.parametrize(
    ("places", "sentence"), [([1, 2], "keeps its first post"), ([9], "no post at place 9"), ([], "Choose the posts")]
)
def test_what_cannot_be_moved_is_refused_with_a_reason(forum, host, places, sentence):
    topic = talk(forum, "Un", "a", "b")
    with pytest.raises(Refused, match=sentence):
        split_topic(topic, places, title="Autre", by=host)
    assert bodies(topic) == [(1, "a"), (2, "b")]


def test_only_who_hosts_both_forums_moves_posts_between_them(forum, host):
    topic, elsewhere = talk(forum, "Un", "a", "b"), talk(make_forum("circuits"), "Deux", "x")
    for act in (
        lambda: move_posts(topic, [2], into=elsewhere, by=host),
        lambda: merge_topics(topic, into=elsewhere, by=host),
        lambda: merge_topics(elsewhere, into=topic, by=host),
        lambda: split_topic(topic, [2], title="x", forum=elsewhere.forum, by=host),
    ):
        with pytest.raises(Refused):
            act()
    with pytest.raises(Refused, match="into itself"):
        merge_topics(topic, into=topic, by=host)


def test_signs_on_posts_follow_them(forum, host):
    topic, other = talk(forum, "Un", "a", "b"), talk(forum, "Deux", "x")
    ann, post = make_member("ann"), topic.posts.get(position=2)
    give_reaction(post, ReactionKind.objects.first(), by=ann)
    keep_bookmark(post, by=ann, note="à relire")

    move_posts(topic, [2], into=other, by=host)

    post.refresh_from_db()
    assert (post.topic, post.thanks, post.bookmarks.get().note) == (other, 1, "à relire")


def test_moved_posts_are_unread_and_a_topic_read_to_its_end_stays_read(client, forum, host):
    ann = make_member("ann")
    topic, other = talk(forum, "Un", "a", "b", "c"), talk(forum, "Deux", "x")
    mark_read(other, by=ann, place=1)
    mark_read(topic, by=ann, place=1)
    move_posts(topic, [3], into=other, by=host)
    client.force_login(ann)
    unread = client.get("/?only=unread").content.decode()
    assert "Un" in unread
    assert "Deux" in unread

    client.get(topic.get_absolute_url())  # its last place, 3, is empty now
    client.get(other.get_absolute_url())

    html = client.get("/?only=unread").content.decode()
    assert 'id="topic-' not in html


def test_a_line_about_a_topic_in_a_sealed_forum_does_not_name_it(client, forum):
    tom = make_moderator("tom")
    sealed = talk(make_forum("secret", audience="team"), "Sujet scellé", "x", by=tom)
    topic = talk(forum, "Un", "a", "b")
    move_posts(topic, [2], into=sealed, by=tom)

    html = client.get(topic.get_absolute_url()).content.decode()

    assert "to another topic" in html
    assert "scellé" not in html
    assert client.get(f"/p/{Post.objects.get(body='b').pk}/").status_code == 404


def test_hosts_split_and_merge_from_the_page(client, forum, host):
    topic, other = talk(forum, "Un", "a", "b", "c", "d"), talk(forum, "Deux", "x")
    client.force_login(host)
    page = client.get(f"/t/{topic.pk}/care/split/?from=3").content.decode()
    assert 'value="3"' in page
    for data, sentence in (
        ({"places": "3-4"}, "one of the two"),
        ({"places": "deux", "title": "T"}, "Write numbers of posts"),
        ({"places": "3", "into": "https://ailleurs.example/x"}, "not the address of a topic"),
    ):
        response = client.post(f"/t/{topic.pk}/care/split/", data)
        assert response.status_code == 422
        assert sentence in response.content.decode()
    assert client.post(f"/t/{topic.pk}/care/split/", {"places": "3-4", "title": "Autre sujet"}).status_code == 302
    assert bodies(Topic.objects.get(title="Autre sujet")) == [(1, "c"), (2, "d")]
    address = f"http://localhost{other.get_absolute_url()}?page=1#post-3"
    assert client.post(f"/t/{topic.pk}/care/split/", {"places": "2", "into": address}).status_code == 302
    assert bodies(other) == [(1, "x"), (2, "b")]
    assert client.post(f"/t/{topic.pk}/care/merge/", {"into": str(other.pk)}).status_code == 302
    assert bodies(other) == [(1, "x"), (2, "b"), (3, "a")]
    assert client.post(f"/t/{other.pk}/care/merge/", {"into": "999999"}).status_code == 404


def test_moved_out_and_back_by_a_move_of_the_topic_keeps_counters(forum):
    tom, other = make_moderator("tom"), make_forum("circuits")
    topic = talk(forum, "Un", "a", "b", "c")
    split_topic(topic, [2], title="Deux", by=tom)
    move_topic(topic, by=tom, into=other)
    topic.refresh_from_db()
    merge_topics(Topic.objects.get(title="Deux"), into=topic, by=tom)
    assert drift() == []
