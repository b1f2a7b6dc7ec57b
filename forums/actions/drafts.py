"""Drafts: what somebody is writing is never lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from forums.limits import DRAFT_KEPT_DAYS, POST_MAX_LENGTH, TITLE_MAX_LENGTH, VISITOR_DRAFT_KEPT_DAYS
from forums.models import Draft, Forum, Post, Topic
from forums.models.forums import Intent
from forums.policies import may_start_topic
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.text import one_line, storable
from toolkit.verdicts import Refused, insist

POLL_FIELDS = 20  # what a composer's poll fields may be, and each of them in characters
POLL_FIELD_LENGTH = 4_000


class WrittenElsewhere(Exception):
    """Another device, or another window, has kept a later state of this draft: `draft` is what it says there."""

    def __init__(self, draft: Draft) -> None:
        super().__init__(str(draft.key))
        self.draft = draft


def keep_draft(
    *,
    by: Member | None,
    key: UUID | None,
    topic: Topic | None = None,
    forum: Forum | None = None,
    post: Post | None = None,
    seen: datetime | None = None,
    **words: Any,
) -> Draft | None:
    """Keep what is being written, a member's (one per topic, forum or post) or a visitor's (found again by its key).

    `seen` is when the state that the writer began from was kept. Answers None when there is nothing to keep: a post of
    this key exists already, the post says this already, or nothing is written any more (then the draft goes).
    Raises WrittenElsewhere, and changes nothing, if the draft was changed after `seen` and says something else.
    """
    texts = _texts(words)
    answered = texts["reply_to_id"]
    if answered and not (topic and Post.objects.filter(pk=answered, topic=topic).exists()):
        texts["reply_to_id"] = None
    with transaction.atomic():
        if by is None:
            return _keep_visitors(key or uuid4(), {**texts, "topic": topic, "forum": forum, "post": post})
        if key is not None and _is_sent(key, by):
            return None
        place = {"member": by, "topic": topic, "forum": forum, "post": post}
        Member.objects.select_for_update(no_key=True).get(pk=by.pk)  # one device after the other
        kept = Draft.objects.filter(**place, publish_at=None).first()
        if kept is not None and kept.saved_at != seen and _says(kept) != _says_of(texts) and not _is_sent(kept.key, by):
            raise WrittenElsewhere(kept)
        if not _is_written(texts) or (post is not None and texts["body"].rstrip() == post.body):
            if kept is not None:
                kept.delete()
            return None
        draft = kept or Draft(**place)
        for name, value in texts.items():
            setattr(draft, name, value)
        draft.key = _free(key, draft)
        draft.save()
        return draft


def keep_for_sign_in(
    key: UUID | None, *, topic_id: int | None = None, slug: str = "", post_id: int | None = None, **words: Any
) -> Draft | None:
    """Keep what somebody sends whose session has ended, until they are signed in again.

    Nobody in particular may not see every place, so none is asked for here: what the place is called is shown to nobody
    before they have signed in and may see it. Answers None where there is no such place, or nothing is written.
    """
    place: dict[str, Any] = {
        "topic": Topic.objects.filter(pk=topic_id).first() if topic_id else None,
        "forum": Forum.objects.filter(slug=slug).first() if slug else None,
        "post": Post.objects.filter(pk=post_id).first() if post_id else None,
    }
    if not any(place.values()):
        return None
    with transaction.atomic():
        return _keep_visitors(key or uuid4(), {**_texts(words), **place, "reply_to_id": None})


def _keep_visitors(key: UUID, texts: dict[str, Any]) -> Draft | None:
    if not _is_written(texts):
        return None
    if Draft.objects.filter(key=key, member__isnull=False).exists():  # the same composer, before a session ended
        key = uuid4()
    draft, _fresh = Draft.objects.update_or_create(key=key, member=None, defaults=texts)
    return draft


def _is_sent(key: UUID, member: Member) -> bool:
    return Post.objects.filter(author=member, idempotency_key=key).exists()


def _free(key: UUID | None, draft: Draft) -> UUID:
    """The composer's key, by which what becomes of it is known; the draft's own where another draft has that one."""
    if key is None or Draft.objects.filter(key=key).exclude(pk=draft.pk).exists():
        return draft.key
    return key


def _texts(words: Mapping[str, Any]) -> dict[str, Any]:
    intent, lang = words.get("intent") or "", words.get("lang") or ""
    return {
        "title": one_line(words.get("title") or "")[:TITLE_MAX_LENGTH],
        "body": storable(words.get("body") or "")[:POST_MAX_LENGTH],
        "tags": one_line(words.get("tags") or "")[:300],
        "intent": intent if intent in Intent.values else "",
        "lang": lang if lang in {"fr", "en"} else "",
        "poll": _poll(words.get("poll") or {}),
        "reply_to_id": words.get("reply_to"),
        "version": words.get("version"),
        "saved_at": clock.now(),
    }


def _poll(typed: Mapping[str, Any]) -> dict[str, Any]:
    """What the poll's fields hold, as typed: strings, and lists of them."""
    kept: dict[str, Any] = {}
    for name, value in list(typed.items())[:POLL_FIELDS]:
        if isinstance(value, list):
            kept[name[:60]] = [storable(str(one))[:POLL_FIELD_LENGTH] for one in value[:100]]
        else:
            kept[name[:60]] = storable(str(value))[:POLL_FIELD_LENGTH]
    return kept


