from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.limits import PLACES_PER_PAGE, REASON_MAX_LENGTH, RESTORE_DAYS
from forums.models.conversations import seated_in
from forums.models.forums import Rule
from forums.models.topics import Topic
from toolkit.expressions import one_of

if TYPE_CHECKING:
    from forums.readers import Reader


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, reader: Reader) -> PostQuerySet:
        """Posts of forums whose place this reader may see: published ones, tombstones, their own held ones, and held
        ones where they moderate."""
        return self.filter(self._shown(reader))

    def reachable_by(self, reader: Reader) -> PostQuerySet:
        """Posts whose place this reader may see by its address: those visible to them, and those of conversations in
        which they sit. For one post, or the posts of one topic; lists begin with `visible_to`."""
        return self.filter(self._shown(reader) | seated_in("topic", reader))

    def _shown(self, reader: Reader) -> Q:
        shown = Q(position__isnull=False)
        if reader.member_id is not None:
            shown |= Q(author_id=reader.member_id)
        if reader.moderates_everywhere:
            shown |= Q(state=Post.State.HELD)
        elif reader.moderated:
            shown |= Q(state=Post.State.HELD, topic__forum_id__in=reader.moderated)
        return shown & Q(topic__forum_id__in=reader.readable)

    def readable_by(self, reader: Reader) -> PostQuerySet:
        """Posts of forums whose words this reader may read: no tombstones, except one's own."""
        return self.visible_to(reader).with_words_for(reader)

    def with_words_for(self, reader: Reader) -> PostQuerySet:
        """Of posts this reader may see, those whose words they may read: no tombstones, except one's own unless they
        were removed."""
        words = ~Q(state__in=[Post.State.REMOVED, Post.State.WITHDRAWN])
        if reader.member_id is not None:
            words |= Q(author_id=reader.member_id, is_sealed=False)
        return self.filter(words)

    def published(self) -> PostQuerySet:
        return self.filter(state=Post.State.PUBLISHED)


