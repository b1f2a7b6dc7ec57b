"""What stands under an imported name goes to whoever has claimed it, in steps that may stop anywhere."""

from __future__ import annotations

from typing import Any

from django.db import models, transaction
from django.db.models import Q

from forums.actions.rendering import names_changed
from forums.models import Following, Post, PostReference, PostRevision, Topic, TopicEvent
from members.models import Claim, Member
from toolkit import clock

TOPICS_AT_ONCE = 50

# Every column in which an imported name can stand, with the way from its row to the topic.
COLUMNS: tuple[tuple[type[models.Model], str, str], ...] = (
    (Post, "author", "topic"),
    (PostRevision, "editor", "post__topic"),
    (PostReference, "member", "post__topic"),
    (TopicEvent, "actor", "topic"),
    (Topic, "author", "pk"),
    (Topic, "last_author", "pk"),
    (Topic, "closed_by", "pk"),
)


@transaction.atomic
def hand_over(topics: int = TOPICS_AT_ONCE) -> int:
    """Hand over what stands in some topics under a claimed name: posts, topics, edits, lines, and who is named. Answers
    how many topics were worked on, and 1 for writing down that a claim is done; 0 when nothing is left.

    Counters stay as they are, because no post comes or goes. Posts that name whoever it is are rendered again. Safe to
    run twice, and by two at once.
    """
    claims = Claim.objects.to_hand_over().select_related("placeholder", "claimant").order_by("decided_at", "pk")
    claim = claims.select_for_update(of=("self",), skip_locked=True).first()
    if claim is None:
        return 0
    old, new = claim.placeholder, claim.claimant
    found = _topics_with(old, topics)
    # The topics first, in the order of their ids, as everybody does.
    ids = list(
        Topic.objects.select_for_update(no_key=True).filter(pk__in=found).order_by("pk").values_list("pk", flat=True)
    )
    if not ids:
        _carry_followers(old, new)
        Claim.objects.filter(pk=claim.pk).update(handed_over_at=clock.now())
        return 1
    naming = PostReference.objects.filter(member=old, post__topic__in=ids)
    posts = list(naming.values_list("post", flat=True))
    naming.filter(post__in=PostReference.objects.filter(member=new).values("post")).delete()
    for model, column, topic in COLUMNS:
        _rows(model, column, old).filter(**{f"{topic}__in": ids}).update(**{column: new})
    names_changed(words_of=posts)
    return len(ids)


def _carry_followers(old: Member, new: Member) -> None:
    """Whoever follows the imported name, or wants to hear nothing of it, does so of the person."""
    following = Following.objects.filter(person=old)
    following.filter(Q(member=new) | Q(member__in=Following.objects.filter(person=new).values("member"))).delete()
    following.update(person=new)


def _rows(model: type[models.Model], column: str, member: Member) -> models.QuerySet[Any]:
    return model._default_manager.filter(**{column: member})


def _topics_with(member: Member, number: int) -> set[int]:
    """Some topics in which the name stands. At most seven queries."""
    found: set[int] = set()
    for model, column, topic in COLUMNS:
        if len(found) >= number:
            break
        rows = _rows(model, column, member).order_by().values_list(topic, flat=True).distinct()
        found.update(rows[: number - len(found)])
    return found
