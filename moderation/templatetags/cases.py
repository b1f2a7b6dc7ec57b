from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

from django import template
from django.utils.safestring import SafeString

from moderation.covers import Cover, covered, covered_excerpt
from moderation.models import Case
from moderation.wording import in_words, why_held, why_it_stands_here

register = template.Library()

_TAG = re.compile(r"<(?:img|a)\b[^>]*>")
_FILE = re.compile(r"(?<=[\"\s])/a/(?=\d+/)")


@register.filter
def worded_hold(detected: str) -> str:
    """Why an automatic rule held it, in words; nothing where none did."""
    return why_held(detected) if detected else ""


@register.filter
def lasting(time: timedelta) -> str:
    """A time in words, rounded up."""
    return in_words(time)


@register.filter
def why_here(case: Case) -> str:
    """Why a case of the queue stands where it does: its band, and what moves it up in it."""
    return why_it_stands_here(case)


@register.filter
def shown_in_case(html: str, case: Case) -> SafeString:
    """HTML that the markup has sanitised; its files are asked for by way of the case, which shows those of hidden posts
    and reported messages too. Images and insults are covered, unless whoever reads the case has switched that off."""
    own = f"{case.get_absolute_url()}a/"
    return covered_in_case(_TAG.sub(lambda tag: _FILE.sub(own, tag[0]), html), case)


@register.filter
def covered_in_case(html: str, case: Case) -> SafeString:
    """HTML that the markup has sanitised, of what stands beside in a case: covered alike."""
    return covered(html, getattr(case, "cover", Cover()))


@register.filter
def excerpt_in_queue(words: str, cover: Cover) -> SafeString:
    """The beginning of what a case is about, as a paragraph of the queue."""
    return covered_excerpt(unescape(words), cover)
