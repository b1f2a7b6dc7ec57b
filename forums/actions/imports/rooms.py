"""Which forum takes the topics of an archive's forums."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from forums.models import Access, Forum
from toolkit.text import one_line
from toolkit.verdicts import Refused


def mapped_rooms(toml: bytes, names: Iterable[str]) -> dict[str, Forum]:
    """The forums that a TOML file (`"name there" = "address here"`, `"*"` for all others) gives for these names.

    Raises Refused, naming what is wrong, if a name or a forum is missing.
    """
    try:
        said = tomllib.loads(toml.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refused(_("The file of forums is not TOML (%(reason)s).") % {"reason": error}) from error
    forums = {forum.slug: forum for forum in Forum.objects.all()}
    found = {}
    for name in names:
        slug = said.get(name, said.get("*"))
        if slug is None:
            raise Refused(_("The file of forums says nothing of “%(name)s”.") % {"name": name})
        if slug not in forums:
            raise Refused(_("There is no forum “%(slug)s” for “%(name)s”.") % {"slug": slug, "name": name})
        found[name] = forums[slug]
    return found


@transaction.atomic
def make_rooms(names: Iterable[str], *, lang: str = "") -> dict[str, Forum]:
    """A forum for each of these names, made where there is none of that address yet. Everyone may read in it, members
    may write."""
    found = {}
    for name in names:
        title = one_line(name) or _("Imported")
        title = _("Forum %(number)s") % {"number": title} if title.isdecimal() else title
        slug = slugify(title.replace(".", " "))[:60].strip("-") or "imported"
        forum = Forum.objects.filter(slug=slug).first()
        found[name] = forum if forum is not None else _made(slug, title, lang)
    return found


def _made(slug: str, title: str, lang: str) -> Forum:
    name = title if len(title) <= 60 else f"{title[:59].rstrip()}…"
    forum = Forum.objects.create(
        slug=slug,
        name_fr=name if lang != "en" else "",
        name_en=name if lang != "fr" else "",
        languages=lang or Forum.Languages.BOTH,
        order=min(32_000, Forum.objects.count() + 1),
    )
    Access.objects.create(forum=forum, audience=Access.Audience.EVERYONE, level=Access.Level.READ)
    Access.objects.create(forum=forum, audience=Access.Audience.MEMBERS, level=Access.Level.START)
    return forum
