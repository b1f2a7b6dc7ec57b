"""What reaches a member by e-mail as it happens. Pure; no queries when the post has its topic and `reply_to`."""

from __future__ import annotations

from engagement.models import Letter
from forums.models import Post
from members.models import Mail, Member


def wants_mail_of(member: Member, post: Post, *, kind: str) -> bool:
    """Whether a post is mailed to a member, by the level they chose: all that they are told of; what matters to them
    (replies to their own words, mentions, conversations); nothing. Decisions and security are not asked here: they
    always are."""
    if post.topic.is_conversation:
        return member.mail != Mail.NOTHING
    if member.mail == Mail.MATTERS:
        return kind == Letter.Kind.MENTION or is_reply_to(member, post)
    return member.mail == Mail.ALL


def is_reply_to(member: Member, post: Post) -> bool:
    """Whether a post answers words of this member: a post of theirs, or, when it answers no other, their topic."""
    answered = post.reply_to.author_id if post.reply_to is not None else post.topic.author_id
    return answered == member.pk
