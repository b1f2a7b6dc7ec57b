"""What becomes of the words, the files and the name of somebody who leaves, once their day has come.

Each step works through a batch and can be called again: what is done is not found a second time. The last one,
`forget`, runs in the transaction that blanks the member.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q

from forums.actions.attachments import remove_stored
from forums.actions.conversations import leave_all_conversations
from forums.actions.lines import Kind, changed
from forums.actions.posts import locked_post, recount
from forums.actions.rendering import names_changed
from forums.actions.search import index_post, index_topic
from forums.limits import REASON_MAX_LENGTH
from forums.models import (
    AllRead,
    Attachment,
    Bookmark,
    Draft,
    Following,
    ForumGuest,
    Poll,
    Post,
    PostReference,
    PostRevision,
    ReadMark,
    Topic,
    TopicEvent,
)
from members.actions.leaving import former_of
from members.former import Former
from members.models import Member
from toolkit import clock
from toolkit.ring import ring

WITHDRAWN_TITLE = "—"


def withdraw_words(member_id: int, batch: int = 50) -> int:
    """Of a member whose posts go too: withdraw the next of them for good, the latest places first. Answers how many."""
    member = Member.objects.get(pk=member_id)
    if not member.leaves_with_posts:
        return 0
    left = Post.objects.filter(author=member).exclude(body="")
    posts = list(left.order_by("topic", "-position").select_related("topic")[:batch])
    for post in posts:
        _withdraw_for_good(post, member)
    return len(posts)


@transaction.atomic
def _withdraw_for_good(post: Post, member: Member) -> None:
    """A tombstone without words behind it. What the moderation had hidden or not published stays so, without words. A
    topic that nobody else wrote in leaves the lists with its title; one that was answered keeps it."""
    post = locked_post(post)
    topic, was_published = post.topic, post.state == Post.State.PUBLISHED
    if was_published or post.is_held:
        post.state, post.withdrawn_at = Post.State.WITHDRAWN, clock.now()
    post.body = post.html = ""
    post.save(update_fields=["state", "withdrawn_at", "body", "html"])
    PostRevision.objects.filter(post=post).delete()
    PostReference.objects.filter(post=post).delete()
    Poll.objects.filter(post=post).delete()
    if was_published:
        recount(topic, by=-1)
    index_post(post)
    if topic.accepted_post_id == post.pk:
        changed(topic, Kind.UNACCEPTED, member, "", accepted_post_id=None)
    if post.opens_topic and topic.author_id == member.pk and topic.post_count == 0 and topic.withdrawn_at is None:
        changed(topic, Kind.WITHDRAWN, member, "", withdrawn_at=clock.now())
    if post.opens_topic and topic.withdrawn_at is not None:
        Topic.objects.filter(pk=topic.pk).update(title=WITHDRAWN_TITLE, slug="topic")
        index_topic(Topic.objects.get(pk=topic.pk))
    names_changed(posts=[post])


@transaction.atomic
def remove_files(member_id: int, batch: int = 50) -> int:
    """Remove files of theirs that no post shows, and all of them where their posts go too. Answers how many."""
    member = Member.objects.get(pk=member_id)
    files = Attachment.objects.filter(member=member)
    if not member.leaves_with_posts:
        files = files.filter(Q(post=None) | Q(is_named=False))
    going = list(files.select_for_update(of=("self",)).order_by("pk")[:batch])
    for attachment in going:
        remove_stored(attachment)
    return len(going)


@transaction.atomic
def unname(member_id: int, *, after: int = 0, batch: int = 100) -> int:
    """In posts that mention or quote them, put the pseudonym in place of their name; they are rendered again. Answers
    the id of the last post looked at, to go on `after`; 0 when there are no more.

    Neither an edit nor a revision: nobody said anything else.
    """
    former = former_of(Member.objects.get(pk=member_id))
    naming = PostReference.objects.filter(Q(member=member_id) | Q(target__author=member_id), post__gt=after)
    ids = sorted(set(naming.order_by("post").values_list("post", flat=True)[:batch]))
    posts = Post.objects.filter(pk__in=ids).select_for_update(of=("self",), no_key=True).order_by("pk")
    for post in list(posts):
        post.body, post.renderer_version = former.unnamed(post.body), 0
        post.save(update_fields=["body", "renderer_version"])
    for revision in PostRevision.objects.filter(post__in=ids):
        revision.body = former.unnamed(revision.body)
        revision.save(update_fields=["body"])
    if ids:
        ring("forums.render_again")
    return ids[-1] if ids else 0


def forget(member: Member, former: Former) -> None:
    """They leave every conversation. What only they could see goes: drafts, bookmarks, how far they read, what they
    follow. Reasons that others gave
    about their words name the pseudonym. Called in the transaction that blanks the member."""
    leave_all_conversations(by=member)
    Draft.objects.filter(member=member).delete()
    Bookmark.objects.filter(member=member).delete()
    ReadMark.objects.filter(member=member).delete()
    AllRead.objects.filter(member=member).delete()
    Following.objects.filter(Q(member=member) | Q(person=member)).delete()
    ForumGuest.objects.filter(member=member).delete()
    for revision in PostRevision.objects.filter(body__icontains=f"@{member.username}"):
        revision.body = former.unnamed(revision.body)
        revision.save(update_fields=["body"])
    for rows, column in (
        (Post.objects.filter(author=member), "removed_note"),
        (PostRevision.objects.filter(post__author=member), "reason"),
        (TopicEvent.objects.filter(topic__author=member), "reason"),
        (Topic.objects.filter(author=member), "closed_reason"),
        (Topic.objects.filter(author=member), "status_reason"),
    ):
        for pk, said in rows.exclude(**{column: ""}).values_list("pk", column):
            if (unsaid := former.pseudonymised(said)[:REASON_MAX_LENGTH]) != said:
                rows.filter(pk=pk).update(**{column: unsaid})
