from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from toolkit.bilingual import Bilingual


class Joining(models.TextChoices):
    OPEN = "open", _("everyone may join")
    APPROVAL = "approval", _("on approval, after one question")
    INVITATION = "invitation", _("by invitation only")


class Community(models.Model):
    """The one row of settings that an admin changes while Commune runs."""

    class Register(models.TextChoices):
        VOUS = "vous", _("vous")
        TU = "tu", _("tu")

    class Languages(models.TextChoices):
        BOTH = "both", _("French and English")
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    name_fr = models.CharField(_("name, in French"), max_length=60, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=60, blank=True)
    name = Bilingual()
    purpose_fr = models.CharField(
        _("purpose, in French"),
        max_length=140,
        blank=True,
        help_text=_("One sentence: shown on the home page, at sign-up and atop digests."),
    )
    purpose_en = models.CharField(_("purpose, in English"), max_length=140, blank=True)
    purpose = Bilingual()
    languages = models.CharField(_("languages"), max_length=4, choices=Languages, default=Languages.BOTH)
    joining = models.CharField(
        _("who may join"),
        max_length=10,
        choices=Joining,
        default=Joining.OPEN,
        help_text=_("Takes effect at once on the sign-up page."),
    )
    question_fr = models.CharField(
        _("question asked on approval, in French"),
        max_length=200,
        blank=True,
        default="Qu’est-ce qui vous amène parmi nous\u202f?",
    )
    question_en = models.CharField(
        _("question asked on approval, in English"),
        max_length=200,
        blank=True,
        default="What brings you here?",
    )
    question = Bilingual()
    accent = models.CharField(
        _("accent colour"),
        max_length=7,
        default="#a2431f",
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}$", _("Write a colour as # and six hexadecimal digits."))],
        help_text=_("Used for links and buttons; contrast is corrected for you in every theme."),
    )
    logo = models.ImageField(
        _("logo"),
        upload_to="community/",
        blank=True,
        help_text=_("PNG, JPEG or WebP, at most 2 MB; shown 40 pixels high beside the name."),
    )
    register = models.CharField(
        _("how prompts address people in French"),
        max_length=4,
        choices=Register,
        default=Register.VOUS,
    )
    contact_email = models.EmailField(
        _("contact address"),
        blank=True,
        help_text=_("Where messages from the contact page go. Empty: to every admin."),
    )
    welcome_after_hours = models.PositiveSmallIntegerField(
        _("hours before a first topic without an answer is offered to welcomers"),
        default=6,
        validators=[MinValueValidator(1), MaxValueValidator(72)],
    )
    reply_mail_minutes = models.PositiveSmallIntegerField(
        _("minutes before a reply is sent by e-mail, unless it was read"),
        default=10,
        validators=[MaxValueValidator(1440)],
    )
    has_settlement_bodies = models.BooleanField(
        _("statements of reasons name out-of-court settlement"),
        default=False,
        db_default=False,
        help_text=_("Regulation (EU) 2022/2065, Art. 21: owed by all but micro and small enterprises."),
    )
    unread_days = models.PositiveSmallIntegerField(
        _("days after which what was not read no longer counts as unread"),
        default=40,
        validators=[MinValueValidator(2), MaxValueValidator(365)],
        help_text=_("Whoever was away comes back to this many days at most, not to years. Nothing is lost by it."),
    )
    is_set_up = models.BooleanField(default=False, editable=False)
    setup_key = models.CharField(max_length=64, blank=True, editable=False)
    demo_loaded_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("community")
        verbose_name_plural = _("community")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_community")]

    def __str__(self) -> str:
        return self.name or "Commune"

    @staticmethod
    def current() -> Community:
        """The settings of this moment. One query."""
        return Community.objects.get(pk=1)

    @property
    def default_language(self) -> str:
        return "en" if self.languages == self.Languages.ENGLISH else "fr"


class Page(models.Model):
    """A page that admins write: about, rules, privacy, legal, contact."""

    class Slug(models.TextChoices):
        ABOUT = "about", _("About")
        RULES = "rules", _("Rules")
        PRIVACY = "privacy", _("Privacy")
        LEGAL = "legal", _("Legal notice")
        CONTACT = "contact", _("Contact")

    slug = models.CharField(_("page"), max_length=10, choices=Slug, unique=True)
    title_fr = models.CharField(_("title, in French"), max_length=80, blank=True)
    title_en = models.CharField(_("title, in English"), max_length=80, blank=True)
    title = Bilingual()
    body_fr = models.TextField(_("text, in French (Markdown)"), blank=True)
    body_en = models.TextField(_("text, in English (Markdown)"), blank=True)
    body = Bilingual()
    is_draft = models.BooleanField(
        _("still the draft that came with Commune"),
        default=True,
        help_text=_("Untick once you have read it and made it yours."),
    )
    updated_at = models.DateTimeField(_("last changed"), auto_now=True)

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")

    def __str__(self) -> str:
        return self.get_slug_display()

    def get_absolute_url(self) -> str:
        return reverse(f"members:{self.slug}")
