"""Cards under links that stand alone: asked for with the post, fetched by a job, shown to everybody alike."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from forums.actions.posts import hide_post, release_held_post, show_post_again
from forums.actions.previews import fetch_next_preview
from forums.actions.rendering import render_again
from forums.models import LinkPreview, Post
from tests.make import held_post, make_member, make_reply, make_rule, make_topic
from tests.toolkit.test_fetch import answer, says, server
from toolkit.fetch import Fetched, Unreachable, fetch
from toolkit.markup import excerpt_of

pytestmark = pytest.mark.django_db
URL = "https://example.org/page"
HTML = (
    b"<title>The &lt;b&gt; page</title><meta name=description content='What it says'>"
    b"<meta property=og:site_name content=Example>"
)
CARD = (
    f'<div class="card"><p><a href="{URL}" rel="nofollow ugc noopener">The &lt;b&gt; page</a></p><p>What it says</p>'
    '<p class="card-site">Example · example.org</p></div>\n'
)


class Web:
    """A world in which every address answers the same, and which remembers what it was asked."""

    def __init__(self, body: bytes = HTML, fault: str = "") -> None:
        self.body, self.fault = body, fault
        self.asked: list[str] = []

    def __call__(self, url: str) -> Fetched:
        self.asked.append(url)
        if self.fault:
            raise Unreachable(self.fault)
        return Fetched(url, "utf-8", self.body)


def everything_done(post: Post, web: Web) -> str:
    while fetch_next_preview(web):
        pass
    while render_again():
        pass
    return Post.objects.get(pk=post.pk).html


def later(**time) -> None:
    LinkPreview.objects.update(not_before=timezone.now() - timedelta(seconds=1))
    if time:
        LinkPreview.objects.update(fetched_at=timezone.now() - timedelta(**time))


def test_link_alone_in_its_paragraph_becomes_a_card_once_the_page_is_known():
    post = make_reply(make_topic(), body=f"Look:\n\n{URL}\n\nNice.")
    assert f'<p><a href="{URL}" rel="nofollow ugc noopener">{URL}</a></p>' in post.html

    html = everything_done(post, Web())

    assert html == f"<p>Look:</p>\n{CARD}<p>Nice.</p>\n"
    assert [row.page.url for row in post.references.all()] == [URL]


def test_links_that_stand_in_a_sentence_in_a_list_or_with_words_ask_nothing():
    web = Web()
    post = make_reply(make_topic(), body=f"See {URL} now.\n\n[words]({URL})\n\n- {URL}\n\n> {URL}\n\n`{URL}`")

    assert "card" not in everything_done(post, web)
    assert (web.asked, LinkPreview.objects.count()) == ([], 0)


def test_page_is_fetched_once_for_all_posts_and_again_after_a_week():
    web = Web()
    first = make_reply(make_topic(), body=URL)
    everything_done(first, web)
    second = make_reply(make_topic(), body=URL)
    assert second.html == CARD
    everything_done(second, web)
    assert web.asked == [URL]

    later(days=8)
    everything_done(make_reply(make_topic(), body=URL), Web(b"<title>New title</title>"))

    assert "New title" in Post.objects.get(pk=first.pk).html
    assert "New title" in Post.objects.get(pk=second.pk).html


def test_card_stays_when_the_page_is_gone_a_week_later():
    post = make_reply(make_topic(), body=URL)
    everything_done(post, Web())
    later(days=8)
    make_reply(make_topic(), body=URL)
    for _ in range(3):
        later()
        everything_done(post, Web(fault="status 404"))

    assert Post.objects.get(pk=post.pk).html == CARD
    assert LinkPreview.objects.get().state == LinkPreview.State.READY


def test_failure_is_quiet_and_is_given_up_after_three_attempts():
    web = Web(fault="not a public address")
    post = make_reply(make_topic(), body=URL)
    assert everything_done(post, web) == post.html
    assert len(web.asked) == 1  # the next attempt waits ten minutes

    for _ in range(5):
        later()
        assert everything_done(post, web) == post.html
    preview = LinkPreview.objects.get()

    assert len(web.asked) == 3
    assert (preview.state, preview.failure) == (LinkPreview.State.FAILED, "not a public address")


def test_page_without_a_title_makes_no_card_and_is_not_asked_again():
    web = Web(b"<p>nothing</p>")
    post = make_reply(make_topic(), body=URL)
    everything_done(post, web)
    later()

    assert everything_done(post, web) == post.html
    assert len(web.asked) == 1


def test_crash_while_fetching_costs_ten_minutes_only():
    class Crash(Exception):
        pass

    def crash(url):
        raise Crash

    post = make_reply(make_topic(), body=URL)
    with pytest.raises(Crash):
        fetch_next_preview(crash)
    web = Web()
    assert everything_done(post, web) == post.html
    later()

    assert everything_done(post, web) == CARD


def test_link_in_a_held_post_is_fetched_only_once_it_is_published():
    """A held post is where somebody unknown would have our server knock on doors."""
    web = Web()
    post = held_post(make_topic())
    Post.objects.filter(pk=post.pk).update(body="https://unknown.example.net/page", renderer_version=0)
    everything_done(post, web)
    assert (LinkPreview.objects.count(), web.asked) == (1, [])

    release_held_post(post)
    everything_done(post, web)

    assert web.asked == ["https://unknown.example.net/page"]


def test_link_in_a_hidden_post_is_not_fetched():
    web = Web()
    post = make_reply(make_topic(), body=URL)
    hide_post(post, rule=make_rule(), note="")
    everything_done(post, web)
    assert web.asked == []

    show_post_again(post)
    everything_done(post, web)
    assert web.asked == [URL]


def test_previews_are_switched_off_by_a_setting(settings):
    web = Web()
    shown = make_reply(make_topic(), body=URL)
    assert everything_done(shown, web) == CARD
    settings.LINK_PREVIEWS = False

    post = make_reply(make_topic(), body="https://example.org/other")
    everything_done(post, web)

    assert (web.asked, "card" in post.html) == ([URL], False)


def test_card_says_whose_words_it_shows_and_is_no_part_of_the_excerpt():
    post = make_reply(make_topic(), body=f"My own words.\n\n{URL}")

    assert excerpt_of(everything_done(post, Web())) == "My own words."


def test_hostile_words_of_a_page_stay_words():
    body = (
        b"<title>&lt;script&gt;alert(1)&lt;/script&gt; \xe2\x80\xaeevil\x00</title>"
        b"<meta name=description content='&quot;&gt;&lt;img src=x onerror=1&gt;'>"
    )
    html = everything_done(make_reply(make_topic(), body=URL), Web(body))

    assert "<script" not in html
    assert "<img" not in html
    assert "\u202e" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; evil" in html


def test_at_most_five_cards_a_post():
    web = Web()
    everything_done(make_reply(make_topic(), body="\n\n".join(f"{URL}/{n}" for n in range(20))), web)

    assert sorted(web.asked) == [f"{URL}/{n}" for n in range(5)]


def test_real_page_is_fetched_from_a_real_server_and_nothing_private_is_by_default():
    with server(says(answer(HTML))) as (port, asked):
        url = f"http://127.0.0.1:{port}/page"
        post = make_reply(make_topic(), by=make_member(), body=url)
        fetch_next_preview()
        assert (asked, LinkPreview.objects.get().failure) == ([], "port")

        later()
        fetch_next_preview(partial(fetch, agent="Test", ports={port}))
        assert (asked, LinkPreview.objects.get().failure) == ([], "not a public address")

        later()
        html = everything_done(post, partial(fetch, agent="Test", ports={port}, may_connect=lambda address: True))

    assert len(asked) == 1
    assert "Example · 127.0.0.1" in html
