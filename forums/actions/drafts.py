"""Drafts: what somebody is writing is never lost."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from forums.limits import DRAFT_KEPT_DAYS, POST_MAX_LENGTH, TITLE_MAX_LENGTH, VISITOR_DRAFT_KEPT_DAYS
from forums.models import Draft, Forum, Post, Topic
from members.models import Member
from toolkit import clock
from toolkit.text import one_line, storable


def keep_draft(
    *,
    by: Member | None,
    key: UUID | None,
    topic: Topic | None = None,
    forum: Forum | None = None,
    **words: Any,
) -> Draft | None:
    """Keep what is being written, a member's (one per topic or forum) or a visitor's (found again by its key).

    Answers None and keeps nothing when a post of this key exists already, or when nothing was written.
    """
    texts = {
        "title": one_line(words.get("title") or "")[:TITLE_MAX_LENGTH],
        "body": storable(words.get("body") or "")[:POST_MAX_LENGTH],
        "tags": one_line(words.get("tags") or "")[:300],
        "intent": words.get("intent") or "",
        "lang": words.get("lang") or "",
        "saved_at": clock.now(),
    }
    if not texts["title"] and not str(texts["body"]).strip():
        return None
    with transaction.atomic():
        if by is not None:
            if key is not None and Post.objects.filter(author=by, idempotency_key=key).exists():
                return None
            draft, _ = Draft.objects.update_or_create(
                member=by,
                topic=topic,
                forum=forum,
                defaults=texts,
                create_defaults={**texts, "key": key or uuid4()},
            )
            return draft
        draft, _ = Draft.objects.update_or_create(
            key=key or uuid4(), member=None, defaults={**texts, "topic": topic, "forum": forum}
        )
        return draft


def adopt_drafts(keys: list[str], *, by: Member) -> list[Draft]:
    """Make a visitor's drafts those of the member they became. What the member had begun there before is kept,
    under what the visitor wrote."""
    adopted = []
    with transaction.atomic():
        for draft in Draft.objects.select_for_update().filter(key__in=keys, member=None):
            earlier = Draft.objects.filter(member=by, topic=draft.topic_id, forum=draft.forum_id).first()
            if earlier is not None:
                draft.body = f"{draft.body}\n\n{earlier.body}".strip()[:POST_MAX_LENGTH]
                earlier.delete()
            draft.member = by
            draft.save()
            adopted.append(draft)
    return adopted


def tidy_drafts() -> int:
    """Remove drafts nobody came back to: a member's after 180 days, a visitor's after 7. Answers how many."""
    now = clock.now()
    gone, _ = Draft.objects.filter(saved_at__lt=now - timedelta(days=DRAFT_KEPT_DAYS)).delete()
    visitors, _ = Draft.objects.filter(member=None, saved_at__lt=now - timedelta(days=VISITOR_DRAFT_KEPT_DAYS)).delete()
    return gone + visitors
