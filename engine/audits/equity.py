"""Equity of ambition: is as much planned for every group of learners as for all? Small groups are never shown."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from statistics import median

from engine.audits.cases import Case, Finding
from engine.audits.figures import planned_gain
from engine.places import Kind
from engine.plan import PLACES, UNTOLD
from engine.settings import Audit

DECLARED = tuple(
    path for path, p in PLACES.items()
    if "[" not in path and p.kind is Kind.CHOICE and p.about.sensitivity == 3 and p.by == frozenset("L")
)  # fmt: skip
"""What learners declare about themselves as a choice, by which they may be grouped."""


class Ambition:
    """Audit 17. Median planned level gain of a group against that of everybody.

    Source: domain.md C5-17, A1-39. Planned gain = the programme's level − the mean level of initial assessment. A group
    whose median lies `level_gap` levels or more below everybody's is a finding; groups of fewer than `smallest` people,
    and groups whose rest is that small, are left out altogether. For staff alone. Limits: a median hides what is in it;
    groups may start from different places for reasons that lie outside the plan.
    """

    def __init__(self, bounds: Audit) -> None:
        self._bounds = bounds
        self._gains: list[float] = []
        self._groups: dict[tuple[str, str], list[float]] = defaultdict(list)
        self.figures: dict[str, float] = {}

    def see(self, case: Case) -> str:
        """Takes a plan in; tells why it could not be, else ""."""
        gain = planned_gain(case)
        if gain is None:
            return "the programme's level or the initial assessment is not known"
        if not any(case.record.get(path) for path in DECLARED):
            return "the learner has declared nothing to be grouped by"
        self._gains.append(gain)
        for path in DECLARED:
            value = case.record.get(path)
            if value is not None and value not in UNTOLD:
                self._groups[path, str(value)].append(gain)
        return ""

    def lacking(self) -> str:
        """Why nothing can be said: too few learners for any group to be shown."""
        few = len(self._gains) < 2 * self._bounds.smallest
        return f"there are fewer than {2 * self._bounds.smallest} learners to be grouped" if few else ""

    def findings(self) -> Iterator[Finding]:
        """The groups for whom less is planned."""
        smallest, overall = self._bounds.smallest, median(self._gains) if self._gains else 0.0
        self.figures = {"median planned gain in levels": round(overall, 2)}
        for (path, value), gains in sorted(self._groups.items()):
            if len(gains) < smallest or len(self._gains) - len(gains) < smallest:
                continue
            gap = overall - median(gains)
            if gap >= self._bounds.level_gap:
                words = path.rpartition(".")[2].replace("_", " ")
                says = (
                    f"{words.capitalize()} “{value}” ({len(gains)} learners): a median gain of {median(gains):.1f} "
                    f"levels is planned, {gap:.1f} less than for all."
                )
                yield Finding("planned-low", "", says, (path,), measure=round(gap, 2))
