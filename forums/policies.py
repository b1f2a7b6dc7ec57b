"""May X do Y? Pure answers with a reason; no queries. What may not be seen is never asked here: it is 404."""

from __future__ import annotations

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Post, Topic
from forums.readers import Reader
from toolkit.verdicts import YES, Verdict, no


def may_write(reader: Reader) -> Verdict:
    """Whether this reader may write anywhere at all."""
    if reader.is_visitor:
        return no(_("Sign in to write."))
    if not reader.is_taking_part:
        return no(_("Your request to join is being read; you can write once it is accepted."))
    if reader.suspended_until is not None and reader.is_suspended:
        return no(
            _("You can read, but not write, until %(date)s.")
            % {"date": date_format(reader.suspended_until, "DATETIME_FORMAT")}
        )
    return YES


def may_start_topic(reader: Reader, forum: Forum) -> Verdict:
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if forum.archived_at is not None:
        return no(_("This forum is archived: it can be read, not written in."))
    if forum.pk not in reader.startable:
        return no(_("You cannot start topics in this forum."))
    return YES


def may_announce(reader: Reader, forum: Forum) -> Verdict:
    """Announcements are for those who host or moderate the forum."""
    return YES if reader.hosts(forum.pk) or reader.is_admin else no(_("Only the team makes announcements."))


def may_reply(reader: Reader, topic: Topic) -> Verdict:
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if topic.is_waiting:
        return no(_("This topic is still being read by a moderator; replies open once it is published."))
    if topic.closed_at is not None and not reader.hosts(topic.forum_id):
        return no(_("This topic is closed to new replies."))
    if topic.forum_id not in reader.writable:
        return no(_("You can read this forum, not write in it."))
    return YES


def may_edit(reader: Reader, post: Post) -> Verdict:
    """Authors edit their own words, also while they are held; nobody edits what was hidden."""
    if post.author_id != reader.member_id:
        return no(_("Only its author can edit this post."))
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if post.state == Post.State.REFUSED:
        return no(_("This post was not published; write a new one."))
    if post.is_removed:
        return no(_("This post was hidden by the moderation and cannot be edited."))
    if post.topic.closed_at is not None and not reader.hosts(post.topic.forum_id):
        return no(_("This topic is closed; its posts can no longer be edited."))
    return YES


def may_care_for(reader: Reader, topic: Topic) -> Verdict:
    """Pin, close without blame, reopen, rename: hosts of the forum and moderators."""
    return YES if reader.hosts(topic.forum_id) else no(_("Only hosts of this forum can do this."))


def may_accept(reader: Reader, topic: Topic) -> Verdict:
    """The answer is chosen by whoever asked, or by a host."""
    if topic.intent != "question":
        return no(_("Only questions have an accepted answer."))
    if reader.member_id == topic.author_id or reader.hosts(topic.forum_id):
        return YES
    return no(_("Only the person who asked can accept an answer."))


def may_set_status(reader: Reader, topic: Topic) -> Verdict:
    if topic.intent not in {"idea", "feedback"}:
        return no(_("Only ideas and feedback have a status."))
    return may_care_for(reader, topic)
