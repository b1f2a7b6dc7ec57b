"""What somebody typed into the search, understood: words, phrases, words to leave out, filters. Never an error: what
makes no sense is a word like any other, or is told as left out."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from django.utils.translation import get_language

from forums.models.forums import Intent

QUERY_MAX_LENGTH = 200  # characters that are read
TYPED_MAX_LENGTH = 1_000  # characters taken in; of what is too long to be read, the rest is told as left out
TERMS_AT_MOST = 12  # further words are left out, and told

_TOKEN = re.compile(
    r"(?P<no>-?)(?:(?P<name>[^\W\d_]+):(?:[\"“«](?P<quoted>[^\"”»]*)[\"”»]?|(?P<value>[^\s\"“”«»]+))"
    r"|[\"“«](?P<phrase>[^\"”»]*)[\"”»]?|(?P<word>[^\s\"“”«»]+))"
)

# Names of filters in both languages, and what they may say.
_NAMES = {
    "author": "author", "auteur": "author", "autrice": "author", "by": "author", "de": "author",
    "tag": "tag", "etiquette": "tag",
    "forum": "forum",
    "before": "before", "avant": "before",
    "after": "after", "apres": "after", "depuis": "after", "since": "after",
    "intent": "intent", "intention": "intent",
    "is": "is", "est": "is",
}  # fmt: skip
_INTENTS = {
    **{str(intent): str(intent) for intent in Intent.values},
    "idee": "idea", "annonce": "announcement", "retour": "feedback", "critique": "feedback",
}  # fmt: skip
_STATES = {
    "answered": "answered", "solved": "answered", "resolu": "answered", "resolue": "answered",
    "unanswered": "unanswered", "waiting": "unanswered", "sans-reponse": "unanswered",
    "open": "open", "ouvert": "open", "ouverte": "open",
    "closed": "closed", "ferme": "closed", "fermee": "closed",
}  # fmt: skip
# How the interface writes them in French; in English, as they are called here.
_WRITTEN_IN_FRENCH = {
    "author": "auteur", "tag": "étiquette", "forum": "forum", "intent": "intention", "is": "est", "after": "depuis",
    "before": "avant",
}  # fmt: skip
_SAID_IN_FRENCH = {
    "idea": "idée", "announcement": "annonce", "feedback": "retour",
    "answered": "résolu", "unanswered": "sans-réponse", "open": "ouvert", "closed": "fermé",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Term:
    """A word, or words that stand together."""

    text: str
    is_phrase: bool = False


@dataclass(slots=True)
class Filters:
    """What narrows a search, each as it was typed (its value cleaned)."""

    author: str = ""
    tag: str = ""
    forum: str = ""
    intent: str = ""
    state: str = ""
    before: date | None = None
    after: date | None = None

    def __bool__(self) -> bool:
        return any([self.author, self.tag, self.forum, self.intent, self.state, self.before, self.after])


@dataclass(slots=True)
class Query:
    """A query as it was understood."""

    terms: list[Term] = field(default_factory=list)
    without: list[Term] = field(default_factory=list)
    filters: Filters = field(default_factory=Filters)
    left_out: list[str] = field(default_factory=list)  # what was typed and made no sense

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.filters)

    @property
    def words(self) -> str:
        """The words alone, as one would type them, without the filters."""
        shown = [f'"{t.text}"' if t.is_phrase else t.text for t in self.terms]
        return " ".join(shown + [f'-"{t.text}"' if t.is_phrase else f"-{t.text}" for t in self.without])

    def typed(self, **changed: str) -> str:
        """The query as one would type it in the language in use, with some filters changed (empty: taken off).

        What was left out stays, to be told again. Where all of it is too long, the words come last: it is of them
        that the end is left out, and told."""
        said = {
            "author": self.filters.author, "tag": self.filters.tag, "forum": self.filters.forum,
            "intent": self.filters.intent, "is": self.filters.state,
            "after": self.filters.after.isoformat() if self.filters.after else "",
            "before": self.filters.before.isoformat() if self.filters.before else "",
        } | changed  # fmt: skip
        filters = " ".join(_written(name, value) for name, value in said.items() if value)
        words = " ".join(filter(None, [self.words, *(word for word in self.left_out if word not in self.words)]))
        parts = [words, filters] if len(words) + len(filters) < QUERY_MAX_LENGTH else [filters, words]
        return " ".join(part for part in parts if part)


def _written(name: str, value: str) -> str:
    if (get_language() or "").startswith("fr"):
        named = value if name in {"author", "tag", "forum"} else _SAID_IN_FRENCH.get(value, value)
        name, value = _WRITTEN_IN_FRENCH[name], named
    return f'{name}:"{value}"' if " " in value else f"{name}:{value}"


def understood(typed: str) -> Query:
    """Read a query. Two filters of a kind: the last one counts. Of more than 200 characters, the rest is left out."""
    query = Query()
    read, rest = _cut(typed)
    for found in _TOKEN.finditer(read):
        name = _NAMES.get(_folded(found["name"] or ""))
        if name and not found["no"]:
            value = (found["quoted"] if found["quoted"] is not None else found["value"]).strip()
            if not _filtered(query.filters, name, value):
                query.left_out.append(found[0].strip())
            continue
        phrase = found["phrase"] if found["phrase"] is not None else found["quoted"] if found["name"] else None
        text = phrase if phrase is not None else found["word"] or f"{found['name']}:{found['value']}"
        _take(query, Term(text.strip(), is_phrase=phrase is not None and " " in phrase.strip()), bool(found["no"]))
    if query.without and not (query.terms or query.filters):
        query.left_out += [f"-{term.text}" for term in query.without]
    if rest:
        query.left_out.append(rest)
    return query


def _cut(typed: str) -> tuple[str, str]:
    """What is read of a query, and what is too long of it; between two words, where there are two."""
    if len(typed) <= QUERY_MAX_LENGTH:
        return typed, ""
    end = typed.rfind(" ", 0, QUERY_MAX_LENGTH + 1)
    end = end if end > 0 else QUERY_MAX_LENGTH
    return typed[:end], typed[end:].strip()


def _take(query: Query, term: Term, is_unwanted: bool) -> None:
    if not any(character.isalnum() for character in term.text):
        return
    if len(query.terms) + len(query.without) >= TERMS_AT_MOST:
        query.left_out.append(term.text)
        return
    terms = query.without if is_unwanted else query.terms
    if term not in terms:
        terms.append(term)


def _filtered(filters: Filters, name: str, value: str) -> bool:
    """Take a filter; False where its value means nothing."""
    if name in {"author", "tag", "forum"}:
        setattr(filters, name, value.lstrip("@#"))
        return bool(value.lstrip("@#"))
    if name == "intent":
        filters.intent = _INTENTS.get(_folded(value), filters.intent)
        return _folded(value) in _INTENTS
    if name == "is":
        filters.state = _STATES.get(_folded(value), filters.state)
        return _folded(value) in _STATES
    day = _day(value)
    if day is not None:
        setattr(filters, name, day)
    return day is not None


def _day(said: str) -> date | None:
    """The day of "2026-11-25"; the first of a month or year (2026-11, 2026)."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{1,2}))?(?:-(\d{1,2}))?", said)
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2] or 1), int(match[3] or 1))
    except ValueError:
        return None


def moment(day: date) -> datetime:
    """When a day begins (UTC): what is before it lies before, the rest after."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word).casefold()
    return "".join(c for c in plain if not unicodedata.combining(c))
