from __future__ import annotations

from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, ClassVar

from django.apps import apps
from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from forums.limits import PLACES_PER_PAGE, REASON_MAX_LENGTH, TITLE_MAX_LENGTH
from forums.models.conversations import Seat, seated_in
from forums.models.forums import Forum, Intent
from forums.models.reading import Level, ReadMark
from members.models import Trust
from toolkit.paging import each

if TYPE_CHECKING:
    from forums.readers import Reader


def _posts() -> models.QuerySet[Any]:
    """Posts, which are defined after topics."""
    found: models.QuerySet[Any] = apps.get_model("forums", "Post").objects.all()
    return found


class TopicQuerySet(models.QuerySet["Topic"]):
    def visible_to(self, reader: Reader) -> TopicQuerySet:
        """Topics of the forums that this reader may open: published ones where they may read, their own held ones, and
        held ones where they moderate. Never a conversation."""
        return self.filter(self._shown(reader))

    def reachable_by(self, reader: Reader) -> TopicQuerySet:
        """What this reader may open by its address: topics visible to them, and conversations in which they sit. For
        one topic or some that are named; lists begin with `visible_to`, `listed_to` or `seated`."""
        return self.filter(self._shown(reader) | seated_in("pk", reader))

    def seated(self, reader: Reader) -> TopicQuerySet:
        """Conversations in which this reader sits."""
        return self.filter(seats__member=reader.member_id or 0, seats__left_at=None)

    def with_seats(self) -> TopicQuerySet:
        """Along with who sits in it, as `seated_ids`, that policies ask; and with what became of the message that
        opened it, as `opening_state`, that `cover_title` asks."""
        seats = Seat.objects.filter(topic=OuterRef("pk"), left_at=None).order_by("pk")
        opening = _posts().filter(topic=OuterRef("pk"), position=1, topic__is_conversation=True)
        return self.annotate(
            seated_ids=ArraySubquery(seats.values("member")), opening_state=Subquery(opening.values("state")[:1])
        )

    def unread_in_seats(self, reader: Reader) -> TopicQuerySet:
        """Conversations of this reader with a message after the last place they have read; muted ones are left out, and
        messages of members with whom there is a block."""
        me = reader.member_id or 0
        read = ReadMark.objects.filter(topic=OuterRef("pk"), member=me, place__gte=OuterRef("last_shown"))
        heard = self.filter(seats__member=me, seats__left_at=None, seats__muted_at=None)
        unread = heard.filter(~Exists(read), last_shown__gt=0)
        if not reader.blocked:
            return unread
        place = ReadMark.objects.filter(topic=OuterRef(OuterRef("pk")), member=me).values("place")
        others = _posts().filter(topic=OuterRef("pk"), state="published").exclude(author__in=reader.blocked)
        return unread.filter(Exists(others.filter(position__gt=Coalesce(Subquery(place), 0))))

    def _shown(self, reader: Reader) -> Q:
        shown = Q(published_at__isnull=False)
        if reader.member_id is not None:
            shown |= Q(author_id=reader.member_id)
        if reader.moderates_everywhere:
            shown |= Q(published_at=None)
        elif reader.moderated:
            shown |= Q(forum_id__in=reader.moderated)
        return shown & Q(forum_id__in=reader.readable)

    def listed_to(self, reader: Reader) -> TopicQuerySet:
        """Topics that stand in this reader's lists: published, and neither unlisted, withdrawn nor merged away."""
        return self._listed(reader).filter(forum_id__in=reader.readable)

    def _listed(self, reader: Reader) -> TopicQuerySet:
        """Blocking a member takes their topics out of one's lists, and one's own out of theirs."""
        topics = self.filter(is_listed=True)
        return topics.exclude(author_id__in=reader.blocked) if reader.blocked else topics

    def open_now(self) -> TopicQuerySet:
        """Topics that take replies: not closed (or closed until a moment that has passed), not archived."""
        return self.filter(Q(closed_at=None) | Q(closed_until__lte=timezone.now()), archived_at=None)

    def first_words_waiting(self, before: datetime) -> TopicQuerySet:
        """Newcomers' first topics, opened before that moment and in the last 30 days, without a word from anybody
        else, in forums where prompts are welcome."""
        somebody_else = Q(posts__author__gt=F("author")) | Q(posts__author__lt=F("author"))  # one join, unlike ~Q
        answered = Topic.objects.filter(somebody_else, pk=OuterRef("pk"), posts__state="published")
        earlier = Topic.objects.filter(author=OuterRef("author"), pk__lt=OuterRef("pk"), published_at__isnull=False)
        earlier = earlier.filter(is_conversation=False)
        return self.open_now().filter(
            ~Exists(answered),
            ~Exists(earlier),
            is_listed=True,
            published_at__lte=before,
            published_at__gte=timezone.now() - timedelta(days=30),
            post_count__gte=1,
            author__trust=Trust.NEWCOMER,
            forum__kind=Forum.Kind.COMMUNITY,
            forum__sends_automatic=True,
            forum__archived_at=None,
        )

    def kept_by(self, reader: Reader, *, everything: bool = False) -> TopicQuerySet:
        """Without what this member does not want in their lists: topics they hid; and, unless `everything` is asked
        for, topics in languages they do not read, and those of a forum, a tag or a member of which they want nothing
        (a topic that they follow by itself, or opened, stays)."""
        if reader.member_id is None:
            return self
        hidden = ReadMark.objects.filter(topic=OuterRef("pk"), member=reader.member_id, hidden_at__isnull=False)
        topics = self.filter(~Exists(hidden))
        return topics if everything else topics.filter(self.wanted_by(reader))

    @staticmethod
    def wanted_by(reader: Reader) -> Q:
        """In a language they read, and of nothing that they want nothing of (see `kept_by`)."""
        kept = Q(lang=reader.reads) if reader.reads else Q()
        unwanted = Q(forum_id__in=reader.quiet_forums) if reader.quiet_forums else Q()
        unwanted |= Q(author_id__in=reader.quiet_members) if reader.quiet_members else Q()
        if reader.quiet_tags:
            tagged = Topic.objects.filter(pk=OuterRef("pk"), tagged__tag__in=reader.quiet_tags)
            unwanted |= Q(Exists(tagged))
        if not unwanted:
            return kept
        followed = ReadMark.objects.filter(topic=OuterRef("pk"), member=reader.member_id or 0, follow=Level.ALL)
        return kept & (~unwanted | Q(Exists(followed)) | Q(author_id=reader.member_id or 0))

    def in_each(self, reader: Reader) -> TopicQuerySet:
        """As `listed_to`, for one forum after the other: only inside `toolkit.paging.each`, which names the forums."""
        return self._listed(reader).filter(forum_id=each("id"))

    def unread_by(self, reader: Reader) -> TopicQuerySet:
        """Topics with a published post after the last place this member has read, that got its place after the moment
        before which all counts as read there; not those of which they want nothing. Needs `in_each` before it."""
        mine = ReadMark.objects.filter(topic=OuterRef("pk"), member=reader.member_id or 0)
        settled = mine.filter(Q(place__gte=OuterRef("last_shown")) | Q(follow=Level.NOTHING))
        return self.filter(~Exists(settled), fresh_at__gt=each("since"), last_shown__gt=0)

    def never_opened_by(self, reader: Reader) -> TopicQuerySet:
        """Topics begun after that moment that this member has not opened. Needs `in_each` before it."""
        opened = ReadMark.objects.filter(topic=OuterRef("pk"), member=reader.member_id or 0, place__gt=0)
        return self.filter(~Exists(opened), published_at__gt=each("since"), last_shown__gt=0)


