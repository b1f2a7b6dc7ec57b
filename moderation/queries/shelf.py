"""What stands on the team's shelf."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from forums.models import Post
from forums.readers import Reader
from moderation.models import Decision, Exemplar, HandbookPage, Reading
from toolkit.markup import excerpt_of

EXEMPLARS_SHOWN = 50
WORDS_SHOWN = 280  # characters
_MENTION = re.compile(r"(?<!\w)@\w[\w-]*")


@dataclass(frozen=True, slots=True)
class Example:
    """A case to learn from: what it was, what was decided, what it teaches. Nobody is named; of the post there is an
    excerpt only where its reader can read it in its place."""

    exemplar: Exemplar
    decision: Decision | None
    words: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class ShelfPage:
    pages: list[HandbookPage]
    readings: list[Reading]
    examples: list[Example]


def shelf_page(reader: Reader) -> ShelfPage:
    """The handbook's pages, the reading list, the exemplary cases, the latest first. Five queries."""
    return ShelfPage(list(HandbookPage.objects.all()), list(Reading.objects.all()), _examples(reader))


def _examples(reader: Reader) -> list[Example]:
    later = Decision.objects.filter(case=OuterRef("case"), pk__gt=OuterRef("pk"))
    found = list(
        Exemplar.objects.visible_to(reader)
        .select_related("case__subject__post__topic__forum", "case__subject__topic__forum")
        .order_by("-marked_at")[:EXEMPLARS_SHOWN]
    )
    cases = [one.case_id for one in found]
    decided = Decision.objects.filter(~Exists(later), case__in=cases).select_related("rule")
    last = {decision.case_id: decision for decision in decided}
    named = [one.case.subject.post_id for one in found if one.case.subject is not None and one.case.subject.post_id]
    readable = Post.objects.readable_by(reader).published().filter(pk__in=named, topic__is_conversation=False)
    words = {post.pk: post for post in readable.only("html", "lang")}
    examples = []
    for one in found:
        post = words.get(one.case.subject.post_id or 0) if one.case.subject is not None else None
        said = _MENTION.sub("@…", excerpt_of(post.html, WORDS_SHOWN)) if post is not None else ""
        examples.append(Example(one, last.get(one.case_id), said, post.lang if post is not None else ""))
    return examples


def handbook_page(slug: str) -> HandbookPage:
    """One query. Raises HandbookPage.DoesNotExist."""
    return HandbookPage.objects.get(slug=slug)


def exemplar_of(case_id: int) -> Exemplar | None:
    """What a case teaches, where it was marked as exemplary. One query."""
    return Exemplar.objects.filter(case=case_id).first()
