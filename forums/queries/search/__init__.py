"""Searching titles, posts, tags and people."""

from forums.queries.search.asked import QUERY_MAX_LENGTH, TYPED_MAX_LENGTH, Query, understood
from forums.queries.search.completing import complete
from forums.queries.search.find import FOUND_AT_MOST, Found, Hit, search

__all__ = [
    "FOUND_AT_MOST",
    "QUERY_MAX_LENGTH",
    "TYPED_MAX_LENGTH",
    "Found",
    "Hit",
    "Query",
    "complete",
    "search",
    "understood",
]
