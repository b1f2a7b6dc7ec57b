"""What is measured by `make bench`: work at a size and at twice that size. Time that grows faster than its input is a
way to stop the site, so the ratio is the measure, not the seconds of one machine."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

MODULES = ("commune.bench.markup",)
RATIO = 3.0  # n log n gives 2.2 at most; what is above grows with the square or close to it
NOISE = 0.02  # seconds; a ratio of shorter times says nothing
TRIES = 4


@dataclass(frozen=True, slots=True)
class Case:
    """Something to be measured: what is made at a size, what is done with it, and how much may come out."""

    name: str
    make: Callable[[int], Any]
    run: Callable[[Any], Any]
    size: int
    most_output: Callable[[Any], int] | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    case: Case
    once: float
    twice: float
    output: int
    fault: str

    @property
    def ratio(self) -> float:
        return self.twice / max(self.once, 1e-9)


def measured(case: Case) -> Measured:
    """The case at n and 2n. A bad ratio is measured again before it is believed: other work disturbs a machine."""
    small, large = case.make(case.size), case.make(2 * case.size)
    once = twice = float("inf")
    output = 0
    for _ in range(TRIES):
        spent, output = _timed(case, small)
        once = min(once, spent)
        spent, output = _timed(case, large)
        twice = min(twice, spent)
        if twice < NOISE or twice / once <= RATIO:
            break
    fault = "grows too fast" if twice >= NOISE and twice / once > RATIO else ""
    if case.most_output is not None and output > case.most_output(large):
        fault = "puts out too much"
    return Measured(case, once, twice, output, fault)


def _timed(case: Case, given: Any) -> tuple[float, int]:
    """Processor time, the collector of garbage asleep: what else the machine does is not measured."""
    gc.collect()
    gc.disable()
    try:
        began = time.process_time()
        made = case.run(given)
        return time.process_time() - began, len(made)
    finally:
        gc.enable()


def each(cases: Iterator[Case]) -> Iterator[Measured]:
    return map(measured, cases)
