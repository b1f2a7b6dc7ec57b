"""The people who moderate: who is on duty when, who is called, what they hand over, who pauses."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.models import Forum
from moderation.limits import HAND_OVER_DAYS, HAND_OVER_MAX_LENGTH
from moderation.models.cases import Case
from toolkit.expressions import one_of

if TYPE_CHECKING:
    from forums.readers import Reader

Span = tuple[datetime, datetime]


class Weekday(models.IntegerChoices):
    MONDAY = 0, _("Monday")
    TUESDAY = 1, _("Tuesday")
    WEDNESDAY = 2, _("Wednesday")
    THURSDAY = 3, _("Thursday")
    FRIDAY = 4, _("Friday")
    SATURDAY = 5, _("Saturday")
    SUNDAY = 6, _("Sunday")


class Duty(models.Model):
    """Somebody of the team is on duty: on some weekdays, or on one date, between two times of their own time zone. An
    end that is not after the start is on the day after."""

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="duties", verbose_name=_("member")
    )
    forum = models.ForeignKey(
        Forum,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("forum"),
        help_text=_("Empty: everywhere that this person moderates."),
    )
    weekdays = ArrayField(
        models.PositiveSmallIntegerField(choices=Weekday), verbose_name=_("weekdays"), default=list, blank=True
    )
    date = models.DateField(_("or one date"), null=True, blank=True)
    starts = models.TimeField(_("from"), help_text=_("In this person’s own time zone."))
    ends = models.TimeField(
        _("to"), help_text=_("Earlier than the start, or equal to it: on the next day. 00:00 is midnight.")
    )

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duty rota")
        constraints = [
            models.CheckConstraint(
                condition=Q(date=None) & ~Q(weekdays=[]) | Q(date__isnull=False, weekdays=[]),
                name="a_duty_is_on_weekdays_or_on_a_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.days} {self.starts:%H:%M}–{self.ends:%H:%M}"

    @property
    def days(self) -> str:
        """The date, or the weekdays, in words."""
        if self.date is not None:
            return date_format(self.date, "DATE_FORMAT")
        if len(set(self.weekdays)) == len(Weekday):
            return gettext("every day")
        return ", ".join(str(Weekday(day).label) for day in sorted(self.weekdays))

    def spans(self, zone: ZoneInfo, *, since: datetime, until: datetime) -> list[Span]:
        """When it is, as moments, as far as that touches the time between two moments."""
        first, last = since.astimezone(zone).date() - timedelta(days=1), until.astimezone(zone).date()
        if self.date is not None:
            days = [self.date] if first <= self.date <= last else []
        else:
            days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
            days = [day for day in days if day.weekday() in self.weekdays]
        found = [span_of_day(day, self.starts, self.ends, zone) for day in days]
        return [span for span in found if span[1] > since and span[0] <= until]


def span_of_day(day: date, starts: time, ends: time, zone: ZoneInfo) -> Span:
    """From one time of the clock to the next one, begun on that day; over midnight where the end is not later."""
    begins = datetime.combine(day, starts, zone)
    ended = datetime.combine(day + timedelta(days=0 if ends > starts else 1), ends, zone)
    return begins, ended


class Colleague(models.Model):
    """Somebody of the team as the team knows them: their quiet hours, whether they pause, how they like to be called
    and shown things. Who has no row has none of it."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="colleague"
    )
    quiet_from = models.TimeField(_("quiet from"), null=True, blank=True)
    quiet_until = models.TimeField(_("quiet until"), null=True, blank=True)
    is_called_by_mail = models.BooleanField(_("also call me by e-mail"), default=True)
    blurs = models.BooleanField(
        _("cover images and insults until I ask for them"),
        default=True,
        help_text=_("In cases and in the queue. You need not see what you do not decide about."),
    )
    paused_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="quiet_hours_begin_and_end",
            ),
            models.CheckConstraint(
                condition=Q(paused_until=None) | Q(paused_at__isnull=False), name="a_pause_begins_before_it_ends"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member_id}"

    def is_paused(self, moment: datetime | None = None) -> bool:
        if self.paused_at is None:
            return False
        return self.paused_until is None or self.paused_until > (moment or timezone.now())

    def is_quiet(self, moment: datetime, zone: ZoneInfo) -> bool:
        if self.quiet_from is None or self.quiet_until is None:
            return False
        clock = moment.astimezone(zone).time()
        if self.quiet_from < self.quiet_until:
            return self.quiet_from <= clock < self.quiet_until
        return clock >= self.quiet_from or clock < self.quiet_until


