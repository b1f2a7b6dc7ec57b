"""Tags are attached here and nowhere else, so that look-alikes meet."""

from __future__ import annotations

from django.utils.text import slugify

from forums.limits import TAG_MAX_LENGTH, TAGS_PER_TOPIC
from forums.models import Tag, Tagged, Topic
from toolkit.text import one_line, tag_key


def attach_tags(topic: Topic, names: list[str]) -> list[Tag]:
    """Give the topic these tags, making those that do not exist. Case, accents and order do not make a new one.

    Three queries, however many. Further than five are left out.
    """
    wanted: dict[str, str] = {}
    for name in names:
        clean = one_line(name).strip("#,")[:TAG_MAX_LENGTH]
        key = tag_key(clean)
        if key:
            wanted.setdefault(key, clean)
    keys = list(wanted)[:TAGS_PER_TOPIC]
    if not keys:
        return []
    Tag.objects.bulk_create(
        [Tag(name=wanted[key], key=key, slug=slugify(wanted[key], allow_unicode=True) or key) for key in keys],
        ignore_conflicts=True,
    )
    found = {tag.key: tag for tag in Tag.objects.filter(key__in=keys)}
    tags = [found[key] for key in keys if key in found]
    Tagged.objects.bulk_create([Tagged(tag=tag, content_object=topic) for tag in tags], ignore_conflicts=True)
    topic.tag_names = [tag.name for tag in tags]
    topic.save(update_fields=["tag_names", "slug"])
    return tags
