"""Excerpts and titles with what was found marked: pieces of (text, is a hit)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.db import connection

from toolkit.markup import text_of

if TYPE_CHECKING:
    from forums.queries.search.asked import Term
    from forums.queries.search.find import Hit

Pieces = list[tuple[str, bool]]
LESS = "\ue000"  # stands for "<" while PostgreSQL marks the hits: it would take "<b>" for markup and drop it
SIGNS = re.compile("[\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff]+")
AROUND = 60  # characters around a hit that PostgreSQL's parser does not see

_HEADLINES = """
SELECT ts_headline(
    CASE lang WHEN 'fr' THEN 'french' WHEN 'en' THEN 'english' ELSE 'simple' END::regconfig, text,
    (SELECT coalesce(string_agg(nullif(commune_term(said, is_phrase)::text, ''), ' | '), '')::tsquery
     FROM unnest(%s::text[], %s::bool[]) AS asked(said, is_phrase)),
    CASE WHEN is_title THEN E'StartSel=\\x02, StopSel=\\x03, HighlightAll=true'
        ELSE E'StartSel=\\x02, StopSel=\\x03, MaxWords=32, MinWords=16, MaxFragments=1' END)
FROM unnest(%s::text[], %s::text[], %s::bool[]) WITH ORDINALITY AS t(text, lang, is_title, n) ORDER BY n
"""


def mark(hits: Sequence[Hit], terms: Sequence[Term]) -> None:
    """Give each hit its title and an excerpt, in pieces. One query."""
    texts, languages, are_titles = [], [], []
    for hit in hits:
        texts.append(hit.topic.title)
        languages.append(hit.topic.lang)
        are_titles.append(True)
        if hit.post is not None:
            texts.append(text_of(hit.post.html)[:20_000])
            languages.append(hit.post.lang)
            are_titles.append(False)
    if not texts:
        return
    with connection.cursor() as cursor:
        said, phrases = [term.text for term in terms], [term.is_phrase for term in terms]
        clean = [text.replace("<", LESS) for text in texts]
        cursor.execute(_HEADLINES, [said, phrases, clean, languages, are_titles])
        headlines = [_pieces(headline.replace(LESS, "<")) for (headline,) in cursor.fetchall()]
    signs = [run for term in terms for run in SIGNS.findall(term.text)]
    shown = iter(_with_signs(pieces, text, signs) for pieces, text in zip(headlines, texts, strict=True))
    for hit in hits:
        hit.title = next(shown)
        if hit.post is not None:
            hit.excerpt = next(shown)


def _pieces(headline: str) -> Pieces:
    pieces = []
    for index, piece in enumerate(headline.replace("\n", " ").split("\x02")):
        if index == 0:
            pieces.append((piece, False))
            continue
        hit, _, rest = piece.partition("\x03")
        pieces += [(hit, True), (rest, False)]
    return [piece for piece in pieces if piece[0]]


def _with_signs(pieces: Pieces, text: str, signs: Sequence[str]) -> Pieces:
    """Signs written without spaces are found inside longer runs, where PostgreSQL marks nothing."""
    if any(is_hit for _piece, is_hit in pieces):
        return pieces
    for sign in signs:
        at = text.find(sign)
        if at >= 0:
            start, end = max(0, at - AROUND), at + len(sign)
            begun = text[start:at].replace("\n", " ")
            return [
                piece
                for piece in ((begun, False), (sign, True), (text[end : end + AROUND].replace("\n", " "), False))
                if piece[0]
            ]
    return pieces
