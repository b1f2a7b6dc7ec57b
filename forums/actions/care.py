"""Care of a topic: each verb of a host, told in the topic as one quiet line; its undo is a line of its own.

What every verb does besides its own: it locks the topic, asks the policy after locking, moves the forum's counters when
the topic enters or leaves its lists, and announces `topic_changed` (whoever is concerned is told). Each raises Refused
if `by` may not, or if there is nothing to do.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from forums.actions.lines import OPEN, Kind, changed, locked, tag_anew, written
from forums.actions.tags import insist_on_tags
from forums.actions.timers import keep_timer
from forums.limits import POINTER_DAYS
from forums.models import Forum, Post, Topic, TopicEvent, TopicTimer
from forums.policies import (
    may_accept,
    may_care_for,
    may_move_into,
    may_open_to_all,
    may_pin_everywhere,
    may_put_away,
    may_rename,
    may_set_status,
    statuses_of,
)
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist

if TYPE_CHECKING:
    pass


@transaction.atomic
def close_topic(topic: Topic, *, by: Member, reason: str, until: datetime | None = None) -> TopicEvent:
    """Close to new replies, without blame, with a public reason, for good or until a moment. Undone by `reopen_topic`,
    which the clock calls at that moment."""
    topic = locked(topic)
    insist(may_put_away(reader_for(by), topic, reason=reason))
    if topic.is_closed:
        raise Refused(_("This topic is closed already."))
    TopicTimer.objects.filter(topic=topic, kind__in=[TopicTimer.Kind.CLOSE, TopicTimer.Kind.REOPEN]).delete()
    if until is not None:
        keep_timer(topic, TopicTimer.Kind.REOPEN, until, by, "")
    return changed(
        topic, Kind.CLOSED, by, reason, closed_at=clock.now(), closed_by_id=by.pk, closed_reason=reason,
        closed_until=until,
    )  # fmt: skip


@transaction.atomic
def reopen_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Open a closed topic to replies again."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if topic.closed_at is None:
        raise Refused(_("This topic is open already."))
    TopicTimer.objects.filter(topic=topic, kind=TopicTimer.Kind.REOPEN).delete()
    return changed(topic, Kind.REOPENED, by, reason, **OPEN)


@transaction.atomic
def pin_topic(topic: Topic, *, by: Member, until: datetime | None, everywhere: bool = False) -> TopicEvent:
    """Keep a topic at the top of its forum (or of the home page too) until a moment, or (None) no longer."""
    topic = locked(topic)
    reader = reader_for(by)
    insist(may_care_for(reader, topic))
    if everywhere:
        insist(may_pin_everywhere(reader))
    kind = Kind.PINNED if until else Kind.UNPINNED
    return changed(topic, kind, by, "", pinned_until=until, is_pinned_everywhere=everywhere and until is not None)


@transaction.atomic
def rename_topic(topic: Topic, *, by: Member, title: str, reason: str = "") -> TopicEvent:
    """Give a topic another title; the line keeps the old one, posts that show it are rendered again."""
    topic = locked(topic)
    insist(may_rename(reader_for(by), topic))
    if topic.title == title:
        raise Refused(_("This is its title already."))
    return changed(topic, Kind.RENAMED, by, reason, title=title)


@transaction.atomic
def retag_topic(topic: Topic, *, by: Member, tags: list[str]) -> TopicEvent:
    """Give a topic these tags instead of those it has."""
    topic = locked(topic)
    insist(may_rename(reader_for(by), topic))
    if topic.forum is not None:
        insist_on_tags(topic.forum, tags)
    before = list(topic.tag_names)
    tag_anew(topic, tags)
    if topic.tag_names == before:
        raise Refused(_("These are its tags already."))
    return written(topic, Kind.RETAGGED, by, "", {"tag_names": before}, {"tag_names": list(topic.tag_names)})


@transaction.atomic
def move_topic(topic: Topic, *, by: Member, into: Forum, reason: str = "") -> TopicEvent:
    """Move a topic into another forum. Its address stays; the forum it left points to it for some days."""
    topic = locked(topic)
    reader = reader_for(by)
    insist(may_put_away(reader, topic, reason=reason))
    insist(may_move_into(reader, into))
    if topic.forum_id == into.pk:
        raise Refused(_("This topic is in that forum already."))
    insist_on_tags(into, topic.tag_names)
    return changed(
        topic, Kind.MOVED, by, reason, forum_id=into.pk, moved_from_id=topic.forum_id,
        pointer_until=clock.now() + timedelta(days=POINTER_DAYS),
    )  # fmt: skip


@transaction.atomic
def unlist_topic(topic: Topic, *, by: Member, reason: str) -> TopicEvent:
    """Take a topic out of lists and search; whoever has its address still reads it."""
    topic = locked(topic)
    insist(may_put_away(reader_for(by), topic, reason=reason))
    if topic.unlisted_at is not None:
        raise Refused(_("This topic is not in the lists already."))
    return changed(topic, Kind.UNLISTED, by, reason, unlisted_at=clock.now())


@transaction.atomic
def list_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Put an unlisted topic back into lists and search."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if topic.unlisted_at is None:
        raise Refused(_("This topic is in the lists already."))
    return changed(topic, Kind.LISTED, by, reason, unlisted_at=None)


@transaction.atomic
def slow_topic(topic: Topic, *, by: Member, seconds: int, until: datetime, reason: str) -> TopicEvent:
    """Ask everybody but hosts to wait `seconds` between two posts of theirs, until a moment that all can see."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    return changed(topic, Kind.SLOWED, by, reason, slow_seconds=seconds, slow_until=until)


