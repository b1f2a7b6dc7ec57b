"""What is done to posts: written, published, held, edited, hidden, shown again."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from forums import gatekeepers, signals
from forums.actions.reading import follow_topic, own_words_are_read
from forums.actions.rendering import names_changed, rendered_for, settle_words
from forums.actions.search import index_post
from forums.gatekeepers import Level, Remark, Words, insist_on_confirmation
from forums.limits import EDITED_GRACE_SECONDS
from forums.models import Draft, Forum, Post, PostRevision, Rule, Topic, TopicEvent
from forums.models import Level as Attention
from forums.policies import may_edit, may_reply_now, seats_of
from forums.queries.conversations import is_team_only
from forums.readers import reader_for
from members.models import Member
from toolkit import clock, live
from toolkit.markup import RENDERER_VERSION, Rendered
from toolkit.verdicts import Refused, insist


def reply_to_topic(
    topic: Topic,
    *,
    by: Member,
    body: str,
    key: UUID,
    lang: str = "",
    reply_to: Post | None = None,
    origin: str = Post.Origin.MEMBER,
    confirmed: Container[int] | None = (),
) -> Post:
    """Add a reply and return it, published or held for review.

    A published reply takes the topic's next place, moves its counters and announces `post_published`, from which the
    floors above write what is owed to followers. A held one does neither: it announces `post_held`. The same `key`
    from the same member gives the same post again, and the draft of that key is gone.

    What gatekeepers remark on is announced by `words_remarked`. `confirmed` holds what the author was asked and said
    yes to; None where there is nobody to ask.
    Raises Refused if `by` may not reply, AskedFirst where a gatekeeper wants it confirmed.
    """
    rendered = rendered_for(topic.forum, body, by=by)  # before the lock: rendering is slow
    remarks = gatekeepers.remarks_on(Words(by, topic.forum, body))
    with transaction.atomic():
        locking = Topic.objects.select_for_update(of=("self",), no_key=True)
        topic = locking.select_related("forum").with_seats().get(pk=topic.pk)
        key, again = _replied_before(topic, by, key, body)
        if again is not None:
            return again
        insist(may_reply_now(reader_for(by), topic, last_own=_last_own(topic, by)))
        if topic.is_conversation:
            insist_on_plain_words(remarks, to=[seat for seat in seats_of(topic) if seat != by.pk])
            remarks = []
        insist_on_confirmation(remarks, confirmed)
        post = write_post(topic, by, body, rendered, key=key, lang=lang, reply_to=reply_to, origin=origin)
        publish_or_hold(post, remarks)
    return post


def _replied_before(topic: Topic, by: Member, key: UUID, body: str) -> tuple[UUID, Post | None]:
    if not topic.is_conversation:
        return sent_before(by, key, body)
    return sent_before(by, key, body, to=str(topic.pk), went_there=lambda post: post.topic_id == topic.pk)


def insist_on_plain_words(remarks: Sequence[Remark], *, to: Sequence[int]) -> None:
    """Nobody reads a conversation before its members do: what would be held in a forum is refused there instead,
    except to the team, whose members would be the ones to read it."""
    if gatekeepers.held_because(remarks) is not None and not is_team_only(to):
        raise Refused(
            _(
                "This cannot be sent here: nobody of the team reads a private message first. Newcomers send no links "
                "to sites that nobody has allowed yet; whoever’s posts are read first writes in the forums, or to the "
                "team."
            )
        )


def sent_before(
    by: Member, key: UUID, words: str, *, to: str = "", went_there: Callable[[Post], bool] | None = None
) -> tuple[UUID, Post | None]:
    """The key under which these words are posted, and the post they are already, if they were sent before.

    Other words under a used key, or the same words to somebody else (a browser went back to a form that was sent), get
    a key that follows from all of it: they are posted, and once. `to` says to whom, `went_there` whether a post did
    go there; without them words are for a forum.
    """
    went_there = went_there or (lambda post: not post.topic.is_conversation)
    sent = Post.objects.select_related("topic").filter(author=by)
    first = sent.filter(idempotency_key=key).first()
    is_known = first is not None and words in (first.body, *first.revisions.values_list("body", flat=True))
    if first is None or (is_known and went_there(first)):
        return key, first
    key = uuid5(key, f"{to}\n{words}" if to else words)
    return key, sent.filter(idempotency_key=key).first()


def _last_own(topic: Topic, by: Member) -> datetime | None:
    """When they last wrote in a topic in slow mode; asked only there."""
    if not topic.is_slow:
        return None
    newest = topic.posts.filter(author=by, published_at__isnull=False).order_by("-published_at").first()
    return newest.published_at if newest is not None else None


def write_post(
    topic: Topic,
    author: Member,
    body: str,
    rendered: Rendered,
    *,
    key: UUID,
    lang: str = "",
    reply_to: Post | None = None,
    origin: str = Post.Origin.MEMBER,
) -> Post:
    """Store a post that has no place yet, with those it names. For the actions of this app, inside their lock."""
    post = Post.objects.create(
        topic=topic,
        author=author,
        body=body,
        html=rendered.html,
        renderer_version=RENDERER_VERSION,
        lang=lang or topic.post_language or (author.language if topic.is_conversation else topic.lang),
        state=Post.State.HELD,
        origin=origin,
        reply_to=reply_to if reply_to is not None and reply_to.topic_id == topic.pk else None,
        idempotency_key=key,
        created_at=clock.now(),
    )
    settle_words(post, rendered, by=author)
    Draft.objects.filter(key=key, member=author).delete()
    return post


def publish_or_hold(post: Post, remarks: Sequence[Remark]) -> None:
    """Give a fresh post its place, or leave it held with the reason. The topic is locked by the caller."""
    held_because = gatekeepers.held_because(remarks)
    if held_because is None:
        publish(post)
    else:
        signals.post_held.send(sender=Post, post=post, reason=held_because)
        remarks = [remark for remark in remarks if remark.level != Level.ASK]  # whoever is held was asked nothing
    tell_remarks(remarks, author=post.author, key=post.idempotency_key, post=post)


def tell_remarks(remarks: Sequence[Remark], *, author: Member, key: UUID, post: Post | None) -> None:
    """Announce what gatekeepers remarked on, if they did; no post yet where it is only being written."""
    if remarks:
        signals.words_remarked.send(sender=Post, author=author, key=key, post=post, remarks=remarks)


def publish(post: Post) -> None:
    """Give the post the topic's next place and move all counters. The topic is locked by the caller."""
    topic, now = post.topic, clock.now()
    post.state, post.position, post.published_at = Post.State.PUBLISHED, topic.last_position + 1, now
    post.save(update_fields=["state", "position", "published_at"])
    is_new_topic = topic.published_at is None
    topic.last_position = post.position
    topic.post_count += 1
    topic.last_post, topic.last_post_at, topic.last_author = post, now, post.author
    topic.last_shown, topic.fresh_at = post.position, now
    topic.published_at = topic.published_at or now
    topic.save(
        update_fields=[
            "last_position", "post_count", "last_post", "last_post_at", "last_author", "last_shown", "fresh_at",
            "published_at", "slug",
        ]
    )  # fmt: skip
    if topic.forum_id is not None:
        Forum.objects.filter(pk=topic.forum_id).update(
            post_count=F("post_count") + 1, topic_count=F("topic_count") + int(is_new_topic)
        )
    own_words_are_read(topic)
    if is_new_topic and not topic.is_conversation:  # its followers are those who sit in it
        follow_topic(topic, by=post.author, level=Attention.ALL)
    index_post(post)
    live.tell(topic.channel, topic.last_position)
    signals.post_published.send(sender=Post, post=post)


