"""What stands at an address of this site, for whoever gives notice of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.db.models import Q
from django.urls import Resolver404, resolve

from forums.models import Post
from forums.models.conversations import seated_in
from forums.readers import Reader
from members.models import Member

ADDRESS_MAX_LENGTH = 500  # characters: the column's
_ANCHOR = re.compile(r"post-(\d{1,18})$", re.ASCII)
_HUGE = 2**63  # the first number that is nobody's


@dataclass(frozen=True, slots=True)
class Place:
    """An address and what is there: a post, a member, or nothing that can be told from it."""

    address: str
    post: Post | None = None
    member: Member | None = None


def place_at(address: str, reader: Reader, *, host: str = "") -> Place | None:
    """What stands there for others than its author, or in a conversation in which this reader sits; None where the
    address is not one of this site. A topic is its first post, unless the address names another one; a file is the post
    that shows it. Of what is held, hidden or withdrawn, nothing is known. Four queries at most."""
    path = _path_here(address, {urlsplit(settings.SITE_URL).netloc.lower(), host.lower()})
    if path is None:
        return None
    for tried in (path, f"{path}/"):
        try:
            found = resolve(tried)
            break
        except Resolver404:
            continue
    else:
        return Place(address)
    said, anchor = found.kwargs, _ANCHOR.search(urlsplit(address).fragment)
    if "username" in said:
        return Place(address, member=Member.objects.shown().filter(username=str(said["username"]).lower()).first())
    number = {name: said[name] for name in ("post_id", "topic_id", "attachment_id") if said.get(name, _HUGE) < _HUGE}
    known = Q(topic__is_conversation=False, topic__withdrawn_at=None) | seated_in("topic", reader)
    posts = Post.objects.published().filter(known).select_related("topic__forum", "author")
    post = None
    if "post_id" in number:
        post = posts.filter(pk=number["post_id"]).first()
    elif "attachment_id" in number and found.view_name == "forums:file":
        post = posts.filter(attachments__pk=number["attachment_id"], attachments__is_named=True).first()
    elif "topic_id" in number:
        post = posts.filter(pk=int(anchor[1])).first() if anchor else None
        here = Q(topic=number["topic_id"]) | Q(topic__merged_from=number["topic_id"])
        post = post or posts.filter(here).order_by("position").first()
    return Place(address, post=post)


def _path_here(address: str, hosts: set[str]) -> str | None:
    """The path of an address of this site, as it is typed or copied; None where it is none."""
    if len(address) > ADDRESS_MAX_LENGTH:
        return None
    try:
        parts = urlsplit(address)
    except ValueError:
        return None
    path = unquote(parts.path)
    is_ours = parts.scheme in {"http", "https"} and parts.netloc.lower() in hosts
    if not (is_ours or (not parts.scheme and not parts.netloc)) or not path.startswith("/") or "\x00" in path:
        return None
    return path
