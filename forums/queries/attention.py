"""What a member follows, wants nothing of, hid; and whom they blocked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import OuterRef, QuerySet, Subquery

from forums.models import Following, Level, ReadMark, Tag, Topic
from members.models import Block, Member

if TYPE_CHECKING:
    from forums.readers import Reader

ROWS = 200  # of each kind on the page of what one follows


@dataclass(frozen=True, slots=True)
class Attention:
    """Rows of one page, each kind in the order of when it was chosen."""

    followings: list[Following]
    topics: list[Topic]
    quiet_topics: list[Topic]
    hidden: list[Topic]
    blocks: list[Block]


def attention_of(reader: Reader) -> Attention:
    """Everything they have chosen to see more or less of, as far as it can still be seen. Five queries."""
    me = reader.member_id or 0
    followings = Following.objects.filter(member_id=me).select_related("forum", "tag", "person").order_by("-since")
    seen = set(Tag.objects.seen_by(reader).filter(followings__member=me).values_list("pk", flat=True))
    mine = ReadMark.objects.filter(member_id=me)

    def marked(marks: QuerySet[ReadMark]) -> list[Topic]:
        topics = Topic.objects.visible_to(reader).filter(pk__in=marks.values("topic"))
        return list(topics.select_related("forum").order_by("-last_post_at")[:ROWS])

    return Attention(
        followings=[
            one
            for one in followings[:ROWS]
            if (one.forum_id is None or one.forum_id in reader.seen) and (one.tag_id is None or one.tag_id in seen)
        ],
        topics=marked(mine.filter(follow=Level.ALL)),
        quiet_topics=marked(mine.filter(follow=Level.NOTHING)),
        hidden=marked(mine.filter(hidden_at__isnull=False)),
        blocks=list(Block.objects.filter(member=me).select_related("blocked").order_by("-since")[:ROWS]),
    )


def shown_on_profile(reader: Reader, member: Member) -> Member:
    """The member with what this reader chose about them: `level` and `block`. One query."""
    me = reader.member_id or 0
    level = Following.objects.filter(member_id=me, person=OuterRef("pk"))
    mine = Block.objects.filter(member_id=me, blocked=OuterRef("pk"))
    found = Member.objects.annotate(level=Subquery(level.values("level")), block=Subquery(mine.values("pk")))
    chosen: Member = found.only("pk", "username").get(pk=member.pk)
    return chosen
