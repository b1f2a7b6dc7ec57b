from __future__ import annotations

import zoneinfo
from datetime import datetime
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.indexes import OpClass
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Reverse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from toolkit.text import name_key


class Trust(models.TextChoices):
    NEWCOMER = "newcomer", _("newcomer")
    MEMBER = "member", _("member")
    REGULAR = "regular", _("regular")


class Theme(models.TextChoices):
    AUTO = "auto", _("like my device")
    LIGHT = "light", _("light")
    DARK = "dark", _("dark")
    CONTRAST = "contrast", _("high contrast")


class Reads(models.TextChoices):
    BOTH = "", _("French and English")
    FRENCH = "fr", _("French only")
    ENGLISH = "en", _("English only")


class Mail(models.TextChoices):
    """What reaches a member by e-mail as it happens, decisions and security apart, which always do."""

    ALL = "all", _("all: replies in what I follow, mentions, private conversations")
    MATTERS = "matters", _("what matters to me: replies to me, mentions, private conversations")
    NOTHING = "nothing", _("nothing: only decisions about me and the safety of my account")


class OpenTo(models.TextChoices):
    """Whose private conversations a member takes. Asked by the conversations of forums."""

    MEMBERS = "members", _("every member who may open conversations")
    FOLLOWED = "followed", _("only members I follow")
    NOBODY = "nobody", _("nobody")


class ShownTo(models.TextChoices):
    """Who sees the lists of a member's page and finds them in the directory."""

    EVERYONE = "everyone", _("everyone, also visitors")
    MEMBERS = "members", _("members only")
    TEAM = "team", _("only the team")


class Digest(models.TextChoices):
    NEVER = "never", _("never")
    WEEKLY = "weekly", _("every week")
    MONTHLY = "monthly", _("every month")


def known_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("This time zone is not known."))


class MemberQuerySet(models.QuerySet["Member"]):
    def taking_part(self) -> MemberQuerySet:
        """Those who may sign in and be written to."""
        return self.filter(state=Member.State.ACTIVE)

    def shown(self) -> MemberQuerySet:
        """Those who have a page: not the ones still asking to join, nor refused."""
        return self.exclude(state__in=[Member.State.APPLYING, Member.State.DECLINED])