class Call(models.Model):
    """Somebody of the team must hear of a case of danger. Written with the case; a job finds out whom to call, and
    asks again until somebody on duty was."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, primary_key=True, related_name="call")
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, help_text="Somebody on duty was called, or it was decided before.")

    class Meta:
        indexes = [models.Index(fields=["made_at"], condition=Q(answered_at=None), name="calls_unanswered")]

    def __str__(self) -> str:
        return f"{self.case_id}"


class Summons(models.Model):
    """One person is called: to a case of danger, or because their duty has begun. Told by the floor above."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="summonses")
    call = models.ForeignKey(Call, on_delete=models.CASCADE, null=True, related_name="summonses")
    duty_starts = models.DateTimeField(null=True)
    duty_ends = models.DateTimeField(null=True)
    is_mailed = models.BooleanField(default=False)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "call"], name="called_once_to_a_case"),
            models.UniqueConstraint(fields=["member", "duty_starts"], name="called_once_to_a_duty"),
            one_of("call", "duty_starts", name="one_is_called_to_one_thing"),
            models.CheckConstraint(
                condition=Q(duty_starts=None, duty_ends=None) | Q(duty_ends__gt=F("duty_starts")),
                name="a_duty_that_begins_ends",
            ),
        ]
        indexes = [models.Index(fields=["member", "-made_at"], name="summonses_of_member")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.call_id or self.duty_starts}"

    def get_absolute_url(self) -> str:
        if self.call_id is not None:
            return reverse("moderation:case", args=[self.call_id])
        return reverse("moderation:queue")


class HandOverQuerySet(models.QuerySet["HandOver"]):
    def visible_to(self, reader: Reader) -> HandOverQuerySet:
        """All of them for those who moderate everywhere; of their forums for the others."""
        if reader.moderates_everywhere:
            return self
        return self.filter(forum_id__in=reader.moderated)

    def unread_by(self, reader: Reader) -> HandOverQuerySet:
        """Of the last 30 days, by others, and not acknowledged by this reader."""
        since = timezone.now() - timedelta(days=HAND_OVER_DAYS)
        seen = HandOverSeen.objects.filter(member_id=reader.member_id or 0).values("note")
        return self.filter(created_at__gt=since).exclude(author_id=reader.member_id).exclude(pk__in=seen)


class HandOver(models.Model):
    """What somebody of the team says to whoever comes next; short, dated, signed, never changed."""

    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="hand_overs", verbose_name=_("written by")
    )
    forum = models.ForeignKey(
        Forum, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("forum")
    )
    words = models.TextField(_("hand-over note"), max_length=HAND_OVER_MAX_LENGTH)
    created_at = models.DateTimeField(_("written"))

    objects: ClassVar[HandOverQuerySet] = HandOverQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("hand-over note")
        verbose_name_plural = _("hand-over notes")
        constraints = [models.CheckConstraint(condition=~Q(words=""), name="a_hand_over_says_something")]
        indexes = [models.Index(fields=["-created_at", "-id"], name="hand_overs_latest")]

    def __str__(self) -> str:
        return self.words[:60]


class HandOverSeen(models.Model):
    """Somebody of the team has acknowledged a hand-over note."""

    note = models.ForeignKey(HandOver, on_delete=models.CASCADE, related_name="seen")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["note", "member"], name="acknowledged_once")]

    def __str__(self) -> str:
        return f"{self.note_id} by {self.member_id}"
