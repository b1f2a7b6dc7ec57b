"""The rota: who is of the team, who is on duty, who can be called."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db.models import Q, Subquery
from django.utils import timezone

from forums.models import Appointment, Forum
from forums.readers import Reader
from members.models import Member
from moderation.limits import HAND_OVER_DAYS, ROTA_DAYS_AHEAD
from moderation.models import Colleague, Duty, HandOver, Settings
from moderation.models.rota import Span
from toolkit.paging import KeyPage, page_by_key

NOTES_PER_PAGE = 20
NEXT_SHOWN = 4  # of one's own duties


@dataclass(slots=True)
class Mate:
    """One of the team: what they moderate, when they are on duty, and what they said about being called."""

    member: Member
    known: Colleague
    moderates_everywhere: bool = False
    forums: dict[int, Forum] = field(default_factory=dict)
    duties: list[Duty] = field(default_factory=list)

    def moderates(self, forum_id: int | None) -> bool:
        return self.moderates_everywhere or forum_id in self.forums

    def has_duties(self, forum_id: int | None) -> bool:
        return bool(self._here(forum_id))

    def is_on_duty(self, forum_id: int | None, moment: datetime) -> bool:
        return any(d.spans(self.member.zone, since=moment, until=moment) for d in self._here(forum_id))

    def is_quiet(self, moment: datetime) -> bool:
        return self.known.is_quiet(moment, self.member.zone)

    def spans(self, *, since: datetime, until: datetime) -> list[Span]:
        """Their duties between two moments, those that touch each other as one, the earliest first."""
        found = sorted(span for d in self.duties for span in d.spans(self.member.zone, since=since, until=until))
        merged: list[Span] = []
        for start, end in found:
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], end))
            else:
                merged.append((start, end))
        return merged

    def _here(self, forum_id: int | None) -> list[Duty]:
        """What a case of that forum (of no forum) is covered by."""
        return [duty for duty in self.duties if duty.forum_id in {None, forum_id}]


@dataclass(frozen=True, slots=True)
class Called:
    """Who is called now; or, where nobody can be, who finds a line when they come by."""

    now: list[Mate] = field(default_factory=list)
    by_line: list[Mate] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rota:
    mates: list[Mate]

    @property
    def is_empty(self) -> bool:
        return not any(mate.duties for mate in self.mates)

    def of_forum(self, forum_id: int | None) -> list[Mate]:
        return [mate for mate in self.mates if mate.moderates(forum_id)]

    def called(self, forum_id: int | None, *, moment: datetime, without: Iterable[int | None] = ()) -> Called:
        """Whom a case of danger calls at this moment: those on duty who neither pause nor have quiet hours. Where no
        duty of anybody who could decide is on the rota, all of them are on duty. Where nobody can be called now, those
        who do not pause find a line (all, where everybody pauses); the next on duty is called when theirs begins."""
        left_out = set(without)
        able = [mate for mate in self.of_forum(forum_id) if mate.member.pk not in left_out]
        there = [mate for mate in able if not mate.known.is_paused(moment)]
        planned = any(mate.has_duties(forum_id) for mate in there)
        on_duty = [mate for mate in there if not planned or mate.is_on_duty(forum_id, moment)]
        awake = [mate for mate in on_duty if not mate.is_quiet(moment)]
        return Called(now=awake) if awake else Called(by_line=there or able)


def rota(moment: datetime | None = None) -> Rota:
    """The whole team and its duties, past dates left out. Two queries."""
    moment = moment or timezone.now()
    mates: dict[int, Mate] = {}
    appointed = Appointment.objects.current().filter(member__state=Member.State.ACTIVE)
    for one in appointed.select_related("member__colleague", "forum").order_by("forum__order", "member__name", "pk"):
        known: Colleague = getattr(one.member, "colleague", None) or Colleague(member=one.member)
        mate = mates.setdefault(one.member_id, Mate(one.member, known))
        if one.forum is None:
            mate.moderates_everywhere = True
        else:
            mate.forums[one.forum.pk] = one.forum
    ahead = Q(date=None) | Q(date__gte=(moment - timedelta(days=2)).date())
    for duty in Duty.objects.filter(ahead).select_related("forum").order_by("date", "starts", "pk"):
        if duty.member_id in mates:
            mates[duty.member_id].duties.append(duty)
    return Rota(
        sorted(mates.values(), key=lambda mate: (not mate.moderates_everywhere, mate.member.shown_name.lower()))
    )


@dataclass(frozen=True, slots=True)
class Line:
    """One of the team, as the team's page says it."""

    mate: Mate
    on_duty_until: datetime | None = None
    next_duty: Span | None = None
    is_paused: bool = False


