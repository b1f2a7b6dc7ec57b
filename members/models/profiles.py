"""What a profile shows beside the member's own columns: a picture's files, fields that the admin defines, hats."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.limits import ANSWER_MAX_LENGTH, REASON_MAX_LENGTH
from members.models.member import Member
from toolkit.bilingual import Bilingual


class ProfilePicture(models.Model):
    """The files of one version of a member's picture. The row is written before them and goes after them.

    `Member.picture` names the one that is shown; the others go with the next sweep. The whole picture is kept for a
    day, for its owner alone, so that another part of it can be chosen.
    """

    key = models.CharField(max_length=32, unique=True)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="pictures")
    width = models.PositiveIntegerField(help_text="Pixels of the whole.")
    height = models.PositiveIntegerField()
    has_whole = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["created_at"], name="picture_by_age")]

    def __str__(self) -> str:
        return self.key

    def path(self, size: str) -> str:
        return f"pictures/{self.key[:2]}/{self.key}/{size}.webp"

    @property
    def is_square(self) -> bool:
        """Whether there is nothing to choose on either side."""
        return abs(self.width - self.height) <= 2


class ProfileField(models.Model):
    """Something that the community asks its members, if they like to say it."""

    class Kind(models.TextChoices):
        TEXT = "text", _("a line of text")
        URL = "url", _("a link")
        CHOICE = "choice", _("a choice")

    class Seen(models.TextChoices):
        EVERYONE = "everyone", _("everyone, also visitors")
        MEMBERS = "members", _("members only")

    name_fr = models.CharField(_("name, in French"), max_length=60, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=60, blank=True)
    name = Bilingual()
    help_fr = models.CharField(
        _("help, in French"), max_length=200, blank=True, help_text=_("Stands under the field where it is filled in.")
    )
    help_en = models.CharField(_("help, in English"), max_length=200, blank=True)
    help = Bilingual()
    kind = models.CharField(_("kind"), max_length=8, choices=Kind, default=Kind.TEXT)
    choices_fr = models.TextField(
        _("choices, in French"),
        max_length=2000,
        blank=True,
        help_text=_("One a line, the same number in both languages."),
    )
    choices_en = models.TextField(_("choices, in English"), max_length=2000, blank=True)
    seen_by = models.CharField(
        _("who sees the answers"),
        max_length=8,
        choices=Seen,
        default=Seen.MEMBERS,
        help_text=_("A member who shows their page to fewer people is shown to those only."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    retired_at = models.DateTimeField(
        _("retired"), null=True, blank=True, help_text=_("Neither asked nor shown any more; answers are kept.")
    )

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        verbose_name = _("profile field")
        verbose_name_plural = _("profile fields")
        constraints = [models.CheckConstraint(condition=~Q(name_fr="", name_en=""), name="a_field_has_a_name")]

    def __str__(self) -> str:
        return self.name

    @property
    def choices(self) -> list[tuple[str, str]]:
        """What may be chosen: the number that is kept and its words in the active language."""
        french, english = self.choices_fr.splitlines(), self.choices_en.splitlines()
        here, there = (french, english) if self.name.lang == "fr" else (english, french)
        return [(str(number), words.strip()) for number, words in enumerate(here or there) if words.strip()]


class ProfileAnswer(models.Model):
    """What a member says in one of these fields. An empty one has no row."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="answers")
    field = models.ForeignKey(ProfileField, on_delete=models.CASCADE, related_name="answers")
    value = models.CharField(max_length=ANSWER_MAX_LENGTH)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["member", "field"], name="one_answer_per_field"),
            models.CheckConstraint(condition=~Q(value=""), name="an_answer_says_something"),
        ]

    def __str__(self) -> str:
        return self.value

    @property
    def words(self) -> str:
        """The answer as it is shown; a choice in the reader's language, nothing where it is no longer offered."""
        if self.field.kind == ProfileField.Kind.CHOICE:
            return dict(self.field.choices).get(self.value, "")
        return self.value

    @property
    def is_link(self) -> bool:
        return self.field.kind == ProfileField.Kind.URL


class Hat(models.Model):
    """An affiliation that the team has verified, such as "curator of the museum"."""

    name_fr = models.CharField(_("name, in French"), max_length=40, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=40, blank=True)
    name = Bilingual()
    description_fr = models.CharField(
        _("what it stands for, in French"), max_length=200, blank=True, help_text=_("Shown on the profile.")
    )
    description_en = models.CharField(_("what it stands for, in English"), max_length=200, blank=True)
    description = Bilingual()

    class Meta:
        ordering: ClassVar = ["pk"]
        verbose_name = _("hat")
        verbose_name_plural = _("hats")
        constraints = [models.CheckConstraint(condition=~Q(name_fr="", name_en=""), name="a_hat_has_a_name")]

    def __str__(self) -> str:
        return self.name


class HatGrantQuerySet(models.QuerySet["HatGrant"]):
    def current(self) -> HatGrantQuerySet:
        return self.filter(since__lte=timezone.now()).exclude(until__lte=timezone.now())


class HatGrant(models.Model):
    """A hat given to a member, by whom and why; withdrawn, by whom and why. The rows are the log: none is deleted."""

    member = models.ForeignKey(Member, on_delete=models.PROTECT, related_name="hats", verbose_name=_("member"))
    hat = models.ForeignKey(Hat, on_delete=models.PROTECT, related_name="grants", verbose_name=_("hat"))
    granted_by = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("verified by"), editable=False
    )
    reason = models.CharField(
        _("how it was verified"),
        max_length=REASON_MAX_LENGTH,
        help_text=_("Kept in the log; not shown on the profile."),
    )
    since = models.DateTimeField(_("since"), default=timezone.now, editable=False)
    until = models.DateTimeField(
        _("until"), null=True, blank=True, help_text=_("Empty: until it is withdrawn. Past it, the hat is not shown.")
    )
    is_worn = models.BooleanField(
        default=False, editable=False, help_text="Shown beside what they write: one at most, which they choose."
    )
    withdrawn_by = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="+", editable=False)
    withdrawn_reason = models.CharField(_("why it was withdrawn"), max_length=REASON_MAX_LENGTH, blank=True)

    objects: ClassVar[HatGrantQuerySet] = HatGrantQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["-since", "-pk"]
        verbose_name = _("hat given")
        verbose_name_plural = _("hats given")
        constraints = [
            models.UniqueConstraint(fields=["member"], condition=Q(is_worn=True), name="one_hat_is_worn"),
            models.UniqueConstraint(fields=["member", "hat"], condition=Q(withdrawn_by=None), name="one_hat_of_a_kind"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="a_hat_ends_after_it_began"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by=None) | Q(is_worn=False, until__isnull=False) & ~Q(withdrawn_reason=""),
                name="a_withdrawn_hat_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.hat}"
