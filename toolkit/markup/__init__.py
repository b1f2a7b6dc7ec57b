"""Markdown to safe HTML. The only public door of the package."""

from toolkit.markup.mailed import mailed
from toolkit.markup.names import NOBODY, Card, File, Named, Place, Reference, Resolver
from toolkit.markup.plain import excerpt_of, text_of
from toolkit.markup.render import RENDERER_VERSION, Rendered, links_in, render, render_trusted

__all__ = [
    "NOBODY",
    "RENDERER_VERSION",
    "Card",
    "File",
    "Named",
    "Place",
    "Reference",
    "Rendered",
    "Resolver",
    "excerpt_of",
    "links_in",
    "mailed",
    "render",
    "render_trusted",
    "text_of",
]