@transaction.atomic
def release_held_post(post: Post) -> Post:
    """Publish a held post, dated from now. Called by moderation's decision, which locked its case.

    Raises Refused if the post is no longer held.
    """
    post = locked_post(post)
    if not post.is_held:
        raise Refused(_("This post is no longer held."))
    if post.topic.is_withdrawn:
        raise Refused(_("This topic was withdrawn by its author."))
    publish(post)
    return post


@transaction.atomic
def refuse_held_post(post: Post) -> Post:
    """Leave a held post unpublished for good; its author keeps reading it. Called by moderation's decision."""
    post = locked_post(post)
    if not post.is_held:
        raise Refused(_("This post is no longer held."))
    post.state = Post.State.REFUSED
    post.save(update_fields=["state"])
    return post


@transaction.atomic
def hold_again(post: Post) -> Post:
    """Undo of a refusal: the post waits again."""
    post = locked_post(post)
    if post.state != Post.State.REFUSED:
        raise Refused(_("This post has changed since."))
    post.state = Post.State.HELD
    post.save(update_fields=["state"])
    return post


@transaction.atomic
def hide_post(post: Post, *, rule: Rule | None, note: str, sealed: bool = False) -> Post:
    """Leave a tombstone in the post's place, naming the rule, if it was one; `sealed`, its author reads it no more
    either. Called by moderation's decision only.

    Moves the topic's and the forum's counters; the post's place stays taken.
    Raises Refused if the post is not published.
    """
    post = locked_post(post)
    if post.state != Post.State.PUBLISHED:
        raise Refused(_("This post has changed since."))
    post.state, post.removed_under, post.removed_note, post.is_sealed = Post.State.REMOVED, rule, note, sealed
    post.save(update_fields=["state", "removed_under", "removed_note", "is_sealed"])
    recount(post.topic, by=-1)
    index_post(post)
    names_changed(posts=[post])
    if post.topic.accepted_post_id == post.pk:
        Topic.objects.filter(pk=post.topic_id).update(accepted_post=None)
    return post


