"""What anybody, member or not, gives notice of as illegal (Regulation (EU) 2022/2065, Art. 16)."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from moderation.models.cases import Case


class Ground(models.TextChoices):
    """Grounds of law, in the words of somebody who is not a lawyer; for notices and for decisions."""

    HATE = "hate", _("incitement to hatred or discrimination, denial of crimes against humanity")
    INSULT = "insult", _("public insult or defamation")
    THREAT = "threat", _("threat, or incitement to violence")
    TERROR = "terror", _("incitement to or praise of terrorism")
    CHILD = "child", _("sexual abuse or exploitation of a child")
    INTIMATE = "intimate", _("intimate images without consent, sexual harassment")
    HARASSMENT = "harassment", _("harassment")
    PRIVACY = "privacy", _("private life or personal data made public")
    FRAUD = "fraud", _("fraud or scam")
    RIGHTS = "rights", _("copyright, trade mark or a similar right")
    GOODS = "goods", _("sale of what may not be sold")
    SELF_HARM = "self_harm", _("incitement to suicide or self-harm")
    OTHER = "other", _("something else that is against the law")


# Directive 2011/93/EU, Articles 3 to 7: whoever gives notice of these need not say who they are (Art. 16(2)(c)).
NAMELESS = frozenset({Ground.CHILD})


class Notice(models.Model):
    """One notice: what is illegal, where, why, and who says so in good faith. Its number is the row's; its page is
    reached by the secret in its address alone. Nothing of it changes, but that the sender is forgotten."""

    key = models.UUIDField(unique=True, help_text="The same notice sent twice is one.")
    secret = models.CharField(max_length=43, unique=True)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="notices")
    name = models.CharField(_("name"), max_length=80, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    ground = models.CharField(_("ground"), max_length=10, choices=Ground)
    explanation = models.TextField(_("explanation"), max_length=5000)
    language = models.CharField(max_length=2)
    created_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("notice of illegal content")
        verbose_name_plural = _("notices of illegal content")
        constraints = [
            models.CheckConstraint(condition=~Q(explanation=""), name="a_notice_explains_itself"),
            models.CheckConstraint(condition=~Q(name="") | Q(ground="child"), name="a_notice_names_its_sender"),
        ]
        indexes = [models.Index(fields=["email", "created_at"], name="notices_by_address")]

    def __str__(self) -> str:
        return f"{self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("moderation:notice", args=[self.secret])


class NoticedPlace(models.Model):
    """One address of a notice: as it was given, and the case in which what is there is judged."""

    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, related_name="places")
    address = models.CharField(max_length=500)
    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="noticed")
    version = models.PositiveIntegerField(null=True, help_text="Of the post at that address: what it said then.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "address"], name="an_address_is_named_once")]

    def __str__(self) -> str:
        return self.address