class Topic(models.Model):  # type: ignore[django-manager-missing]  # taggit has no types
    """A subject somebody opened, and what its row in a list shows. Without a forum it is a conversation, read by those
    who have a seat and by nobody else, and out of all lists from its beginning."""

    class Status(models.TextChoices):
        NONE = "", _("no status")
        CONSIDERED = "considered", _("considered")
        PLANNED = "planned", _("planned")
        DONE = "done", _("done")
        DECLINED = "declined", _("declined")
        RECEIVED = "received", _("received")
        DISCUSSED = "discussed", _("discussed")
        ACCEPTED = "accepted", _("accepted")

    forum = models.ForeignKey(Forum, on_delete=models.PROTECT, null=True, related_name="topics")
    is_conversation = models.BooleanField(default=False, db_default=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="topics")
    title = models.CharField(_("title"), max_length=TITLE_MAX_LENGTH)
    slug = models.SlugField(max_length=80)
    intent = models.CharField(_("intent"), max_length=12, choices=Intent, default=Intent.DISCUSSION)
    lang = models.CharField(max_length=2)
    tag_names = ArrayField(models.CharField(max_length=40), default=list)
    status = models.CharField(max_length=12, choices=Status, blank=True, default="")
    status_reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)

    last_position = models.PositiveIntegerField(default=0)
    last_shown = models.PositiveIntegerField(default=0, help_text="The last place that holds a published post.")
    fresh_at = models.DateTimeField(null=True, help_text="When a post last got a place here: written or moved.")
    post_count = models.PositiveIntegerField(default=0)
    last_post = models.ForeignKey("forums.Post", on_delete=models.PROTECT, null=True, related_name="+")
    last_post_at = models.DateTimeField(null=True)
    last_author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    accepted_post = models.ForeignKey("forums.Post", on_delete=models.PROTECT, null=True, related_name="+")

    vote_count = models.PositiveIntegerField(default=0)

    pinned_until = models.DateTimeField(null=True)
    is_pinned_everywhere = models.BooleanField(default=False)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    closed_reason = models.CharField(max_length=REASON_MAX_LENGTH, blank=True)
    closed_until = models.DateTimeField(null=True)
    slow_seconds = models.PositiveIntegerField(null=True, help_text="Seconds between two posts of one member.")
    slow_until = models.DateTimeField(null=True)
    unlisted_at = models.DateTimeField(null=True)
    archived_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    source_url = models.CharField(
        max_length=400, blank=True, default="", db_default="", help_text="Where it was imported from."
    )
    source_licence = models.CharField(
        max_length=40, blank=True, default="", db_default="", help_text="Under which its words came here."
    )
    merged_into = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="merged_from")
    moved_from = models.ForeignKey(Forum, on_delete=models.PROTECT, null=True, related_name="+")
    pointer_until = models.DateTimeField(null=True, help_text="Until when the forum it left points to it.")
    is_listed = models.GeneratedField(
        expression=Q(  # type: ignore[arg-type]  # the stubs do not know that a Q is an expression
            published_at__isnull=False, unlisted_at=None, withdrawn_at=None, merged_into=None
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects: ClassVar[TopicQuerySet] = TopicQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("topic")
        verbose_name_plural = _("topics")
        constraints = [
            models.CheckConstraint(
                condition=Q(forum__isnull=False, is_conversation=False)
                | Q(forum=None, is_conversation=True, unlisted_at__isnull=False),
                name="only_conversations_have_no_forum",
            ),
            models.CheckConstraint(
                condition=Q(published_at=None) | Q(last_post_at__isnull=False),
                name="published_topics_have_posts",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None) | Q(closed_by__isnull=False), name="closing_has_somebody"
            ),
            models.CheckConstraint(
                condition=Q(slow_seconds=None, slow_until=None) | Q(slow_seconds__gt=0, slow_until__isnull=False),
                name="slow_mode_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["forum", "-last_post_at", "-id"],
                condition=Q(is_listed=True),
                name="topic_latest_in_forum",
            ),
            models.Index(
                fields=["-last_post_at", "-id"],
                condition=Q(is_listed=True),
                name="topic_latest",
            ),
            models.Index(
                fields=["forum", "-fresh_at", "-id"], condition=Q(is_listed=True), name="topic_fresh_in_forum"
            ),
            models.Index(
                fields=["forum", "-published_at", "-id"], condition=Q(is_listed=True), name="topic_new_in_forum"
            ),
            models.Index(
                fields=["forum", "-last_post_at", "-id"],
                condition=Q(is_listed=True, post_count__lte=1),
                name="topic_unanswered",
            ),
            models.Index(
                fields=["forum", "intent", "-last_post_at", "-id"], condition=Q(is_listed=True), name="topic_by_intent"
            ),
            models.Index(
                fields=["forum", "status", "-last_post_at", "-id"],
                condition=Q(is_listed=True) & ~Q(status=""),
                name="topic_by_status",
            ),
            models.Index(
                fields=["forum", "-last_post_at", "-id"],
                condition=Q(is_listed=True, closed_at__isnull=False),
                name="topic_closed",
            ),
            models.Index(
                fields=["forum", "-last_post_at", "-id"],
                condition=Q(is_listed=True, archived_at__isnull=False),
                name="topic_archived",
            ),
            models.Index(fields=["author", "-created_at"], name="topic_by_author"),
            models.Index(fields=["moved_from"], condition=Q(pointer_until__isnull=False), name="topic_pointers"),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.slug = "conversation" if self.is_conversation else slugify(self.title)[:80].strip("-") or "topic"
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("forums:topic", args=[self.pk, self.slug])

    @property
    def post_language(self) -> str:
        """The one language in which one writes here, or empty."""
        return (self.forum.post_language or "") if self.forum is not None else ""

    @property
    def channel(self) -> str:
        """Where its open pages hear of new posts. That of a conversation, loaded `with_seats`, is another one once
        somebody comes or leaves: whoever left hears no more, though their ticket is good for hours."""
        if not self.is_conversation:
            return f"topic-{self.pk}"
        seats = ",".join(str(seat) for seat in vars(self).get("seated_ids") or [])
        return f"topic-{self.pk}-{sha256(seats.encode()).hexdigest()[:12]}"

    @property
    def public_title(self) -> str:
        """What it is called before those who may not read it, as the moderation of one message may not."""
        return gettext("a private conversation") if self.is_conversation else self.title

    @property
    def reply_count(self) -> int:
        return max(0, self.post_count - 1)

    @property
    def source_host(self) -> str:
        """The site that it was imported from."""
        return self.source_url.partition("://")[2].partition("/")[0]

    @property
    def pages(self) -> int:
        return max(1, -(-self.last_position // PLACES_PER_PAGE))

    @property
    def is_pinned(self) -> bool:
        return self.pinned_until is not None and self.pinned_until > timezone.now()

    @property
    def is_closed(self) -> bool:
        """Closed to replies now; a closing with an end is over when the clock says so."""
        return self.closed_at is not None and (self.closed_until is None or self.closed_until > timezone.now())

    @property
    def is_slow(self) -> bool:
        return self.slow_until is not None and self.slow_until > timezone.now()

    @property
    def is_waiting(self) -> bool:
        """Its first post is being read by a moderator; others do not see it yet."""
        return self.published_at is None

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    def cover_title(self, reader: Reader) -> None:
        """Put another title in the place of one that this reader may not read any more: of what was withdrawn, and of a
        conversation (loaded `with_seats`) whose first message is hidden."""
        is_hidden = vars(self).get("opening_state") == "removed"
        if self.author_id != reader.member_id and (self.is_withdrawn or is_hidden):
            self.title = gettext("Withdrawn topic") if self.is_withdrawn else gettext("Hidden by the moderation")
            self.slug, self.tag_names = "topic", []

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None
