"""How far members have read, what they follow, what they put out of their sight."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from forums import signals
from forums.models import AllRead, Following, Forum, Level, Post, ReadMark, Tag, Topic
from forums.policies import may_keep_unread
from forums.readers import reader_for, readers_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist

_MARK_READ = """
INSERT INTO forums_readmark (topic_id, member_id, place, follow, read_at) VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (member_id, topic_id) DO UPDATE
SET place = EXCLUDED.place, read_at = EXCLUDED.read_at WHERE forums_readmark.place < EXCLUDED.place
"""


def mark_read(topic: Topic, *, by: Member, place: int) -> None:
    """Move "read up to here" forward, never back, and announce `topic_read`. One statement."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_MARK_READ, [topic.pk, by.pk, place, Level.NORMAL, clock.now()])
        signals.topic_read.send(sender=Topic, topic=topic, member=by, place=place)


_OWN_WORDS = """
INSERT INTO forums_readmark (topic_id, member_id, place, follow, read_at)
SELECT t.id, t.last_author_id, coalesce(
    (SELECT min(p.position) - 1 FROM forums_post p WHERE p.topic_id = t.id AND p.state = 'published'
        AND p.author_id <> t.last_author_id AND p.position > coalesce(m.place, 0)), t.last_shown), %s, %s
FROM forums_topic t LEFT JOIN forums_readmark m ON m.topic_id = t.id AND m.member_id = t.last_author_id
WHERE t.id = %s AND t.last_shown > coalesce(m.place, 0)
ON CONFLICT (member_id, topic_id) DO UPDATE
SET place = EXCLUDED.place WHERE forums_readmark.place < EXCLUDED.place
"""


def own_words_are_read(topic: Topic) -> None:
    """Whoever wrote the last post that is shown has read it, unless words of others stand before it that they have not.

    Called, with the topic saved and locked, by whatever changes which post is shown last. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OWN_WORDS, [Level.NORMAL, clock.now(), topic.pk])


@transaction.atomic
def keep_unread(post: Post, *, by: Member) -> ReadMark:
    """Move "read up to here" back to before this post. Raises Refused where it is too old to count as unread."""
    reader = reader_for(by)
    insist(may_keep_unread(reader, post))
    mark, _fresh = ReadMark.objects.update_or_create(
        topic_id=post.topic_id, member=by, defaults={"place": (post.position or 1) - 1, "read_at": clock.now()}
    )
    return mark


def mark_all_read(*, by: Member, forum: Forum | None = None) -> AllRead:
    """From now on, whatever is there in this forum (everywhere, where none is given) counts as read. One row, however
    much there is. Notifications stay."""
    mark, _fresh = AllRead.objects.update_or_create(member=by, forum=forum, defaults={"before": clock.now()})
    return mark


def follow_topic(topic: Topic, *, by: Member, level: str) -> ReadMark:
    """Set what one hears of a topic: all, what matters (normal), nothing."""
    mark, _fresh = ReadMark.objects.update_or_create(
        topic=topic, member=by, defaults={"follow": level}, create_defaults={"follow": level, "place": 0}
    )
    return mark


def hide_topic(topic: Topic, *, by: Member) -> ReadMark:
    """Take a topic out of all of one's own lists; nobody else notices. `show_topic_again` undoes it."""
    mark, _fresh = ReadMark.objects.update_or_create(topic=topic, member=by, defaults={"hidden_at": clock.now()})
    return mark


def show_topic_again(topic: Topic, *, by: Member) -> int:
    """Put a topic that one hid back into one's lists. Answers 0 where it was not hidden."""
    return ReadMark.objects.filter(topic=topic, member=by, hidden_at__isnull=False).update(hidden_at=None)


@transaction.atomic
def follow(thing: Forum | Tag | Member, *, by: Member, level: str) -> None:
    """Set what one hears of a forum, a tag or a member: all (told of each new topic), what matters (the usual), or
    nothing (its topics leave one's home and unread lists, and notifications).

    Raises Refused for oneself, for somebody with whom there is a block, and for a level that does not exist.
    """
    if level not in Level.values:
        raise Refused(_("Choose one of: all, what matters to me, nothing."))
    if isinstance(thing, Member):
        if thing.pk == by.pk:
            raise Refused(_("You cannot follow yourself."))
        if level == Level.ALL and thing.pk in reader_for(by).blocked:
            raise Refused(_("There is a block between you and this member."))
    name = "forum" if isinstance(thing, Forum) else "tag" if isinstance(thing, Tag) else "person"
    if level == Level.NORMAL:
        Following.objects.filter(member=by, **{name: thing}).delete()
    else:
        Following.objects.update_or_create(
            member=by,
            **{kind: thing if kind == name else None for kind in Following.KINDS},
            defaults={"level": level},
            create_defaults={"level": level, "since": clock.now()},
        )


# For each forum a member reads, the moment before their oldest unread topic there; a topic they want nothing of, hid
# or that is out of the lists counts too, and so does a hidden post: it may come back.
_ADVANCE = """
INSERT INTO forums_allread (member_id, forum_id, before)
SELECT asked.member_id, asked.forum_id, asked.until FROM (
    SELECT place.member_id, place.forum_id, place.since, coalesce(
        (SELECT t.fresh_at - interval '1 microsecond' FROM forums_topic t
         WHERE t.forum_id = place.forum_id AND t.fresh_at > place.since
           AND NOT EXISTS (SELECT 1 FROM forums_readmark m WHERE m.topic_id = t.id
                           AND m.member_id = place.member_id AND m.place >= t.last_position)
         ORDER BY t.fresh_at LIMIT 1), %s::timestamptz) AS until
    FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS place(member_id, forum_id, since)
) asked WHERE asked.until > asked.since
ON CONFLICT (member_id, forum_id) DO UPDATE SET before = EXCLUDED.before
WHERE forums_allread.before < EXCLUDED.before
"""
SETTLED_AFTER = timedelta(minutes=5)  # what is being written now must not fall before the moment


def advance_all_read(batch: int = 200, *, after: int = 0) -> int:
    """Move the moments before which all counts as read forward to the oldest unread topic, for the next members who
    have read something in the last two days. What is unread stays the same. Answers the last member's id; 0 at the end.
    Three statements."""
    now = clock.now()
    lately = ReadMark.objects.filter(member_id__gt=after, read_at__gte=now - timedelta(days=2))
    members = list(lately.order_by("member_id").values_list("member_id", flat=True).distinct()[:batch])
    places = [
        (reader.member_id, forum, since)
        for reader in readers_for(members).values()
        for forum, since in reader.unread_after(reader.readable)
    ]
    if not places:
        return members[-1] if members else 0
    ids, forums, since = (list(column) for column in zip(*places, strict=True))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ADVANCE, [now - SETTLED_AFTER, ids, forums, since])
    return members[-1]
