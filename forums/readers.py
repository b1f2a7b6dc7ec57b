"""Who is asking: everything that decides what a person may see and do, in one value."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from members.models import Member, Trust

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
READS_BY_SCREEN = "reads_by_screen"  # in the session, once a script has said that it will tell what was on screen


@dataclass(frozen=True, slots=True)
class Reader:
    """A member, or nobody in particular (a visitor). Ids of forums by what may be done there."""

    member_id: int | None = None
    seen: tuple[int, ...] = ()
    readable: tuple[int, ...] = ()
    writable: frozenset[int] = frozenset()
    startable: frozenset[int] = frozenset()
    hosted: frozenset[int] = frozenset()
    moderated: tuple[int, ...] = ()  # by moderators of single forums, and by hosts of theirs
    moderates_everywhere: bool = False
    trust: str = Trust.NEWCOMER
    is_admin: bool = False
    is_taking_part: bool = False
    suspended_until: datetime | None = None
    held_until: datetime | None = None
    language: str = "fr"
    time_zone: str = "Europe/Paris"
    reads: str = ""  # the one language they read, or empty
    blocked: frozenset[int] = frozenset()  # members with whom there is a block, whoever made it
    quiet_forums: frozenset[int] = frozenset()  # of which they want nothing
    quiet_tags: frozenset[int] = frozenset()
    quiet_members: frozenset[int] = frozenset()
    unread_since: datetime = LONG_AGO  # what got its place before counts as read everywhere
    all_read: tuple[tuple[int, datetime], ...] = ()  # and in these forums, before a later moment

    @property
    def is_visitor(self) -> bool:
        return self.member_id is None

    @property
    def is_suspended(self) -> bool:
        return self.suspended_until is not None and self.suspended_until > timezone.now()

    @property
    def moderates_anywhere(self) -> bool:
        return self.moderates_everywhere or bool(self.moderated)

    @property
    def is_newcomer(self) -> bool:
        return self.trust == Trust.NEWCOMER

    def unread_after(self, forum_ids: Iterable[int]) -> list[tuple[int, datetime]]:
        """For each of these forums, the moment before which all counts as read there."""
        own = dict(self.all_read)
        return [(forum, max(self.unread_since, own.get(forum, self.unread_since))) for forum in forum_ids]

    def moderates(self, forum_id: int | None) -> bool:
        return self.moderates_everywhere or (forum_id is not None and forum_id in self.moderated)

    def hosts(self, forum_id: int | None) -> bool:
        """Whether care of this forum (pin, close, rename) is theirs."""
        return forum_id is not None and (forum_id in self.hosted or self.moderates(forum_id))


# One statement for any number of members (and for a visitor: the null id). A forum's level for a member is the widest
# of the rows that apply, and of all its rows for those who host or moderate it (a role without a forum holds
# everywhere); in an archived forum nobody writes, and whoever is leaving reads.
_READERS = """
WITH asking AS (SELECT unnest(%s::bigint[]) AS id),
roles AS (
    SELECT a.member_id, a.role, a.forum_id FROM forums_appointment a
    WHERE a.since <= clock_timestamp() AND (a.until IS NULL OR a.until > clock_timestamp())
      AND a.member_id = ANY(%s::bigint[])
)
SELECT asking.id, m.trust, s.state, m.is_superuser, m.suspended_until, m.held_until, m.language, m.time_zone,
    (SELECT coalesce(json_agg(json_build_array(roles.role, roles.forum_id)), '[]')
     FROM roles WHERE roles.member_id = asking.id),
    (SELECT coalesce(json_agg(json_build_array(widest.forum_id, widest.level)), '[]') FROM (
        SELECT acc.forum_id, CASE WHEN f.archived_at IS NULL AND s.state IS DISTINCT FROM 'leaving'
            THEN max(acc.level) ELSE least(max(acc.level), 2) END AS level
        FROM forums_access acc JOIN forums_forum f ON f.id = acc.forum_id
        WHERE acc.audience = 'everyone'
           OR (s.state IN ('active', 'leaving') AND acc.audience = 'members')
           OR (s.state IN ('active', 'leaving') AND acc.audience = 'team'
               AND (m.is_superuser OR EXISTS (SELECT 1 FROM roles WHERE roles.member_id = asking.id)))
           OR (s.state IN ('active', 'leaving') AND acc.audience = 'group'
               AND EXISTS (SELECT 1 FROM members_groupmembership g
                           WHERE g.member_id = asking.id AND g.group_id = acc.group_id))
           OR (s.state IN ('active', 'leaving') AND acc.audience = 'invited'
               AND EXISTS (SELECT 1 FROM forums_forumguest g
                           WHERE g.member_id = asking.id AND g.forum_id = acc.forum_id))
           OR (s.state IN ('active', 'leaving') AND EXISTS (SELECT 1 FROM roles
               WHERE roles.member_id = asking.id AND (roles.forum_id = acc.forum_id OR roles.forum_id IS NULL)))
        GROUP BY acc.forum_id, f.archived_at
    ) widest),
    m.reads,
    ARRAY(SELECT CASE b.member_id WHEN asking.id THEN b.blocked_id ELSE b.member_id END
          FROM members_block b WHERE b.member_id = asking.id OR b.blocked_id = asking.id),
    (SELECT coalesce(json_agg(json_build_array(q.forum_id, q.tag_id, q.person_id)), '[]')
     FROM forums_following q WHERE q.member_id = asking.id AND q.level = 'nothing'),
    greatest(m.joined_at, clock_timestamp() - make_interval(days => (SELECT unread_days FROM members_community)),
        (SELECT r.before FROM forums_allread r WHERE r.member_id = asking.id AND r.forum_id IS NULL)),
    (SELECT coalesce(json_agg(json_build_array(r.forum_id, r.before)), '[]')
     FROM forums_allread r WHERE r.member_id = asking.id AND r.forum_id IS NOT NULL)
