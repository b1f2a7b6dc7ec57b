"""May X do Y? Pure answers with a reason; no queries. What may not be seen is never asked here: it is 404."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from forums.limits import CONVERSATION_SEATS, INVITATIONS_PER_HOUR
from forums.models import Forum, Poll, Post, Topic
from forums.models.forums import Intent
from forums.readers import Reader
from members.models import Member, OpenTo, ShownTo
from toolkit.verdicts import YES, Verdict, no


def may_write(reader: Reader) -> Verdict:
    """Whether this reader may write anywhere at all."""
    if reader.is_visitor:
        return no(_("Sign in to write."))
    if not reader.is_taking_part:
        return no(_("You cannot write now: your request to join is still being read, or your account is closing."))
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
    if topic.is_withdrawn:
        return no(_("This topic was withdrawn by its author."))
    if topic.merged_into_id is not None:
        return no(_("This topic was merged into another one."))
    if topic.is_archived:
        return no(_("This topic is archived: it can be read, not written in."))
    if topic.is_closed and not reader.hosts(topic.forum_id):
        return no(_("This topic is closed to new replies."))
    if topic.is_conversation:
        return _may_answer(reader, seats_of(topic))
    if topic.forum_id not in reader.writable:
        return no(_("You can read this forum, not write in it."))
    return YES


def seats_of(topic: Topic) -> list[int]:
    """The members who sit in a conversation loaded `with_seats`; of one loaded without, nobody: that refuses."""
    seats: list[int] = vars(topic).get("seated_ids") or []
    return seats


def _may_answer(reader: Reader, seats: list[int]) -> Verdict:
    """Those who sit in a conversation, as long as somebody is there who takes their words: blocks with all others end
    it."""
    others = [seat for seat in seats if seat != reader.member_id]
    if len(others) == len(seats):
        return no(_("You are not in this conversation."))
    if not others:
        return no(_("Everybody else has left this conversation: nobody would read you."))
    if reader.blocked.issuperset(others):
        return no(_("This member cannot be written to in private."))
    return YES


@dataclass(frozen=True, slots=True)
class Addressee:
    """Somebody to whom a private word is to be addressed, seen from whoever would write."""

    member: Member
    follows: bool  # they follow whoever would write
    is_team: bool  # they host, moderate or administer
    has_answered: bool  # they wrote in a topic of whoever would write, replied to a post of theirs, or wrote in private
    is_apart: bool = False  # there is a block between them and somebody else who sits there or is to


def may_address(reader: Reader, addressees: Sequence[Addressee], *, seats: int, lately: int) -> Verdict:
    """Whether this reader may have these members in a conversation that has so many seats already; `lately` is to how
    many they gave one within the hour."""
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if not addressees:
        return no(_("Say whom you want to write to."))
    if seats + len(addressees) > CONVERSATION_SEATS:
        return no(_("A conversation has at most %(n)d members.") % {"n": CONVERSATION_SEATS})
    most = INVITATIONS_PER_HOUR[reader.trust]
    if lately + len(addressees) > most:
        return no(_("Within an hour you can bring at most %(n)d members into conversations.") % {"n": most})
    for one in addressees:
        allowed = _may_address(reader, one)
        if not allowed:
            return allowed
    return YES


def _may_address(reader: Reader, one: Addressee) -> Verdict:
    if one.member.pk == reader.member_id:
        return no(_("You are in it yourself; name somebody else."))
    if reader.is_newcomer and not (is_team(reader) or one.is_team or one.has_answered):
        return no(
            _(
                "%(name)s has not answered you yet. A newcomer opens conversations with the team, and with whoever has "
                "written in a topic of theirs, replied to a post of theirs, or written to them in private."
            )
            % {"name": one.member.shown_name}
        )
    is_closed = one.member.open_to == OpenTo.NOBODY or (one.member.open_to == OpenTo.FOLLOWED and not one.follows)
    if is_closed or one.is_apart or one.member.pk in reader.blocked or one.member.state != Member.State.ACTIVE:
        # the same of a block (whose ever), of a setting, of an account that closes: nobody learns which
        return no(_("%(name)s cannot be written to in private.") % {"name": one.member.shown_name})
    return YES


def may_invite_to(reader: Reader, topic: Topic) -> Verdict:
    """Whoever may answer in a conversation brings others in; whom, `may_address` says. What others said and took back,
    or left behind, is not passed on."""
    allowed = may_write(reader)
    if allowed and topic.is_withdrawn:
        return no(_("This topic was withdrawn by its author."))
    return _may_answer(reader, seats_of(topic)) if allowed else allowed


def may_reply_now(reader: Reader, topic: Topic, *, last_own: datetime | None) -> Verdict:
    """As `may_reply`, and in slow mode not before its pause after one's own last post there (hosts do not wait)."""
    allowed = may_reply(reader, topic)
    if not allowed or last_own is None or not topic.is_slow or reader.hosts(topic.forum_id):
        return allowed
    free = last_own + timedelta(seconds=topic.slow_seconds or 0)
    if free <= timezone.now():
        return YES
    return no(
        _("This topic is in slow mode: you can write again at %(time)s. Your words are kept as a draft.")
        % {"time": date_format(timezone.localtime(free), "DATETIME_FORMAT")}
    )


