"""Tags are attached here and nowhere else, so that look-alikes meet; and cared for: renamed, merged, described."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from forums.actions.rendering import names_changed
from forums.actions.search import index_topics_of
from forums.limits import TAG_MAX_LENGTH, TAGS_PER_TOPIC
from forums.models import Following, Forum, PostReference, Tag, TagEvent, Tagged, TagSynonym, Topic
from forums.policies import may_care_for_tags
from forums.readers import reader_for
from members.models import Member
from toolkit import clock
from toolkit.text import is_legible, one_line, tag_key
from toolkit.verdicts import Refused, insist

Kind = TagEvent.Kind
KEY_MAX_LENGTH = 100  # characters: the column's


def attach_tags(topic: Topic, names: Sequence[str]) -> list[Tag]:
    """Give the topic these tags, making those that do not exist. Case, accents, order and synonyms do not make a new
    one.

    Five queries, however many. Further than five are left out.
    """
    wanted = _wanted(names)
    if not wanted:
        return []
    meant = _meant(wanted)
    fresh = [key for key in wanted if key not in meant]
    Tag.objects.bulk_create(
        [Tag(name=wanted[key], key=key, slug=key) for key in fresh],
        ignore_conflicts=True,
    )
    meant |= {tag.key: tag for tag in Tag.objects.filter(key__in=fresh)}
    if not _held(meant.values()):  # one was merged or renamed meanwhile
        meant = _meant(wanted)
        _held(meant.values())
    tags = list(dict.fromkeys(meant[key] for key in wanted if key in meant))[:TAGS_PER_TOPIC]
    Tagged.objects.bulk_create([Tagged(tag=tag, content_object=topic) for tag in tags], ignore_conflicts=True)
    topic.tag_names = [tag.name for tag in tags]
    topic.save(update_fields=["tag_names", "slug"])
    return tags


def is_tag(name: str) -> bool:
    """Whether a name can be a tag: letters or digits in it, and short, also once its signs are taken apart."""
    return is_legible(name) and len(name) <= TAG_MAX_LENGTH and len(tag_key(name)) <= KEY_MAX_LENGTH


def _wanted(names: Sequence[str]) -> dict[str, str]:
    """Names by key, in order; the first five."""
    wanted: dict[str, str] = {}
    for name in names:
        clean = one_line(name).strip("#,")[:TAG_MAX_LENGTH]
        key = tag_key(clean)
        if is_tag(clean) and len(wanted) < TAGS_PER_TOPIC:
            wanted.setdefault(key, clean)
    return wanted


def _meant(keys: dict[str, str]) -> dict[str, Tag]:
    """The tags there are, by key: under their own name or a synonym. Two queries."""
    found = {row.key: row.tag for row in TagSynonym.objects.filter(key__in=keys).select_related("tag")}
    return found | {tag.key: tag for tag in Tag.objects.filter(key__in=keys)}


def _held(tags: Iterable[Tag]) -> bool:
    """Keep tags as they are until the end of the transaction, whoever else attaches them; False where one has changed
    or is gone. One query."""
    known = {tag.pk: tag.name for tag in tags}
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, name FROM forums_tag WHERE id = ANY(%s) ORDER BY id FOR SHARE", [list(known)])
        return dict(cursor.fetchall()) == known


def insist_on_tags(forum: Forum, names: Sequence[str]) -> None:
    """Raise Refused where a forum asks for more tags, or takes only some. Three queries at most."""
    wanted = _wanted(names)
    if len(wanted) < forum.tags_needed:
        raise Refused(
            _("This forum asks for tags: at least %(n)d, so that others find the topic.") % {"n": forum.tags_needed}
        )
    if not forum.tags_are_limited or not wanted:
        return
    meant = _meant(wanted)
    chosen = Tag.objects.filter(forums=forum)
    known = set(chosen.filter(pk__in=[tag.pk for tag in meant.values()]).values_list("pk", flat=True))
    odd = [name for key, name in wanted.items() if key not in meant or meant[key].pk not in known]
    if odd:
        choice = ", ".join(chosen.order_by("name").values_list("name", flat=True)[:30])
        raise Refused(
            _("This forum takes only tags of its own, and “%(odd)s” is none. Choose among: %(tags)s.")
            % {"odd": odd[0], "tags": choice}
        )


# --- Care


@transaction.atomic
def rename_tag(tag: Tag, *, by: Member, name: str) -> TagEvent:
    """Call a tag otherwise, everywhere; the old name becomes a synonym, its address leads to the new one. What shows it
    is rendered and indexed again.

    Raises Refused if `by` may not, or another tag is called so (merge them).
    """
    tag = _locked(tag, by)
    clean = one_line(name).strip("#,")
    key, before = tag_key(clean), tag.name
    if not is_tag(clean):
        raise Refused(_("A tag has letters or digits, and at most %(n)d characters.") % {"n": TAG_MAX_LENGTH})
    if clean == before:
        raise Refused(_("This is its name already."))
    other = _meant({key: clean}).get(key)
    if other is not None and other.pk != tag.pk:
        raise Refused(_("There is a tag “%(name)s” already: merge them.") % {"name": other.name})
    old_key = tag.key
    TagSynonym.objects.filter(key=key, tag=tag).delete()
    tag.name, tag.slug = clean, key
    tag.save()
    if old_key != key:
        TagSynonym.objects.create(tag=tag, name=before, key=old_key, since=clock.now())
    _shown_anew(tag, before)
    return _written(tag, Kind.RENAMED, by, before=before, after=clean)


@transaction.atomic
def merge_tags(tag: Tag, *, into: Tag, by: Member) -> TagEvent:
    """Make two tags one: topics, followers and posts that name the one go to the other, and its name becomes a synonym.

    Raises Refused if `by` may not, or both are the same.
    """
    if tag.pk == into.pk:
        raise Refused(_("A tag cannot be merged into itself."))
    first, second = sorted((tag, into), key=lambda one: one.pk)
    locked = {one.pk: _locked(one, by) for one in (first, second)}
    tag, into = locked[tag.pk], locked[into.pk]
    moved = Tagged.objects.filter(tag=tag).count()
    _moved(Tagged.objects.filter(tag=tag), "content_object", into)
    _moved(Following.objects.filter(tag=tag), "member", into)
    _moved(PostReference.objects.filter(tag=tag), "post", into)
    into.forums.add(*tag.forums.all())
    TagSynonym.objects.filter(tag=tag).update(tag=into)
    TagEvent.objects.filter(tag=tag).update(tag=into)
    name, key = tag.name, tag.key
    tag.delete()
    TagSynonym.objects.create(tag=into, name=name, key=key, since=clock.now())
    _shown_anew(into, name)
    return _written(into, Kind.MERGED, by, before=name, after=into.name, topics=moved)


def _moved(rows: Any, whose: str, into: Tag) -> None:
    """Give rows of one tag to another, those apart that are there already."""
    there = rows.model.objects.filter(tag=into).values(whose)
    rows.filter(**{f"{whose}__in": there}).delete()
    rows.update(tag=into)


@transaction.atomic
def add_synonym(tag: Tag, *, by: Member, name: str) -> TagEvent:
    """Have another name mean this tag. Raises Refused if `by` may not, or a tag or synonym is called so."""
    tag = _locked(tag, by)
    clean = one_line(name).strip("#,")
    key = tag_key(clean)
    if not is_tag(clean):
        raise Refused(_("A tag has letters or digits, and at most %(n)d characters.") % {"n": TAG_MAX_LENGTH})
    other = _meant({key: clean}).get(key)
    if other is not None:
        raise Refused(
            _("This is its name already.")
            if other.pk == tag.pk
            else _("There is a tag “%(name)s” already: merge them.") % {"name": other.name}
        )
    TagSynonym.objects.create(tag=tag, name=clean, key=key, since=clock.now())
    return _written(tag, Kind.SYNONYM, by, before="", after=clean)


@transaction.atomic
def remove_synonym(tag: Tag, *, by: Member, key: str) -> TagEvent:
    """Have a name mean this tag no longer. Raises Refused if `by` may not, or it is no synonym of it."""
    tag = _locked(tag, by)
    synonym = TagSynonym.objects.filter(tag=tag, key=key).first()
    if synonym is None:
        raise Refused(_("This is no synonym of this tag."))
    synonym.delete()
    return _written(tag, Kind.NO_SYNONYM, by, before=synonym.name, after="")


@transaction.atomic
def describe_tag(tag: Tag, *, by: Member, fr: str, en: str) -> TagEvent:
    """Say what a tag is for, in one or both languages. Raises Refused if `by` may not."""
    tag = _locked(tag, by)
    before = tag.description_fr or tag.description_en
    tag.description_fr, tag.description_en = fr, en
    tag.save(update_fields=["description_fr", "description_en"])
    return _written(tag, Kind.DESCRIBED, by, before=before, after=fr or en)


def _locked(tag: Tag, by: Member) -> Tag:
    found: Tag = Tag.objects.select_for_update(of=("self",), no_key=True).get(pk=tag.pk)
    insist(may_care_for_tags(reader_for(by)))
    return found


_NAMES = """
UPDATE forums_topic t SET tag_names = ARRAY(
    SELECT g.name FROM forums_tagged x JOIN forums_tag g ON g.id = x.tag_id WHERE x.content_object_id = t.id
    ORDER BY array_position(t.tag_names, CASE g.id WHEN %(tag)s THEN %(before)s ELSE g.name END), x.id)
WHERE t.id IN (SELECT content_object_id FROM forums_tagged WHERE tag_id = %(tag)s)
"""


def _shown_anew(tag: Tag, before: str) -> None:
    """Topics carry the names of their tags: written again, in their order; with the index, and posts that name it."""
    with connection.cursor() as cursor:
        cursor.execute(_NAMES, {"tag": tag.pk, "before": before})
    index_topics_of(tag)
    names_changed(tag=tag)


def _written(tag: Tag, kind: str, by: Member, *, before: str, after: str, topics: int = 0) -> TagEvent:
    return TagEvent.objects.create(
        tag=tag, kind=kind, actor=by, before=before, after=after, topics=topics, created_at=clock.now()
    )
