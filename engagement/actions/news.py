"""Who hears of a post: news, notifications, the e-mails they may become."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Q

from engagement.actions.mail import end_letter
from engagement.limits import LETTER_LIFE_DAYS, NOTICE_LIFE_DAYS
from engagement.models import EventNews, Letter, MailState, News, Notification
from engagement.policies import wants_mail_of
from forums.models import Bookmark, Following, ForumGuest, Level, Post, ReadMark, Seat, Topic, TopicEvent
from forums.readers import readers_for
from members.models import Community, Member, TrustChange
from moderation.limits import TAKE_BACK_SECONDS
from moderation.models import Decision, NoticedPlace, Report
from moderation.queries.outcomes import cases_answered
from toolkit import clock
from toolkit.ring import ring

Kind = Notification.Kind


def owe_news_of(post: Post) -> None:
    """Write down that followers must hear of this post, and hurry the job. Locks nothing."""
    News.objects.bulk_create([News(post=post, created_at=clock.now())], ignore_conflicts=True)
    ring("engagement.spread_news")


@transaction.atomic
def spread_news(batch: int = 100) -> int:
    """Turn waiting news into notifications and letters. Answers how many posts were told; 0 when none waits."""
    waiting = list(
        News.objects.filter(told_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("post__topic", "post__author", "post__reply_to")
        .order_by("created_at")[:batch]
    )
    delay = Community.current().reply_mail_minutes if waiting else 0
    for news in waiting:
        _tell(news.post, mail_after=timedelta(minutes=delay))
    News.objects.filter(pk__in=[news.pk for news in waiting]).update(told_at=clock.now())
    return len(waiting)


def _tell(post: Post, *, mail_after: timedelta) -> None:
    """Notifications for whoever is named or follows, may read it, wants it, and is not its author. Seven queries a
    post. Of what is said in a conversation, those who sit in it hear, unless they muted it."""
    if post.state != Post.State.PUBLISHED or post.published_at is None:
        return
    if post.topic.is_conversation:
        _tell_seated(post, mail_after=mail_after)
        return
    marks = dict(ReadMark.objects.filter(topic=post.topic_id).exclude(follow="normal").values_list("member", "follow"))
    around = _around(post)
    kinds = {member: Kind.REPLY for member, follow in marks.items() if follow == Level.ALL}
    if post.is_first:
        kinds |= {member: Kind.STARTED for member, levels in around.items() if Level.ALL in levels}
    if post.reply_to is not None:
        kinds[post.reply_to.author_id] = Kind.REPLY
    named = post.references.filter(member__isnull=False).values_list("member_id", flat=True)
    kinds |= dict.fromkeys(named, Kind.MENTION)
    kinds.pop(post.author_id, None)
    kinds = {m: k for m, k in kinds.items() if _wants(marks.get(m), around.get(m, set()))}
    members = {m.pk: m for m in Member.objects.taking_part().filter(pk__in=kinds)}
    told = [
        m
        for m, reader in readers_for(members.values()).items()
        if post.topic.forum_id in reader.readable and post.author_id not in reader.blocked
    ]
    Notification.objects.bulk_create(
        [Notification(member_id=m, kind=kinds[m], post=post, created_at=post.published_at) for m in told],
        ignore_conflicts=True,
    )
    _mail(post, {members[m]: Letter.Kind(kinds[m].value) for m in told if kinds[m] != Kind.STARTED}, after=mail_after)


def _tell_seated(post: Post, *, mail_after: timedelta) -> None:
    """Whoever sits in the conversation, but its author, who muted it, and who has a block with its author."""
    if post.published_at is None:
        return
    seats = Seat.objects.filter(topic=post.topic_id, left_at=None, muted_at=None).exclude(member=post.author_id)
    members = {m.pk: m for m in Member.objects.taking_part().filter(pk__in=seats.values("member"))}
    readers = readers_for(members.values())
    told = [m for pk, m in members.items() if post.author_id not in readers[pk].blocked]
    Notification.objects.bulk_create(
        [Notification(member=m, kind=Kind.MESSAGE, post=post, created_at=post.published_at) for m in told],
        ignore_conflicts=True,
    )
    _mail(post, dict.fromkeys(told, Letter.Kind.MESSAGE), after=mail_after)


def _mail(post: Post, kinds: dict[Member, Letter.Kind], *, after: timedelta) -> None:
    """Letters about a post for those of these members who want them, a while later: read by then, it is not sent."""
    now = clock.now()
    Letter.objects.bulk_create(
        [
            Letter(
                member=member,
                kind=kind,
                post=post,
                not_before=now + after if kind == Letter.Kind.SEATED else (post.published_at or now) + after,
                expires_at=now + timedelta(days=LETTER_LIFE_DAYS),
                created_at=now,
            )
            for member, kind in kinds.items()
            if wants_mail_of(member, post, kind=kind)
        ],
        ignore_conflicts=True,
    )


def tell_seat(seat: Seat) -> None:
    """Whoever was invited into a conversation hears of it, here and by e-mail if they have not read it by then."""
    Notification.objects.bulk_create(
        [Notification(member_id=seat.member_id, kind=Kind.SEATED, seat=seat, created_at=seat.since)],
        ignore_conflicts=True,
    )
    if seat.topic.last_post is not None:
        delay = timedelta(minutes=Community.current().reply_mail_minutes)
        _mail(seat.topic.last_post, {seat.member: Letter.Kind.SEATED}, after=delay)


def _around(post: Post) -> dict[int, set[str]]:
    """What members want of the forum, the tags and the author of a post, where it is not the usual. One query."""
    here = Q(forum=post.topic.forum_id) | Q(person=post.author_id) | Q(tag__tagged__content_object=post.topic_id)
    found: dict[int, set[str]] = {}
    for member, level in Following.objects.filter(here).values_list("member", "level"):
        found.setdefault(member, set()).add(level)
    return found


def _wants(mark: str | None, around: set[str]) -> bool:
    """What was said of the topic itself wins over what was said of its forum, tags and author."""
    return mark == Level.ALL or (mark != Level.NOTHING and Level.NOTHING not in around)


def tell_guest(guest: ForumGuest) -> None:
    """Whoever was invited into a forum hears of it."""
    Notification.objects.bulk_create(
        [Notification(member_id=guest.member_id, kind=Kind.INVITED, guest=guest, created_at=guest.since)],
        ignore_conflicts=True,
    )


# What is done to a topic and its author wants to know; the others are small, or were done by the author.
TOLD_TO_AUTHOR = {
    TopicEvent.Kind.CLOSED,
    TopicEvent.Kind.REOPENED,
    TopicEvent.Kind.RENAMED,
    TopicEvent.Kind.MOVED,
    TopicEvent.Kind.STATUS,
    TopicEvent.Kind.UNLISTED,
    TopicEvent.Kind.LISTED,
    TopicEvent.Kind.ARCHIVED,
    TopicEvent.Kind.UNARCHIVED,
    TopicEvent.Kind.MERGED,
    TopicEvent.Kind.SPLIT,
}


def owe_news_of_event(event: TopicEvent) -> None:
    """Write down that whoever an event concerns must hear of it, and hurry the job. Locks nothing."""
    if event.kind in TOLD_TO_AUTHOR or event.kind == TopicEvent.Kind.ACCEPTED:
        EventNews.objects.bulk_create([EventNews(event=event, created_at=clock.now())], ignore_conflicts=True)
        ring("engagement.spread_news")


@transaction.atomic
def spread_event_news(batch: int = 100) -> int:
    """Turn waiting news of events into notifications. Answers how many events were told; 0 when none waits."""
    waiting = list(
        EventNews.objects.filter(told_at=None)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related("event__topic")
        .order_by("created_at")[:batch]
    )
    for news in waiting:
        _tell_event(news.event)
    EventNews.objects.filter(pk__in=[news.pk for news in waiting]).update(told_at=clock.now())
    return len(waiting)


def _tell_event(event: TopicEvent) -> None:
    """Notifications for the topic's author (of the answer, where one was chosen) and for whoever voted for an idea
    whose status changed; nobody hears of their own acts. Four queries."""
    concerned = _concerned_by(event) - {event.actor_id}
    members = list(Member.objects.taking_part().filter(pk__in=concerned))
    told = [m for m, reader in readers_for(members).items() if event.topic.forum_id in reader.readable]
    Notification.objects.bulk_create(
        [Notification(member_id=m, kind=Kind.TOPIC, event=event, created_at=event.created_at) for m in told],
        ignore_conflicts=True,
    )


def _concerned_by(event: TopicEvent) -> set[int]:
    if event.kind == TopicEvent.Kind.ACCEPTED:
        return set(Post.objects.filter(pk=event.after["accepted_post_id"]).values_list("author", flat=True))
    if event.kind == TopicEvent.Kind.STATUS:
        return {event.topic.author_id, *event.topic.votes.values_list("member", flat=True)}
    if event.kind == TopicEvent.Kind.MERGED:  # told to whoever opened the topic that is gone
        return set(Topic.objects.filter(pk=event.after["topic"]).values_list("author", flat=True))
    return {event.topic.author_id}


def remind_of(bookmark: Bookmark) -> None:
    """The moment has come that a member chose for a bookmark: it stands among their notifications, once more."""
    Notification.objects.filter(bookmark=bookmark, read_at__isnull=False).delete()
    Notification.objects.bulk_create(
        [Notification(member_id=bookmark.member_id, kind=Kind.REMINDER, bookmark=bookmark, created_at=clock.now())]
    )


def tell_trust(change: TrustChange) -> None:
    """A member's trust was raised, or changed by a person: it stands among their notifications, quietly."""
    Notification.objects.bulk_create(
        [Notification(member_id=change.member_id, kind=Kind.TRUST, trust_change=change, created_at=change.created_at)],
        ignore_conflicts=True,
    )