@transaction.atomic
def unslow_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """End slow mode before its date."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if not topic.is_slow:
        raise Refused(_("This topic is not in slow mode."))
    return changed(topic, Kind.UNSLOWED, by, reason, slow_seconds=None, slow_until=None)


@transaction.atomic
def archive_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Make a topic read-only memory: nobody writes, edits or votes in it, hosts included."""
    topic = locked(topic)
    insist(may_put_away(reader_for(by), topic, reason=reason))
    if topic.is_archived:
        raise Refused(_("This topic is archived already."))
    return changed(topic, Kind.ARCHIVED, by, reason, archived_at=clock.now())


@transaction.atomic
def unarchive_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Open an archived topic again."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if not topic.is_archived:
        raise Refused(_("This topic is not archived."))
    return changed(topic, Kind.UNARCHIVED, by, reason, archived_at=None)


@transaction.atomic
def accept_answer(topic: Topic, post: Post | None, *, by: Member) -> Topic:
    """Mark the post that answered a question, or (None) take the mark away. Its author is told.

    Raises Refused if `by` neither asked nor hosts, or the post is not a published reply of this topic.
    """
    topic = locked(topic)
    insist(may_accept(reader_for(by), topic))
    if post is not None:
        post = Post.objects.get(pk=post.pk)
        if post.topic_id != topic.pk or post.state != Post.State.PUBLISHED or post.is_first:
            raise Refused(_("Only a published reply of this topic can be its answer."))
    new = post.pk if post is not None else None
    if topic.accepted_post_id != new:
        changed(topic, Kind.ACCEPTED if new else Kind.UNACCEPTED, by, "", accepted_post_id=new)
    return topic


@transaction.atomic
def set_status(topic: Topic, status: str, *, by: Member, reason: str) -> TopicEvent:
    """Say what becomes of an idea or of feedback, with a public sentence. Its author and whoever voted are told."""
    topic = locked(topic)
    insist(may_set_status(reader_for(by), topic))
    if status not in statuses_of(topic):
        raise Refused(_("This status does not fit this topic."))
    if not reason.strip():
        raise Refused(_("Say why, in one sentence."))
    return changed(topic, Kind.STATUS, by, reason, status=status, status_reason=reason)


@transaction.atomic
def open_to_all(post: Post, *, by: Member) -> TopicEvent:
    """Let everybody who may reply edit this post (a wiki post). Undone by `close_to_others`."""
    return _wiki(post, by, opened=True)


@transaction.atomic
def close_to_others(post: Post, *, by: Member) -> TopicEvent:
    """Leave a wiki post to its author again."""
    return _wiki(post, by, opened=False)


def _wiki(post: Post, by: Member, *, opened: bool) -> TopicEvent:
    topic = locked(post.topic)
    post = Post.objects.select_for_update(of=("self",), no_key=True).get(pk=post.pk)
    post.topic = topic
    insist(may_open_to_all(reader_for(by), post))
    if post.is_wiki == opened:
        raise Refused(_("This is so already."))
    post.is_wiki = opened
    post.save(update_fields=["is_wiki"])
    about = {"post": post.pk}
    return written(topic, Kind.WIKI if opened else Kind.UNWIKI, by, "", about, about)
