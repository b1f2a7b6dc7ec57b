"""A post's words and the HTML that is stored of them: rendered with what they name, and again when that changes."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from forums.actions.search import index_post
from forums.limits import FILES_PER_POST, MENTIONS_PER_POST, PREVIEW_DAYS
from forums.models import Access, Attachment, Forum, LinkPreview, Post, PostReference, Tag, Tagged, TagSynonym, Topic
from members.models import Block, Member
from toolkit import clock
from toolkit.markup import RENDERER_VERSION, Card, File, Named, Place, Rendered, Resolver, render
from toolkit.ring import ring

Q_NOTHING = Q(pk__in=[])
_ADDRESS = re.compile(r"/(?P<kind>[tp])/(?P<id>[0-9]{1,18})(?:/[\w-]*)*(?P<rest>[?#].*)?", re.DOTALL)
_POST_IN_REST = re.compile(r"#post-([0-9]{1,18})$")
_FILE = re.compile(r"/a/([0-9]{1,18})/")
# A topic's or a post's address in running text, without the site's name before it.
_BARE = re.compile(r"(?<![\w/.:@-])/[tp]/[0-9]+(?:/[\w-]*)*(?:\?[\w=&-]+)?(?:#post-[0-9]+)?(?![\w/-])")
_KINDS = {"member": "member_id", "topic": "topic_id", "target": "target_id", "tag": "tag_id"}


def rendered_for(forum: Forum | None, body: str, *, by: Member | None = None, post: Post | None = None) -> Rendered:
    """A post's Markdown as the HTML that everybody who reads this forum is shown.

    Titles of topics and files of other posts are shown only where everybody who may read this forum may read them too;
    files of `by`, who writes or changes the words, and those that `post` has already are shown as well. At most eight
    queries, and none where nothing is named.
    """
    return render(body, resolver=resolver_for(forum, by=by, post=post), scope=sha256(body.encode()).hexdigest()[:8])


def resolver_for(forum: Forum | None, *, by: Member | None = None, post: Post | None = None) -> Resolver:
    """The markup's resolver for words that stand in this forum. Words of an import name only whom they named when they
    came: any other "@ann" may be anybody."""
    asks = _Asked(forum, by, post)
    is_import = post is not None and post.origin == Post.Origin.IMPORT
    return Resolver(
        members=asks.members_named if is_import else asks.members,
        tags=asks.tags,
        places=asks.places,
        files=asks.files,
        cards=_cards,
        site=settings.SITE_URL,
        bare=_BARE,
    )


def rendered_import(body: str, *, members: Mapping[str, Member], posts: Container[int]) -> Rendered:
    """Words of an import as HTML: they name these imported members, by username, and these posts, stored or not yet.
    No query."""

    def members_named(names: Sequence[str]) -> dict[str, Named]:
        return {name: _named(members[name]) for name in names[:MENTIONS_PER_POST] if name in members}

    def places(addresses: Sequence[str]) -> dict[str, Place]:
        parsed = {address: match for address in addresses if (match := _ADDRESS.fullmatch(address))}
        asked = {address: _post_named(match) for address, match in parsed.items()}
        return {address: Place(href=address, named=(("target", pk),)) for address, pk in asked.items() if pk in posts}

    resolver = Resolver(members=members_named, places=places, site=settings.SITE_URL, bare=_BARE)
    return render(body, resolver=resolver, scope=sha256(body.encode()).hexdigest()[:8])


def _named(member: Member) -> Named:
    return Named(member.pk, member.username, member.get_absolute_url())


def _cards(addresses: Sequence[str]) -> dict[str, Card]:
    if not settings.LINK_PREVIEWS:
        return {}
    found = LinkPreview.objects.filter(url__in=addresses).exclude(title="")
    return {preview.url: Card(preview.title, preview.description, preview.site) for preview in found}


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions whose answer depends on who reads the words, and on who writes them."""

    forum: Forum | None
    by: Member | None
    post: Post | None

    def members_named(self, names: Sequence[str]) -> dict[str, Named]:
        """Those that an imported post named when it came in; who has claimed a placeholder stands in for it. Two
        queries."""
        found = Member.objects.filter(username__in=names[:MENTIONS_PER_POST]).select_related("claimed_by")
        now = {member.username: member.claimed_by or member for member in found}
        known = set(
            PostReference.objects.filter(post=self.post, member__in=now.values()).values_list("member", flat=True)
        )
        return {name: _named(member) for name, member in now.items() if member.pk in known}

    def _read_by_all(self, forum_id: str) -> Q:
        """Whether everybody who reads this forum may read the forum at `forum_id` too. No nested query of its own."""
        everyone = Access.objects.filter(
            forum=OuterRef(forum_id), audience=Access.Audience.EVERYONE, level__gte=Access.Level.READ
        )
        return Q(Exists(everyone)) | (Q(**{forum_id: self.forum.pk}) if self.forum is not None else Q_NOTHING)

    def members(self, names: Sequence[str]) -> dict[str, Named]:
        """Which of these names are members that the author can name: the first twenty, in the order of the text, and
        nobody with whom there is a block. One query."""
        found = Member.objects.taking_part().filter(username__in=names[:MENTIONS_PER_POST])
        author = self.post.author_id if self.post is not None else self.by.pk if self.by is not None else 0
        between = Block.objects.filter(
            Q(member=author, blocked=OuterRef("pk")) | Q(blocked=author, member=OuterRef("pk"))
        )
        found = found.exclude(Exists(between))
        return {member.username: Named(member.pk, member.username, member.get_absolute_url()) for member in found}

    def places(self, addresses: Sequence[str]) -> dict[str, Place]:
        """Topics and posts of this site, by address; a conversation is no more than an address. Two queries."""
        parsed = {address: match for address in addresses if (match := _ADDRESS.fullmatch(address))}
        asked = {address: _post_named(match) for address, match in parsed.items()}
        posts = {
            post.pk: post
            for post in Post.objects.filter(pk__in=[pk for pk in asked.values() if pk]).only("topic", "state")
        }
        topic_ids = {int(match["id"]) for match in parsed.values() if match["kind"] == "t"}
        topics = {
            topic.pk: topic
            for topic in Topic.objects.filter(pk__in=topic_ids | {post.topic_id for post in posts.values()})
            .filter(is_conversation=False)
            .annotate(read_by_all=Exists(Topic.objects.filter(self._read_by_all("forum_id"), pk=OuterRef("pk"))))
            .only("title", "slug", "is_listed")
        }
        return {
            address: place
            for address, match in parsed.items()
            if (place := _place(match, posts.get(asked[address]), topics)) is not None
        }

    def tags(self, keys: Sequence[str]) -> dict[str, Named]:
        """Tags, by key or by the key of a synonym: those on a listed topic that all readers may read. Two queries."""
        used = Tagged.objects.filter(
            self._read_by_all("content_object__forum_id"), tag=OuterRef("pk"), content_object__is_listed=True
        )
        synonyms = TagSynonym.objects.filter(key__in=keys)
        meant = {row.key: row.tag_id for row in synonyms}
        found = Tag.objects.filter(Exists(used), Q(key__in=keys) | Q(pk__in=list(meant.values())))
        named = {tag.pk: Named(tag.pk, tag.name, tag.get_absolute_url()) for tag in found}
        others = {key: named[pk] for key, pk in meant.items() if pk in named}
        return others | {tag.key: named[tag.pk] for tag in found if tag.key in keys}

    def files(self, addresses: Sequence[str]) -> dict[str, File]:
        """Attachments, by address: those of whoever writes, of the post itself, and of posts that all readers may
        read. One query."""
        ids = {address: int(match[1]) for address in addresses if (match := _FILE.match(address))}
        first = list(dict.fromkeys(ids.values()))[:FILES_PER_POST]
        shown = Q(
            self._read_by_all("post__topic__forum_id"),
            post__state=Post.State.PUBLISHED,
            post__topic__is_listed=True,
            is_named=True,
        )
        if self.by is not None:
            shown |= Q(member=self.by)
        if self.post is not None:
            shown |= Q(post=self.post)
        found = {file.pk: file for file in Attachment.objects.filter(shown, pk__in=first, is_stored=True)}
        return {address: _file(found[pk]) for address, pk in ids.items() if pk in found}


