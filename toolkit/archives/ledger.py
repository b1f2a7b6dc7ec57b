"""Accounts of an import: of each kind of record, how many were read, and what became of every one."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Line:
    """One kind of record."""

    read: int = 0
    imported: int = 0
    known: int = 0  # imported by an earlier run
    left_out: Counter[str] = field(default_factory=Counter)  # by reason

    @property
    def is_balanced(self) -> bool:
        return self.read == self.imported + self.known + self.left_out.total()


class Ledger:
    """All lines, by the name of the kind, in the order in which they were first spoken of."""

    def __init__(self) -> None:
        self.lines: dict[str, Line] = {}

    def line(self, kind: str) -> Line:
        return self.lines.setdefault(kind, Line())

    def read(self, kind: str, number: int = 1) -> None:
        self.line(kind).read += number

    def imported(self, kind: str, number: int = 1) -> None:
        self.line(kind).imported += number

    def known(self, kind: str, number: int = 1) -> None:
        self.line(kind).known += number

    def left_out(self, kind: str, reason: str, number: int = 1) -> None:
        if number:
            self.line(kind).left_out[reason] += number

    @property
    def is_balanced(self) -> bool:
        return all(line.is_balanced for line in self.lines.values())
