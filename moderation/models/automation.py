"""Automatic rules, their trials, and what they met."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Case as When
from django.db.models import Count, F, Q, TextField, Value
from django.db.models import When as If
from django.db.models.functions import MD5, Cast, Coalesce, Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forums.models import Post
from members.models import Trust
from moderation.limits import OVERTURNED_PERCENT, OVERTURNED_SAMPLE
from moderation.models.cases import Case
from toolkit.bilingual import Bilingual

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONDITIONS = (
    "level", "words", "words_at_least", "links_at_least", "links_are", "links_to", "text_at_most", "trust_at_most",
    "younger_than_hours", "posts_at_most", "is_unapproved", "address_is_new", "rate_posts", "rate_minutes",
    "like_removed", "repeated_times",
)  # fmt: skip


def _said(text: str) -> Value:
    return Value(text, output_field=TextField())


def _fingerprint() -> MD5:
    """Of what a rule does and all its conditions: the database makes it, so that no trial passes for one of others."""
    pieces: list[Any] = []
    for name in CONDITIONS:
        pieces += [Coalesce(Cast(name, TextField()), _said("-")), _said("\x1f")]
    return MD5(Concat(*pieces, output_field=TextField()))


class AutomaticRuleQuerySet(models.QuerySet["AutomaticRule"]):
    def on(self) -> AutomaticRuleQuerySet:
        return self.filter(is_on=True)

    def counted(self) -> AutomaticRuleQuerySet:
        """Each with `hit_count`, and of the holds since it was last switched on `decided_count` and
        `overturned_count`."""
        lately = Q(hits__created_at__gte=F("on_since"), hits__level="hold")
        decided = lately & ~Q(hits__outcome="")
        return self.annotate(
            hit_count=Count("hits"),
            decided_count=Count("hits", filter=decided),
            overturned_count=Count("hits", filter=decided & Q(hits__outcome="overturned")),
        )


class AutomaticRule(models.Model):
    """What an admin wants said, asked or held. All conditions that are given must hold."""

    class Level(models.TextChoices):
        HINT = "hint", _("hint while one writes")
        CONFIRM = "confirm", _("ask to confirm")
        HOLD = "hold", _("hold for a moderator")

    class Links(models.TextChoices):
        ANY = "any", _("to any other site")
        UNKNOWN = "unknown", _("to sites that nobody has allowed yet")

    class Off(models.TextChoices):
        """Why a rule that was on is off."""

        PERSON = "person", _("switched off by an admin")
        EDITED = "edited", _("its conditions were changed")
        OVERTURNED = "overturned", _("moderators published too much of what it held")

    name_fr = models.CharField(_("name, in French"), max_length=80, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=80, blank=True)
    name = Bilingual()
    level = models.CharField(_("what it does"), max_length=7, choices=Level, default=Level.HINT)
    sentence_fr = models.CharField(
        _("what the author reads, in French"),
        max_length=300,
        blank=True,
        help_text=_("One sentence that helps: what is the matter, and what one can do."),
    )
    sentence_en = models.CharField(_("what the author reads, in English"), max_length=300, blank=True)
    sentence = Bilingual()

    words = models.TextField(
        _("words and phrases"),
        blank=True,
        default="",
        help_text=_(
            "One on each line. Whole words; case, accents and look-alike letters do not matter. A star stands for the "
            "beginning or the end of a word: “casino*”."
        ),
    )
    words_at_least = models.PositiveSmallIntegerField(
        _("how many different ones"), default=1, validators=[MinValueValidator(1)]
    )
    links_at_least = models.PositiveSmallIntegerField(
        _("links to at least so many sites"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    links_are = models.CharField(_("counting links"), max_length=7, choices=Links, default=Links.ANY)
    links_to = models.TextField(
        _("links to one of these sites"), blank=True, default="", help_text=_("One on each line; sub-domains too.")
    )
    text_at_most = models.PositiveSmallIntegerField(
        _("at most so many words beside links"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    trust_at_most = models.CharField(
        _("author’s trust at most"),
        max_length=10,
        choices=Trust,
        blank=True,
        default="",
        help_text=_("Empty: anybody."),
    )
    younger_than_hours = models.PositiveIntegerField(
        _("account younger than so many hours"), null=True, blank=True, validators=[MinValueValidator(1)]
    )
    posts_at_most = models.PositiveSmallIntegerField(
        _("author has at most so many published posts"), null=True, blank=True, help_text=_("0: their very first one.")
    )
    is_unapproved = models.BooleanField(
        _("no held post of the author has been published yet"),
        default=False,
        help_text=_("Ends, for an author, with the first post that a moderator publishes."),
    )
    address_is_new = models.BooleanField(
        _("author’s e-mail address is of a new domain"),
        default=False,
        help_text=_("Nobody who joined before them has an address of the same domain."),
    )
    rate_posts = models.PositiveSmallIntegerField(
        _("author’s post number … within the time below"), null=True, blank=True, validators=[MinValueValidator(2)]
    )
    rate_minutes = models.PositiveSmallIntegerField(
        _("minutes"), null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(1440)]
    )
    like_removed = models.PositiveSmallIntegerField(
        _("like a removed post, in percent"),
        null=True,
        blank=True,
        validators=[MinValueValidator(20), MaxValueValidator(100)],
        help_text=_("How much of the text is the same as in a post that moderators hid or refused. 50 is a lot."),
    )
    repeated_times = models.PositiveSmallIntegerField(
        _("the same text was posted so many times within a week"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1)],
    )
    fingerprint = models.GeneratedField(
        expression=_fingerprint(), output_field=models.CharField(max_length=32), db_persist=True
    )

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("owner"),
        help_text=_("Who answers for it, and is told when it is switched off by itself. Empty: all admins."),
    )
    edited_at = models.DateTimeField(_("last changed"))
    is_on = models.BooleanField(_("on"), default=False)
    on_since = models.DateTimeField(_("on since"), null=True)
    trial = models.ForeignKey(
        "RuleTrial", on_delete=models.PROTECT, null=True, related_name="+", help_text="By which it was switched on."
    )
    shipped_as = models.CharField(
        max_length=32, blank=True, default="", help_text="The fingerprint it came with: tried before it was shipped."
    )
    switched_off_at = models.DateTimeField(_("switched off"), null=True)
    switched_off_because = models.CharField(_("why it is off"), max_length=10, choices=Off, blank=True, default="")

    objects: ClassVar[AutomaticRuleQuerySet] = AutomaticRuleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("automatic rule")
        verbose_name_plural = _("automatic rules")
        ordering: ClassVar = ["pk"]
        constraints = [
            # With the key of moderation/migrations/0007 (trial, rule and fingerprint together): no trial, no rule.
            models.CheckConstraint(
                condition=Q(is_on=False) | Q(trial__isnull=False) | Q(shipped_as=F("fingerprint")),
                name="a_rule_that_is_on_was_tried",
            ),
            models.CheckConstraint(
                condition=Q(is_on=False) | Q(on_since__isnull=False), name="a_rule_is_on_since_a_moment"
            ),
            models.CheckConstraint(
                condition=~Q(words="")
                | ~Q(links_to="")
                | Q(links_at_least__isnull=False)
                | Q(text_at_most__isnull=False)
                | Q(younger_than_hours__isnull=False)
                | Q(posts_at_most__isnull=False)
                | Q(rate_posts__isnull=False)
                | Q(like_removed__isnull=False)
                | Q(repeated_times__isnull=False)
                | Q(address_is_new=True),
                name="a_rule_has_a_condition",
                violation_error_message=_(
                    "Give at least one condition besides trust: this rule would meet everything."
                ),
            ),
            models.CheckConstraint(
                condition=Q(rate_posts=None, rate_minutes=None)
                | Q(rate_posts__isnull=False, rate_minutes__isnull=False),
                name="a_rate_has_a_time",
                violation_error_message=_("Give both: how many posts, and within how many minutes."),
            ),
            models.CheckConstraint(condition=Q(words_at_least__gte=1), name="a_rule_counts_words"),
            models.CheckConstraint(
                condition=Q(level="hold") | ~Q(sentence_fr="") | ~Q(sentence_en=""),
                name="a_rule_that_speaks_has_words",
                violation_error_message=_("Write the sentence that the author reads."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.name) or str(self.pk)

    def get_absolute_url(self) -> str:
        return reverse("admin:moderation_automaticrule_change", args=[self.pk])

    @property
    def is_about_unknown_sites(self) -> bool:
        """Whether it looks at which sites are linked to, and at no words: whoever decides may allow those sites."""
        return self.links_at_least is not None and self.links_are == self.Links.UNKNOWN and not self.words

    @property
    def reads_words(self) -> bool:
        """Whether it looks at what is said. Such a rule reads no private conversation."""
        return bool(self.words or self.like_removed or self.repeated_times)


class RuleTrial(models.Model):
    """What a rule would have held, had it been on: the rows of a dry run, written by a job as it goes."""

    rule = models.ForeignKey(AutomaticRule, on_delete=models.CASCADE, related_name="trials")
    fingerprint = models.CharField(max_length=32)
    days = models.PositiveSmallIntegerField(_("days"), choices=[(30, _("30 days")), (90, _("90 days"))])
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("asked for by")
    )
    asked_at = models.DateTimeField(_("asked for"))
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)
    sketched_to = models.BigIntegerField(default=0, help_text="The last post that was made comparable.")
    read_to = models.BigIntegerField(default=0, help_text="The last post that was read.")
    read = models.PositiveIntegerField(_("posts read"), default=0)
    met = models.PositiveIntegerField(_("posts it would have met"), default=0)
    kept = models.PositiveIntegerField(_("of these kept"), default=0)
    removed = models.PositiveIntegerField(_("of these removed"), default=0)
    examples = ArrayField(models.BigIntegerField(), default=list, help_text="Posts, the first ones met.")
    proven = models.GeneratedField(
        expression=When(If(finished_at__isnull=False, then=F("fingerprint")), default=Value(None)),
        output_field=models.CharField(max_length=32, null=True),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("trial of a rule")
        verbose_name_plural = _("trials of rules")
        constraints = [
            models.UniqueConstraint(fields=["id", "rule", "proven"], name="a_trial_proves_its_rule"),
            models.UniqueConstraint(
                fields=["rule", "fingerprint", "days"], condition=Q(finished_at=None), name="one_trial_runs"
            ),
            models.CheckConstraint(condition=Q(days__in=[30, 90]), name="a_trial_is_of_30_or_90_days"),
            models.CheckConstraint(condition=Q(met__gte=F("kept") + F("removed")), name="a_trial_adds_up"),
        ]
        indexes = [models.Index(fields=["asked_at"], condition=Q(finished_at=None), name="trial_waiting")]

    def __str__(self) -> str:
        return f"{self.rule} ({self.get_days_display()})"

    def get_absolute_url(self) -> str:
        return reverse("admin:moderation_ruletrial_change", args=[self.pk])


class RuleHit(models.Model):
    """A rule was met by what somebody wrote: once for each rule and composer, whatever was typed meanwhile.

    Without a post the author was shown a hint, or never sent it. Only holds have an outcome.
    """

    class Outcome(models.TextChoices):
        STANDS = "stands", _("not published")
        OVERTURNED = "overturned", _("published by a moderator")

    rule = models.ForeignKey(AutomaticRule, on_delete=models.PROTECT, related_name="hits")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.UUIDField(help_text="Of the composer.")
    post = models.ForeignKey(Post, on_delete=models.PROTECT, null=True, related_name="rule_hits")
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="hits")
    level = models.CharField(_("what it did"), max_length=7, choices=AutomaticRule.Level)
    matched = models.CharField(_("what it met"), max_length=300, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome, blank=True, default="")
    created_at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("hit of a rule")
        verbose_name_plural = _("hits of rules")
        constraints = [
            models.UniqueConstraint(fields=["rule", "author", "key"], name="one_hit_a_composer"),
            models.CheckConstraint(condition=Q(case=None) | Q(level="hold"), name="only_holds_have_a_case"),
            models.CheckConstraint(condition=Q(outcome="") | Q(level="hold"), name="only_holds_have_an_outcome"),
        ]
        indexes = [models.Index(fields=["rule", "-created_at"], name="hit_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule_id}: {self.matched[:40]}"

    @property
    def told(self) -> StrOrPromise:
        """What became of it, in words."""
        if self.outcome:
            return self.get_outcome_display()
        if self.level == AutomaticRule.Level.HOLD:
            return _("waits")
        return _("published") if self.post_id is not None else _("shown")


class PostSketch(models.Model):
    """By what a post is found to be like another one: see `automatic.sketches`. Of recent posts, and for two years of
    those that moderators hid or refused. Never of private ones."""

    post = models.OneToOneField(Post, on_delete=models.CASCADE, primary_key=True, related_name="sketch")
    numbers = ArrayField(models.BigIntegerField())
    created_at = models.DateTimeField(help_text="The post's.")
    removed_at = models.DateTimeField(null=True, help_text="Since when moderators do not want it.")

    class Meta:
        indexes = [
            GinIndex(fields=["numbers"], name="sketch_numbers"),
            models.Index(fields=["created_at"], name="sketch_by_date"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


def is_too_often_overturned(*, decided: int, overturned: int) -> bool:
    """More than 30 % of at least 20 holds that moderators decided on were published by them."""
    return decided >= OVERTURNED_SAMPLE and overturned * 100 > OVERTURNED_PERCENT * decided
