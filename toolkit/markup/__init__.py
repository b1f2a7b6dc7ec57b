"""Markdown to safe HTML. The only public door of the package."""

from toolkit.markup.plain import excerpt_of, text_of
from toolkit.markup.render import (
    RENDERER_VERSION,
    Named,
    Rendered,
    Resolver,
    links_in,
    nobody,
    render,
    render_trusted,
)

__all__ = [
    "RENDERER_VERSION",
    "Named",
    "Rendered",
    "Resolver",
    "excerpt_of",
    "links_in",
    "nobody",
    "render",
    "render_trusted",
    "text_of",
]