@transaction.atomic
def show_post_again(post: Post) -> Post:
    """Undo of hiding. Raises Refused if the post is not hidden."""
    post = locked_post(post)
    if not post.is_removed:
        raise Refused(_("This post has changed since."))
    post.state, post.removed_under, post.removed_note, post.is_sealed = Post.State.PUBLISHED, None, "", False
    post.save(update_fields=["state", "removed_under", "removed_note", "is_sealed"])
    recount(post.topic, by=1)
    index_post(post)
    names_changed(posts=[post])
    _accept_again(post)
    return post


def _accept_again(post: Post) -> None:
    """What hiding took away: the post is the answer again, if the last that was said of answers is that it is one."""
    kinds = [TopicEvent.Kind.ACCEPTED, TopicEvent.Kind.UNACCEPTED]
    last = TopicEvent.objects.filter(topic=post.topic_id, kind__in=kinds).order_by("pk").last()
    if last is not None and last.after.get("accepted_post_id") == post.pk:
        Topic.objects.filter(pk=post.topic_id, accepted_post=None).update(accepted_post=post)


def recount(topic: Topic, *, by: int) -> None:
    """Move the counters after a post was hidden or shown again. The topic is locked by the caller."""
    newest = topic.posts.published().select_related("author").order_by("-position").first()
    topic.post_count += by
    topic.last_shown = newest.position or 0 if newest is not None else 0
    if newest is not None:
        topic.last_post, topic.last_post_at, topic.last_author = newest, newest.published_at, newest.author
    topic.save(update_fields=["post_count", "last_post", "last_post_at", "last_author", "last_shown", "slug"])
    own_words_are_read(topic)
    if topic.forum_id is not None:
        Forum.objects.filter(pk=topic.forum_id).update(post_count=F("post_count") + by)


def locked_post(post: Post) -> Post:
    """The topic first, then the post: everybody locks in this order."""
    locking = Topic.objects.select_for_update(of=("self",), no_key=True)
    topic = locking.select_related("forum").with_seats().get(pk=post.topic_id)
    post = Post.objects.select_for_update(of=("self",), no_key=True).select_related("author").get(pk=post.pk)
    post.topic = topic
    return post


