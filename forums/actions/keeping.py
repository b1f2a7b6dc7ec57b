"""Small signs on a post: reactions, which everybody sees, and bookmarks, which nobody else does."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from forums import signals
from forums.limits import BOOKMARKS
from forums.models import Bookmark, Post, Reaction, ReactionKind
from forums.policies import may_react
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.verdicts import Refused, insist


@transaction.atomic
def give_reaction(post: Post, kind: ReactionKind, *, by: Member) -> Post:
    """Leave one of the community's words on a post. Twice the same counts once.

    Raises Refused if `by` may not (not a member, their own post, not published) or the word is no longer offered.
    """
    post = _locked(post)
    insist(may_react(reader_for(by), post))
    if kind.retired_at is not None:
        raise Refused(_("This word is no longer offered."))
    Reaction.objects.bulk_create(
        [Reaction(post=post, kind=kind, member=by, created_at=clock.now())], ignore_conflicts=True
    )
    return _counted(post)


@transaction.atomic
def take_reaction_back(post: Post, kind: ReactionKind, *, by: Member) -> Post:
    """Take one's word off a post again."""
    post = _locked(post)
    Reaction.objects.filter(post=post, kind=kind, member=by).delete()
    return _counted(post)


def _locked(post: Post) -> Post:
    return Post.objects.select_for_update(of=("self",), no_key=True).select_related("topic__forum").get(pk=post.pk)


def _counted(post: Post) -> Post:
    counts = dict(Reaction.objects.filter(post=post).values_list("kind").annotate(Count("pk")).order_by())
    post.reactions = {str(kind): n for kind, n in counts.items()}
    post.thanks = post.thanks_before + sum(counts.values())
    post.save(update_fields=["reactions", "thanks"])
    return post


@transaction.atomic
def keep_bookmark(post: Post, *, by: Member, note: str = "", remind_at: datetime | None = None) -> Bookmark:
    """Keep a post for later, or change its note and reminder. Nobody else sees it.

    Raises Refused if one keeps too many already, or the reminder lies in the past.
    """
    if remind_at is not None and remind_at <= clock.now():
        raise Refused(_("Choose a moment that is still to come."))
    others = Bookmark.objects.filter(member=by).exclude(post=post)
    if others.count() >= BOOKMARKS:
        raise Refused(_("You keep %(n)d bookmarks, as many as fit: let some go first.") % {"n": BOOKMARKS})
    words = {"note": note, "remind_at": remind_at}
    return Bookmark.objects.update_or_create(
        post=post, member=by, defaults=words, create_defaults={**words, "created_at": clock.now()}
    )[0]


def drop_bookmark(post: Post, *, by: Member) -> None:
    """Let a bookmark go."""
    Bookmark.objects.filter(post=post, member=by).delete()


@transaction.atomic
def remind(batch: int = 100) -> int:
    """Announce `reminder_due` for every bookmark whose moment has come, once. Answers how many."""
    due = list(
        Bookmark.objects.filter(remind_at__lte=clock.now())
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("remind_at")[:batch]
    )
    for bookmark in due:
        signals.reminder_due.send(sender=Bookmark, bookmark=bookmark)
    Bookmark.objects.filter(pk__in=[bookmark.pk for bookmark in due]).update(remind_at=None)
    return len(due)
