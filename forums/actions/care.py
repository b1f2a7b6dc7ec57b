"""Care of a topic: each verb of a host, told in the topic as one quiet line; its undo is a line of its own.

What every verb does besides its own: it locks the topic, asks the policy after locking, moves the forum's counters when
the topic enters or leaves its lists, and announces `topic_changed` (whoever is concerned is told). Each raises Refused
if `by` may not, or if there is nothing to do.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import DateTimeField, F, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums import signals
from forums.actions.rendering import names_changed
from forums.actions.search import index_topic
from forums.actions.tags import attach_tags, insist_on_tags
from forums.limits import POINTER_DAYS
from forums.models import Forum, Post, Topic, TopicEvent, TopicTimer
from forums.models.forums import Intent
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
from forums.readers import Reader, reader_for
from members.models import Community, Member
from toolkit import clock
from toolkit.verdicts import Refused, insist

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Kind = TopicEvent.Kind


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
        _set_timer(topic, TopicTimer.Kind.REOPEN, until, by, "")
    return changed(
        topic, Kind.CLOSED, by, reason, closed_at=clock.now(), closed_by_id=by.pk, closed_reason=reason,
        closed_until=until,
    )  # fmt: skip


_OPEN: dict[str, Any] = {"closed_at": None, "closed_by_id": None, "closed_reason": "", "closed_until": None}


@transaction.atomic
def reopen_topic(topic: Topic, *, by: Member, reason: str = "") -> TopicEvent:
    """Open a closed topic to replies again."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if topic.closed_at is None:
        raise Refused(_("This topic is open already."))
    TopicTimer.objects.filter(topic=topic, kind=TopicTimer.Kind.REOPEN).delete()
    return changed(topic, Kind.REOPENED, by, reason, **_OPEN)


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
    _tag_anew(topic, tags)
    if topic.tag_names == before:
        raise Refused(_("These are its tags already."))
    return written(topic, Kind.RETAGGED, by, "", {"tag_names": before}, {"tag_names": list(topic.tag_names)})


def _tag_anew(topic: Topic, tags: list[str]) -> None:
    topic.tagged.all().delete()
    topic.tag_names = []
    topic.save(update_fields=["tag_names", "slug"])
    attach_tags(topic, tags)
    index_topic(topic)


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
def set_timer(topic: Topic, *, by: Member, kind: str, due_at: datetime, reason: str = "") -> TopicEvent:
    """Have a topic closed or archived at a moment; the clock does it in the name of whoever set it."""
    topic = locked(topic)
    insist(may_put_away(reader_for(by), topic, reason=reason))
    if due_at <= clock.now():
        raise Refused(_("Choose a moment that is still to come."))
    _set_timer(topic, kind, due_at, by, reason)
    return written(topic, Kind.TIMED, by, reason, {}, {"kind": kind, "due_at": _plain(due_at)})


@transaction.atomic
def take_off_timer(topic: Topic, *, by: Member, kind: str) -> TopicEvent:
    """What was set to happen to a topic does not."""
    topic = locked(topic)
    insist(may_care_for(reader_for(by), topic))
    if not TopicTimer.objects.filter(topic=topic, kind=kind).delete()[0]:
        raise Refused(_("No such timer is set."))
    if kind == TopicTimer.Kind.REOPEN and topic.closed_until is not None:
        topic.closed_until = None
        topic.save(update_fields=["closed_until"])
    return written(topic, Kind.UNTIMED, by, "", {}, {"kind": kind})


def _set_timer(topic: Topic, kind: str, due_at: datetime, by: Member, reason: str) -> None:
    TopicTimer.objects.update_or_create(
        topic=topic, kind=kind, defaults={"due_at": due_at, "reason": reason, "set_by": by, "set_at": clock.now()}
    )


def run_timers(batch: int = 100) -> int:
    """Do what is due, each in a transaction of its own. What the topic has become meanwhile wins. Answers how many."""
    done = 0
    for timer in TopicTimer.objects.filter(due_at__lte=clock.now()).order_by("due_at")[:batch]:
        done += _run_timer(timer)
    return done