def may_edit(reader: Reader, post: Post) -> Verdict:
    """Authors edit their own words, also while they are held; everybody who may reply edits a wiki post; nobody edits
    what was hidden or withdrawn."""
    if post.author_id != reader.member_id and not post.is_wiki:
        return no(_("Only its author can edit this post."))
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if post.state == Post.State.REFUSED:
        return no(_("This post was not published; write a new one."))
    if post.is_removed:
        return no(_("This post was hidden by the moderation and cannot be edited."))
    if post.is_withdrawn:
        return no(_("This post is withdrawn; restore it first."))
    if post.topic.is_archived:
        return no(_("This topic is archived: it can be read, not written in."))
    if post.topic.is_closed and not reader.hosts(post.topic.forum_id):
        return no(_("This topic is closed; its posts can no longer be edited."))
    if post.author_id != reader.member_id and post.topic.forum_id not in reader.writable:
        return no(_("You can read this forum, not write in it."))
    if post.topic.is_conversation and "seated_ids" in vars(post.topic):  # asked of a topic that is locked
        return _may_answer(reader, seats_of(post.topic))
    return YES


def may_withdraw(reader: Reader, post: Post) -> Verdict:
    """Authors take back their own posts, and a topic of theirs as long as nobody has answered."""
    if post.author_id != reader.member_id:
        return no(_("Only its author can withdraw this post."))
    if post.is_withdrawn:
        return no(_("This post is withdrawn already."))
    if post.is_removed or post.state == Post.State.REFUSED:
        return no(_("The moderation has decided about this post; it cannot be withdrawn."))
    if post.topic.is_archived:
        return no(_("This topic is archived: it can be read, not written in."))
    if post.is_first and post.topic.post_count > 1:
        return no(_("Others have answered: the topic stays. You can still edit your post."))
    return YES


def may_restore(reader: Reader, post: Post) -> Verdict:
    """Authors put back what they withdrew, for some weeks."""
    if post.author_id != reader.member_id or post.withdrawn_at is None:
        return no(_("Only its author can restore this post."))
    if post.restorable_until is None:
        return no(_("This post was withdrawn too long ago to be restored."))
    if post.topic.is_withdrawn and not post.opens_topic:
        return no(_("This topic was withdrawn by its author."))
    if post.topic.is_archived:
        return no(_("This topic is archived: it can be read, not written in."))
    return may_write(reader)


def may_care_for(reader: Reader, topic: Topic) -> Verdict:
    """Pin, close without blame, rename, slow down …: hosts of the forum and moderators."""
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if not reader.hosts(topic.forum_id):
        return no(_("Only hosts of this forum can do this."))
    if topic.merged_into_id is not None:
        return no(_("This topic was merged into another one."))
    if topic.is_withdrawn:
        return no(_("This topic was withdrawn by its author."))
    return YES


def may_put_away(reader: Reader, topic: Topic, *, reason: str) -> Verdict:
    """Close, move, merge, unlist or archive: care, and for feedback only after a status and with a public sentence, so
    that nobody meets criticism with silence."""
    allowed = may_care_for(reader, topic)
    if not allowed or topic.intent != Intent.FEEDBACK:
        return allowed
    if not topic.status or not topic.status_reason:
        return no(_("This is feedback: give it a status with a public sentence first."))
    if not reason.strip():
        return no(_("This is feedback: say why, in a sentence that everyone can read."))
    return YES


def may_move_into(reader: Reader, forum: Forum) -> Verdict:
    """Topics are moved between forums that one hosts."""
    if forum.archived_at is not None:
        return no(_("This forum is archived: it can be read, not written in."))
    if not reader.hosts(forum.pk):
        return no(_("You do not host the forum it would go to."))
    return YES


def may_rename(reader: Reader, topic: Topic) -> Verdict:
    """Title and tags: the author's while the topic is open, and the hosts'. A conversation keeps its title."""
    if topic.is_conversation:
        return no(_("A conversation keeps its title."))
    still = not topic.is_closed and not topic.is_archived and not topic.is_withdrawn
    if topic.author_id == reader.member_id and still:
        return may_write(reader)
    return may_care_for(reader, topic)


def may_pin_everywhere(reader: Reader) -> Verdict:
    allowed = reader.moderates_everywhere or reader.is_admin
    return YES if allowed else no(_("Only the team of the whole community pins everywhere."))


def may_accept(reader: Reader, topic: Topic) -> Verdict:
    """The answer is chosen by whoever asked, or by a host."""
    if topic.intent != Intent.QUESTION:
        return no(_("Only questions have an accepted answer."))
    if topic.is_archived:
        return no(_("This topic is archived: it can be read, not written in."))
    if reader.member_id is not None and (reader.member_id == topic.author_id or reader.hosts(topic.forum_id)):
        return YES
    return no(_("Only the person who asked can accept an answer."))


