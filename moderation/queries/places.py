"""What stands at an address of this site, for whoever gives notice of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.urls import Resolver404, resolve

from forums.models import Attachment, Post
from members.models import Member

ADDRESS_MAX_LENGTH = 500  # characters: the column's
_ANCHOR = re.compile(r"post-(\d{1,18})$")


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what is there: a post, a member, or nothing that can be told from it."""

    address: str
    post: Post | None = None
    member: Member | None = None


def place_at(address: str, *, host: str = "") -> Place | None:
    """What stands there, whoever may see it; None where the address is not one of this site. A topic is its first post,
    unless the address names another one; a file is the post that shows it. Three queries at most."""
    if len(address) > ADDRESS_MAX_LENGTH:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    is_ours = parts.netloc.lower() in {urlsplit(settings.SITE_URL).netloc.lower(), host.lower()}
    if not parts.path.startswith("/") or (parts.netloc and not is_ours) or (parts.netloc == "" and parts.scheme):
        return None
    try:
        found = resolve(unquote(parts.path))
    except Resolver404:
        return Place(address)
    said, anchor = found.kwargs, _ANCHOR.search(parts.fragment)
    if "username" in said:
        return Place(address, member=Member.objects.shown().filter(username=str(said["username"]).lower()).first())
    if "attachment_id" in said and found.view_name == "forums:file":
        file = Attachment.objects.select_related("post").filter(pk=said["attachment_id"], is_named=True).first()
        return Place(address, post=file.post if file is not None else None)
    posts = Post.objects.select_related("topic__forum", "author")
    if "post_id" in said:
        return Place(address, post=posts.filter(pk=said["post_id"]).first())
    if "topic_id" in said:
        named = posts.filter(topic=said["topic_id"], pk=int(anchor[1])).first() if anchor else None
        return Place(address, post=named or posts.filter(topic=said["topic_id"]).order_by("position", "pk").first())
    return Place(address)
