"""Places in a page that upper floors fill: a template names a slot, an app registers what to draw there.

A renderer gets the request and the page's own context in one call and answers with safe HTML (empty for nothing);
it may cost one query at most.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString

Renderer = Callable[[HttpRequest, dict[str, Any]], str]

_renderers: defaultdict[str, list[Renderer]] = defaultdict(list)


def fill(slot: str, renderer: Renderer) -> None:
    """Register `renderer` for `slot`; called from AppConfig.ready."""
    if renderer not in _renderers[slot]:
        _renderers[slot].append(renderer)


def drawn(slot: str, request: HttpRequest, context: dict[str, Any]) -> SafeString:
    """What all registered renderers draw there, in the order they were registered."""
    return SafeString("".join(renderer(request, context) for renderer in _renderers[slot]))
