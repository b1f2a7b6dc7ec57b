"""What posts name: titles of topics, tags, members, quoted posts; and how they follow when that changes."""

from __future__ import annotations

from io import StringIO

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from engagement.actions.news import spread_news
from engagement.models import Notification
from forums.actions.posts import edit_post, hide_post
from forums.actions.rendering import names_changed, render_again, rendered_for
from forums.models import Access, Post, PostIndex, Topic
from tests.make import make_forum, make_member, make_reply, make_rule, make_topic
from toolkit.markup import RENDERER_VERSION

pytestmark = pytest.mark.django_db


def settled(post: Post) -> Post:
    """The post as it is once the job has run."""
    while render_again():
        pass
    return Post.objects.get(pk=post.pk)


def named(post: Post) -> set[object]:
    rows = post.references.select_related("member", "topic", "target", "tag", "page")
    return {row.member or row.topic or row.target or row.tag or row.page for row in rows}


@pytest.mark.parametrize("form", ["/t/{0}/", "/t/{0}/some-words/?page=2", "{1}/t/{0}/some-words/", "<{1}/t/{0}/>"])
def test_bare_link_to_a_topic_shows_its_title_and_names_it(form):
    target = make_topic(title="How to solder & not burn")
    post = make_reply(make_topic(), body=f"See {form.format(target.pk, settings.SITE_URL)} please.")

    assert 'class="titled">How to solder &amp; not burn</a> please.' in post.html
    assert named(post) == {target}


def test_link_with_words_of_its_own_keeps_them():
    target = make_topic()
    post = make_reply(make_topic(), body=f"[these words](/t/{target.pk}/)")

    assert post.html == f'<p><a href="/t/{target.pk}/">these words</a></p>\n'
    assert named(post) == set()


def test_bare_link_to_a_post_shows_its_topics_title_and_names_both():
    topic = make_topic(title="Pliers")
    target = make_reply(topic)
    post = make_reply(make_topic(), body=f"As said: /p/{target.pk}/")

    assert post.html == f'<p>As said: <a href="/p/{target.pk}/" class="titled">Pliers</a></p>\n'
    assert named(post) == {topic, target}


def test_quote_names_the_quoted_post():
    target = make_reply(make_topic(), body="Words to quote")
    post = make_reply(target.topic, body=f"> [Zoe](/p/{target.pk}/):\n> Words to quote\n\nYes.")

    assert named(post) == {target}


def test_link_to_a_post_by_its_topic_names_that_post():
    target = make_reply(make_topic())
    post = make_reply(make_topic(), body=f"[x]({settings.SITE_URL}/t/{target.topic_id}/a/?page=1#post-{target.pk})")

    assert named(post) == {target}


def test_title_of_a_forum_that_not_all_readers_may_read_is_not_shown():
    secret = make_topic(make_forum(audience="team"), by=make_member(is_superuser=True), title="Secret plans")
    post = make_reply(make_topic(), body=f"See /t/{secret.pk}/")
    inside = make_reply(secret, by=secret.author, body=f"See /t/{secret.pk}/ here")

    assert "Secret plans" in inside.html
    assert f'<a href="/t/{secret.pk}/">/t/{secret.pk}/</a>' in post.html
    assert "Secret" not in post.html


def test_title_shown_disappears_when_the_forum_is_closed_and_comes_back():
    target = make_topic(title="Open workshop")
    post = make_reply(make_topic(), body=f"/t/{target.pk}/ it is")
    assert "Open workshop" in settled(post).html

    target.forum.access.filter(audience="everyone").delete()
    assert names_changed(forum=target.forum) == 1
    assert "Open workshop" not in settled(post).html

    Access.objects.create(forum=target.forum, audience="everyone", level=Access.Level.READ)
    names_changed(forum=target.forum)
    assert "Open workshop" in settled(post).html


def test_renamed_topic_is_shown_under_its_new_name_and_nothing_else_changes():
    target = make_topic(title="Old name")
    post = settled(make_reply(make_topic(), body=f"/t/{target.pk}/ and more"))
    before = Post.objects.values("body", "version", "edited_at", "position", "published_at").get(pk=post.pk)

    Topic.objects.filter(pk=target.pk).update(title="New name")
    assert names_changed(topic=target) == 1
    assert Post.objects.get(pk=post.pk).renderer_version == 0
    again = settled(post)

    assert "New name" in again.html
    assert "Old name" not in again.html
    assert again.renderer_version == RENDERER_VERSION
    assert Post.objects.values("body", "version", "edited_at", "position", "published_at").get(pk=post.pk) == before
    with connection.cursor() as cursor:
        cursor.execute("SELECT words::text FROM forums_postindex WHERE post_id = %s", [post.pk])
        assert "'new'" in cursor.fetchone()[0]


def test_title_that_changed_between_rendering_and_writing_is_made_good_by_the_job():
    """Whoever renames while a reply is being sent cannot mark it: its reference is not there yet."""
    target = make_topic(title="Old name")
    post = make_reply(make_topic(), body=f"/t/{target.pk}/")
    Topic.objects.filter(pk=target.pk).update(title="New name")

    assert "New name" in settled(post).html


def test_unlisted_topic_loses_its_title_elsewhere_and_gets_it_back():
    target = make_topic(title="To be unlisted")
    post = settled(make_reply(make_topic(), body=f"/t/{target.pk}/"))
    assert "To be unlisted" in post.html

    Topic.objects.filter(pk=target.pk).update(unlisted_at=post.published_at)
    names_changed(topic=target)
    assert "To be unlisted" not in settled(post).html

    Topic.objects.filter(pk=target.pk).update(unlisted_at=None)
    names_changed(topic=target)
    assert "To be unlisted" in settled(post).html