@dataclass(frozen=True, slots=True)
class TeamPage:
    lines: list[Line]
    next_up: list[Line]
    me: Mate | None
    my_spans: list[Span]
    notes: KeyPage[HandOver]
    has_rota: bool
    is_nobody_there: bool = False

    @property
    def on_duty(self) -> list[Line]:
        return [line for line in self.lines if line.on_duty_until is not None]


def team_page(reader: Reader, *, after: str = "") -> TeamPage:
    """Who is on duty now and next, one's own hours, the notes that were handed over. Those who moderate what this
    reader moderates. Four queries."""
    now = timezone.now()
    whole = rota(now)
    mates = [mate for mate in whole.mates if _is_near(reader, mate)]
    lines = [_line(mate, now) for mate in mates]
    ahead = [line for line in lines if line.next_duty is not None]
    return TeamPage(
        lines=lines,
        next_up=sorted(ahead, key=lambda line: line.next_duty or (now, now))[:3],
        me=next((mate for mate in whole.mates if mate.member.pk == reader.member_id), None),
        my_spans=_mine(whole, reader, now),
        notes=_notes(reader, after),
        has_rota=not whole.is_empty,
        is_nobody_there=bool(lines) and all(line.is_paused for line in lines),
    )


def _is_near(reader: Reader, mate: Mate) -> bool:
    return reader.moderates_everywhere or mate.moderates_everywhere or bool(set(reader.moderated) & set(mate.forums))


def _line(mate: Mate, now: datetime) -> Line:
    paused = mate.known.is_paused(now)
    spans = mate.spans(since=now, until=now + timedelta(days=ROTA_DAYS_AHEAD)) if not paused else []
    current = next((end for start, end in spans if start <= now), None)
    return Line(mate, current, next((span for span in spans if span[0] > now), None), paused)


def _mine(whole: Rota, reader: Reader, now: datetime) -> list[Span]:
    me = next((mate for mate in whole.mates if mate.member.pk == reader.member_id), None)
    return me.spans(since=now, until=now + timedelta(days=ROTA_DAYS_AHEAD))[:NEXT_SHOWN] if me is not None else []


def _notes(reader: Reader, after: str) -> KeyPage[HandOver]:
    notes = HandOver.objects.visible_to(reader).select_related("author", "forum").prefetch_related("seen__member")
    page = page_by_key(notes, by="created_at", size=NOTES_PER_PAGE, after=after)
    for note in page.rows:
        note.readers = ", ".join(seen.member.shown_name for seen in note.seen.all())  # type: ignore[attr-defined]
    return page


def notes_for(reader: Reader) -> list[HandOver]:
    """What was handed over and this reader has not acknowledged, of the last 30 days, the newest first. One query."""
    notes = HandOver.objects.visible_to(reader).unread_by(reader).select_related("author", "forum")
    return list(notes.order_by("-created_at")[:HAND_OVER_DAYS])


@dataclass(frozen=True, slots=True)
class AtWork:
    """Somebody of the team as they open the queue or a case, and the words that are covered there."""

    known: Colleague
    covered_words: str


def at_work(member: Member) -> AtWork:
    """One query."""
    words = Settings.objects.filter(pk=1).values("covered_words")[:1]
    row = Member.objects.select_related("colleague").annotate(words=Subquery(words)).get(pk=member.pk)
    said: str | None = vars(row)["words"]
    known: Colleague = getattr(row, "colleague", None) or Colleague(member=member)
    return AtWork(known, Settings().covered_words if said is None else said)


def colleague_of(member: Member | int) -> Colleague:
    """What somebody of the team said about being called and shown things. One query."""
    pk = member if isinstance(member, int) else member.pk
    return Colleague.objects.filter(pk=pk).first() or Colleague(member_id=pk)