STATUSES = {
    Intent.IDEA: (Topic.Status.CONSIDERED, Topic.Status.PLANNED, Topic.Status.DONE, Topic.Status.DECLINED),
    Intent.FEEDBACK: (Topic.Status.RECEIVED, Topic.Status.DISCUSSED, Topic.Status.ACCEPTED, Topic.Status.DECLINED),
}


def statuses_of(topic: Topic) -> tuple[Topic.Status, ...]:
    """What may be said of an idea or of feedback; nothing of other topics."""
    return STATUSES.get(Intent(topic.intent), ())


def may_set_status(reader: Reader, topic: Topic) -> Verdict:
    if not statuses_of(topic):
        return no(_("Only ideas and feedback have a status."))
    return may_care_for(reader, topic)


def may_vote(reader: Reader, topic: Topic) -> Verdict:
    """Ideas can be wished for until they are done or declined."""
    if topic.intent != Intent.IDEA:
        return no(_("Only ideas are voted for."))
    if topic.status in {Topic.Status.DONE, Topic.Status.DECLINED}:
        return no(_("What becomes of this idea is decided; votes are closed."))
    return _may_take_part(reader, topic)


def may_choose(reader: Reader, poll: Poll, topic: Topic) -> Verdict:
    if not poll.is_open:
        return no(_("This poll is closed."))
    return _may_take_part(reader, topic)


def _may_take_part(reader: Reader, topic: Topic) -> Verdict:
    allowed = may_reply(reader, topic)
    if not allowed and reader.is_visitor:
        return no(_("Sign in to take part."))
    return allowed


def may_react(reader: Reader, post: Post) -> Verdict:
    if reader.is_visitor:
        return no(_("Sign in to thank somebody."))
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if post.author_id == reader.member_id:
        return no(_("These are your own words."))
    if post.author_id in reader.blocked:
        return no(_("There is a block between you and this member."))
    if post.state != Post.State.PUBLISHED:
        return no(_("This post is not published."))
    return YES


def may_schedule(reader: Reader, forum: Forum | None) -> Verdict:
    """Writing now for later is for those who host or moderate the forum."""
    if forum is not None and (reader.hosts(forum.pk) or reader.is_admin):
        return YES
    return no(_("Only the team can have a post published later."))


def may_open_to_all(reader: Reader, post: Post) -> Verdict:
    """A post that everybody may edit (a wiki post): hosts open and close it."""
    allowed = may_care_for(reader, post.topic)
    if allowed and post.state != Post.State.PUBLISHED:
        return no(_("This post is not published."))
    return allowed


def may_keep_unread(reader: Reader, post: Post) -> Verdict:
    """What was written after everything counts as read can be unread again."""
    topic = post.topic
    if post.position is None:
        return no(_("This post is not published."))
    if topic.forum_id is None:  # what was said in private is unread until it is read
        return YES
    ((_forum, since),) = reader.unread_after([topic.forum_id])
    if topic.fresh_at is None or topic.fresh_at <= since:
        return no(_("This is too old to count as unread; a bookmark would keep it for you."))
    return YES


def may_invite_into(reader: Reader, forum: Forum) -> Verdict:
    """Hosts say who comes into a forum that is open to those who are invited."""
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if not (reader.hosts(forum.pk) or reader.is_admin):
        return no(_("Only hosts of this forum can invite into it."))
    return YES


def may_care_for_tags(reader: Reader) -> Verdict:
    """Tags belong to everybody: those who moderate everywhere, and admins, rename, merge and describe them."""
    allowed = may_write(reader)
    if not allowed:
        return allowed
    if reader.moderates_everywhere or reader.is_admin:
        return YES
    return no(_("Only the team of the whole community cares for tags."))


def is_team(reader: Reader) -> bool:
    """Those who host, moderate or administer."""
    return reader.moderates_anywhere or bool(reader.hosted) or reader.is_admin


def may_see_page(reader: Reader, member: Member) -> Verdict:
    """Beyond name and picture: what a member says of themselves, the lists of their words. Their posts can be read
    where they stand in any case."""
    if reader.member_id == member.pk or is_team(reader):
        return YES
    if member.pk in reader.blocked:
        return no(_("There is a block between you and this member."))
    if member.state == Member.State.LEFT:
        return no(_("This person has left; what they wrote stays where it stands."))
    if member.shown_to == ShownTo.EVERYONE:
        return YES
    if member.shown_to == ShownTo.TEAM:
        return no(_("This member shows their page to the team only; what they wrote can be read where it stands."))
    if reader.is_taking_part:
        return YES
    return no(_("This member shows their page to members only."))


def may_see_directory(reader: Reader) -> Verdict:
    return YES if reader.is_taking_part else no(_("The directory is for members."))