FROM asking LEFT JOIN members_member m ON m.id = asking.id CROSS JOIN LATERAL (
    SELECT CASE WHEN m.state = 'excluded' AND m.excluded_until <= clock_timestamp() THEN 'active'
        ELSE m.state END AS state
) s
"""


def readers_for(members: Iterable[Member | int]) -> dict[int, Reader]:
    """A Reader for each member, by id. One query, however many they are."""
    ids = [m if isinstance(m, int) else m.pk for m in members]
    return {reader.member_id: reader for reader in _asked(ids) if reader.member_id is not None}


def reader_for(member: Member | int | None) -> Reader:
    """The Reader of one member, or of a visitor for None. One query."""
    if member is None:
        return _asked([None])[0]
    return _asked([member if isinstance(member, int) else member.pk])[0]


def _asked(ids: list[Any]) -> list[Reader]:
    with connection.cursor() as cursor:
        cursor.execute(_READERS, [ids, ids])
        return [_reader(row) for row in cursor.fetchall()]


def _reader(row: tuple[Any, ...]) -> Reader:
    member_id, trust, state, is_admin, suspended_until, held_until, language, time_zone, roles, levels = row[:10]
    reads, blocked, quiet, unread_since, all_read = row[10:]
    reached = dict(levels)
    host_of = frozenset(forum for role, forum in roles if role == "host")
    moderated = {forum for _role, forum in roles}  # hosts moderate the forum they host, with the same tools
    return Reader(
        member_id=member_id,
        seen=tuple(forum for forum, level in reached.items() if level >= 1),
        readable=tuple(forum for forum, level in reached.items() if level >= 2),
        writable=frozenset(forum for forum, level in reached.items() if level >= 3),
        startable=frozenset(forum for forum, level in reached.items() if level >= 4),
        hosted=host_of,
        moderated=tuple(forum for forum in moderated if forum is not None),
        moderates_everywhere=None in moderated,
        trust=trust or Trust.NEWCOMER,
        is_admin=bool(is_admin),
        is_taking_part=state == Member.State.ACTIVE,
        suspended_until=suspended_until,
        held_until=held_until,
        language=language or "fr",
        time_zone=time_zone or "Europe/Paris",
        reads=reads or "",
        blocked=frozenset(blocked),
        quiet_forums=frozenset(forum for forum, _tag, _person in quiet if forum),
        quiet_tags=frozenset(tag for _forum, tag, _person in quiet if tag),
        quiet_members=frozenset(person for _forum, _tag, person in quiet if person),
        unread_since=unread_since or LONG_AGO,
        all_read=tuple((forum, datetime.fromisoformat(before)) for forum, before in all_read),
    )