def _post_named(match: re.Match[str]) -> int:
    """The id of the post that an address of this site leads to; 0 for a whole topic."""
    if match["kind"] == "p":
        return int(match["id"])
    found = _POST_IN_REST.search(match["rest"] or "")
    return int(found[1]) if found else 0


def _place(match: re.Match[str], post: Post | None, topics: Mapping[int, Topic]) -> Place | None:
    topic = topics.get(post.topic_id if post is not None else int(match["id"]) if match["kind"] == "t" else 0)
    if topic is None:
        return None
    is_shown = topic.is_listed and getattr(topic, "read_by_all", False)
    is_shown = is_shown and (post is None or post.state == Post.State.PUBLISHED)
    return Place(
        href=post.get_absolute_url() if post is not None else f"{topic.get_absolute_url()}{match['rest'] or ''}",
        title=topic.title if is_shown else "",
        named=(("target", post.pk),) if post is not None else (),
        named_by_title=(("topic", topic.pk),),
    )


def _file(attachment: Attachment) -> File:
    href = attachment.get_absolute_url()
    if not attachment.is_image:
        return File(("file", attachment.pk), href, attachment.name)
    widths = [variant["width"] for variant in attachment.variants]
    shown = next((width for width in widths if width >= 900), max(widths, default=0))
    return File(
        ("file", attachment.pk),
        href,
        attachment.name,
        alt=attachment.alt,
        src=f"{href}?w={shown}" if shown else href,
        srcset=", ".join(f"{href}?w={width} {width}w" for width in widths) if len(widths) > 1 else "",
        width=attachment.width or 0,
        height=attachment.height or 0,
    )


