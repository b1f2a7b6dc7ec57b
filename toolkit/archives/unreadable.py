from __future__ import annotations


class Unreadable(Exception):
    """An archive is not what it should be. Its text is one sentence for whoever ran the import."""
