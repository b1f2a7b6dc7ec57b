"""Fetching what pages elsewhere say of themselves, for the cards under links that stand alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from forums.actions.rendering import names_changed
from forums.models import LinkPreview, Post, PostReference
from toolkit import clock
from toolkit.fetch import Fetched, Unreachable, fetch
from toolkit.pages import Headline, headline_of

ATTEMPTS = 3
NEXT_ATTEMPT = timedelta(minutes=10)  # times the attempts made; also how long one that was begun is left alone

Fetch = Callable[[str], Fetched]


def fetch_next_preview(fetcher: Fetch | None = None) -> bool:
    """Fetch one page that a published post links to alone in a paragraph, and have the posts that do rendered again.

    Pages that only held, hidden or withdrawn posts link to are left alone. The claim is committed before the network is
    spoken to, so that a crash costs ten minutes and no lock waits for a stranger's server. Failing is quiet: after
    three attempts the link stays a link. Answers False when nothing waits.
    """
    preview = _claimed() if settings.LINK_PREVIEWS else None
    if preview is None:
        return False
    fetcher = fetcher or partial(fetch, agent=f"Commune link preview (+{settings.SITE_URL}/)")
    try:
        page = fetcher(preview.url)
        headline = headline_of(page.body, charset=page.charset)
        _settle(preview, headline, "" if headline.title else "no title")
    except Unreachable as error:
        _settle(preview, None, str(error))
    return True


@transaction.atomic
def _claimed() -> LinkPreview | None:
    now = clock.now()
    shown = PostReference.objects.filter(
        page=OuterRef("pk"),
        post__state=Post.State.PUBLISHED,
        post__topic__withdrawn_at=None,
        post__topic__is_conversation=False,
    )
    waiting = LinkPreview.objects.filter(Exists(shown), state=LinkPreview.State.WAITING, not_before__lte=now)
    preview = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("not_before").first()
    if preview is not None:
        preview.attempts += 1
        preview.not_before = now + NEXT_ATTEMPT * preview.attempts
        preview.save(update_fields=["attempts", "not_before"])
    return preview


@transaction.atomic
def _settle(preview: LinkPreview, headline: Headline | None, failure: str) -> None:
    """Write down what came of it. A page that was known before and cannot be reached now keeps its card."""
    preview.failure = failure[:120]
    if headline is not None and headline.title:
        preview.title, preview.description, preview.site = headline.title, headline.description, headline.site
        preview.state = LinkPreview.State.READY
    elif preview.attempts >= ATTEMPTS or headline is not None:
        preview.state = LinkPreview.State.READY if preview.title else LinkPreview.State.FAILED
    if preview.state != LinkPreview.State.WAITING:
        preview.fetched_at = clock.now()
    preview.save()
    if preview.state == LinkPreview.State.READY:
        names_changed(page=preview)