def settle_words(post: Post, rendered: Rendered, *, by: Member | None) -> None:
    """Give the post, saved already, exactly what its words bring along: a reference for each thing it names, the files
    it shows, a preview to be fetched for each link that stands alone.

    Called inside the action's lock whenever a post's words were written or changed, with whoever did so (None: nobody,
    they are only rendered again). Only their own files become the post's: nobody can publish another's. Files that the
    words no longer name stay the post's, but nobody except their owner reads them. Words that newly name a topic or a
    page elsewhere are rendered again by the job, in case it changed between rendering and now.
    """
    named = set(rendered.named)
    files = _ids(named, "file")
    if by is not None:
        free = Q(post=None) | Q(is_named=False)
        Attachment.objects.filter(free, pk__in=files, member=by).update(post=post, is_named=True)
    uploaded = Attachment.objects.filter(post=post, member__isnull=False)
    uploaded.filter(pk__in=files, is_named=False).update(is_named=True)
    uploaded.exclude(pk__in=files).update(is_named=False)
    if not post.topic.is_conversation:  # what is said in private is told to no other site
        named |= {("page", pk) for pk in _pages_asked(rendered.alone)}
    named.discard(("target", post.pk))
    known = {_reference_of(row): row.pk for row in post.references.all()}
    wanted = {(kind, pk) for kind, pk in named if kind != "file"}
    PostReference.objects.filter(pk__in=[pk for reference, pk in known.items() if reference not in wanted]).delete()
    fresh = wanted - set(known)
    PostReference.objects.bulk_create(
        [PostReference(post=post, **{f"{kind}_id": pk}) for kind, pk in sorted(fresh)], ignore_conflicts=True
    )
    if any(kind in {"topic", "page"} for kind, _ in fresh):
        Post.objects.filter(pk=post.pk).update(renderer_version=0)
        ring("forums.render_again")


