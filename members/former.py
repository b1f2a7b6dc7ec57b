"""A member who left: the names that are to be forgotten, and the one that stays."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Former:
    """What they were called and where they were written to, and the pseudonym that stands in its place."""

    username: str
    name: str
    email: str
    pseudonym: str

    @property
    def names(self) -> list[str]:
        """Everything that names them, the longest first."""
        return sorted({words for words in (self.email, self.name, self.username) if words}, key=len, reverse=True)

    def pseudonymised(self, text: str) -> str:
        """A text about this person, their names replaced where they stand as whole words, whatever their case."""
        for words in self.names:
            text = re.sub(rf"(?<!\w){re.escape(words)}(?!\w)", self.pseudonym, text, flags=re.IGNORECASE)
        return text

    def unnamed(self, body: str) -> str:
        """Somebody else's words, with what names this person as a link replaced: mentions, and who is quoted."""
        body = re.sub(rf"(?<![\w@/.])@{re.escape(self.username)}(?![\w@]|-+\w)", f"@{self.pseudonym}", body, flags=re.I)
        for words in (self.name, self.username):
            if words:
                body = body.replace(f"> [{words}](/p/", f"> [{self.pseudonym}](/p/")
        return body
