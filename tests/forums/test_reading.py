"""The ways to read a topic."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from forums.actions.care import accept_answer, close_topic, pin_topic
from forums.actions.keeping import give_reaction
from forums.actions.posts import edit_post, hide_post
from forums.actions.withdrawal import withdraw_post
from forums.models import Post, PostReference, ReactionKind, Topic
from tests.make import make_forum, make_host, make_member, make_moderator, make_reply, make_rule, make_topic
from toolkit import clock

pytestmark = pytest.mark.django_db


def fill(topic, count, *, every=timedelta(hours=1), since=None):
    """Posts put there without the ceremony of writing: for topics whose length matters, not how it came to be."""
    member = make_member()
    since = since or timezone.now() - every * (count + 1)
    first = topic.last_position + 1
    Post.objects.bulk_create(
        [
            Post(
                topic=topic, author=member, position=place, body="x", html="<p>x</p>", renderer_version=2, lang="fr",
                state="published", idempotency_key=f"00000000-0000-0000-0000-{place:012d}",
                created_at=since + every * (place - first), published_at=since + every * (place - first),
            )
            for place in range(first, first + count)
        ],
        batch_size=2000,
    )  # fmt: skip
    last = topic.posts.order_by("-position").first()
    Topic.objects.filter(pk=topic.pk).update(
        last_position=last.position, post_count=topic.post_count + count, last_post=last, last_post_at=last.published_at
    )
    topic.forum.post_count = 0
    topic.refresh_from_db()
    return topic


def plan_of(call):
    """The rows that PostgreSQL touched for everything a call asks of forums_post: its own count, not a time."""
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        call()
    touched = 0
    with connection.cursor() as cursor:
        for query in queries.captured_queries:
            if not query["sql"].startswith("SELECT") or "forums_post" not in query["sql"]:
                continue
            cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON, TIMING OFF) " + query["sql"])
            touched += _rows(cursor.fetchone()[0][0]["Plan"])
    return touched


def _rows(plan):
    own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return own + sum(_rows(child) for child in plan.get("Plans", []))


@pytest.mark.long
def test_the_last_page_of_a_long_topic_costs_what_the_first_costs(client):
    import os

    length = 100_000 if os.environ.get("COMMUNE_TEST_LONG") else 4_000
    topic = fill(make_topic(), length, every=timedelta(minutes=1))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE forums_post")
    pages = topic.pages

    first = plan_of(lambda: client.get(f"{topic.get_absolute_url()}?page=2"))
    last = plan_of(lambda: client.get(f"{topic.get_absolute_url()}?page={pages - 1}"))

    assert last <= first * 1.2 + 50
    assert last < 2_000


def test_a_long_topic_has_a_rail_of_pages_with_dates_and_leads_to_a_day(client):
    topic = fill(make_topic(), 399, every=timedelta(days=1))
    page = client.get(f"{topic.get_absolute_url()}?page=10").content.decode()
    rail = page[page.index('class="rail"') : page.index("</nav>", page.index('class="rail"'))]
    assert rail.count("<li>") in {8, 9}
    assert rail.count('aria-current="page"') == 1
    assert rail.count("<time") == rail.count("<li>")
    day = topic.posts.get(position=200).published_at.date()

    there = client.get(f"/t/{topic.pk}/date?on={day.isoformat()}")

    found = Post.objects.get(pk=int(there["Location"].split("/")[2]))
    assert found.published_at.date() == day
    assert client.get(f"/t/{topic.pk}/date?on=hier").status_code == 302
    assert client.get(f"/t/{topic.pk}/date?on=2999-01-01")["Location"] == f"/p/{topic.last_post_id}/"


def test_permalinks_lead_to_the_page_on_which_a_post_stands_now(client):
    topic = fill(make_topic(), 50)
    post = topic.posts.get(position=41)
    assert client.get(f"/p/{post.pk}/")["Location"] == f"{topic.get_absolute_url()}?page=3#post-{post.pk}"


def test_the_best_of_a_topic_is_the_answer_the_thanked_and_the_team_by_date(client):
    ann, tom = make_member("ann"), make_moderator("tom")
    topic = make_topic(by=ann, intent="question", body="Question")
    fill(topic, 30)
    thanked = make_reply(topic, body="Remercié")
    answer = make_reply(topic, body="La réponse")
    team = make_reply(topic, by=tom, body="De l’équipe")
    gone = make_reply(topic, body="Retiré")
    for post in (thanked, gone):
        give_reaction(post, ReactionKind.objects.first(), by=ann)
    withdraw_post(gone, by=gone.author)
    accept_answer(topic, answer, by=ann)

    html = client.get(f"/t/{topic.pk}/best").content.decode()

    shown = [int(part.split('"')[0]) for part in html.split('<article id="post-')[1:]]
    assert shown == [topic.posts.get(position=1).pk, thanked.pk, answer.pk, team.pk]
    assert f"/t/{topic.pk}/best" in client.get(topic.get_absolute_url()).content.decode()


def test_print_shows_all_posts_with_tombstones_two_hundred_at_a_time(client):
    topic = fill(make_topic(body="Premier mot"), 210)
    hidden = topic.posts.get(position=5)
    hidden.topic, hidden.author = topic, hidden.author
    hide_post(hidden, rule=make_rule(title_en="Safety first"), note="x")

    html = client.get(f"/t/{topic.pk}/print").content.decode()

    assert html.count("<article") == 200
    assert "Premier mot" in html
    assert "under the rule “Safety first”" in html
    assert "?after=200" in html
    assert client.get(f"/t/{topic.pk}/print?after=200").content.decode().count("<article") == 11


def test_a_post_says_where_it_was_answered_only_to_those_who_may_read_that(client):
    forum = make_forum("atelier")
    topic = make_topic(forum)
    first = topic.posts.get()
    reply = make_reply(topic, by=make_member("bob"), reply_to=first)
    sealed = make_topic(make_forum(audience="team"), by=make_moderator("tom"))
    quoting = sealed.posts.get()
    PostReference.objects.create(post=quoting, target=first)

    html = client.get(topic.get_absolute_url()).content.decode()
    assert f'href="/p/{reply.pk}/">Bob' in html
    assert "In reply to" in html
    assert f"/p/{quoting.pk}/" not in html
    client.force_login(quoting.author)
    assert f'href="/p/{quoting.pk}/">Tom' in client.get(topic.get_absolute_url()).content.decode()


def test_a_quote_stands_in_the_composer_after_what_was_begun(client):
    from forums.actions.drafts import keep_draft

    topic = make_topic(by=make_member("bob"), body="Première ligne\n\nSeconde")
    post, ann = topic.posts.get(), make_member("ann")
    client.force_login(ann)
    expected = f"&gt; [Bob](/p/{post.pk}/):\n&gt;\n&gt; Première ligne\n&gt;\n&gt; Seconde"
    assert expected in client.get(f"{topic.get_absolute_url()}?quote={post.pk}").content.decode()
    keep_draft(by=ann, key=None, topic=topic, body="Commencé")
    assert f"Commencé\n\n{expected}" in client.get(f"{topic.get_absolute_url()}?quote={post.pk}").content.decode()
    secret = make_topic(make_forum(audience="team"), by=make_moderator(), body="Scellé")
    assert "Scellé" not in client.get(f"{topic.get_absolute_url()}?quote={secret.posts.get().pk}").content.decode()


def test_pages_say_to_visitors_what_they_are_for_sharing(client):
    topic = make_topic(title="La bouilloire", body="Elle siffle *trop* tôt.")

    html = client.get(topic.get_absolute_url()).content.decode()

    assert '<meta name="description" content="Elle siffle trop tôt.">' in html
    assert '<meta property="og:title" content="La bouilloire">' in html
    assert f'<link rel="canonical" href="http://localhost:8000{topic.get_absolute_url()}">' in html
    withdraw_post(topic.posts.get(), by=topic.author)
    assert "siffle" not in client.get(topic.get_absolute_url()).content.decode()


@pytest.mark.parametrize("path", ["/", "/f/atelier/", "/tags/eau/", "/m/ann/", "/help/", "TOPIC", "TOPIC?page=1"])
def test_every_public_page_has_one_canonical_address_and_words_for_sharing(client, path):
    topic = make_topic(make_forum("atelier"), by=make_member("ann"), tags=["eau"])

    html = client.get(path.replace("TOPIC", topic.get_absolute_url())).content.decode()

    assert html.count('rel="canonical"') == 1
    for name in ("og:site_name", "og:type", "og:url"):
        assert html.count(f'property="{name}"') == 1, name
    assert html.count('<meta name="description"') == 1


def test_share_by_mail_and_link_stand_under_each_post(client):
    topic = make_topic(title="La bouilloire & co")
    html = client.get(topic.get_absolute_url()).content.decode()
    post = topic.posts.get()
    assert "mailto:?subject=La%20bouilloire%20%26%20co&amp;body=http%3A%2F%2Flocalhost%3A8000/p/" in html
    assert f'data-copy="http://localhost:8000/p/{post.pk}/"' in html


@pytest.mark.parametrize("posts", [1, 19])
def test_the_topic_page_costs_six_queries_for_a_member_whatever_stands_in_it(
    client, posts, django_assert_max_num_queries
):
    forum = make_forum()
    topic, kind = make_topic(forum, intent="idea"), ReactionKind.objects.first()
    for _ in range(posts):
        post = make_reply(topic, reply_to=topic.posts.get(position=1))
        give_reaction(post, kind, by=make_member())
    ann = make_member("ann")
    client.force_login(ann)
    client.get(topic.get_absolute_url())  # reading it the first time moves a mark

    with django_assert_max_num_queries(8):  # session, member; topic, posts, rules, community, standing, queue
        html = client.get(topic.get_absolute_url()).content.decode()

    assert html.count('<article id="post-') == posts + 1


def test_what_is_there_only_sometimes_costs_one_query_each(client, django_assert_max_num_queries):
    forum = make_forum()
    host, ann = make_host(forum), make_member("ann")
    from forums.actions.voting import PollPlan

    topic = fill(make_topic(forum, poll=PollPlan(["oui", "non"])), 60)
    pin_topic(topic, by=host, until=timezone.now() + timedelta(days=1))
    client.force_login(ann)
    client.get(topic.get_absolute_url())

    with django_assert_max_num_queries(11):  # the eight, and: events, poll, rail
        client.get(topic.get_absolute_url())


def test_history_restores_a_version_as_an_edit_of_its_own(client):
    ann = make_member("ann")
    post = make_reply(make_topic(), by=ann, body="Un")
    edit_post(post, by=ann, body="Deux", version=1)
    post.refresh_from_db()
    client.force_login(ann)
    assert f"/p/{post.pk}/history/1/restore" in client.get(f"/p/{post.pk}/history/").content.decode()

    client.post(f"/p/{post.pk}/history/1/restore")

    post.refresh_from_db()
    assert (post.body, post.version) == ("Un", 3)
    assert post.revisions.get(version=2).reason == "Version 1 again."
    client.force_login(make_member())
    assert client.post(f"/p/{post.pk}/history/2/restore").status_code == 403


def test_what_the_moderation_took_out_is_not_restored(client):
    from moderation.actions.cases import take_up
    from moderation.actions.decisions import Ruling, decide

    ann, tom = make_member("ann"), make_moderator("tom")
    post = make_reply(make_topic(), by=ann, body="Avec une adresse privée")
    ruling = Ruling("edit", rule=make_rule(), facts="Une adresse.", body="Sans.", version=1)
    decide(take_up(post, by=tom), ruling, by=tom)
    client.force_login(ann)

    response = client.post(f"/p/{post.pk}/history/1/restore")

    assert response.status_code == 403
    assert "The moderation has changed this post since" in response.content.decode()


def test_grace_leaves_no_mark_and_later_edits_do(client):
    ann = make_member("ann")
    post = make_reply(make_topic(), by=ann, body="Un")
    edit_post(post, by=ann, body="Deux", version=1)
    post.refresh_from_db()
    assert post.edited_at is None
    with clock.at(timezone.now() + timedelta(minutes=6)):
        edit_post(post, by=ann, body="Trois", version=2)
    post.refresh_from_db()
    assert post.edited_at is not None


def test_a_closed_topic_says_by_whom_why_and_until_when(client):
    forum = make_forum()
    topic = make_topic(forum)
    until = timezone.now() + timedelta(days=2)
    close_topic(topic, by=make_host(forum, "grace"), reason="Une pause.", until=until)

    html = client.get(topic.get_absolute_url()).content.decode()

    assert "Closed by Grace: Une pause." in html
    assert "It opens again on" in html
