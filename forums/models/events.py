"""What is done to topics, as it is told in them; and what is still to happen to them."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from forums.limits import PLACES_PER_PAGE, REASON_MAX_LENGTH
from forums.models.topics import Topic

if TYPE_CHECKING:
    from forums.readers import Reader


class TopicEventQuerySet(models.QuerySet["TopicEvent"]):
    def visible_to(self, reader: Reader) -> TopicEventQuerySet:
        """Lines in topics that this reader may open."""
        return self.filter(topic__in=Topic.objects.visible_to(reader))


class TopicEvent(models.Model):
    """An act of care in a topic, shown there as one quiet line. Its undo is another event."""

    class Kind(models.TextChoices):
        CLOSED = "closed", _("closed")
        REOPENED = "reopened", _("reopened")
        PINNED = "pinned", _("pinned")
        UNPINNED = "unpinned", _("unpinned")
        RENAMED = "renamed", _("renamed")
        RETAGGED = "retagged", _("tagged anew")
        MOVED = "moved", _("moved")
        STATUS = "status", _("status changed")
        UNLISTED = "unlisted", _("taken out of the lists")
        LISTED = "listed", _("put back into the lists")
        SLOWED = "slowed", _("slow mode")
        UNSLOWED = "unslowed", _("slow mode ended")
        ARCHIVED = "archived", _("archived")
        UNARCHIVED = "unarchived", _("no longer archived")
        TIMED = "timed", _("timer set")
        UNTIMED = "untimed", _("timer taken off")
        MERGED = "merged", _("another topic merged into it")
        UNMERGED = "unmerged", _("merge undone")
        SPLIT = "split", _("posts moved away")
        JOINED = "joined", _("posts moved here")
        REJOINED = "rejoined", _("move of posts undone")
        ACCEPTED = "accepted", _("answer chosen")
        UNACCEPTED = "unaccepted", _("answer no longer chosen")
        ELSEWHERE = "elsewhere", _("done where it was imported from")
        WIKI = "wiki", _("opened to everybody’s edits")
        UNWIKI = "unwiki", _("closed to others’ edits")
        WITHDRAWN = "withdrawn", _("withdrawn by its author")
        RESTORED = "restored", _("restored by its author")
        SEATED = "seated", _("somebody invited into a conversation")
        LEFT = "left", _("somebody left a conversation")

    # Told twice (the other line has the undo), an undo themselves, or the author's own.
    LASTING = frozenset(
        {
            Kind.UNTIMED,
            Kind.UNMERGED,
            Kind.JOINED,
            Kind.REJOINED,
            Kind.WITHDRAWN,
            Kind.RESTORED,
            Kind.ELSEWHERE,
            Kind.SEATED,
            Kind.LEFT,
        }  # fmt: skip
    )

    topic = models.ForeignKey(Topic, on_delete=models.PROTECT, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    place = models.PositiveIntegerField(help_text="The last place of the topic when it happened.")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    objects: ClassVar[TopicEventQuerySet] = TopicEventQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["pk"]
        indexes = [models.Index(fields=["topic", "place"], name="event_by_place")]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.kind}"

    def get_absolute_url(self) -> str:
        """Its line in the topic; the answer itself where one was chosen."""
        if self.kind == self.Kind.ACCEPTED:
            return reverse("forums:post", args=[self.after["accepted_post_id"]])
        page = max(1, -(-self.place // PLACES_PER_PAGE))
        return f"{self.topic.get_absolute_url()}{f'?page={page}' if page > 1 else ''}#event-{self.pk}"

    @property
    def can_be_undone(self) -> bool:
        """Whether its line offers an undo. Needs `undone_by` selected along."""
        is_ours = self.kind not in self.LASTING and not self.is_from_elsewhere
        return is_ours and self.undoes_id is None and not hasattr(self, "undone_by")

    @property
    def is_from_elsewhere(self) -> bool:
        """Whether it was done where the topic was imported from: it is told, and nothing is left to undo."""
        return bool(self.after.get("elsewhere"))

    @property
    def due_at(self) -> datetime | None:
        """When the timer that it tells of is due."""
        return parse_datetime(self.after["due_at"]) if self.after.get("due_at") else None

    @property
    def until(self) -> datetime | None:
        """The end of a pin or of slow mode that it tells of."""
        said = self.after.get("pinned_until") or self.after.get("slow_until")
        return parse_datetime(said) if said else None

    @property
    def status_name(self) -> str:
        """The status that it gave the topic, in words; empty for other events."""
        status = self.after.get("status", "")
        return str(Topic.Status(status).label) if status else ""


class TopicTimer(models.Model):
    """Something that happens to a topic at a date: a row first, done by the clock's sweep. One of a kind at a time."""

    class Kind(models.TextChoices):
        CLOSE = "close", _("close it")
        REOPEN = "reopen", _("reopen it")
        ARCHIVE = "archive", _("archive it")

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="timers")
    kind = models.CharField(max_length=8, choices=Kind)
    due_at = models.DateTimeField()
    reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "kind"], name="one_timer_of_a_kind")]
        indexes = [models.Index(fields=["due_at"], name="timer_due")]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.kind} {self.due_at:%Y-%m-%d}"
