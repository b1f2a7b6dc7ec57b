from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models import Bookmark, ForumGuest, Post, Seat, TopicEvent
from forums.models.conversations import seated_in
from members.models import TrustChange
from moderation.models import Decision, Opinion, Summons
from toolkit.expressions import one_of

if TYPE_CHECKING:
    from forums.readers import Reader


class News(models.Model):
    """A published post whose followers must still hear of it. Written with the post, told by a job."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=Q(told_at=None), name="news_untold")]

    def __str__(self) -> str:
        return str(self.pk)


class EventNews(models.Model):
    """Something was done to a topic, and whoever is concerned must still hear of it. Written with the event."""

    event = models.OneToOneField(TopicEvent, on_delete=models.CASCADE, primary_key=True)
    created_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], condition=Q(told_at=None), name="event_news_untold")]

    def __str__(self) -> str:
        return str(self.pk)


def _is_title_hidden() -> Exists:
    """That the message which opened the conversation is hidden, and its title with it."""
    return Exists(Post.objects.filter(topic=OuterRef("seat__topic"), position=1, state=Post.State.REMOVED))


def _is_called(reader: Reader) -> Q:
    """That the reader is called, as one of the team, to what still waits: a case that is open, an opinion that was
    not given, a duty that lasts."""
    if not reader.moderates_anywhere:
        return Q(pk__in=[])
    waits = Q(summons__call__case__closed_at=None, summons__call__isnull=False)
    waits |= Q(opinion__isnull=False, opinion__given_at=None, opinion__case__closed_at=None)
    return waits | Q(summons__duty_ends__gt=timezone.now())


class NotificationQuerySet(models.QuerySet["Notification"]):
    def visible_to(self, reader: Reader) -> NotificationQuerySet:
        """The reader's own, without those whose post is gone, hidden or no longer readable."""
        return (
            self.filter(member_id=reader.member_id or 0)
            .filter(
                Q(decision__isnull=False)
                | Q(trust_change__isnull=False)
                | Q(post__state=Post.State.PUBLISHED, post__topic__forum_id__in=reader.readable)
                | Q(post__state=Post.State.PUBLISHED) & seated_in("post__topic", reader)
                | Q(bookmark__post__state=Post.State.PUBLISHED, bookmark__post__topic__forum_id__in=reader.readable)
                | Q(bookmark__post__state=Post.State.PUBLISHED) & seated_in("bookmark__post__topic", reader)
                | Q(seat__left_at=None, seat__isnull=False, seat__topic__withdrawn_at=None) & ~_is_title_hidden()
                | Q(event__topic__forum_id__in=reader.readable, event__topic__withdrawn_at=None)
                | Q(guest__forum_id__in=reader.seen)
                | _is_called(reader)
            )
            .exclude(post__author_id__in=reader.blocked)
            .exclude(seat__invited_by_id__in=reader.blocked)
        )

    def unread(self) -> NotificationQuerySet:
        return self.filter(read_at=None)


class Notification(models.Model):
    """Something that concerns a member. Worded when it is read."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("a reply in a topic you follow")
        MENTION = "mention", _("somebody named you")
        DECISION = "decision", _("a decision of the team")
        PUBLISHED = "published", _("your post was published")
        OUTCOME = "outcome", _("what became of what you reported")
        TOPIC = "topic", _("something was done to a topic of yours")
        STARTED = "started", _("a new topic where you follow all")
        INVITED = "invited", _("an invitation into a forum")
        TRUST = "trust", _("your trust has changed")
        MESSAGE = "message", _("a message in a conversation")
        SEATED = "seated", _("an invitation into a conversation")
        REMINDER = "reminder", _("a bookmark you wanted to be reminded of")
        CALL = "call", _("a call to the team")
        OPINION = "opinion", _("a colleague asks what you think of a case")

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=10, choices=Kind)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, null=True, related_name="+")
    decision = models.ForeignKey(Decision, on_delete=models.CASCADE, null=True, related_name="+")
    event = models.ForeignKey(TopicEvent, on_delete=models.CASCADE, null=True, related_name="+")
    bookmark = models.ForeignKey(Bookmark, on_delete=models.CASCADE, null=True, related_name="+")
    guest = models.ForeignKey(ForumGuest, on_delete=models.CASCADE, null=True, related_name="+")
    seat = models.ForeignKey(Seat, on_delete=models.CASCADE, null=True, related_name="+")
    trust_change = models.ForeignKey(TrustChange, on_delete=models.CASCADE, null=True, related_name="+")
    summons = models.ForeignKey(Summons, on_delete=models.CASCADE, null=True, related_name="+")
    opinion = models.ForeignKey(Opinion, on_delete=models.CASCADE, null=True, related_name="+")
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[NotificationQuerySet] = NotificationQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        constraints = [
            models.UniqueConstraint(fields=["member", "post"], name="told_once_of_a_post"),
            models.UniqueConstraint(fields=["member", "decision"], name="told_once_of_a_decision"),
            models.UniqueConstraint(fields=["member", "event"], name="told_once_of_an_event"),
            models.UniqueConstraint(fields=["member", "guest"], name="told_once_of_an_invitation"),
            models.UniqueConstraint(fields=["member", "seat"], name="told_once_of_a_seat"),
            models.UniqueConstraint(fields=["member", "trust_change"], name="told_once_of_trust"),
            models.UniqueConstraint(fields=["member", "summons"], name="told_once_of_a_call"),
            models.UniqueConstraint(fields=["member", "opinion"], name="told_once_of_an_opinion"),
            one_of(
                "post",
                "decision",
                "event",
                "bookmark",
                "guest",
                "seat",
                "trust_change",
                "summons",
                "opinion",
                name="a_notification_points_to_one_thing",
            ),  # fmt: skip
            models.CheckConstraint(
                condition=Q(kind__in=["reply", "mention", "started", "message"], post__isnull=False)
                | Q(kind__in=["decision", "published", "outcome"], decision__isnull=False)
                | Q(kind="topic", event__isnull=False)
                | Q(kind="invited", guest__isnull=False)
                | Q(kind="seated", seat__isnull=False)
                | Q(kind="reminder", bookmark__isnull=False)
                | Q(kind="trust", trust_change__isnull=False)
                | Q(kind="call", summons__isnull=False)
                | Q(kind="opinion", opinion__isnull=False),
                name="a_notification_points_to_what_it_says",
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-created_at", "-id"], name="notification_list"),
            models.Index(fields=["member"], condition=Q(read_at=None), name="notification_unread"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"