def _ids(named: set[tuple[str, int]], kind: str) -> set[int]:
    return {pk for of, pk in named if of == kind}


def _reference_of(row: PostReference) -> tuple[str, int]:
    named = {
        "member": row.member_id, "topic": row.topic_id, "target": row.target_id, "tag": row.tag_id, "page": row.page_id
    }  # fmt: skip
    return next((kind, pk) for kind, pk in named.items() if pk is not None)


def _pages_asked(addresses: Sequence[str]) -> list[int]:
    """Rows for pages elsewhere, to be fetched (again, when what is known of them is a week old). Answers their ids."""
    if not addresses or not settings.LINK_PREVIEWS:
        return []
    now, waiting = clock.now(), LinkPreview.State.WAITING
    LinkPreview.objects.bulk_create(
        [LinkPreview(url=url, asked_at=now, not_before=now) for url in sorted(addresses)], ignore_conflicts=True
    )
    pages = LinkPreview.objects.filter(url__in=addresses)
    pages.filter(fetched_at__lte=now - timedelta(days=PREVIEW_DAYS)).exclude(state=waiting).update(
        state=waiting, asked_at=now, not_before=now, attempts=0
    )
    ring("forums.fetch_previews")
    return list(pages.values_list("pk", flat=True))


# --- Rendering again


def names_changed(
    *,
    topic: Topic | None = None,
    tag: Tag | None = None,
    member: Member | None = None,
    forum: Forum | None = None,
    page: LinkPreview | None = None,
    posts: Sequence[Post] = (),
    words_of: Sequence[int] = (),
) -> int:
    """Have everything rendered again that shows the name of one of these, or leads to one of `posts`, and the
    posts whose ids are `words_of`, soon after the commit. Answers how many posts.

    To be called, inside its transaction, by whatever changes a name or who may read what is named: a topic renamed,
    moved, merged, unlisted, withdrawn (also for its own posts, whose readers have changed); a forum opened or closed
    to visitors (for its topics); posts hidden, shown again, moved; a preview that arrived. Locks the posts in the order
    of their ids.
    """
    naming = Q_NOTHING
    if topic is not None:
        naming |= Q(topic=topic) | Q(target__topic=topic) | Q(post__topic=topic, member=None, tag=None, page=None)
    if forum is not None:
        naming |= Q(topic__forum=forum) | Q(post__topic__forum=forum, topic__isnull=False)
    if tag is not None:
        naming |= Q(tag=tag)
    if member is not None:
        naming |= Q(member=member)
    if page is not None:
        naming |= Q(page=page)
    if posts:
        naming |= Q(target__in=[post.pk for post in posts])
    with transaction.atomic():
        named = Q(pk__in=PostReference.objects.filter(naming).values("post"))
        due = Post.objects.filter(named | Q(pk__in=words_of), renderer_version__gt=0)
        ids = list(due.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk", flat=True))
        Post.objects.filter(pk__in=ids).update(renderer_version=0)
        if ids:
            ring("forums.render_again")
    return len(ids)


@transaction.atomic
def render_again(batch: int = 20) -> int:
    """Render posts whose HTML is of an older renderer, or shows a name that has changed. Answers how many; 0 when none
    is left. What they say, their version and their "edited" mark stay; references and the search index follow.

    The posts are locked while they are rendered, so that a name that changes meanwhile marks them again afterwards.
    """
    due = list(
        Post.objects.filter(renderer_version__lt=RENDERER_VERSION)
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .select_related("topic__forum", "author")
        .order_by("renderer_version", "pk")[:batch]
    )
    for post in due:
        rendered = rendered_for(post.topic.forum, post.body, post=post)
        post.html, post.renderer_version = rendered.html, RENDERER_VERSION
        post.save(update_fields=["html", "renderer_version"])
        settle_words(post, rendered, by=None)
        if post.position is not None:
            index_post(post)
    return len(due)