@transaction.atomic
def _run_timer(timer: TopicTimer) -> int:
    topic = locked(timer.topic)
    timer_now = TopicTimer.objects.filter(pk=timer.pk, due_at=timer.due_at).select_related("set_by").first()
    if timer_now is None:  # done or changed by somebody else meanwhile
        return 0
    timer_now.delete()
    by, reason = timer_now.set_by, timer_now.reason
    allowed = may_put_away(reader_for(by), topic, reason=reason)
    if timer.kind != TopicTimer.Kind.REOPEN and not allowed:
        written(topic, Kind.UNTIMED, by, str(allowed.reason)[:400], {}, {"kind": timer.kind})
        return 1
    if timer.kind == TopicTimer.Kind.REOPEN and topic.closed_at is not None:
        changed(topic, Kind.REOPENED, by, reason, **_OPEN)
    elif timer.kind == TopicTimer.Kind.CLOSE and topic.closed_at is None:
        reason = reason or _("As announced.")
        changed(topic, Kind.CLOSED, by, reason, closed_at=clock.now(), closed_by_id=by.pk, closed_reason=reason)
    elif timer.kind == TopicTimer.Kind.ARCHIVE and not topic.is_archived:
        changed(topic, Kind.ARCHIVED, by, reason, archived_at=clock.now())
    return 1


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


# What each line is undone to; merges and moves of posts have an undo of their own (see `relocation`).
_BACK: Mapping[str, str] = {
    Kind.CLOSED: Kind.REOPENED,
    Kind.REOPENED: Kind.CLOSED,
    Kind.PINNED: Kind.UNPINNED,
    Kind.UNPINNED: Kind.PINNED,
    Kind.RENAMED: Kind.RENAMED,
    Kind.RETAGGED: Kind.RETAGGED,
    Kind.MOVED: Kind.MOVED,
    Kind.STATUS: Kind.STATUS,
    Kind.UNLISTED: Kind.LISTED,
    Kind.LISTED: Kind.UNLISTED,
    Kind.SLOWED: Kind.UNSLOWED,
    Kind.UNSLOWED: Kind.SLOWED,
    Kind.ARCHIVED: Kind.UNARCHIVED,
    Kind.UNARCHIVED: Kind.ARCHIVED,
    Kind.TIMED: Kind.UNTIMED,
    Kind.ACCEPTED: Kind.UNACCEPTED,
    Kind.UNACCEPTED: Kind.ACCEPTED,
    Kind.WIKI: Kind.UNWIKI,
    Kind.UNWIKI: Kind.WIKI,
}
UNDOABLE = frozenset(_BACK)


@transaction.atomic
def undo_care(event: TopicEvent, *, by: Member) -> TopicEvent:
    """Take one act of care back: the topic is as before, and another line says so.

    Raises Refused if `by` may not care for the topic, if it was undone already, or if what it changed has changed
    since (naming what).
    """
    topic = locked(event.topic)
    event = TopicEvent.objects.select_for_update(of=("self",), no_key=True).get(pk=event.pk)
    reader = reader_for(by)
    insist(may_care_for(reader, topic))
    if event.kind not in UNDOABLE or event.is_from_elsewhere:
        raise Refused(_("This cannot be undone from here."))
    if TopicEvent.objects.filter(undoes=event).exists():
        raise Refused(_("This was undone already."))
    if event.kind == Kind.MOVED:
        insist(may_move_into(reader, Forum.objects.get(pk=event.before["forum_id"])))
    back = _BACK[event.kind]
    if event.kind == Kind.TIMED:
        timers = TopicTimer.objects.filter(topic=topic, kind=event.after["kind"], due_at=event.after["due_at"])
        if not timers.delete()[0]:
            raise Refused(_("Something else has changed since: %(what)s.") % {"what": _("the timer")})
        return written(topic, back, by, "", {}, {"kind": event.after["kind"]}, undoes=event)
    if event.kind in {Kind.WIKI, Kind.UNWIKI}:
        post = Post.objects.select_for_update(of=("self",), no_key=True).get(pk=event.after["post"])
        _insist_unchanged(post.is_wiki, event.kind == Kind.WIKI, _("the post"))
        post.is_wiki = event.kind == Kind.UNWIKI
        post.save(update_fields=["is_wiki"])
        return written(topic, back, by, "", event.after, event.before, undoes=event)
    _insist_on_undo(reader, topic, event)
    for name, value in event.after.items():
        _insist_unchanged(_plain(getattr(topic, name)), value, _NAMES.get(name, name))
    if event.kind == Kind.RETAGGED:
        _tag_anew(topic, event.before["tag_names"])
        return written(topic, back, by, "", event.after, event.before, undoes=event)
    if event.kind == Kind.CLOSED:
        TopicTimer.objects.filter(topic=topic, kind=TopicTimer.Kind.REOPEN).delete()
    before = {name: _rich(name, value) for name, value in event.before.items()}
    return changed(topic, back, by, "", undoes=event, **before)