def _is_written(texts: Mapping[str, Any]) -> bool:
    return bool(texts["title"] or str(texts["body"]).strip())


def _says(draft: Draft) -> tuple[str, str, str]:
    return draft.title, draft.body.rstrip(), draft.tags


def _says_of(texts: Mapping[str, Any]) -> tuple[str, str, str]:
    return texts["title"], str(texts["body"]).rstrip(), texts["tags"]


def adopt_drafts(
    keys: list[str], *, by: Member, signed_out: Mapping[str, tuple[int, str]] | None = None
) -> list[Draft]:
    """Make a visitor's drafts those of the member they became, or are again.

    `signed_out` tells, by the key of a draft that was sent after a session had ended, whose session that was and the
    key of the composer: it goes to nobody else, and what they had kept of that very composer gives way. Anything else
    they had begun there is kept, under what was written last.
    """
    adopted = []
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=by.pk)
        for draft in Draft.objects.select_for_update().filter(key__in=keys, member=None):
            whose, composer = (signed_out or {}).get(str(draft.key), [by.pk, ""])
            if whose != by.pk:
                continue
            place = {"topic": draft.topic_id, "forum": draft.forum_id, "post": draft.post_id}
            earlier = Draft.objects.filter(member=by, publish_at=None, **place).first()
            if earlier is not None:
                if str(earlier.key) != composer and draft.post_id is None:
                    _put_under(draft, earlier)
                earlier.delete()
            draft.member = by
            draft.save()
            adopted.append(draft)
    return adopted


def move_draft(draft: Draft, *, by: Member, forum: Forum) -> Draft:
    """Go on writing a reply, or a change of a post, as a new topic of a forum: where it was meant to stand has closed.

    What was begun there already is kept, under it. Raises Refused if `by` may not start topics there, or the draft is
    gone.
    """
    with transaction.atomic():
        Member.objects.select_for_update(no_key=True).get(pk=by.pk)
        insist(may_start_topic(reader_for(by), forum))
        moved = (
            Draft.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=draft.pk, member=by, publish_at=None)
            .first()
        )
        if moved is None:
            raise Refused(_("This draft is gone."))
        earlier = Draft.objects.filter(member=by, forum=forum, publish_at=None).exclude(pk=moved.pk).first()
        if earlier is not None:
            _put_under(moved, earlier)
            earlier.delete()
        moved.topic = moved.post = moved.reply_to = moved.version = None
        moved.forum, moved.key, moved.saved_at = forum, uuid4(), clock.now()
        moved.save()
        return moved


def _put_under(draft: Draft, earlier: Draft) -> None:
    if earlier.body.strip() and earlier.body.strip() not in draft.body:
        draft.body = f"{draft.body}\n\n{earlier.body}".strip()[:POST_MAX_LENGTH]
    draft.title, draft.tags = draft.title or earlier.title, draft.tags or earlier.tags
    draft.poll = draft.poll or earlier.poll


def tidy_drafts() -> int:
    """Remove drafts nobody came back to: a member's after 180 days, a visitor's after 7. What waits for its hour stays.
    Answers how many."""
    now = clock.now()
    forgotten = Draft.objects.filter(publish_at=None)
    gone, _all = forgotten.filter(saved_at__lt=now - timedelta(days=DRAFT_KEPT_DAYS)).delete()
    visitors, _all = forgotten.filter(member=None, saved_at__lt=now - timedelta(days=VISITOR_DRAFT_KEPT_DAYS)).delete()
    return gone + visitors
