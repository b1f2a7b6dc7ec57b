"""Atom feeds of what everybody may read: the community, a forum, a tag."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.feedgenerator import Atom1Feed
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.utils.translation import override
from django.views.decorators.http import require_safe

from forums.models import Forum, Tag, Topic
from forums.queries.lists import feed_of
from forums.readers import reader_for
from members.models import Community


@require_safe
def community_feed(request: HttpRequest) -> HttpResponse:
    community = Community.current()
    with override(community.default_language):
        return _feed(request, feed_of(reader_for(None)), community.name, community.purpose, "/")


@require_safe
def forum_feed(request: HttpRequest, slug: str) -> HttpResponse:
    visitor = reader_for(None)
    forum = get_object_or_404(Forum.objects.visible_to(visitor), slug=slug)
    if forum.pk not in visitor.readable:
        raise Http404
    with override(forum.post_language or Community.current().default_language):
        return _feed(request, feed_of(visitor, forum=forum), forum.name, forum.purpose, forum.get_absolute_url())


@require_safe
def tag_feed(request: HttpRequest, key: str) -> HttpResponse:
    visitor = reader_for(None)
    tag = get_object_or_404(Tag.objects.seen_by(visitor).named(key))
    community = Community.current()
    with override(community.default_language):
        title = _("%(tag)s in %(community)s") % {"tag": f"#{tag.name}", "community": community.name}
        return _feed(request, feed_of(visitor, tag=tag), title, community.purpose, tag.get_absolute_url())


def _feed(request: HttpRequest, topics: Sequence[Topic], title: str, purpose: str, path: str) -> HttpResponse:
    """The topics as Atom, or 304 where the reader has them already."""
    told = [
        (topic.pk, topic.first_version, topic.title, topic.tag_names, topic.author.shown_name)  # type: ignore[attr-defined]
        for topic in topics
    ]
    etag = quote_etag(sha256(repr((title, purpose, told)).encode()).hexdigest()[:32])
    unchanged = get_conditional_response(request, etag=etag)
    if unchanged is not None:
        return unchanged
    site = settings.SITE_URL
    feed = Atom1Feed(
        title=title, link=f"{site}{path}", description=purpose, subtitle=purpose,
        feed_url=f"{site}{request.path}", feed_guid=f"{site}{request.path}",
    )  # fmt: skip
    for topic in topics:
        feed.add_item(
            title=topic.title,
            link=f"{site}{topic.get_absolute_url()}",
            description=topic.first_html.replace('="/', f'="{site}/'),  # type: ignore[attr-defined]
            unique_id=f"{site}{reverse('forums:topic-short', args=[topic.pk])}",
            author_name=topic.author.shown_name,
            author_link=f"{site}{topic.author.get_absolute_url()}",
            pubdate=topic.published_at,
            updateddate=topic.first_changed_at,  # type: ignore[attr-defined]
            categories=topic.tag_names,
        )
    response = HttpResponse(feed.writeString("utf-8"), content_type=f"{feed.content_type}")
    response["ETag"] = etag
    return response
