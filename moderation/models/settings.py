"""What admins configure: the measures that are offered, and the words they begin with."""

from __future__ import annotations

from string import Formatter

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forums.models import Rule
from moderation.models.decisions import Decision
from toolkit.bilingual import Bilingual

M = Decision.Measure

# Measures that an admin may leave out of the form, and those that have a length.
OPTIONAL = (
    M.THANK,
    M.WORD,
    M.MOVE,
    M.ASK_EDIT,
    M.EDIT,
    M.CLOSE,
    M.SLOW,
    M.HOLD,
    M.SUSPEND,
    M.EXCLUDE,
    M.SWEEP,
    M.BLOCK,
)
TIMED = (M.CLOSE, M.SLOW, M.HOLD, M.SUSPEND, M.BLOCK)


class MeasureSetting(models.Model):
    """Whether a measure is offered, and for how long: what the form proposes, and the most that it takes. A measure
    without a row is offered, with the lengths of `limits`."""

    measure = models.CharField(
        _("measure"), max_length=10, unique=True, choices=[(m.value, m.label) for m in sorted({*OPTIONAL, *TIMED})]
    )
    is_offered = models.BooleanField(_("offered"), default=True)
    usual_days = models.PositiveSmallIntegerField(
        _("usual length, in days"), null=True, blank=True, help_text=_("What the form proposes. Empty: nothing.")
    )
    at_most_days = models.PositiveSmallIntegerField(
        _("at most, in days"), null=True, blank=True, help_text=_("Longer is refused. Empty: no limit.")
    )

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.CheckConstraint(
                condition=Q(usual_days=None) | Q(at_most_days=None) | Q(usual_days__lte=models.F("at_most_days")),
                name="what_is_usual_is_allowed",
            )
        ]

    def __str__(self) -> str:
        return str(self.get_measure_display())

    def clean(self) -> None:
        if self.measure not in TIMED and (self.usual_days or self.at_most_days):
            raise ValidationError(_("This measure has no length."))
        if self.usual_days and self.at_most_days and self.usual_days > self.at_most_days:
            raise ValidationError(_("What is usual is longer than what is allowed."))


FIELDS = ("name", "title", "rule", "facts", "date", "host")


def known_fields(text: str) -> None:
    """Raises ValidationError for a field in braces that is none of FIELDS."""
    try:
        named = {name for _literal, name, _spec, _conversion in Formatter().parse(text) if name is not None}
    except ValueError:
        raise ValidationError(_("A brace is open or closed that has no partner.")) from None
    unknown = named - set(FIELDS)
    if unknown:
        said = _("These fields are not known: %(fields)s. Known are: %(known)s.")
        raise ValidationError(said % {"fields": ", ".join(sorted(unknown)), "known": ", ".join(FIELDS)})


class ReplyTemplate(models.Model):
    """Words that somebody who decides may begin with, edits and signs."""

    name_fr = models.CharField(_("name, in French"), max_length=80)
    name_en = models.CharField(_("name, in English"), max_length=80, blank=True)
    name = Bilingual()
    measures = models.JSONField(
        _("for these measures"), default=list, blank=True, help_text=_("None chosen: offered for every measure.")
    )
    rule = models.ForeignKey(
        Rule, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("chooses the rule")
    )
    message_fr = models.TextField(
        _("message, in French"),
        max_length=3000,
        blank=True,
        validators=[known_fields],
        help_text=_("Fields: {name} {title} {rule} {facts} {date} {host}."),
    )
    message_en = models.TextField(_("message, in English"), max_length=3000, blank=True, validators=[known_fields])
    message = Bilingual()
    why_fr = models.TextField(
        _("why that is against the rule, in French"), max_length=1000, blank=True, validators=[known_fields]
    )
    why_en = models.TextField(
        _("why that is against the rule, in English"), max_length=1000, blank=True, validators=[known_fields]
    )
    why = Bilingual()
    is_offered = models.BooleanField(_("offered"), default=True)
    position = models.PositiveSmallIntegerField(_("place"), default=0)

    class Meta:
        verbose_name = _("reply template")
        verbose_name_plural = _("reply templates")
        ordering = ("position", "pk")

    def __str__(self) -> str:
        return self.name or self.name_en

    def clean(self) -> None:
        unknown = set(self.measures) - set(M.values)
        if unknown:
            raise ValidationError({"measures": _("This measure is not known.")})

    def fits(self, measure: str) -> bool:
        return not self.measures or measure in self.measures
