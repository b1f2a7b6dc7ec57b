"""The shelf: the team's handbook, its reading list, cases to learn from."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from moderation.limits import LESSON_MAX_LENGTH
from moderation.models.cases import Case
from toolkit.bilingual import Bilingual

if TYPE_CHECKING:
    from forums.readers import Reader


class HandbookPage(models.Model):
    """A page of the team's handbook, in Markdown. Those that come with Commune are drafts to make one's own."""

    slug = models.SlugField(_("address"), max_length=40, unique=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title_fr = models.CharField(_("title, in French"), max_length=80, blank=True)
    title_en = models.CharField(_("title, in English"), max_length=80, blank=True)
    title = Bilingual()
    body_fr = models.TextField(_("text, in French (Markdown)"), blank=True)
    body_en = models.TextField(_("text, in English (Markdown)"), blank=True)
    body = Bilingual()
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        verbose_name = _("handbook page")
        verbose_name_plural = _("handbook")
        constraints = [
            models.CheckConstraint(condition=~Q(title_fr="", title_en=""), name="a_handbook_page_has_a_title")
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("moderation:handbook", args=[self.slug])


class Reading(models.Model):
    """Something worth reading about the trade, or about something else, and why."""

    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title = models.CharField(_("title"), max_length=200)
    author = models.CharField(_("author, year"), max_length=160, blank=True)
    language = models.CharField(
        _("language"), max_length=2, choices=[("fr", "Français"), ("en", "English")], default="en"
    )
    href = models.URLField(_("link"), blank=True)
    why_fr = models.TextField(_("why read it, in French"), max_length=500, blank=True)
    why_en = models.TextField(_("why read it, in English"), max_length=500, blank=True)
    why = Bilingual()

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        verbose_name = _("reading")
        verbose_name_plural = _("reading list")

    def __str__(self) -> str:
        return self.title


class ExemplarQuerySet(models.QuerySet["Exemplar"]):
    def visible_to(self, reader: Reader) -> ExemplarQuerySet:
        """What a case teaches, for the team: of forums that this reader may read, and of no forum for those who
        moderate everywhere."""
        if not reader.moderates_anywhere:
            return self.none()
        here = Q(case__subject__post__topic__forum_id__in=reader.readable)
        here |= Q(case__subject__topic__forum_id__in=reader.readable)
        if reader.moderates_everywhere:
            here |= Q(case__subject__post__topic__forum=None, case__subject__topic__forum=None)
        return self.filter(here)


class Exemplar(models.Model):
    """A closed case that teaches something, without anybody's name."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, primary_key=True, related_name="exemplar")
    lesson = models.TextField(_("what it teaches"), max_length=LESSON_MAX_LENGTH)
    marked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("marked by")
    )
    marked_at = models.DateTimeField(_("marked"))

    objects: ClassVar[ExemplarQuerySet] = ExemplarQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("exemplary case")
        verbose_name_plural = _("exemplary cases")
        constraints = [models.CheckConstraint(condition=~Q(lesson=""), name="an_exemplary_case_teaches_something")]
        indexes = [models.Index(fields=["-marked_at", "-case"], name="exemplars_latest")]

    def __str__(self) -> str:
        return self.lesson[:60]
