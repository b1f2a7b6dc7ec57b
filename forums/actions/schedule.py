"""Posts that wait for their hour: a finished draft with a moment. Publishing one is what sending it would have been."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from forums.actions.posts import reply_to_topic
from forums.actions.tags import insist_on_tags
from forums.actions.topics import start_topic
from forums.actions.voting import PollPlan
from forums.limits import SCHEDULED_POSTS
from forums.models import Draft, Forum, Post, Topic
from forums.policies import may_reply, may_schedule, may_start_topic
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def schedule_post(
    *,
    by: Member,
    key: UUID,
    publish_at: datetime,
    body: str,
    forum: Forum | None = None,
    topic: Topic | None = None,
    title: str = "",
    tags: str = "",
    intent: str = "",
    lang: str = "",
    poll: PollPlan | None = None,
) -> Draft:
    """Have a topic or a reply published at a moment; the same `key` changes what waits already.

    Raises Refused if `by` may not schedule there, the moment has passed, or too many wait already.
    """
    place = forum if forum is not None else topic.forum if topic is not None else None
    if place is None:
        raise Refused(_("Say where it is to be published."))
    reader = reader_for(by)
    insist(may_schedule(reader, place))
    insist(may_start_topic(reader, place) if topic is None else may_reply(reader, topic))
    if topic is None:
        insist_on_tags(place, tags.split(","))
    if publish_at <= clock.now():
        raise Refused(_("Choose a moment that is still to come."))
    if Post.objects.filter(author=by, idempotency_key=key).exists():  # the form was sent before, with other words
        key = uuid4()
    if Draft.objects.filter(member=by, publish_at__isnull=False).exclude(key=key).count() >= SCHEDULED_POSTS:
        raise Refused(_("At most %(n)d posts wait for their hour.") % {"n": SCHEDULED_POSTS})
    words = {
        "title": title, "tags": tags, "intent": intent, "lang": lang, "body": body,
        "poll": {"plan": poll.kept()} if poll is not None else {},
        "publish_at": publish_at, "not_published": "", "saved_at": clock.now(), "forum": forum, "topic": topic,
    }  # fmt: skip
    return Draft.objects.update_or_create(key=key, member=by, defaults=words)[0]


@transaction.atomic
def unschedule_post(draft: Draft, *, by: Member) -> Draft:
    """Take a post that waits for its hour back into one's composer, to change it. Answers the draft, which no longer
    waits.

    Raises Refused if one has begun something else at the same place: that is sent or discarded first.
    """
    Member.objects.select_for_update(no_key=True).get(pk=by.pk)
    draft = Draft.objects.select_for_update(of=("self",), no_key=True).get(pk=draft.pk, member=by)
    place = {"topic": draft.topic_id, "forum": draft.forum_id}
    if Draft.objects.unfinished().filter(member=by, **place).exists():
        raise Refused(_("You have begun something else there: send or discard it first."))
    plan = PollPlan.of_draft(draft.poll.get("plan"))
    draft.poll = plan.typed() if plan is not None else {}
    draft.publish_at, draft.not_published, draft.saved_at = None, "", clock.now()
    draft.save()
    return draft


def publish_due(batch: int = 50) -> int:
    """Publish every draft whose moment has come. What may no longer be published stays, with the reason, for its
    author to see. Safe twice: a draft's key posts once. Answers how many were published."""
    due = (
        Draft.objects.filter(publish_at__lte=clock.now(), not_published="")
        .select_related("member", "forum", "topic__forum")
        .order_by("publish_at")[:batch]
    )
    return sum(_publish(draft) for draft in due)


def _publish(draft: Draft) -> int:
    member = draft.member
    if member is None:
        return 0
    try:
        with override(member.language):
            if draft.topic is not None:
                reply_to_topic(draft.topic, by=member, body=draft.body, key=draft.key, lang=draft.lang, confirmed=None)
            elif draft.forum is not None:
                start_topic(
                    draft.forum,
                    by=member,
                    title=draft.title,
                    body=draft.body,
                    key=draft.key,
                    tags=[tag for tag in draft.tags.split(",") if tag.strip()],
                    intent=draft.intent,
                    lang=draft.lang,
                    poll=PollPlan.of_draft(draft.poll.get("plan")),
                    confirmed=None,
                )
    except Refused as refusal:
        with override(member.language):
            Draft.objects.filter(pk=draft.pk).update(not_published=str(refusal.reason)[:400])
        return 0
    Draft.objects.filter(pk=draft.pk).delete()  # its post is there, whatever key it has
    return 1
