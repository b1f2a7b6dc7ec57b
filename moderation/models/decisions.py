"""What was decided: written once, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from forums.models import Forum, Rule
from moderation.models.cases import Case, Subject
from moderation.models.notices import Ground, Notice
from toolkit.expressions import Lexemes, one_of

if TYPE_CHECKING:
    from forums.readers import Reader


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, reader: Reader) -> DecisionQuerySet:
        """Decisions this reader may read: the team's log for moderators, and what was decided about oneself."""
        if reader.member_id is None:
            return self.none()
        if reader.moderates_everywhere:
            return self
        mine = Q(concerned_id=reader.member_id)
        return self.filter(mine | Q(forum_id__in=reader.moderated))


class Decision(models.Model):
    """One line of the log. Written once, never changed or deleted; an undo is a decision of its own."""

    class Measure(models.TextChoices):
        KEEP = "keep", _("kept")
        THANK = "thank", _("thanked")
        WORD = "word", _("a word in private")
        MOVE = "move", _("topic moved")
        ASK_EDIT = "ask_edit", _("asked to edit")
        EDIT = "edit", _("edited")
        HIDE = "hide", _("hidden")
        REMOVE = "remove", _("removed")
        CLOSE = "close", _("topic closed")
        SLOW = "slow", _("topic slowed down")
        WARN = "warn", _("warned")
        HOLD = "hold", _("posts are read first")
        SUSPEND = "suspend", _("suspended")
        EXCLUDE = "exclude", _("excluded")
        SWEEP = "sweep", _("spam: all posts removed, excluded")
        BLOCK = "block", _("sign-ups blocked")
        APPROVE = "approve", _("published")
        RETURN = "return", _("returned for a change")
        REFUSE = "refuse", _("not published")
        ADMIT = "admit", _("admitted")
        DECLINE = "decline", _("not admitted")
        ANSWER = "answer", _("answered")
        HAND_OVER = "hand_over", _("posts handed over to who wrote them")
        NOT_OVER = "not_over", _("posts not handed over")
        CONFIRM = "confirm", _("measure confirmed")
        LAPSE = "lapse", _("measure not confirmed")
        MAINTAIN = "maintain", _("decision maintained")
        UNDO = "undo", _("decision undone")

    class Origin(models.TextChoices):
        REPORT = "report", _("a report by a member")
        OWN = "own", _("the team’s own initiative")
        HELD = "held", _("a post held by an automatic rule")
        APPLICATION = "application", _("a request to join")
        APPEAL = "appeal", _("an appeal")
        LETTER = "letter", _("a letter")
        CLAIM = "claim", _("a claim of an imported name")
        NOTICE = "notice", _("a notice of illegal content")
        SECOND = "second", _("a measure that a second person looks at")

    # What restricts somebody or their words: a statement of reasons is owed, and it can be contested.
    RESTRICTING = frozenset(
        {
            Measure.EDIT, Measure.HIDE, Measure.REMOVE, Measure.CLOSE, Measure.SLOW, Measure.WARN, Measure.HOLD,
            Measure.SUSPEND, Measure.EXCLUDE, Measure.SWEEP, Measure.BLOCK, Measure.RETURN, Measure.REFUSE,
            Measure.DECLINE,
        }
    )  # fmt: skip
    # Those whose ground must be named: a rule of the community, or the law. (Nobody is owed admission.)
    REASONED = RESTRICTING - {Measure.DECLINE}
    SANCTIONS = (Measure.WARN, Measure.HOLD, Measure.SUSPEND, Measure.EXCLUDE)  # one step after the other

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="decisions")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, null=True, related_name="decisions")
    concerned = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="decisions_about"
    )
    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, null=True, related_name="+")
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="decisions_made")
    measure = models.CharField(max_length=10, choices=Measure)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, null=True, related_name="+")
    ground = models.CharField(max_length=10, choices=Ground, blank=True, default="", db_default="")
    origin = models.CharField(max_length=12, choices=Origin)
    version = models.PositiveIntegerField(null=True, help_text="Of the post that was judged: what it said then.")
    was_detected_automatically = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    until = models.DateTimeField(null=True, help_text="When the measure ends by itself; empty: never, or it is done.")
    provisional_until = models.DateTimeField(
        null=True, help_text="When it lapses unless a second person has confirmed it."
    )
    was_alone = models.BooleanField(
        default=False, db_default=False, help_text="Nobody else could confirm it: an admin looks at it."
    )
    together_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="companions", help_text="Taken in one go with it."
    )
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    undoes = models.OneToOneField("self", on_delete=models.PROTECT, null=True, related_name="undone_by")

    objects: ClassVar[DecisionQuerySet] = DecisionQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            # An edit and a refusal owe one too since 2026-11 (the action insists); earlier rows have none.
            models.CheckConstraint(
                condition=~Q(
                    measure__in=[
                        "hide",
                        "remove",
                        "close",
                        "slow",
                        "warn",
                        "hold",
                        "suspend",
                        "exclude",
                        "sweep",
                        "block",
                        "return",
                    ]  # fmt: skip
                )
                | Q(rule__isnull=False)
                | ~Q(ground=""),
                name="measures_name_a_rule_or_a_law",
            ),
            models.CheckConstraint(
                condition=~Q(measure__in=["slow", "hold", "suspend", "block"]) | Q(until__isnull=False),
                name="what_ends_by_itself_says_when",
            ),
            models.CheckConstraint(
                condition=~Q(measure="undo") | Q(undoes__isnull=False), name="an_undo_undoes_something"
            ),
        ]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="decision_log"),
            models.Index(fields=["concerned", "-made_at"], name="decision_about"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.pk}"

    def get_absolute_url(self) -> str:
        return reverse("moderation:decision", args=[self.pk])

    @property
    def is_undone(self) -> bool:
        return hasattr(self, "undone_by")

    @property
    def is_taken_back(self) -> bool:
        """Whether it takes a decision back within the half minute in which nobody is told."""
        return bool(self.after.get("taken_back"))

    @property
    def is_restricting(self) -> bool:
        return self.measure in self.RESTRICTING

    @property
    def can_be_contested(self) -> bool:
        return self.measure in self.RESTRICTING


