"""What the figures of moderation need to be told: settings, and what a rule is about in the words of the law."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from forums.models import Rule


class Category(models.TextChoices):
    """Categories of illegal content, and of what is incompatible with terms and conditions, as the templates of
    Implementing Regulation (EU) 2024/2835 code them (part 2, categories 1 to 17)."""

    ANIMAL_WELFARE = "STATEMENT_CATEGORY_ANIMAL_WELFARE", _("animal welfare")
    CONSUMER = "STATEMENT_CATEGORY_CONSUMER_INFORMATION", _("information of consumers")
    CYBER_VIOLENCE = "STATEMENT_CATEGORY_CYBER_VIOLENCE", _("cyber violence")
    AGAINST_WOMEN = "STATEMENT_CATEGORY_CYBER_VIOLENCE_AGAINST_WOMEN", _("cyber violence against women")
    PRIVACY = "STATEMENT_CATEGORY_DATA_PROTECTION_AND_PRIVACY_VIOLATIONS", _("data protection and private life")
    SPEECH = "STATEMENT_CATEGORY_ILLEGAL_OR_HARMFUL_SPEECH", _("illegal or harmful speech")
    RIGHTS = "STATEMENT_CATEGORY_INTELLECTUAL_PROPERTY_INFRINGEMENTS", _("intellectual property")
    CIVIC = "STATEMENT_CATEGORY_NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS", _("civic discourse or elections")
    MINORS = "STATEMENT_CATEGORY_PROTECTION_OF_MINORS", _("protection of minors")
    SECURITY = "STATEMENT_CATEGORY_RISK_FOR_PUBLIC_SECURITY", _("risk for public security")
    FRAUD = "STATEMENT_CATEGORY_SCAMS_AND_FRAUD", _("scams and fraud")
    SELF_HARM = "STATEMENT_CATEGORY_SELF_HARM", _("self-harm")
    PRODUCTS = "STATEMENT_CATEGORY_UNSAFE_AND_PROHIBITED_PRODUCTS", _("unsafe or prohibited products")
    VIOLENCE = "STATEMENT_CATEGORY_VIOLENCE", _("violence")
    TERMS = "STATEMENT_CATEGORY_OTHER_VIOLATION_TC", _("other violation of the rules of this place")
    UNSPECIFIED_ORDER = "STATEMENT_CATEGORY_NOT_SPECIFIED_ORDER", _("not specified by the authority")
    UNSPECIFIED_NOTICE = "STATEMENT_CATEGORY_NOT_SPECIFIED_NOTICE", _("not specified by whoever gave notice")


RULES_ARE_ABOUT = [choice for choice in Category.choices if not choice[0].startswith("STATEMENT_CATEGORY_NOT_SPEC")]


class RuleCategory(models.Model):
    """What a rule is about in the categories of the law; a rule without a row is “other violation”."""

    rule = models.OneToOneField(
        Rule, on_delete=models.CASCADE, primary_key=True, related_name="category", verbose_name=_("rule")
    )
    category = models.CharField(_("category"), max_length=80, choices=RULES_ARE_ABOUT)

    class Meta:
        verbose_name = _("category of a rule")
        verbose_name_plural = _("categories of rules")

    def __str__(self) -> str:
        return f"{self.rule}: {self.get_category_display()}"


# A short list to begin with: insults and slurs that wear out whoever reads them all day. The admin makes it theirs.
COVERED_AT_FIRST = "\n".join(
    [
        "abruti", "bâtard", "bougnoule", "bouffon", "connard", "connasse", "crétin", "enculé", "fils de pute", "gouine",
        "nègre", "négro", "ordure", "pédé", "pouffiasse", "pute", "salaud", "salope", "sous-merde", "tapette", "youpin",
        "asshole", "bastard", "bitch", "chink", "cunt", "dickhead", "dyke", "fag", "faggot", "kike", "kill yourself",
        "kys", "motherfucker", "nigger", "paki", "retard", "slut", "spastic", "tranny", "wanker", "whore", "wog",
    ]
)  # fmt: skip


class Settings(models.Model):
    """The one row of moderation's settings; while there is none, the defaults hold."""

    publishes_entries = models.BooleanField(
        _("publish single entries"),
        default=False,
        help_text=_(
            "Each decision of a month that is over stands in the public log: measure, rule and origin, without a name, "
            "a date or a link. In a small community people may recognise themselves."
        ),
    )
    publishes_figures = models.BooleanField(
        _("publish the yearly figures"),
        default=False,
        help_text=_(
            "The transparency report of each year that is over can be downloaded by everybody from the public log. It "
            "gives exact numbers, as the law asks, also small ones."
        ),
    )
    covered_words = models.TextField(
        _("insults and slurs to cover"),
        default=COVERED_AT_FIRST,
        blank=True,
        max_length=20_000,
        help_text=_(
            "One on each line, in any language; capitals and accents do not matter. Covered for moderators only."
        ),
    )

    class Meta:
        verbose_name = _("settings of moderation")
        verbose_name_plural = _("settings of moderation")
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="one_row_of_moderation_settings")]

    def __str__(self) -> str:
        return str(_("settings of moderation"))

    @staticmethod
    def current() -> Settings:
        """The settings of this moment. One query."""
        return Settings.objects.filter(pk=1).first() or Settings(pk=1)
