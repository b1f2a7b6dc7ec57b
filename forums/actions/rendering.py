"""A post's words and the HTML that is stored of them: rendered before any lock, with what they name beside them."""

from __future__ import annotations

from django.db.models import QuerySet

from forums.limits import MENTIONS_PER_POST
from forums.models import Forum, Post, PostReference, Topic
from members.models import Member
from toolkit.markup import Named, Rendered, render


def rendered_for(forum: Forum | None, body: str) -> Rendered:
    """A post's Markdown as the HTML that everybody who reads this forum is shown. One query where it names somebody."""
    return render(body, resolver=_named_members)


def _named_members(names: frozenset[str]) -> dict[str, Named]:
    """The markup's resolver: which of these names are members one can name."""
    found = Member.objects.taking_part().filter(username__in=sorted(names)[:MENTIONS_PER_POST])
    return {member.username: Named(member.pk, member.username, member.get_absolute_url()) for member in found}


def settle_words(post: Post, rendered: Rendered) -> None:
    """Give the post, saved already, exactly what its words bring along: a reference for each thing it names.

    Called inside the action's lock whenever a post's words were written or changed. Locks nothing.
    """
    post.references.exclude(member_id__in=rendered.named).delete()
    PostReference.objects.bulk_create(
        [PostReference(post=post, member_id=member) for member in rendered.named], ignore_conflicts=True
    )


def names_changed(*, topic: Topic | None = None, posts: QuerySet[Post] | None = None) -> None:
    """Have every post that names this topic, and these posts, rendered again by a job."""
    if topic is not None:
        Post.objects.filter(references__topic=topic).update(renderer_version=0)
    if posts is not None:
        Post.objects.filter(pk__in=posts.values("pk")).update(renderer_version=0)
