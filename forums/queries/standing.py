"""Where a member stands: trust and what the rules ask for next, pauses of slow topics; what leaving would concern."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db.models import Count, F, Max, Q
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from forums.limits import (
    QUOTA_BYTES,
    REGULAR_AFTER_DAYS,
    REGULAR_AFTER_POSTS,
    TRUSTED_AFTER_DAYS,
    TRUSTED_AFTER_POSTS,
    UPLOADS_PER_HOUR,
)
from forums.models import Appointment, Post, PostReference, Topic
from members.models import Member, Trust

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from forums.readers import Reader


@dataclass(frozen=True, slots=True)
class TrustStanding:
    """A member's trust, and what the published rules ask for the next step. Durations in days."""

    trust: str
    next: str
    posts: int = 0
    posts_asked: int = 0
    days: int = 0
    days_asked: int = 0
    quota_mb: int = 0
    uploads: int = 0

    @property
    def name(self) -> str:
        return str(Trust(self.trust).label)

    @property
    def next_name(self) -> str:
        return str(Trust(self.next).label) if self.next else ""

    @property
    def is_reached(self) -> bool:
        """Whether the next nightly count raises it."""
        return bool(self.next) and self.posts >= self.posts_asked and self.days >= self.days_asked


ASKED = {
    Trust.NEWCOMER: (Trust.MEMBER, TRUSTED_AFTER_POSTS, TRUSTED_AFTER_DAYS),
    Trust.MEMBER: (Trust.REGULAR, REGULAR_AFTER_POSTS, REGULAR_AFTER_DAYS),
}


def trust_of(member: Member) -> TrustStanding:
    """Counted as the nightly count does. One query; none for regulars."""
    limits = {"quota_mb": QUOTA_BYTES[member.trust] // (1024 * 1024), "uploads": UPLOADS_PER_HOUR[member.trust]}
    if member.trust not in ASKED:
        return TrustStanding(member.trust, "", **limits)
    following, posts_asked, days_asked = ASKED[Trust(member.trust)]
    said = Post.objects.filter(author=member, state=Post.State.PUBLISHED, topic__is_conversation=False)
    if member.trust_from is not None:
        said = said.filter(published_at__gte=member.trust_from)
    since = member.trust_from or member.joined_at
    days = max(0, (timezone.now() - since).days)
    return TrustStanding(member.trust, following, said.count(), posts_asked, days, days_asked, **limits)


def slow_topics(reader: Reader) -> list[tuple[Topic, datetime]]:
    """Topics in slow mode where this reader has just written, and when they may write there again. One query."""
    now = timezone.now()
    mine = Q(posts__author=reader.member_id, posts__published_at__isnull=False)
    slow = Topic.objects.listed_to(reader).filter(slow_until__gt=now)
    found = slow.annotate(last=Max("posts__published_at", filter=mine)).filter(last__isnull=False)
    free = [(topic, vars(topic)["last"] + timedelta(seconds=topic.slow_seconds or 0)) for topic in found]
    return [(topic, until) for topic, until in free if until > now and not reader.hosts(topic.forum_id)]


@dataclass(frozen=True, slots=True)
class Wrote:
    """What leaving concerns, in numbers."""

    topics: int
    posts: int
    accepted: int
    quoted: int


def wrote(member: Member) -> Wrote:
    """Topics, posts, accepted answers of theirs, and others' posts that quote them. Three queries."""
    posts = Post.objects.filter(author=member, state=Post.State.PUBLISHED)
    counted = posts.aggregate(posts=Count("pk"), accepted=Count("pk", filter=Q(topic__accepted_post=F("pk"))))
    quoting = PostReference.objects.filter(target__author=member).exclude(post__author=member)
    return Wrote(
        topics=Topic.objects.filter(author=member, is_listed=True).count(),
        posts=counted["posts"],
        accepted=counted["accepted"],
        quoted=quoting.values("post").distinct().count(),
    )


def roles_to_hand_over(member: Member) -> str | None:
    """What stands in the way of a host's or a moderator's leaving. One query."""
    roles = Appointment.objects.filter(member=member).exclude(until__lte=timezone.now()).select_related("forum")
    if not roles:
        return None
    named = get_text_list([f"{role.get_role_display()} ({role.forum or _('everywhere')})" for role in roles], _("and"))
    return _("You have a role here: %(roles)s. Ask an admin to hand it over to somebody first.") % {"roles": named}


def team_members() -> QuerySet[Member]:
    """Those who host or moderate, somewhere or everywhere, now."""
    found: QuerySet[Member] = Member.objects.filter(appointments__in=Appointment.objects.current()).distinct()
    return found