def _insist_on_undo(reader: Reader, topic: Topic, event: TopicEvent) -> None:
    """What an undo brings back is asked for as if it were done anew."""
    before = event.before
    if before.get("closed_at") or before.get("unlisted_at") or before.get("archived_at") or "forum_id" in before:
        reason = before.get("closed_reason") or event.reason
        insist(may_put_away(reader, topic, reason=reason))
    if before.get("is_pinned_everywhere"):
        insist(may_pin_everywhere(reader))
    put_away = topic.is_closed or topic.is_archived or topic.unlisted_at is not None
    if topic.intent == Intent.FEEDBACK and event.kind == Kind.STATUS and not before["status"] and put_away:
        raise Refused(_("This is feedback that is closed or put away: it keeps a status."))
    accepted = before.get("accepted_post_id")
    if accepted and not topic.posts.published().filter(pk=accepted).exists():
        raise Refused(_("Only a published reply of this topic can be its answer."))


_NAMES = {
    "closed_at": gettext_lazy("whether it is closed"),
    "pinned_until": gettext_lazy("the pin"),
    "title": gettext_lazy("the title"),
    "tag_names": gettext_lazy("the tags"),
    "forum_id": gettext_lazy("the forum"),
    "status": gettext_lazy("the status"),
    "unlisted_at": gettext_lazy("whether it is listed"),
    "slow_until": gettext_lazy("slow mode"),
    "archived_at": gettext_lazy("whether it is archived"),
    "accepted_post_id": gettext_lazy("the answer"),
}


def _insist_unchanged(now: Any, then: Any, what: StrOrPromise) -> None:
    if now != then:
        raise Refused(_("Something else has changed since: %(what)s.") % {"what": what})


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _rich(name: str, value: Any) -> Any:
    is_moment = isinstance(Topic._meta.get_field(name), DateTimeField)
    return parse_datetime(value) if is_moment and value is not None else value


def locked(topic: Topic) -> Topic:
    return Topic.objects.select_for_update(of=("self",), no_key=True).select_related("forum").get(pk=topic.pk)


def changed(
    topic: Topic, kind: str, by: Member, reason: str, *, undoes: TopicEvent | None = None, **columns: Any
) -> TopicEvent:
    """Set these columns of a locked topic, move the forums' counters accordingly, and write the line.

    For the actions of this app: it asks nobody.
    """
    before = {name: _plain(getattr(topic, name)) for name in columns}
    was_listed, was_in, said = is_listed(topic), topic.forum_id, topic.title
    for name, value in columns.items():
        setattr(topic, name, value)
    topic.save(update_fields=[*columns, "slug"])
    if topic.forum_id != was_in:
        fresh_where_moved(Topic.objects.filter(pk=topic.pk))
    recount_forums(topic, was_in=was_in, was_listed=was_listed)
    if topic.title != said:
        index_topic(topic)
    if topic.title != said or topic.forum_id != was_in or is_listed(topic) != was_listed:
        names_changed(topic=topic)
    after = {name: _plain(getattr(topic, name)) for name in columns}
    return written(topic, kind, by, reason, before, after, undoes=undoes)


def fresh_where_moved(topics: QuerySet[Topic]) -> None:
    """Topics that came into another forum count as fresh there, the recent ones: whoever had not read them where they
    were would otherwise miss them where all else is read."""
    now = clock.now()
    since = now - timedelta(days=Community.current().unread_days)
    topics.filter(fresh_at__gt=since).update(fresh_at=now)


def is_listed(topic: Topic) -> bool:
    """What the database's column of this name will say once the row is saved."""
    return (
        topic.published_at is not None
        and topic.unlisted_at is None
        and topic.withdrawn_at is None
        and topic.merged_into_id is None
    )


def recount_forums(topic: Topic, *, was_in: int | None, was_listed: bool, posts_before: int | None = None) -> None:
    """Move the counters of the forum a topic is in, and of the one it was in. The topic is locked by the caller."""
    if was_in is None or topic.forum_id is None:  # a conversation is in none
        return
    posts_before = topic.post_count if posts_before is None else posts_before
    moves = {was_in: (-int(was_listed), -posts_before)}
    topics, posts = moves.get(topic.forum_id, (0, 0))
    moves[topic.forum_id] = (topics + int(is_listed(topic)), posts + topic.post_count)
    for forum in sorted(moves):
        topics, posts = moves[forum]
        if topics or posts:
            Forum.objects.filter(pk=forum).update(
                topic_count=F("topic_count") + topics, post_count=F("post_count") + posts
            )


def written(
    topic: Topic,
    kind: str,
    by: Member,
    reason: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    undoes: TopicEvent | None = None,
    place: int | None = None,
) -> TopicEvent:
    """Write the quiet line and announce it."""
    event = TopicEvent.objects.create(
        topic=topic,
        kind=kind,
        actor=by,
        reason=reason,
        place=topic.last_position if place is None else place,
        before=dict(before),
        after=dict(after),
        undoes=undoes,
        created_at=clock.now(),
    )
    signals.topic_changed.send(sender=TopicEvent, event=event)
    return event
