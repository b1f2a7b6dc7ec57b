"""Taking back one act of care: the topic is as before, and another line says so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from forums.actions.lines import Kind, changed, locked, plain, rich, tag_anew, written
from forums.models import Forum, Post, Topic, TopicEvent, TopicTimer
from forums.models.forums import Intent
from forums.policies import may_care_for, may_move_into, may_pin_everywhere, may_put_away
from forums.readers import Reader, reader_for
from members.models import Member
from toolkit.verdicts import Refused, insist

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
        _insist_unchanged(plain(getattr(topic, name)), value, _NAMES.get(name, name))
    if event.kind == Kind.RETAGGED:
        tag_anew(topic, event.before["tag_names"])
        return written(topic, back, by, "", event.after, event.before, undoes=event)
    if event.kind == Kind.CLOSED:
        TopicTimer.objects.filter(topic=topic, kind=TopicTimer.Kind.REOPEN).delete()
    before = {name: rich(name, value) for name, value in event.before.items()}
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