def edit_post(
    post: Post, *, by: Member, body: str, version: int, reason: str = "", confirmed: Container[int] | None = ()
) -> Post:
    """Change one's own words, or those of a wiki post. What stood before is kept as a revision.

    An edit of one's own within five minutes of publication leaves no "edited" mark. Newly named members are told.
    The draft of the change is gone.
    What gatekeepers remark on, and did not before, is announced by `words_remarked`.
    Raises Refused if `by` may not edit, if the post is no longer at `version` (somebody edited it meanwhile), or if the
    change would be held; AskedFirst where a gatekeeper wants it confirmed (see `reply_to_topic`).
    """
    rendered = rendered_for(post.topic.forum, body, by=by, post=post)
    remarks = new_remarks(post, by, body)
    with transaction.atomic():
        post = locked_post(post)
        insist(may_edit(reader_for(by), post))
        if gatekeepers.held_because(remarks) is not None and not post.is_held:
            said = _("A person reads this before others see it: it cannot be put into a post later. Reply instead.")
            raise Refused(said)
        if not post.is_held and not post.topic.is_conversation:
            insist_on_confirmation(remarks, confirmed)
        source = PostRevision.Source.AUTHOR if by.pk == post.author_id else PostRevision.Source.WIKI
        _change(post, body, rendered, version, editor=by, source=source, reason=reason)
        Draft.objects.filter(member=by, post=post).delete()
        tell_remarks([r for r in remarks if r.level != Level.HOLD], author=by, key=key_of_change(post), post=post)
    return post


def new_remarks(post: Post, by: Member, body: str) -> list[Remark]:
    """What gatekeepers remark on in the new words of a post that was not there before. Whoever is held by decision is
    so in all they change."""
    remarks = gatekeepers.remarks_on(Words(by, post.topic.forum, body, post=post))
    before = gatekeepers.remarks_on(Words(by, post.topic.forum, post.body, post=post)) if remarks else []
    return [remark for remark in remarks if by.is_held or remark not in before]


def key_of_change(post: Post) -> UUID:
    """By which what is remarked on while a post is changed is known."""
    return uuid5(post.idempotency_key, "change")


def restore_revision(revision: PostRevision, *, by: Member, version: int) -> Post:
    """Say again what a post said before: an edit like any other, with the reason given.

    Raises Refused as `edit_post` does, and where the moderation took out what it said.
    """
    post = revision.post
    if post.revisions.filter(source=PostRevision.Source.MODERATION, version__gte=revision.version).exists():
        raise Refused(_("The moderation has changed this post since; write your change anew."))
    reason = _("Version %(n)d again.") % {"n": revision.version}
    return edit_post(post, by=by, body=revision.body, version=version, reason=reason, confirmed=None)


@transaction.atomic
def revise_post(post: Post, *, by: Member, body: str, version: int, reason: str) -> Post:
    """Change somebody else's words for cause. Called by moderation's decision only, inside its transaction."""
    rendered = rendered_for(post.topic.forum, body, by=by, post=post)
    post = locked_post(post)
    if post.state not in {Post.State.PUBLISHED, Post.State.HELD}:
        raise Refused(_("This post has changed since."))
    _change(post, body, rendered, version, editor=by, source=PostRevision.Source.MODERATION, reason=reason)
    return post


def _change(
    post: Post, body: str, rendered: Rendered, version: int, *, editor: Member, source: str, reason: str
) -> None:
    if post.version != version:
        raise Refused(_("Somebody changed this post meanwhile; compare before you save."))
    if post.body == body:
        return
    now = clock.now()
    PostRevision.objects.create(
        post=post,
        version=post.version,
        body=post.body,
        editor=editor,
        source=source,
        reason=reason,
        created_at=now,
    )
    settled = post.published_at is not None and (now - post.published_at).total_seconds() > EDITED_GRACE_SECONDS
    if settled or source != PostRevision.Source.AUTHOR:
        post.edited_at = now
    post.body, post.html, post.version = body, rendered.html, post.version + 1
    post.renderer_version = RENDERER_VERSION
    post.save(update_fields=["body", "html", "version", "edited_at", "renderer_version"])
    settle_words(post, rendered, by=editor)
    if post.position is not None:
        index_post(post)
