"""Taking one's own words back, and putting them there again."""

from __future__ import annotations

from django.db import transaction

from forums.actions.lines import Kind, changed
from forums.actions.posts import locked_post, recount
from forums.actions.rendering import names_changed
from forums.actions.search import index_post
from forums.models import Post
from forums.policies import may_restore, may_withdraw
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import insist


@transaction.atomic
def withdraw_post(post: Post, *, by: Member) -> Post:
    """Leave a tombstone "withdrawn by its author" in the post's place; a topic that nobody answered leaves the lists.

    Moves the counters and takes the words out of the search; an accepted answer is no longer one. Restored by
    `restore_post` for some weeks. Raises Refused if `by` is not the author, others have answered the topic it opens,
    or the moderation has decided about it.
    """
    post = locked_post(post)
    insist(may_withdraw(reader_for(by), post))
    topic, was_published = post.topic, post.state == Post.State.PUBLISHED
    post.state, post.withdrawn_at = Post.State.WITHDRAWN, clock.now()
    post.save(update_fields=["state", "withdrawn_at"])
    if was_published:
        recount(topic, by=-1)
        index_post(post)
    if topic.accepted_post_id == post.pk:
        changed(topic, Kind.UNACCEPTED, by, "", accepted_post_id=None)
    if post.opens_topic:
        changed(topic, Kind.WITHDRAWN, by, "", withdrawn_at=post.withdrawn_at)
    names_changed(posts=[post])
    return post


@transaction.atomic
def restore_post(post: Post, *, by: Member) -> Post:
    """Put a withdrawn post back as it was: published in its place, or waiting to be read.

    Raises Refused if `by` is not the author or it was withdrawn too long ago.
    """
    post = locked_post(post)
    insist(may_restore(reader_for(by), post))
    topic = post.topic
    post.state = Post.State.PUBLISHED if post.position is not None else Post.State.HELD
    post.withdrawn_at = None
    post.save(update_fields=["state", "withdrawn_at"])
    if post.state == Post.State.PUBLISHED:
        recount(topic, by=1)
        index_post(post)
    if topic.is_withdrawn and post.opens_topic:
        changed(topic, Kind.RESTORED, by, "", withdrawn_at=None)
    names_changed(posts=[post])
    return post
