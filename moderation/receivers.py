"""What moderation hears from the floors below."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.dispatch import receiver

from forums.gatekeepers import Remark
from forums.models import Post
from forums.signals import post_held, post_published, words_remarked
from members.former import Former
from members.models import Claim, Member
from members.signals import claim_made, member_applied, member_left, team_letter_written
from moderation.actions import automation, cases, departures, notes
from moderation.models import Decision
from moderation.signals import decision_made


@receiver(post_held)
def queue_held_post(sender: Any, *, post: Post, reason: str, **kwargs: Any) -> None:
    cases.open_review(post, reason)
    automation.keep_sketch(post)


@receiver(post_published)
def make_comparable(sender: Any, *, post: Post, **kwargs: Any) -> None:
    automation.keep_sketch(post)


@receiver(words_remarked)
def note_hits(sender: Any, *, author: Member, key: UUID, post: Post | None, remarks: list[Remark], **kw: Any) -> None:
    automation.note_hits(remarks, author=author, key=key, post=post)


@receiver(decision_made)
def weigh_rules(sender: Any, *, decision: Decision, **kwargs: Any) -> None:
    automation.weigh_decision(decision)
    automation.mark_removed(decision)


@receiver(member_applied)
def queue_application(sender: Any, *, member: Member, reason: str = "", **kwargs: Any) -> None:
    cases.open_application(member, reason)


@receiver(team_letter_written)
def queue_letter(sender: Any, **words: Any) -> None:
    cases.open_letter(**{k: words[k] for k in ("name", "email", "body", "language", "member")})


@receiver(member_left)
def unname_member(sender: Any, *, member: Member, former: Former, **kwargs: Any) -> None:
    departures.unname(member, former)


@receiver(claim_made)
def queue_claim(sender: Any, *, claim: Claim, **kwargs: Any) -> None:
    cases.open_claim(claim)


@receiver(decision_made)
def use_notes(sender: Any, *, decision: Decision, **kwargs: Any) -> None:
    notes.use_notes(decision)
