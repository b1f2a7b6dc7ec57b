from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.limits import NOTE_MAX_LENGTH, POLL_OPTION_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models.posts import Post
from forums.models.topics import Topic
from toolkit.bilingual import Bilingual


class TopicVote(models.Model):
    """A member wants an idea to become real. Counted in `Topic.vote_count`."""

    topic = models.ForeignKey(Topic, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="votes")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["topic", "member"], name="voted_once")]

    def __str__(self) -> str:
        return f"{self.member_id} for {self.topic_id}"


class Poll(models.Model):
    """A question with answers to choose from, in a topic's first post."""

    class Kind(models.TextChoices):
        SINGLE = "single", _("one answer")
        MULTIPLE = "multiple", _("several answers")

    post = models.OneToOneField(Post, on_delete=models.CASCADE, related_name="poll")
    question = models.CharField(max_length=TITLE_MAX_LENGTH, blank=True)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.SINGLE)
    is_secret = models.BooleanField(default=True, help_text="Nobody is shown who chose what.")
    closes_at = models.DateTimeField(null=True)
    voter_count = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"poll of {self.post_id}"

    @property
    def is_open(self) -> bool:
        return self.closes_at is None or self.closes_at > timezone.now()


class PollOption(models.Model):
    """One answer of a poll, and how many chose it."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="options")
    order = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=POLL_OPTION_MAX_LENGTH)
    vote_count = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints = [models.UniqueConstraint(fields=["poll", "order"], name="one_option_per_place")]

    def __str__(self) -> str:
        return self.text


class PollVote(models.Model):
    """A member chose an answer. `slot` is 0 where one answer is allowed, the option's order where several are: the
    unique constraint then keeps one vote, or one for each answer."""

    poll = models.ForeignKey(Poll, on_delete=models.CASCADE, related_name="votes")
    option = models.ForeignKey(PollOption, on_delete=models.CASCADE, related_name="votes")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="poll_votes")
    slot = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["poll", "member", "slot"], name="chosen_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.poll_id}"


class ReactionKind(models.Model):
    """A word that a member can leave on a post without writing one: thanks, and a few more that the admin chooses."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)
    name_fr = models.CharField(_("word, in French"), max_length=24, blank=True)
    name_en = models.CharField(_("word, in English"), max_length=24, blank=True)
    name = Bilingual()
    retired_at = models.DateTimeField(
        _("retired"), null=True, blank=True, help_text=_("What was given stays counted; it is no longer offered.")
    )

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [
            models.CheckConstraint(condition=~Q(name_fr="", name_en=""), name="a_reaction_is_a_word"),
        ]

    def __str__(self) -> str:
        return self.name


class Reaction(models.Model):
    """A member left one of these words on a post. Counted in `Post.reactions` and `Post.thanks`."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="given_reactions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reactions")
    kind = models.ForeignKey(ReactionKind, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["post", "member", "kind"], name="reacted_once")]

    def __str__(self) -> str:
        return f"{self.member_id} on {self.post_id}"


class Bookmark(models.Model):
    """A post that a member keeps for later, with a note of their own and perhaps a reminder. Nobody else sees it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="bookmarks")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks")
    note = models.CharField(max_length=NOTE_MAX_LENGTH, blank=True)
    remind_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "post"], name="bookmarked_once")]
        indexes = [
            models.Index(fields=["member", "-created_at"], name="bookmark_list"),
            models.Index(fields=["remind_at"], condition=Q(remind_at__isnull=False), name="bookmark_due"),
        ]

    def __str__(self) -> str:
        return f"{self.member_id} keeps {self.post_id}"

    def get_absolute_url(self) -> str:
        return self.post.get_absolute_url()
