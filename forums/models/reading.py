"""How far members have read, what they follow, what they do not want to see."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from toolkit.expressions import one_of


class Level(models.TextChoices):
    """What of a topic, a forum, a tag, a member reaches somebody: three words."""

    ALL = "all", _("all")
    NORMAL = "normal", _("what matters to me")
    NOTHING = "nothing", _("nothing")


class ReadMark(models.Model):
    """How far a member has read a topic, whether they follow it, whether it stands in their lists. One row per member
    and topic."""

    topic = models.ForeignKey("forums.Topic", on_delete=models.CASCADE, related_name="read_marks")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="read_marks")
    place = models.PositiveIntegerField(default=0)
    follow = models.CharField(max_length=8, choices=Level, default=Level.NORMAL)
    read_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "topic"], name="one_mark_per_topic")]
        indexes = [
            models.Index(fields=["topic"], condition=models.Q(follow="all"), name="followers_of_topic"),
            models.Index(fields=["member"], condition=models.Q(follow="all"), name="topics_followed"),
            models.Index(fields=["member"], condition=models.Q(hidden_at__isnull=False), name="topics_hidden"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} read {self.topic_id} to {self.place}"


class AllRead(models.Model):
    """Whatever got its place in this forum (in every forum, where none is named) before a moment counts as read.

    Set by the member ("mark all as read"); moved forward by a job to the oldest topic that is still unread, so that
    lists of the unread stay short to look for. Moving it never changes what is unread.
    """

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="all_read")
    forum = models.ForeignKey("forums.Forum", on_delete=models.CASCADE, null=True, related_name="+")
    before = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "forum"], nulls_distinct=False, name="one_all_read_per_forum")
        ]

    def __str__(self) -> str:
        return f"{self.member_id} read {self.forum_id or 'all'} before {self.before:%Y-%m-%d}"


class Following(models.Model):
    """What a member wants of a forum, a tag or another member, where it is not the usual. Topics: see ReadMark."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="following")
    forum = models.ForeignKey("forums.Forum", on_delete=models.CASCADE, null=True, related_name="followings")
    tag = models.ForeignKey("forums.Tag", on_delete=models.CASCADE, null=True, related_name="followings")
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, related_name="followed_by"
    )
    level = models.CharField(max_length=8, choices=Level)
    since = models.DateTimeField()

    KINDS: ClassVar = ("forum", "tag", "person")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "forum", "tag", "person"], nulls_distinct=False, name="followed_once"
            ),
            one_of("forum", "tag", "person", name="a_following_is_of_one_thing"),
            models.CheckConstraint(condition=models.Q(level__in=["all", "nothing"]), name="the_usual_has_no_row"),
            models.CheckConstraint(condition=~models.Q(person=models.F("member")), name="nobody_follows_themselves"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}: {self.level} of {self.forum_id or self.tag_id or self.person_id}"


class TopicScore(models.Model):
    """How much a topic brought people together in a period: made anew by a job, for the lists of the top."""

    class Period(models.TextChoices):
        WEEK = "week", _("this week")
        MONTH = "month", _("this month")
        YEAR = "year", _("this year")
        EVER = "ever", _("of all time")

    topic = models.ForeignKey("forums.Topic", on_delete=models.CASCADE, related_name="scores")
    period = models.CharField(max_length=5, choices=Period)
    score = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "period"], name="one_score_per_period")]
        indexes = [models.Index(fields=["period", "-score", "-topic"], name="top_topics")]

    def __str__(self) -> str:
        return f"{self.topic_id} {self.period} {self.score}"
