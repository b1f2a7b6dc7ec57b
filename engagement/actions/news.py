"""Who hears of a post: news, notifications, the e-mails they may become."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from engagement.limits import LETTER_LIFE_DAYS, NOTICE_LIFE_DAYS
from engagement.models import Letter, News, Notification
from forums.models import Post, ReadMark, Topic
from forums.readers import readers_for
from members.models import Community, Member
from moderation.models import Decision
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
    """Notifications for whoever is named or follows, may read it, and is not its author. Six queries a post."""
    if post.state != Post.State.PUBLISHED or post.published_at is None:
        return
    marks = dict(ReadMark.objects.filter(topic=post.topic_id).exclude(follow="normal").values_list("member", "follow"))
    kinds = {member: Kind.REPLY for member, follow in marks.items() if follow == ReadMark.Follow.ALL}
    if post.reply_to is not None:
        kinds[post.reply_to.author_id] = Kind.REPLY
    named = post.references.filter(member__isnull=False).values_list("member_id", flat=True)
    kinds |= dict.fromkeys(named, Kind.MENTION)
    kinds.pop(post.author_id, None)
    kinds = {m: k for m, k in kinds.items() if marks.get(m) != ReadMark.Follow.NOTHING}
    members = {m.pk: m for m in Member.objects.taking_part().filter(pk__in=kinds)}
    told = [m for m, reader in readers_for(members.values()).items() if post.topic.forum_id in reader.readable]
    now = clock.now()
    Notification.objects.bulk_create(
        [Notification(member_id=m, kind=kinds[m], post=post, created_at=post.published_at) for m in told],
        ignore_conflicts=True,
    )
    Letter.objects.bulk_create(
        [
            Letter(
                member_id=m,
                kind=Letter.Kind(kinds[m].value),
                post=post,
                not_before=post.published_at + mail_after,
                expires_at=post.published_at + timedelta(days=LETTER_LIFE_DAYS),
                created_at=now,
            )
            for m in told
            if members[m].wants_reply_mail
        ],
        ignore_conflicts=True,
    )


# What the person concerned is told by e-mail as well as in Commune.
MAILED = {
    Decision.Measure.WORD,
    Decision.Measure.EDIT,
    Decision.Measure.HIDE,
    Decision.Measure.WARN,
    Decision.Measure.APPROVE,
    Decision.Measure.REFUSE,
    Decision.Measure.ADMIT,
    Decision.Measure.DECLINE,
    Decision.Measure.MAINTAIN,
    Decision.Measure.UNDO,
}
SILENT = {Decision.Measure.KEEP, Decision.Measure.ANSWER}


def tell_decision(decision: Decision) -> None:
    """The person concerned hears of a decision, in the decision's own transaction: here, and mostly by e-mail too."""
    person = decision.concerned
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
                    not_before=now,
                    expires_at=now + timedelta(days=NOTICE_LIFE_DAYS),
                    created_at=now,
                )
            ],
            ignore_conflicts=True,
        )
        ring("engagement.send_letters")


def mark_told(member: Member, *, topic: Topic, place: int) -> int:
    """What was read in its topic needs no notification any more."""
    return (
        Notification.objects.unread()
        .filter(member=member, post__topic=topic, post__position__lte=place)
        .update(read_at=clock.now())
    )


def mark_one_read(notification: Notification) -> None:
    """Its member followed it: it counts as read from the first time on."""
    Notification.objects.unread().filter(pk=notification.pk).update(read_at=clock.now())


def mark_all_read(member: Member) -> int:
    return Notification.objects.unread().filter(member=member).update(read_at=clock.now())