class MemberManager(BaseUserManager["Member"].from_queryset(MemberQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, username: str | None) -> Member:
        found: Member = self.get(username=(username or "").lower())
        return found

    def create_superuser(self, username: str, email: str, password: str | None = None, **extra: Any) -> Member:
        """For `manage.py createsuperuser`: a member who may use the Django admin."""
        member = Member(username=username.lower(), email=email, is_staff=True, is_superuser=True, **extra)
        member.set_password(password)
        member.save()
        return member


class Member(AbstractBaseUser, PermissionsMixin):
    """A person of the community, or the place kept for one (placeholder). Rows are never deleted.

    `is_staff` and `is_superuser` mean the Django admin and nothing else; moderators and hosts are
    `forums.Appointment`.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        APPLYING = "applying", _("asking to join")
        DECLINED = "declined", _("not admitted")
        PLACEHOLDER = "placeholder", _("imported, not claimed")
        LEAVING = "leaving", _("leaving")
        LEFT = "left", _("left")
        EXCLUDED = "excluded", _("excluded")

    username = models.CharField(_("username"), max_length=30, unique=True)
    name = models.CharField(_("name"), max_length=60, blank=True, help_text=_("Shown beside what you write."))
    email = models.EmailField(_("e-mail address"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=State, default=State.ACTIVE)
    bio = models.TextField(_("in a few words"), max_length=600, blank=True)
    pronouns = models.CharField(
        _("pronouns"), max_length=40, blank=True, default="", db_default="", help_text=_("As others should say them.")
    )
    picture = models.CharField(
        max_length=32, blank=True, default="", db_default="", editable=False, help_text="Key of its ProfilePicture."
    )
    shown_to = models.CharField(
        _("who sees my page and finds me in the directory"),
        max_length=8,
        choices=ShownTo,
        default=ShownTo.EVERYONE,
        db_default=ShownTo.EVERYONE,
        help_text=_("Your posts can be read where they stand, whatever you choose."),
    )
    language = models.CharField(_("language"), max_length=2, choices=[("fr", "Français"), ("en", "English")])
    reads = models.CharField(
        _("languages I read"),
        max_length=2,
        choices=Reads,
        blank=True,
        default=Reads.BOTH,
        help_text=_("Lists, digests and prompts keep to them; one link on each list shows everything."),
    )
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Paris", validators=[known_time_zone])
    theme = models.CharField(_("appearance"), max_length=10, choices=Theme, default=Theme.AUTO)
    trust = models.CharField(_("trust"), max_length=10, choices=Trust, default=Trust.NEWCOMER)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now)
    application = models.TextField(_("answer given when asking to join"), max_length=2000, blank=True)
    source = models.CharField(_("imported from"), max_length=80, blank=True)
    claimed_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="claimed", verbose_name=_("claimed by")
    )

    suspended_until = models.DateTimeField(_("suspended until"), null=True, blank=True)
    held_until = models.DateTimeField(_("posts are read first until"), null=True, blank=True)
    excluded_until = models.DateTimeField(
        null=True, editable=False, help_text="When an exclusion ends unless a second person confirms it; empty: never."
    )

    trust_from = models.DateTimeField(
        null=True, editable=False, help_text="Trust counts from here since it was lowered; empty: from joining."
    )
    leaves_at = models.DateTimeField(null=True, editable=False, help_text="When the account closes for good.")
    leaves_with_posts = models.BooleanField(default=False, db_default=False, editable=False)
    signed_out_at = models.DateTimeField(null=True, editable=False, help_text="Sessions begun before are over.")

    mail = models.CharField(
        _("what reaches me by e-mail"), max_length=8, choices=Mail, default=Mail.ALL, db_default=Mail.ALL
    )
    open_to = models.CharField(
        _("who may write to me"), max_length=8, choices=OpenTo, default=OpenTo.MEMBERS, db_default=OpenTo.MEMBERS
    )
    digest = models.CharField(_("digest by e-mail"), max_length=10, choices=Digest, default=Digest.NEVER)
    digest_hour = models.PositiveSmallIntegerField(_("hour of the digest"), default=8)
    wants_to_welcome = models.BooleanField(
        _("I like to welcome newcomers"),
        default=False,
        help_text=_("When a first post waits, you may be asked, in Commune only, at most once a week."),
    )
    wants_composer_hint = models.BooleanField(default=True)
    is_staff = models.BooleanField(_("may use this administration"), default=False)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(Lower("email"), name="one_member_per_address"),
            models.UniqueConstraint(Lower("username"), name="one_member_per_name"),
            models.CheckConstraint(condition=Q(digest_hour__lte=23), name="digest_hour_is_an_hour"),
            models.CheckConstraint(
                condition=~Q(state="left")
                | Q(email=None, name="", bio="", application="", pronouns="", picture="", is_superuser=False),
                name="who_left_is_blank",
            ),
            models.CheckConstraint(
                condition=Q(state="leaving", leaves_at__isnull=False) | ~Q(state="leaving") & Q(leaves_at=None),
                name="who_leaves_has_a_date",
            ),
            models.CheckConstraint(
                condition=Q(state="excluded") | Q(excluded_until=None), name="who_is_not_excluded_has_no_end_of_it"
            ),
            models.UniqueConstraint(fields=["picture"], condition=~Q(picture=""), name="a_picture_shows_one_member"),
        ]
        indexes = [
            models.Index(fields=["state", "digest"], name="member_by_digest"),
            models.Index(fields=["source"], condition=~Q(source=""), name="member_by_source"),
            models.Index(fields=["-joined_at", "-id"], name="member_by_joining"),
            models.Index(OpClass(Reverse(Lower("email")), name="text_pattern_ops"), name="member_by_domain"),
            models.Index(fields=["leaves_at"], condition=Q(leaves_at__isnull=False), name="member_leaving"),
        ]

    def __str__(self) -> str:
        return self.username

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email or None
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Django's word for "may sign in"."""
        if self.state == self.State.EXCLUDED:
            return not self.is_excluded
        return self.state in {self.State.ACTIVE, self.State.APPLYING, self.State.LEAVING}

    @property
    def shown_name(self) -> str:
        """What stands beside their words. A member who left keeps a pseudonym only."""
        if self.state == self.State.LEFT:
            return gettext("Former member %(n)d") % {"n": self.pk}
        return self.name or self.username

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Also changes when a member is signed out everywhere: sessions that began before are no longer good."""
        known: str = super()._get_session_auth_hash(secret)  # type: ignore[misc]
        return known if self.signed_out_at is None else f"{known}{int(self.signed_out_at.timestamp())}"

    @property
    def is_leaving(self) -> bool:
        return self.state == self.State.LEAVING

    @property
    def small_picture(self) -> str:
        """Its address beside their words; empty where it is drawn from the name."""
        return reverse("members:picture", args=[self.picture, "small"]) if self.picture else ""

    @property
    def large_picture(self) -> str:
        return reverse("members:picture", args=[self.picture, "large"]) if self.picture else ""

    @property
    def is_suspended(self) -> bool:
        return self.suspended_until is not None and self.suspended_until > timezone.now()

    @property
    def is_held(self) -> bool:
        return self.held_until is not None and self.held_until > timezone.now()

    @property
    def is_excluded(self) -> bool:
        """Read from the clock: an exclusion that nobody confirmed is over before the sweep writes so."""
        is_over = self.excluded_until is not None and self.excluded_until <= timezone.now()
        return self.state == self.State.EXCLUDED and not is_over

    @property
    def is_newcomer(self) -> bool:
        return self.trust == Trust.NEWCOMER

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        return zoneinfo.ZoneInfo(self.time_zone)

    def local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.zone)

    def get_full_name(self) -> str:
        return self.shown_name

    def get_short_name(self) -> str:
        return self.shown_name

    def get_absolute_url(self) -> str:
        return reverse("members:profile", args=[self.username])

    @property
    def hue(self) -> int:
        """Which of the twelve avatar colours is theirs (0 to 11): stable, from the name."""
        return sum(ord(c) * (i + 7) for i, c in enumerate(self.username)) % 12

    @property
    def initials(self) -> str:
        words = [w for w in self.shown_name.replace("-", " ").split() if w[0].isalpha()]
        letters = [words[0][0], words[-1][0]] if len(words) > 1 else [self.shown_name[0]]
        return "".join(letters).upper()


class TakenName(models.Model):
    """Every name ever used, folded so that look-alikes meet. A name is never given to somebody else."""

    key = models.CharField(max_length=60, primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.PROTECT, null=True, related_name="names")
    taken_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key

    @staticmethod
    def is_free(name: str) -> bool:
        return not TakenName.objects.filter(key=name_key(name)).exists()
