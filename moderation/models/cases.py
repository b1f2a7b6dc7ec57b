"""What waits for a moderator, and what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from forums.models import Post, Rule, Topic
from members.models import Claim
from moderation.models.files import CaseFile
from toolkit.expressions import Lexemes, one_of

if TYPE_CHECKING:
    from forums.readers import Reader


class Subject(models.Model):
    """What a report, a case or a decision is about: exactly one of these."""

    post = models.OneToOneField(Post, on_delete=models.PROTECT, null=True, related_name="subject")
    topic = models.OneToOneField(Topic, on_delete=models.PROTECT, null=True, related_name="subject")
    member = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="subject")

    class Meta:
        constraints = [
            one_of("post", "topic", "member", name="a_subject_is_one_thing"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id or ''}{self.topic_id or ''}{self.member_id or ''}"

    @property
    def accountable(self) -> Any:
        """The member whose words or conduct it is about."""
        if self.member is not None:
            return self.member
        if self.post is not None:
            return self.post.author
        return self.topic.author if self.topic is not None else None

    @property
    def forum_id(self) -> int | None:
        if self.post is not None:
            return self.post.topic.forum_id
        return self.topic.forum_id if self.topic is not None else None


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, reader: Reader) -> CaseQuerySet:
        """Cases this reader may work on: all for moderators everywhere, else those of the forums they moderate; for
        admins who moderate nothing, measures that wait for a second person. A moderator never sees the case about
        themselves, nor what a notice that names them says."""
        if not reader.moderates_anywhere:
            return self.filter(kind=Case.Kind.CONFIRM) if reader.is_admin else self.none()
        cases = self.exclude(subject__member_id=reader.member_id or 0).exclude(
            subject__post__author_id=reader.member_id
        )
        named = Q(noticed__notice__places__case__subject__post__author_id=reader.member_id)
        named |= Q(noticed__notice__places__case__subject__member_id=reader.member_id)
        cases = cases.exclude(pk__in=Case.objects.filter(named).values("pk"))
        if reader.moderates_everywhere:
            return cases
        return cases.filter(
            Q(subject__post__topic__forum_id__in=reader.moderated) | Q(subject__topic__forum_id__in=reader.moderated)
        )

    def open(self) -> CaseQuerySet:
        return self.filter(closed_at=None)

    def waiting(self) -> CaseQuerySet:
        """Open, not put off (until a day, an edit, a new reply), and not about a held post that its author has
        withdrawn meanwhile."""
        gone = Q(kind=Case.Kind.HELD, subject__post__state=Post.State.WITHDRAWN)
        due = Q(snoozed_until=None) | Q(snoozed_until__lte=timezone.now())
        due |= Q(subject__post__version__gt=F("wakes_after_version"))
        due |= Q(subject__post__topic__last_position__gt=F("wakes_after_place"))
        due |= Q(subject__topic__last_position__gt=F("wakes_after_place"))
        return self.open().filter(due).exclude(gone)


class Case(models.Model):
    """Something that waits for a moderator. Many reports of one thing are one case."""

    class Kind(models.TextChoices):
        REPORT = "report", _("report")
        HELD = "held", _("held post")
        SIGNUP = "signup", _("asking to join")
        APPEAL = "appeal", _("appeal")
        LETTER = "letter", _("letter to the team")
        CLAIM = "claim", _("claim of an imported name")
        NOTICE = "notice", _("notice of illegal content")
        CONFIRM = "confirm", _("measure to confirm")

    class Lane(models.TextChoices):
        """Where a case waits: notices by people without an account have a lane of their own, until somebody of the
        team puts them with the rest, so that a flood of them hides nothing."""

        MAIN = "main", _("the queue")
        OUTSIDE = "outside", _("notices from outside")

    class Band(models.IntegerChoices):
        DANGER = 1, _("Danger or illegal")
        PEOPLE = 2, _("People waiting")
        REST = 3, _("The rest")

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="cases")
    claim = models.OneToOneField(Claim, on_delete=models.PROTECT, null=True, related_name="case")
    kind = models.CharField(max_length=8, choices=Kind)
    band = models.PositiveSmallIntegerField(choices=Band)
    lane = models.CharField(max_length=7, choices=Lane, default=Lane.MAIN, db_default=Lane.MAIN)
    detected = models.CharField(max_length=400, blank=True, help_text="Why an automatic rule held it.")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    wakes_after_version = models.PositiveIntegerField(
        null=True, help_text="Put off until its post was edited after this."
    )
    wakes_after_place = models.PositiveIntegerField(null=True, help_text="Or until something stands after this place.")
    snoozed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")

    file = models.ForeignKey(CaseFile, on_delete=models.PROTECT, null=True, related_name="cases")

    objects: ClassVar[CaseQuerySet] = CaseQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "kind"],
                condition=Q(closed_at=None) & ~Q(kind__in=["claim", "appeal", "confirm"]),
                name="one_open_case_per_subject",
            ),
            models.CheckConstraint(
                condition=Q(kind="claim", claim__isnull=False) | ~Q(kind="claim") & Q(claim=None),
                name="only_claims_have_a_claim",
            ),
            models.CheckConstraint(
                condition=Q(subject__isnull=False) | Q(kind__in=["letter", "notice", "appeal"]),
                name="only_what_is_about_nothing_known_has_no_subject",
            ),
        ]
        indexes = [
            models.Index(fields=["band", "opened_at"], condition=Q(closed_at=None), name="case_queue"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("moderation:case", args=[self.pk])

    @property
    def is_put_off(self) -> bool:
        """As `waiting()` reads it: until a day, or what it waits for has come before."""
        if self.snoozed_until is None or self.snoozed_until <= timezone.now():
            return False
        post = self.subject.post if self.subject is not None else None
        if self.wakes_after_version is not None and post is not None and post.version > self.wakes_after_version:
            return False
        place = self.topic.last_position if self.topic is not None else 0
        return self.wakes_after_place is None or place <= self.wakes_after_place

    @property
    def topic(self) -> Topic | None:
        """The topic it is about, or in which the post stands that it is about."""
        if self.subject is None:
            return None
        return self.subject.post.topic if self.subject.post is not None else self.subject.topic

    @property
    def is_claimed(self) -> bool:
        return self.claimed_until is not None and self.claimed_until > timezone.now()


class Report(models.Model):
    """One member's word that something is wrong."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="reports")
    reporter = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reports_made")
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+")
    is_illegal = models.BooleanField(default=False)
    words = models.TextField(max_length=2000, blank=True)
    version = models.PositiveIntegerField(null=True, help_text="Of the post that was reported: what it said then.")
    created_at = models.DateTimeField()
    lexemes = models.GeneratedField(expression=Lexemes("words"), output_field=SearchVectorField(), db_persist=True)

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        constraints = [models.UniqueConstraint(fields=["case", "reporter"], name="reported_once")]

    def __str__(self) -> str:
        return f"{self.case_id} by {self.reporter_id}"


class SealedReading(models.Model):
    """Somebody of the team opened a case that shows a reported message of a conversation: who, when, which message.
    Written once, never changed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="readings")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    reader = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    read_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading of a private message")
        verbose_name_plural = _("readings of private messages")
        indexes = [models.Index(fields=["-read_at", "-id"], name="sealed_readings")]

    def __str__(self) -> str:
        return f"{self.post_id} by {self.reader_id}"


class TeamLetter(models.Model):
    """What somebody, a member or not, wrote to the team first; the rest of the exchange are its `messages`. Its page is
    reached by the secret in its address alone."""

    # The database gives one too: letters from before had none, nor do those of the previous release while both run.
    secret = models.CharField(
        max_length=43, unique=True, db_default=Cast(RandomUUID(), models.CharField(max_length=43))
    )

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="letter")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=80)
    email = models.EmailField()
    body = models.TextField(max_length=5000)
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} ({self.created_at:%Y-%m-%d})"

    def get_absolute_url(self) -> str:
        return reverse("moderation:letter", args=[self.secret])
