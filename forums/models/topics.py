from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from forums.limits import PLACES_PER_PAGE, REASON_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models.forums import Forum, Intent
from forums.models.reading import ReadMark
from members.models import Trust

if TYPE_CHECKING:
    from forums.readers import Reader


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible_to(self, reader: Reader) -> TopicQuerySet:
        """Topics this reader may open: published ones where they may read, their own held ones, and held ones where
        they moderate."""
        shown = Q(published_at__isnull=False)
        if reader.member_id is not None:
            shown |= Q(author_id=reader.member_id)
        if reader.moderates_everywhere:
            shown |= Q(published_at=None)
        elif reader.moderated:
            shown |= Q(forum_id__in=reader.moderated)
        return self.filter(shown, forum_id__in=reader.readable)

    def listed_to(self, reader: Reader) -> TopicQuerySet:
        """Topics that stand in this reader's lists."""
        return self.filter(published_at__isnull=False, forum_id__in=reader.readable)

    def first_words_waiting(self, before: datetime) -> TopicQuerySet:
        """Newcomers' first topics, opened before that moment and in the last 30 days, without a word from anybody
        else, in forums where prompts are welcome."""
        somebody_else = Q(posts__author__gt=F("author")) | Q(posts__author__lt=F("author"))  # one join, unlike ~Q
        answered = Topic.objects.filter(somebody_else, pk=OuterRef("pk"), posts__state="published")
        earlier = Topic.objects.filter(author=OuterRef("author"), pk__lt=OuterRef("pk"), published_at__isnull=False)
        return self.filter(
            ~Exists(answered),
            ~Exists(earlier),
            published_at__lte=before,
            published_at__gte=timezone.now() - timedelta(days=30),
            post_count__gte=1,
            closed_at=None,
            author__trust=Trust.NEWCOMER,
            forum__kind=Forum.Kind.COMMUNITY,
            forum__sends_automatic=True,
            forum__archived_at=None,
        )

    def unread_by(self, reader: Reader) -> TopicQuerySet:
        """Topics with places after the last one this member has read. Needs `listed_to` before it."""
        read = ReadMark.objects.filter(
            topic=OuterRef("pk"), member=reader.member_id or 0, place__gte=OuterRef("last_position")
        )
        return self.filter(~Exists(read))


class Topic(models.Model):  # type: ignore[django-manager-missing]  # taggit has no types
    """A subject somebody opened, and what its row in a list shows."""

    class Status(models.TextChoices):
        NONE = "", _("no status")
        CONSIDERED = "considered", _("considered")
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")
        RECEIVED = "received", _("received")
        DISCUSSED = "discussed", _("discussed")
        ACCEPTED = "accepted", _("accepted")

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, related_name="topics")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(_("title"), max_length=TITLE_MAX_LENGTH)
    slug = models.SlugField(max_length=80)
    intent = models.CharField(_("intent"), max_length=12, choices=Intent, default=Intent.DISCUSSION)
    lang = models.CharField(max_length=2)
    tag_names = ArrayField(models.CharField(max_length=40), default=list)
    status = models.CharField(max_length=12, choices=Status, blank=True, default="")
    status_reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    last_position = models.PositiveIntegerField(default=0)
    post_count = models.PositiveIntegerField(default=0)
    last_post = models.ForeignKey("forums.Post", on_delete=models.PROTECT, null=True, related_name="+")
    last_post_at = models.DateTimeField(null=True)
    last_author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_post = models.ForeignKey("forums.Post", on_delete=models.PROTECT, null=True, related_name="+")

    pinned_until = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)

    objects: ClassVar[TopicQuerySet] = TopicQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(last_post_at__isnull=False),
                name="published_topics_have_posts",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_by__isnull=False), name="closing_has_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["forum", "-last_post_at", "-id"],
                condition=Q(published_at__isnull=False),
                name="topic_latest_in_forum",
            ),
            models.Index(
                fields=["-last_post_at", "-id"],
                condition=Q(published_at__isnull=False),
                name="topic_latest",
            ),
            models.Index(fields=["author", "-created_at"], name="topic_by_author"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = (slugify(self.title)[:80].strip("-")) or "topic"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("forums:topic", args=[self.pk, self.slug])

    @property
    def reply_count(self) -> int:
        return max(0, self.post_count - 1)

    @property
    def pages(self) -> int:
        return max(1, -(-self.last_position // PLACES_PER_PAGE))

    @property
    def is_pinned(self) -> bool:
        return self.pinned_until is not None and self.pinned_until > timezone.now()

    @property
    def is_waiting(self) -> bool:
        """Its first post is being read by a moderator; others do not see it yet."""
        return self.published_at is None


class TopicEvent(models.Model):
    """An act of care in a topic, shown there as one quiet line. Its undo is another event."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")
        PINNED = "pinned", _("pinned")
        UNPINNED = "unpinned", _("unpinned")
        RENAMED = "renamed", _("renamed")
        MOVED = "moved", _("moved")
        STATUS = "status", _("status changed")

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=10, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    place = models.PositiveIntegerField(help_text="The last place of the topic when it happened.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes = [models.Index(fields=["topic", "place"], name="event_by_place")]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.kind}"
