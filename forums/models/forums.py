from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models import Group
from toolkit.bilingual import Bilingual

if TYPE_CHECKING:
    from forums.readers import Reader


class Intent(models.TextChoices):
    DISCUSSION = "discussion", _("discussion")
    QUESTION = "question", _("question")
    IDEA = "idea", _("idea")
    ANNOUNCEMENT = "announcement", _("announcement")
    FEEDBACK = "feedback", _("feedback")


class ForumQuerySet(models.QuerySet["Forum"]):
    def visible_to(self, reader: Reader) -> ForumQuerySet:
        """Forums whose name and purpose this reader may see."""
        return self.filter(pk__in=reader.seen)


class ReadsFirst(models.TextChoices):
    """Whose posts a forum has read by a person first."""

    NOTHING = "", _("nothing")
    NEWCOMERS = "newcomers", _("what newcomers write")
    ALL = "all", _("everything")


class Forum(models.Model):
    """A room of the community, with a purpose of its own."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", _("community")
        TEAM = "team", _("team")
        PANEL = "panel", _("panel")

    class Languages(models.TextChoices):
        BOTH = "both", _("French and English")
        FRENCH = "fr", _("French")
        ENGLISH = "en", _("English")

    class Colour(models.TextChoices):
        CLAY = "clay", _("clay")
        MOSS = "moss", _("moss")
        SEA = "sea", _("sea")
        PLUM = "plum", _("plum")
        OCHRE = "ochre", _("ochre")
        SLATE = "slate", _("slate")
        ROSE = "rose", _("rose")
        INK = "ink", _("ink")

    class Icon(models.TextChoices):
        NONE = "", _("none")
        TALK = "talk", _("speech")
        QUESTION = "question", _("question")
        TOOLS = "tools", _("tools")
        THREAD = "thread", _("needle and thread")
        CIRCUIT = "circuit", _("circuit")
        IDEA = "idea", _("light bulb")
        DOOR = "door", _("door")
        TREE = "tree", _("tree")
        BOOK = "book", _("book")
        HOUSE = "house", _("house")
        KEY = "key", _("key")
        FLAG = "flag", _("flag")

    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name_fr = models.CharField(_("name, in French"), max_length=60, blank=True)
    name_en = models.CharField(_("name, in English"), max_length=60, blank=True)
    name = Bilingual()
    purpose_fr = models.CharField(
        _("purpose, in French"),
        max_length=140,
        blank=True,
        help_text=_("Shown in lists, at sign-up, in the composer and atop digests."),
    )
    purpose_en = models.CharField(_("purpose, in English"), max_length=140, blank=True)
    purpose = Bilingual()
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=Kind,
        default=Kind.COMMUNITY,
        help_text=_(
            "A community may receive prompts; a team never does; a panel is by invitation and labelled as such."
        ),
    )
    languages = models.CharField(_("languages"), max_length=4, choices=Languages, default=Languages.BOTH)
    default_intent = models.CharField(
        _("what topics are at first"), max_length=12, choices=Intent, default=Intent.DISCUSSION
    )
    tags_needed = models.PositiveSmallIntegerField(
        _("tags that a topic needs"),
        default=0,
        validators=[MaxValueValidator(3)],
        help_text=_("So many at least, when somebody starts a topic here."),
    )
    tags_are_limited = models.BooleanField(
        _("only tags chosen for this forum"),
        default=False,
        help_text=_("Topics here take only the tags that name this forum in their own settings."),
    )
    sends_automatic = models.BooleanField(
        _("automatic messages allowed"),
        default=True,
        help_text=_("Untick to keep this forum free of prompts and of anything the software writes."),
    )
    reads_first = models.CharField(
        _("what is read by a moderator before others see it"),
        max_length=9,
        choices=ReadsFirst,
        blank=True,
        default=ReadsFirst.NOTHING,
        db_default=ReadsFirst.NOTHING,
        help_text=_("Those who host or moderate here are not read first. Automatic rules hold besides."),
    )
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("inside"),
        limit_choices_to={"parent": None},
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    colour = models.CharField(_("colour"), max_length=6, choices=Colour, default=Colour.SLATE)
    icon = models.CharField(_("icon"), max_length=8, choices=Icon, blank=True, default=Icon.NONE)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    topic_count = models.PositiveIntegerField(default=0, editable=False)
    post_count = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[ForumQuerySet] = ForumQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        verbose_name = _("forum")
        verbose_name_plural = _("forums")
        constraints = [
            models.CheckConstraint(condition=~Q(name_fr="", name_en=""), name="a_forum_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("forums:forum", args=[self.slug])

    def clean(self) -> None:
        """One level of nesting: a forum inside another has none inside it."""
        if self.parent is None:
            return
        if self.parent.parent_id is not None or self.parent_id == self.pk:
            raise ValidationError({"parent": _("Choose a forum that is not inside another one.")})
        if self.pk and self.children.exists():
            raise ValidationError({"parent": _("This forum has forums inside it: it cannot be inside another one.")})

    @property
    def post_language(self) -> str | None:
        """What its posts are written in, where that is one language."""
        return None if self.languages == self.Languages.BOTH else str(self.languages)

    @property
    def takes_prompts(self) -> bool:
        return self.kind == self.Kind.COMMUNITY and self.sends_automatic and self.archived_at is None


class Rule(models.Model):
    """A rule of one forum, or of every forum. Shown where one writes; decisions point to it."""

    forum = models.ForeignKey(
        Forum,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="rules",
        verbose_name=_("forum"),
        help_text=_("Empty: a house rule, valid everywhere."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    title_fr = models.CharField(_("rule, in French"), max_length=80, blank=True)
    title_en = models.CharField(_("rule, in English"), max_length=80, blank=True)
    title = Bilingual()
    text_fr = models.TextField(_("what it means, in French"), max_length=1000, blank=True)
    text_en = models.TextField(_("what it means, in English"), max_length=1000, blank=True)
    text = Bilingual()
    retired_at = models.DateTimeField(
        _("retired"), null=True, blank=True, help_text=_("A retired rule stays where decisions point to it.")
    )

    class Meta:
        ordering: ClassVar = ["forum_id", "order", "pk"]
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        constraints = [
            models.CheckConstraint(condition=~Q(title_fr="", title_en=""), name="a_rule_has_words"),
        ]

    def __str__(self) -> str:
        return self.title


class Access(models.Model):
    """Who may see, read, write or start topics in a forum. Several rows add up; the widest holds."""

    class Audience(models.TextChoices):
        EVERYONE = "everyone", _("everyone, also visitors")
        MEMBERS = "members", _("every member")
        TEAM = "team", _("the team (moderators, hosts, admins)")
        GROUP = "group", _("a group")
        INVITED = "invited", _("those who are invited")

    class Level(models.IntegerChoices):
        SEE = 1, _("see that it exists")
        READ = 2, _("read")
        WRITE = 3, _("reply")
        START = 4, _("start topics")

    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="access", verbose_name=_("forum"))
    audience = models.CharField(_("who"), max_length=10, choices=Audience)
    group = models.ForeignKey(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="access", verbose_name=_("group")
    )
    level = models.PositiveSmallIntegerField(_("what they may do"), choices=Level)

    class Meta:
        verbose_name = _("access")
        verbose_name_plural = _("who may do what")
        constraints = [
            models.UniqueConstraint(
                fields=["forum", "audience", "group"], nulls_distinct=False, name="one_access_per_audience"
            ),
            models.CheckConstraint(
                condition=Q(audience="group", group__isnull=False) | (~Q(audience="group") & Q(group=None)),
                name="a_group_is_named_where_meant",
            ),
            models.CheckConstraint(condition=~Q(audience="everyone") | Q(level__lte=2), name="visitors_only_read"),
        ]

    def __str__(self) -> str:
        return f"{self.forum}: {self.get_audience_display()} · {self.get_level_display()}"


class ForumGuest(models.Model):
    """A member who was invited into a forum that is open to those who are invited."""

    forum = models.ForeignKey(Forum, on_delete=models.CASCADE, related_name="guests")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="guest_of")
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("guest of a forum")
        verbose_name_plural = _("guests of a forum")
        constraints = [models.UniqueConstraint(fields=["forum", "member"], name="invited_once")]

    def __str__(self) -> str:
        return f"{self.member_id} in {self.forum_id}"


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    def current(self) -> AppointmentQuerySet:
        now = timezone.now()
        return self.filter(since__lte=now).exclude(until__lte=now)


class Appointment(models.Model):
    """A host of one forum, or a moderator of one forum or of all."""

    class Role(models.TextChoices):
        HOST = "host", _("host")
        MODERATOR = "moderator", _("moderator")

    member = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="appointments",
        verbose_name=_("member"),
    )
    role = models.CharField(_("role"), max_length=10, choices=Role)
    forum = models.ForeignKey(
        Forum,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="appointments",
        verbose_name=_("forum"),
        help_text=_("Empty: moderator everywhere."),
    )
    since = models.DateTimeField(_("since"), default=timezone.now)
    until = models.DateTimeField(_("until"), null=True, blank=True)

    objects: ClassVar[AppointmentQuerySet] = AppointmentQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("appointment")
        verbose_name_plural = _("appointments")
        constraints = [
            models.UniqueConstraint(fields=["member", "role", "forum"], nulls_distinct=False, name="appointed_once"),
            models.CheckConstraint(condition=Q(role="moderator") | Q(forum__isnull=False), name="hosts_have_a_forum"),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.get_role_display()} · {self.forum or _('everywhere')}"
