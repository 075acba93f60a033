"""How work is measured: side by side with other work, round after round, in one process; the median counts."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece of work took.

    Attributes:
        cpu: milliseconds of processor time.
        wall: milliseconds by the clock.
        spread: of the middle half of all rounds, as a share of the median; of processor time.
    """

    cpu: float
    wall: float
    spread: float = 0.0

    @classmethod
    def of(cls, rounds: Sequence[Self]) -> Self:
        """The median of several rounds."""
        cpu = statistics.median(c.cpu for c in rounds)
        low, _, high = statistics.quantiles([c.cpu for c in rounds], n=4) if len(rounds) > 1 else (cpu, cpu, cpu)
        return cls(cpu, statistics.median(c.wall for c in rounds), (high - low) / cpu if cpu else 0.0)


@dataclass(frozen=True, slots=True)
class Row:
    """One comparison.

    Attributes:
        work: what was done, and on what.
        against: what it is compared with: a floor that no reader can go below, or another program's way.
        reach: what DESIGN.md section 11 asks of the ratio, in words; it is shown and never asserted.
    """

    work: str
    against: str
    ours: Cost
    theirs: Cost
    reach: str

    @property
    def ratio(self) -> float:
        """Our processor time for one of theirs."""
        return self.ours.cpu / self.theirs.cpu

    @property
    def wall_ratio(self) -> float:
        """Our wall time for one of theirs."""
        return self.ours.wall / self.theirs.wall


def side_by_side(contestants: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, Cost]:
    """What each contestant takes, all run in turn in every round, each right behind a run of its own."""
    spent: dict[str, list[Cost]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, work in contestants.items():
            work()
            cpu, wall = time.process_time(), time.perf_counter()
            work()
            spent[name].append(Cost((time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000))
    return {name: Cost.of(costs) for name, costs in spent.items()}