# Of what is decided the person concerned is told; all but a thank-you by e-mail as well as in Commune.
SILENT = frozenset({Decision.Measure.KEEP, Decision.Measure.ANSWER})
MAILED = frozenset(Decision.Measure) - SILENT - {Decision.Measure.THANK}


def tell_decision(decision: Decision) -> None:
    """The person concerned hears of a decision, in the decision's own transaction: here, and mostly by e-mail too."""
    person = decision.concerned
    if decision.is_taken_back and decision.undoes is not None:
        _untell(decision.undoes)
        return
    told = decision.undoes or decision
    if (
        told.measure == Decision.Measure.SWEEP and told.together_with_id is not None
    ):  # the decision it goes with says so
        return
    if person is None or decision.measure in SILENT or person.state == Member.State.PLACEHOLDER:
        return
    if decision.undoes is not None and decision.undoes.measure in SILENT:
        return
    now = clock.now()
    kind = Kind.PUBLISHED if decision.measure == Decision.Measure.APPROVE else Kind.DECISION
    Notification.objects.bulk_create(
        [Notification(member=person, kind=kind, decision=decision, created_at=now)], ignore_conflicts=True
    )
    if decision.measure in MAILED:
        Letter.objects.bulk_create(
            [
                Letter(
                    member=person,
                    kind=Letter.Kind.DECISION,
                    decision=decision,
                    not_before=now + timedelta(seconds=TAKE_BACK_SECONDS),
                    expires_at=now + timedelta(days=NOTICE_LIFE_DAYS),
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )


def _untell(decision: Decision) -> None:
    """It was taken back within the half minute: what would have been said of it is not said."""
    Notification.objects.filter(decision=decision).delete()
    for letter in Letter.objects.filter(decision=decision, envelope=None, state=MailState.WAITING):
        end_letter(letter, MailState.SKIPPED, "taken back")


def tell_reporters(decision: Decision) -> int:
    """Those who reported it, and members who gave notice of it, hear here what became of it. Answers how many."""
    if decision.is_taken_back:
        return 0
    cases = cases_answered(decision)
    reported = Report.objects.filter(case__in=cases, created_at__lte=decision.made_at)
    noticed = NoticedPlace.objects.filter(case__in=cases, notice__created_at__lte=decision.made_at)
    told = {*reported.values_list("reporter", flat=True), *noticed.values_list("notice__member", flat=True)}
    told -= {None, decision.concerned_id, decision.actor_id}
    Notification.objects.bulk_create(
        [
            Notification(member_id=member, kind=Kind.OUTCOME, decision=decision, created_at=clock.now())
            for member in sorted(told)
        ],
        ignore_conflicts=True,
    )
    return len(told)


def mark_told(member: Member, *, topic: Topic, place: int) -> int:
    """What was read in its topic needs no notification any more."""
    return (
        Notification.objects.unread()
        .filter(
            Q(post__topic=topic, post__position__lte=place)
            | Q(event__topic=topic)
            | Q(bookmark__post__topic=topic, bookmark__post__position__lte=place)
            | Q(seat__topic=topic),
            member=member,
        )
        .update(read_at=clock.now())
    )


def mark_one_read(notification: Notification) -> None:
    """Its member followed it: it counts as read from the first time on."""
    Notification.objects.unread().filter(pk=notification.pk).update(read_at=clock.now())


def mark_all_read(member: Member) -> int:
    return Notification.objects.unread().filter(member=member).update(read_at=clock.now())
