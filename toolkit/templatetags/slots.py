from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from toolkit.slots import drawn

register = template.Library()


@register.simple_tag(takes_context=True)
def slot(context: template.Context, name: str, **said: Any) -> SafeString:
    """`{% slot "topic.aside" topic=topic %}`: whatever upper floors show there. Draws nothing outside a request."""
    request = context.get("request")
    return SafeString("") if request is None else drawn(name, request, said)
