"""What was said elsewhere as Markdown of this place: links, quotations and mentions lead to what was imported."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.utils import translation
from django.utils.translation import gettext as _

from toolkit.archives import Archive, Author, Discussion, Names, Said, markdown_of_page
from toolkit.mail import begun_as_words, escaped
from toolkit.markup import render, text_of
from toolkit.text import storable

_ADDRESS = re.compile(r"(\]\(|\]:[ \t]*)?<?(https?://[^\s<>()\"]+[^\s<>()\"'.,;:!?*_\]])>?")
_CALLED = re.compile(r"(?<![\w@/.`])@([\w.\-]{2,40})")
_CODE = re.compile(r"(`+[^`]*`+)")
_BARE = re.compile(r"(?:^|[\s>*])/p/\d+/", re.MULTILINE)


def shows_titles(markdown: str) -> bool:
    """Whether a post's address stands bare in the text: its topic's title takes its place."""
    return _BARE.search(markdown) is not None


@dataclass(frozen=True, slots=True)
class Wording:
    """How one discussion is worded."""

    archive: Archive
    username_of: Callable[[str], str]
    """The username here of an author, by their key."""
    post_of: Callable[[str], int]
    """The id here of something said, by its id there; 0 if it is not imported."""
    called: Mapping[str, str]
    """Keys of authors, by what "@…" calls them in this discussion."""

    def markdown_of(self, said: Said, lang: str) -> str:
        """The words of a post, without what an import adds. Empty if there are none."""
        if said.is_hidden:
            with translation.override(lang):
                return _("*(This post was hidden where it was written; its words did not come along.)*")
        if said.is_plain:
            return self._remark(storable(said.html))
        typed = said.versions[-1].markdown if said.versions else ""
        if typed and _letters(text_of(render(typed).html)) == _letters(text_of(said.html)):
            return self._led(storable(typed))
        return storable(markdown_of_page(said.html, self._names()))

    def _names(self) -> Names:
        return Names(
            member=self._called,
            address=self._here,
            quoted=lambda topic, number: self._here(f"/t/{topic}/{number}"),
            site=self.archive.site,
        )

    def _here(self, address: str) -> str:
        post = self.post_of(self.archive.post_at(address)) if address else 0
        return f"/p/{post}/" if post else ""

    def _called(self, name: str) -> str:
        key = self.called.get(folded(name), "")
        return self.username_of(key) if key else ""

    def _remark(self, text: str) -> str:
        """A comment: one paragraph with a few marks, and "@name" for whom it speaks to."""
        line = begun_as_words(" ".join(text.split()))
        pieces = _CODE.split(line)
        pieces[::2] = [_CALLED.sub(self._mention, self._led(piece)) for piece in pieces[::2]]
        return "".join(pieces)

    def _mention(self, match: re.Match[str]) -> str:
        name = match[1].rstrip(".-")
        username = self._called(name)
        return f"@{username}{match[1][len(name) :]}" if username else match[0]

    def _led(self, markdown: str) -> str:
        """Markdown whose links to imported posts lead here."""
        return _ADDRESS.sub(self._link, markdown)

    def _link(self, match: re.Match[str]) -> str:
        here = self._here(match[2])
        return f"{match[1] or ''}{here}" if here else match[0]


def called_in(discussion: Discussion, authors: Mapping[str, Author]) -> dict[str, str]:
    """Whom "@…" may mean in a discussion: everybody who wrote in it, by name and by its beginnings of three letters or
    more. Who wrote first is meant first."""
    found: dict[str, str] = {}
    for said in discussion.said:
        whole = folded(authors[said.author].name)
        for length in range(len(whole), 2, -1):
            found.setdefault(whole[:length], said.author)
    return found


def called_by_handle(authors: Iterable[Author]) -> dict[str, str]:
    """Whom "@…" means where everybody has a handle of their own."""
    return {folded(author.handle): author.key for author in authors if author.handle}


def folded(name: str) -> str:
    return re.sub(r"\s+", "", name).casefold()


def in_bold(title: str) -> str:
    """A title as the first line of a post."""
    return f"**{escaped(title)}**\n\n" if title else ""


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text)
