"""What is said to somebody while they write, before anybody else reads it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import transaction

from forums.actions.posts import key_of_change, new_remarks, tell_remarks
from forums.gatekeepers import Level, Words, remarks_on
from members.models import Member


@transaction.atomic
def hints_on(place: Mapping[str, Any], *, by: Member, title: str, body: str, key: UUID | None) -> list[str]:
    """The sentences for what is being written at a place (a topic, a forum or a post to change): hints, and questions
    that would be asked on sending. They refuse nothing. Hints are announced by `words_remarked`.

    Nothing in a conversation, nor before there are words.
    """
    post, topic, forum = place.get("post"), place.get("topic"), place.get("forum")
    if post is not None:
        topic = post.topic
    if topic is not None:
        forum = topic.forum
    if forum is None or not (body.strip() or title.strip()):
        return []
    remarks = new_remarks(post, by, body) if post is not None else remarks_on(Words(by, forum, body, title))
    shown = [remark for remark in remarks if remark.level != Level.HOLD and remark.sentence]
    hints = [remark for remark in shown if remark.level == Level.HINT]
    known = key_of_change(post) if post is not None else key
    if known is not None:
        tell_remarks(hints, author=by, key=known, post=None)
    return [remark.sentence for remark in shown]
