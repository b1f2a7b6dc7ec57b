"""« Nous » prompts: shown, put away, cancelled when a person has done it already."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q

from engagement.limits import PROMPT_EVERY_DAYS, WELCOMERS_PER_TOPIC
from engagement.models import Prompt, PromptShowing
from forums.models import Post, Topic
from forums.readers import Reader, readers_for
from members.models import Community, Member, Trust
from toolkit import clock

Situation = Prompt.Situation


def welcome(member: Member) -> PromptShowing | None:
    """Show the welcome to somebody who just joined. Nothing when the prompt is switched off."""
    prompt = Prompt.objects.filter(situation=Situation.WELCOME, is_on=True).first()
    if prompt is None:
        return None
    return PromptShowing.objects.get_or_create(
        prompt=prompt,
        member=member,
        topic=None,
        defaults={"version": prompt.version, "created_at": clock.now()},
    )[0]


def dismiss(showing: PromptShowing, *, by: Member) -> None:
    """Put a prompt away for good. It is the member's own row; nobody else's is touched."""
    PromptShowing.objects.filter(pk=showing.pk, member=by, dismissed_at=None).update(dismissed_at=clock.now())


def cancel_about(post: Post) -> int:
    """A person replied: nobody needs to be asked to any more. Also ends the welcome of whoever writes."""
    now = clock.now()
    ended = (
        PromptShowing.objects.current()
        .filter(member=post.author_id, prompt__situation=Situation.WELCOME)
        .update(cancelled_at=now)
    )
    if post.author_id != post.topic.author_id:
        ended += PromptShowing.objects.current().filter(topic=post.topic_id).update(cancelled_at=now)
    return ended


@transaction.atomic
def offer_welcomes() -> int:
    """Ask up to three members who like to welcome, for each first topic that waits. Answers how many were asked.

    Nobody is asked twice about one topic, nor more than once in 7 days; those asked longest ago come first.
    """
    prompt = Prompt.objects.select_for_update().filter(situation=Situation.FIRST_POST_WAITS, is_on=True).first()
    if prompt is None:
        return 0
    asked = 0
    before = clock.now() - timedelta(hours=Community.current().welcome_after_hours)
    waiting = Topic.objects.first_words_waiting(before).exclude(
        Exists(PromptShowing.objects.filter(topic=OuterRef("pk"), prompt=prompt))
    )
    for topic in waiting.order_by("published_at")[:50]:
        for member in _welcomers(topic, prompt):
            PromptShowing.objects.create(
                prompt=prompt, version=prompt.version, member=member, topic=topic, created_at=clock.now()
            )
            asked += 1
    return asked


def _welcomers(topic: Topic, prompt: Prompt) -> list[Member]:
    recently = PromptShowing.objects.filter(
        member=OuterRef("pk"), created_at__gt=clock.now() - timedelta(days=PROMPT_EVERY_DAYS)
    ).exclude(prompt__situation=Situation.WELCOME)
    candidates = list(
        Member.objects.taking_part()
        .filter(~Exists(recently), wants_to_welcome=True)
        .exclude(pk=topic.author_id)
        .exclude(trust=Trust.NEWCOMER)
        .annotate(last_asked=Max("prompts__created_at", filter=Q(prompts__prompt=prompt)))
        .order_by(F("last_asked").asc(nulls_first=True), "pk")[: WELCOMERS_PER_TOPIC * 5]
    )
    readers = readers_for(candidates)
    return [m for m in candidates if _can_welcome(readers[m.pk], topic)][:WELCOMERS_PER_TOPIC]


def _can_welcome(reader: Reader, topic: Topic) -> bool:
    """Who may write there, reads its language, and need not meet its author."""
    return (
        topic.forum_id in reader.writable
        and reader.reads in {"", topic.lang}
        and topic.author_id not in reader.blocked
        and topic.forum_id not in reader.quiet_forums
    )