class Post(models.Model):
    """Somebody's words, at a place of a topic."""

    class State(models.TextChoices):
        HELD = "held", _("being read before it is published")
        REFUSED = "refused", _("not published")
        PUBLISHED = "published", _("published")
        REMOVED = "removed", _("hidden")
        WITHDRAWN = "withdrawn", _("withdrawn by its author")

    class Origin(models.TextChoices):
        MEMBER = "member", _("a member")
        PROMPT = "prompt", _("a prompt")
        IMPORT = "import", _("an import")

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="posts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="posts")
    position = models.PositiveIntegerField(null=True)
    reply_to = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="replies", db_index=False)
    body = models.TextField()
    html = models.TextField()
    renderer_version = models.PositiveSmallIntegerField()
    lang = models.CharField(max_length=2)
    state = models.CharField(max_length=10, choices=State)
    origin = models.CharField(max_length=8, choices=Origin, default=Origin.MEMBER)
    version = models.PositiveIntegerField(default=1)
    idempotency_key = models.UUIDField()
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    removed_under = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+")
    removed_note = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    is_sealed = models.BooleanField(
        default=False, db_default=False, help_text="Removed: not even its author reads it any more."
    )
    withdrawn_at = models.DateTimeField(null=True)
    is_wiki = models.BooleanField(default=False)
    reactions = models.JSONField(default=dict, help_text="How many of each kind: {kind's id: number}.")
    thanks = models.PositiveIntegerField(default=0, help_text="All reactions together, with `thanks_before`.")
    thanks_before = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Votes and likes where it was imported from, given without names."
    )

    objects: ClassVar[PostQuerySet] = PostQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("post")
        verbose_name_plural = _("posts")
        constraints = [
            models.UniqueConstraint(fields=["topic", "position"], name="one_post_per_place"),
            models.UniqueConstraint(fields=["author", "idempotency_key"], name="posted_once"),
            models.CheckConstraint(
                condition=Q(state__in=["held", "refused"], position=None, published_at=None)
                | Q(state__in=["published", "removed"], position__isnull=False, published_at__isnull=False)
                | Q(state="withdrawn", position=None, published_at=None)
                | Q(state="withdrawn", position__isnull=False, published_at__isnull=False),
                name="what_was_published_has_a_place",
            ),
            models.CheckConstraint(
                condition=Q(state="removed") | Q(is_sealed=False), name="only_hidden_posts_are_sealed"
            ),
            models.CheckConstraint(
                condition=Q(state="withdrawn", withdrawn_at__isnull=False)
                | ~Q(state="withdrawn") & Q(withdrawn_at=None),
                name="withdrawing_has_a_moment",
            ),
        ]
        indexes = [
            models.Index(fields=["author", "-published_at"], name="post_by_author"),
            models.Index(fields=["topic"], condition=Q(state="held"), name="post_held"),
            models.Index(fields=["topic", "published_at"], name="post_by_date"),
            models.Index(fields=["topic", "-thanks"], condition=Q(thanks__gt=0), name="post_most_thanked"),
            models.Index(fields=["reply_to"], condition=Q(reply_to__isnull=False), name="post_answers"),
            models.Index(fields=["renderer_version"], name="post_by_renderer"),
        ]

    def __str__(self) -> str:
        return f"{self.topic_id}#{self.position or self.state}"

    def get_absolute_url(self) -> str:
        return reverse("forums:post", args=[self.pk])

    @property
    def page(self) -> int:
        """The page of its topic it stands on (the last one while it has no place)."""
        return -(-self.position // PLACES_PER_PAGE) if self.position else self.topic.pages

    @property
    def is_first(self) -> bool:
        return self.position == 1

    @property
    def opens_topic(self) -> bool:
        """Whether it is the post that its topic began with, published or still waiting."""
        return self.is_first or (self.topic.is_waiting and self.author_id == self.topic.author_id)

    @property
    def is_held(self) -> bool:
        return self.state == self.State.HELD

    @property
    def is_removed(self) -> bool:
        return self.state == self.State.REMOVED

    @property
    def restorable_until(self) -> datetime | None:
        """Until when its author can put it back; None when it is not withdrawn, or too late."""
        until = self.withdrawn_at + timedelta(days=RESTORE_DAYS) if self.withdrawn_at is not None else None
        return until if until is not None and until > timezone.now() else None

    @property
    def is_withdrawn(self) -> bool:
        return self.state == self.State.WITHDRAWN


class PostRevision(models.Model):
    """What a post said before an edit."""

    class Source(models.TextChoices):
        AUTHOR = "author", _("its author")
        MODERATION = "moderation", _("the moderation")
        WIKI = "wiki", _("somebody, in a post open to everybody")
        ELSEWHERE = "elsewhere", _("somebody, where it was imported from")

    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="revisions")
    version = models.PositiveIntegerField()
    body = models.TextField()
    editor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source)
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "version"], name="one_revision_per_version")]

    def __str__(self) -> str:
        return f"{self.post_id} v{self.version}"


class PostReference(models.Model):
    """What a post's stored HTML names: a member (told once when published), a topic or a tag (shown with its name), or
    another post (quoted, so that it can say where it was answered), or a page elsewhere (shown as a card). The post is
    rendered again when that changes."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="references")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="mentioned_in"
    )
    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, null=True, related_name="named_in")
    target = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="quoted_in")
    tag = models.ForeignKey("forums.Tag", on_delete=models.CASCADE, null=True, related_name="named_in")
    page = models.ForeignKey("forums.LinkPreview", on_delete=models.CASCADE, null=True, related_name="named_in")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["post", "member", "topic", "target", "tag", "page"], nulls_distinct=False, name="named_once"
            ),
            one_of("member", "topic", "target", "tag", "page", name="a_reference_names_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id} → {self.member_id or self.topic_id or self.target_id or self.tag_id or self.page_id}"
