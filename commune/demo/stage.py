"""What the play has made so far, for those who go on with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from forums.models import Forum, Post, Rule, Topic
from members.models import Member

SOURCE = "demo"


@dataclass(slots=True)
class Stage:
    """What the play has made so far."""

    now: datetime
    members: dict[str, Member] = field(default_factory=dict)
    forums: dict[str, Forum] = field(default_factory=dict)
    rules: list[Rule] = field(default_factory=list)
    topics: dict[str, Topic] = field(default_factory=dict)
    posts: dict[tuple[str, int], Post] = field(default_factory=dict)

    def ago(self, age: timedelta) -> datetime:
        return self.now - age


Act = tuple[datetime, int, Callable[[], object]]
