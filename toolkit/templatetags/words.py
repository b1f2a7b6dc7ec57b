"""Small words that many pages need."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.template.defaultfilters import date as date_filter
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from toolkit.bilingual import active_language
from toolkit.markup import excerpt_of
from toolkit.markup import mailed as mailed_html
from toolkit.text import tag_key

register = template.Library()


@register.filter
def when(moment: datetime | None) -> SafeString:
    """How long ago, with the exact moment at hand: "20 min", "3 h", "2 d", then the date."""
    if moment is None:
        return SafeString("")
    exact = date_filter(timezone.localtime(moment), "DATETIME_FORMAT")
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, _said(moment))


def _said(moment: datetime) -> str:
    seconds = (timezone.now() - moment).total_seconds()
    if seconds < 60:
        return _("just now")
    if seconds < 3600:
        return _("%(n)d min ago") % {"n": seconds // 60}
    if seconds < 86400:
        return _("%(n)d h ago") % {"n": seconds // 3600}
    if seconds < 7 * 86400:
        days = int(seconds // 86400)
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    local = timezone.localtime(moment)
    same_year = local.year == timezone.localtime().year
    return date_filter(local, "j N" if same_year else "j N Y")


@register.filter
def foreign(lang: str) -> SafeString:
    """` lang="fr"` where a text is not in the page's language; nothing where it is."""
    return mark_safe(f' lang="{lang}"') if lang and lang != active_language() else SafeString("")  # noqa: S308


@register.filter
def trusted(html: str) -> SafeString:
    """HTML that the markup has sanitised when it was written."""
    return mark_safe(html)  # noqa: S308


@register.filter
def mailed(html: str, site: str) -> SafeString:
    """HTML that the markup has sanitised, fit for a mail."""
    return mark_safe(mailed_html(html, site=site))  # noqa: S308


@register.filter
def up_to_99(count: int) -> str:
    return "99+" if count > 99 else str(count)


@register.filter
def excerpt(html: str, length: int = 240) -> str:
    return excerpt_of(html, length)


@register.filter
def key_of_tag(name: str) -> str:
    return tag_key(name)


@register.filter
def at(mapping: dict[Any, Any], key: Any) -> Any:
    """The value of a mapping at a key that a template holds in a variable."""
    return mapping.get(key)