def test_hidden_post_is_no_longer_shown_by_its_topics_title():
    target = make_reply(make_topic(title="Its topic"))
    post = settled(make_reply(make_topic(), body=f"/p/{target.pk}/"))
    assert "Its topic" in post.html

    hide_post(target, rule=make_rule(), note="")
    names_changed(posts=[target])

    assert "Its topic" not in settled(post).html


def test_topic_moved_behind_a_door_takes_its_own_links_along():
    """What a post may show depends on who reads it; moving its topic changes that."""
    closed = make_forum(audience="team")
    inside = make_topic(closed, by=make_member(is_superuser=True), title="Inside")
    topic = make_topic()
    post = settled(make_reply(topic, body=f"/t/{inside.pk}/"))
    assert "Inside" not in post.html

    Topic.objects.filter(pk=topic.pk).update(forum=closed)
    names_changed(topic=topic)

    assert "Inside" in settled(post).html


def test_tag_that_exists_is_a_link_and_is_named():
    topic = make_topic(tags=["Café"])
    (tag,) = [tagged.tag for tagged in topic.tagged.all()]
    post = make_reply(topic, body="#cafe, #CAFÉ and #nothing; `#cafe` [#cafe](/x/)\n\n# #cafe")

    assert post.html.count(f'<a href="{tag.get_absolute_url()}" class="tagged">') == 2
    assert named(post) == {tag}


def test_edit_that_names_less_leaves_fewer_references():
    zoe, target = make_member("zoe"), make_topic()
    post = make_reply(make_topic(), body=f"@zoe /t/{target.pk}/")
    assert named(post) == {zoe, target}

    edit_post(post, by=post.author, body="Nobody.", version=1)

    assert named(post) == set()


def test_only_members_named_are_told_whatever_else_is_named():
    zoe = make_member("zoe")
    quoted = make_reply(make_topic(tags=["saw"]))
    post = make_reply(make_topic(), body=f"@zoe #saw /p/{quoted.pk}/")
    assert len(named(post)) == 4
    spread_news()

    told = Notification.objects.filter(post=post, kind=Notification.Kind.MENTION)
    assert [line.member for line in told] == [zoe]


def test_two_thousand_mentions_name_twenty_members_in_the_order_of_the_text():
    members = [make_member(f"m{n:02}") for n in range(25)]
    text = " ".join(f"@m{n:02}" for n in reversed(range(25)))
    post = make_reply(make_topic(), body=f"{text} " * 80)

    assert named(post) == set(members[5:])


def test_thing_named_costs_a_fixed_number_of_queries(django_assert_max_num_queries):
    targets = [make_topic() for _ in range(12)]

    body = " ".join(f"/t/{target.pk}/ #x{target.pk} @m{target.pk}" for target in targets)
    with django_assert_max_num_queries(4):  # members, tags, posts and topics
        rendered_for(targets[0].forum, body)
    with django_assert_max_num_queries(0):
        rendered_for(targets[0].forum, "Words alone, a [link](https://example.org/) and `code`.")


def test_upgrade_renders_everything_again_and_says_how_much():
    posts = [make_reply(make_topic(), body="~~gone~~") for _ in range(3)]
    Post.objects.update(html="old", renderer_version=1)
    said = StringIO()

    call_command("render_again", stdout=said, stderr=StringIO())

    assert said.getvalue() == "6 posts rendered again.\n"
    assert {post.html for post in Post.objects.filter(pk__in=[p.pk for p in posts])} == {"<p><s>gone</s></p>\n"}
    assert render_again() == 0


def test_import_rendered_again_names_whom_it_named_and_nobody_else():
    zoe, _yan = make_member("zoe"), make_member("yan")
    post = make_reply(make_topic(), body="@zoe wrote to @yan", origin=Post.Origin.IMPORT)
    post.references.exclude(member=zoe).delete()
    Post.objects.filter(pk=post.pk).update(renderer_version=1)

    assert settled(post).html == '<p><a href="/m/zoe/" class="mention">@zoe</a> wrote to @yan</p>\n'


def test_hidden_post_rendered_again_stays_out_of_the_search():
    topic = make_topic()
    post = make_reply(topic)
    hide_post(post, rule=make_rule(), note="")
    Post.objects.update(renderer_version=1)
    settled(post)

    assert list(PostIndex.objects.values_list("post", flat=True)) == [topic.posts.get(position=1).pk]


def test_footnotes_of_two_posts_have_different_addresses():
    one, other = (make_reply(make_topic(), body=f"{word}[^1]\n\n[^1]: note") for word in ("a", "b"))

    fragments = [post.html.split('href="#fn')[1].split('"')[0] for post in (one, other)]
    assert len(set(fragments)) == 2


@pytest.mark.parametrize("form", ["See /t/{0}/", "[words](/t/{0}/)", "/t/{0}/", "<{1}/t/{0}/>", "See /t/{0}/#post-1"])
def test_address_made_of_a_title_is_not_shown_where_the_title_is_not(form):
    secret = make_topic(make_forum(audience="team"), by=make_member(is_superuser=True), title="Secret plans")
    post = make_reply(make_topic(), body=form.format(secret.pk, settings.SITE_URL))

    assert f"/t/{secret.pk}/" in post.html
    assert "secret" not in post.html.lower()
