"""Who may object while a post is written: upper floors register a judge here, called before the lock.

A judge answers with remarks: a hint (said while one writes, nothing more), a question (asked before the words are
published; whoever confirms is published), or a hold (a person reads the words first). A judge that fails means hold: a
fault must never let through what it should have stopped.
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from toolkit.verdicts import Refused

if TYPE_CHECKING:
    from forums.models import Forum, Post
    from members.models import Member

logger = logging.getLogger(__name__)

FAILED = "failed"


class Level(StrEnum):
    HINT = "hint"
    ASK = "confirm"
    HOLD = "hold"


@dataclass(frozen=True, slots=True)
class Words:
    """What somebody writes, and where: forum None in a conversation; `post` is the one that they change."""

    author: Member
    forum: Forum | None
    body: str
    title: str = ""
    post: Post | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """What a judge says of words. `reason` is the judge's own code, `sentence` is for the author, in their language,
    `source` tells the judge's rules apart, `matched` is what was met."""

    level: Level
    reason: str
    sentence: str = ""
    source: int = 0
    matched: str = ""


class Judge(Protocol):
    def __call__(self, words: Words, /) -> list[Remark]: ...


class AskedFirst(Refused):
    """Nothing was published yet: the author is to confirm that they mean it, with `questions` before their eyes."""

    def __init__(self, questions: list[Remark]) -> None:
        super().__init__(" ".join(remark.sentence for remark in questions))
        self.questions = questions


_judges: list[Judge] = []


def register(judge: Judge) -> None:
    if judge not in _judges:
        _judges.append(judge)


def remarks_on(words: Words) -> list[Remark]:
    """What all judges say, holds first. None of them: publish."""
    remarks: list[Remark] = []
    for judge in _judges:
        try:
            remarks += judge(words)
        except Exception:
            logger.exception("A gatekeeper failed; the post is held.")
            return [Remark(Level.HOLD, FAILED)]
    return sorted(remarks, key=lambda remark: remark.level != Level.HOLD)


def held_because(remarks: Iterable[Remark]) -> str | None:
    """The first reason to have a person read it before, or None."""
    return next((remark.reason for remark in remarks if remark.level == Level.HOLD), None)


def insist_on_confirmation(remarks: Sequence[Remark], confirmed: Container[int] | None) -> None:
    """Raises AskedFirst if something is to be asked that was not confirmed. `confirmed` holds the sources of the
    questions that were; None where there is nobody to ask. What is held is not asked about: a person reads it."""
    questions = [remark for remark in remarks if remark.level == Level.ASK]
    if confirmed is None or held_because(remarks) is not None:
        return
    open_ = [remark for remark in questions if remark.source not in confirmed]
    if open_:
        raise AskedFirst(open_)
