"""What a text names: members, tags, places and files of this site, pages elsewhere. A resolver knows who they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it.token import Token

from toolkit.markup.rules import linked, plain
from toolkit.text import tag_key

# How many different things of a kind one text may name; further ones are shown as they were typed.
TAGS_NAMED = 50
LINKS_NAMED = 100
FILES_NAMED = 100
CARDS = 5

_MEMBER = r"(?<![\w@/.])@(?P<member>[a-z0-9](?:[a-z0-9_-]{0,28}[a-z0-9_])?)(?![\w@])"
_TAG = r"(?<![\w#/&])#(?P<tag>\w[\w-]{0,39})(?![\w#])"

Reference = tuple[str, int]
"""What is named, as a kind (the resolver's own word) and an id."""


@dataclass(frozen=True, slots=True)
class Named:
    """A member or a tag: the id, how it is shown, where it leads."""

    id: int
    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page of this site: where it leads, the title that a bare link shows (empty: none may be shown), what a link to
    it names, and what it names besides when its title is shown."""

    href: str
    title: str = ""
    named: tuple[Reference, ...] = ()
    named_by_title: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class File:
    """A file of this site. One that is not a picture has no size."""

    reference: Reference
    href: str
    name: str
    alt: str = ""
    src: str = ""
    srcset: str = ""
    width: int = 0
    height: int = 0


@dataclass(frozen=True, slots=True)
class Card:
    """What a page elsewhere says of itself. Plain words, never HTML."""

    title: str
    description: str = ""
    site: str = ""


def _nothing(_asked: Sequence[str]) -> Mapping[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Resolver:
    """Who knows what a text names. Each function gets what was found, in order and without duplicates, and answers
    those it knows; it is called at most once a text, and not at all when nothing was found."""

    members: Callable[[Sequence[str]], Mapping[str, Named]] = _nothing
    """Given lower-cased names."""
    tags: Callable[[Sequence[str]], Mapping[str, Named]] = _nothing
    """Given folded keys."""
    places: Callable[[Sequence[str]], Mapping[str, Place]] = _nothing
    """Given addresses of this site, without its name: "/t/12/x/?page=2#post-3"."""
    files: Callable[[Sequence[str]], Mapping[str, File]] = _nothing
    """Given addresses of this site's files, without its name."""
    cards: Callable[[Sequence[str]], Mapping[str, Card]] = _nothing
    """Given addresses elsewhere that stand alone in a paragraph."""
    site: str = ""
    """The site's own address, without a slash at its end."""
    bare: re.Pattern[str] | None = None
    """Addresses of this site that are links also without its name, where they stand in running text."""


NOBODY = Resolver()


@dataclass(slots=True)
class Found:
    """What a text turned out to name."""

    references: dict[Reference, None] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()


def is_file(address: str) -> bool:
    """Whether an address, without the site's name, is one of its files."""
    return address.startswith("/a/")


def name_things(tokens: list[Token], resolver: Resolver) -> Found:
    """Turn names in running text (not in headings, code and links) into links, bare links to this site into titles,
    its files into pictures and downloads, and links that stand alone into cards."""
    found = Found()
    inline = [token for token in tokens if token.type == "inline" and token.children]
    _link_names(tokens, inline, resolver, found)
    _show_places(inline, resolver, found)
    _show_files(inline, resolver, found)
    _lay_cards(tokens, resolver, found)
    return found


def own(address: str, resolver: Resolver) -> str:
    """The address without this site's name; nothing if it leads elsewhere."""
    if resolver.site and address.startswith(f"{resolver.site}/"):
        return address[len(resolver.site) :]
    return address if address.startswith("/") and not address.startswith("//") else ""


# --- @members, #tags and bare addresses of this site


def _link_names(tokens: list[Token], inline: list[Token], resolver: Resolver, found: Found) -> None:
    pattern = re.compile(
        "|".join([_MEMBER, _TAG, *([f"(?P<bare>{resolver.bare.pattern})"] if resolver.bare else [])]), re.IGNORECASE
    )
    in_headings = {id(t) for head, t in zip(tokens, tokens[1:], strict=False) if head.type == "heading_open"}
    members: dict[str, None] = {}
    tags: dict[str, None] = {}
    for token in inline:
        for child in _running_text(token.children or []):
            for match in pattern.finditer(child.content):
                if match["member"]:
                    members[match["member"].lower()] = None
                elif match["tag"] and _is_word(match["tag"]):
                    tags[tag_key(match["tag"])] = None
    known = resolver.members(list(members)) if members else {}
    worded = resolver.tags(list(tags)[:TAGS_NAMED]) if tags else {}
    for token in inline:
        running = {id(child) for child in _running_text(token.children or [])}
        fresh: list[Token] = []
        for child in token.children or []:
            if id(child) in running and (pieces := list(pattern.finditer(child.content))):
                fresh.extend(_cut(child.content, pieces, known, {} if id(token) in in_headings else worded, found))
            else:
                fresh.append(child)
        token.children = fresh


def _is_word(tag: str) -> bool:
    return any(character.isalpha() for character in tag)


def _running_text(children: Sequence[Token]) -> Iterable[Token]:
    depth = 0
    for child in children:
        depth += {"link_open": 1, "link_close": -1}.get(child.type, 0)
        if child.type == "text" and not depth:
            yield child


def _cut(
    content: str,
    matches: list[re.Match[str]],
    members: Mapping[str, Named],
    tags: Mapping[str, Named],
    found: Found,
) -> Iterable[Token]:
    end = 0
    for match in matches:
        if match["member"]:
            who = members.get(match["member"].lower())
            link = linked(who.href, f"@{who.text}", css="mention") if who else []
            found.references |= {("member", who.id): None} if who else {}
        elif match["tag"]:
            tag = tags.get(tag_key(match["tag"]))
            link = linked(tag.href, match[0], css="tagged") if tag else []
            found.references |= {("tag", tag.id): None} if tag else {}
        else:
            link = linked(match[0], match[0], markup="linkify")
        if not link:
            continue
        if match.start() > end:
            yield plain(content[end : match.start()])
        yield from link
        end = match.end()
    if end < len(content):
        yield plain(content[end:])


# --- Links to this site


def _show_places(inline: list[Token], resolver: Resolver, found: Found) -> None:
    links = [(token, index, child) for token in inline for index, child in _openings(token)]
    asked = dict.fromkeys(
        address for *_, child in links if (address := own(_href(child), resolver)) and not is_file(address)
    )
    places = resolver.places(list(asked)[:LINKS_NAMED]) if asked else {}
    for token, index, child in links:
        place = places.get(own(_href(child), resolver))
        if place is None:
            continue
        found.references |= dict.fromkeys(place.named)
        if child.info != "auto":
            continue
        found.references |= dict.fromkeys(place.named_by_title)
        if place.title:
            child.attrs = {"href": place.href, "class": "titled"}
            (token.children or [])[index + 1].content = place.title


def _openings(token: Token) -> Iterable[tuple[int, Token]]:
    return ((index, child) for index, child in enumerate(token.children or []) if child.type == "link_open")


def _href(token: Token) -> str:
    return str(token.attrGet("href") or "")


# --- Files


def _show_files(inline: list[Token], resolver: Resolver, found: Found) -> None:
    """Pictures carry what the renderer needs in `meta`; one that may not be shown carries nothing."""
    pictures = [child for token in inline for child in token.children or [] if child.type == "image"]
    links = [child for token in inline for _, child in _openings(token)]
    addresses = [own(str(p.attrGet("src") or ""), resolver) for p in pictures]
    asked = dict.fromkeys(a for a in [*addresses, *(own(_href(link), resolver) for link in links)] if is_file(a))
    found.files = tuple(asked)[:FILES_NAMED]
    files = resolver.files(found.files) if asked else {}
    found.references |= {file.reference: None for file in files.values()}
    for picture, address in zip(pictures, addresses, strict=True):
        picture.meta = {"file": files.get(address), "own": is_file(address)}
    for link in links:
        file = files.get(own(_href(link), resolver))
        if file is not None:
            link.attrs = {"href": file.href, "class": "file"}


# --- Cards


def _lay_cards(tokens: list[Token], resolver: Resolver, found: Found) -> None:
    """Where a link elsewhere is all that a paragraph says and its page is known, a card takes the paragraph's place."""
    alone = [
        (index, address)
        for index, token in enumerate(tokens)
        if token.type == "inline" and token.level == 1 and (address := _alone(tokens, index, resolver))
    ]
    found.alone = tuple(dict.fromkeys(address for _, address in alone))[:CARDS]
    cards = resolver.cards(found.alone) if found.alone else {}
    for index, address in reversed(alone):
        card = cards.get(address)
        if card is not None:
            laid = Token("card", "", 0, block=True, attrs={"href": address})
            laid.meta = {"card": card}
            tokens[index - 1 : index + 2] = [laid]


def _alone(tokens: list[Token], index: int, resolver: Resolver) -> str:
    """The address of the link that is all of this paragraph, or nothing."""
    children = tokens[index].children or []
    if tokens[index - 1].type != "paragraph_open" or len(children) != 3 or children[0].info != "auto":
        return ""
    address = _href(children[0])
    is_page = address.startswith(("http://", "https://"))
    return address if is_page and not own(address, resolver) and len(address) <= 2_000 else ""
