"""Where a topic's open page hears of new replies."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from forums.limits import PLACES_PER_PAGE
from forums.queries.reading import TopicPage
from toolkit.tickets import ticket_for

register = template.Library()


@register.inclusion_tag("forums/_live.html")
def live_line(page: TopicPage) -> dict[str, Any]:
    """A line at the end of a topic, empty until somebody replies: on the last page of what is published only."""
    topic = page.topic
    if not settings.LIVE_URL or topic.is_waiting or page.page != page.pages:
        return {"address": ""}
    address = f"{settings.LIVE_URL}{ticket_for(topic.channel)}"
    return {"address": address, "page": page, "size": PLACES_PER_PAGE}