class DecisionText(models.Model):
    """The free words of a decision, which retention may blank without touching the log."""

    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, primary_key=True, related_name="text")
    facts = models.TextField(blank=True)
    why = models.TextField(
        blank=True, default="", db_default="", help_text="Why the facts are against the rule or the law."
    )
    to_sender = models.TextField(
        blank=True, default="", db_default="", help_text="What whoever gave notice or reported is told."
    )
    message = models.TextField(blank=True, help_text="What the person who decides says, signed, in « je ».")
    note = models.TextField(blank=True, help_text="For the team only.")
    lexemes = models.GeneratedField(
        expression=Lexemes("facts", "why"), output_field=SearchVectorField(), db_persist=True
    )

    def __str__(self) -> str:
        return self.facts[:60]


class Confirmation(models.Model):
    """A measure that needs a second person: the case in which they look at it, and until when it holds without."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="confirmation")
    decision = models.OneToOneField(Decision, on_delete=models.PROTECT, related_name="confirmation")
    due_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"of {self.decision_id}"


class Appeal(models.Model):
    """A decision is contested: by the member whom it is about, or by whoever gave notice."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="appeal")
    decision = models.ForeignKey(Decision, on_delete=models.PROTECT, related_name="appeals")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="appeals")
    notice = models.ForeignKey(Notice, on_delete=models.PROTECT, null=True, related_name="appeals")
    happened = models.TextField(max_length=2000)
    wanted = models.TextField(max_length=2000)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            one_of("member", "notice", name="an_appeal_is_somebodys"),
            models.UniqueConstraint(fields=["decision", "member"], name="a_member_contests_once"),
            models.UniqueConstraint(fields=["decision", "notice"], name="a_notifier_contests_once"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} by {self.member_id or self.notice_id}"
