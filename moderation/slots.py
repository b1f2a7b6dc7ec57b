"""What moderation shows on pages of floors below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from moderation.models import Case
from moderation.queries import hits_of_case, open_counts, usual_wait
from moderation.wording import in_words, why_held
from toolkit import slots


def queue_link(request: HttpRequest, context: dict[str, Any]) -> str:
    """For moderators, and for admins when a measure waits for them: the queue and how many cases wait. One query."""
    reader = request.reader  # type: ignore[attr-defined]
    if not (reader.moderates_anywhere or reader.is_admin):
        return ""
    counts = getattr(request, "open_counts", None) or open_counts(reader)  # the queue knows them already
    if not reader.moderates_anywhere and not counts["main"]:
        return ""
    return render_to_string(
        "moderation/_queue_link.html", {"count": counts["main"], "outside": counts["outside"]}, request
    )


def waiting_line(request: HttpRequest, context: dict[str, Any]) -> str:
    """Under a held post: that it is being read, how long that usually takes, and why. Two queries."""
    post, reader = context["post"], request.reader  # type: ignore[attr-defined]
    case = Case.objects.open().filter(subject__post=post, kind=Case.Kind.HELD).first()
    said = {
        "post": post,
        "wait": in_words(usual_wait()),
        "why": why_held(case.detected) if case is not None else "",
        "case": case if case is not None and reader.moderates(post.topic.forum_id) else None,
    }
    return render_to_string("moderation/_waiting.html", said, request)


def rules_of_case(request: HttpRequest, context: dict[str, Any]) -> str:
    """In the case of a held post: which rules held it, and what each met. One query; none for other cases."""
    case = context["case"]
    hits = hits_of_case(case) if case.kind == Case.Kind.HELD else []
    return render_to_string("moderation/_rules_of_case.html", {"hits": hits}, request) if hits else ""


slots.fill("case.rules", rules_of_case)
slots.fill("header", queue_link)
slots.fill("post.waiting", waiting_line)
