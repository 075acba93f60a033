"""The findings at a glance: how many plans each audit stopped at, for the provider and group by group."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from engine.audits import STRATA, Audited
from engine.audits.catalogue import audit_of

WAYS = (*STRATA, "month")
"""The ways in which plans are grouped."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of plans: how many they are, at how many any audit stopped, and at how many each did."""

    name: str
    plans: int
    stopped: int
    by_audit: Mapping[str, int]

    @property
    def share(self) -> float:
        """The share of its plans that any audit stopped at."""
        return self.stopped / self.plans if self.plans else 0.0


@dataclass(frozen=True, slots=True)
class Glance:
    """All groups of one way of grouping, the biggest first; `hidden` groups are too small to be shown."""

    way: str
    groups: tuple[Group, ...]
    hidden: int


def stopped_at(found: Audited) -> Mapping[str, frozenset[str]]:
    """For each plan, the audits that found something in it."""
    return {plan: frozenset(audit_of(finding.kind) for finding in some) for plan, some in found.by_plan.items()}


def glances(found: Audited, smallest: int) -> tuple[Glance, ...]:
    """Every way of grouping.

    Args:
        smallest: the fewest plans of a group that is shown.
    """
    audits = stopped_at(found)
    members: dict[str, dict[str, list[str]]] = {way: defaultdict(list) for way in WAYS}
    for placed in found.placed.values():
        for way, name in placed.groups:
            members[way][name].append(placed.plan)
    return tuple(_glance(way, there, audits, smallest) for way, there in members.items())


def provider(found: Audited) -> Group:
    """All plans as one group."""
    return _group("", list(found.placed), stopped_at(found))


def _glance(way: str, members: Mapping[str, list[str]], audits: Mapping[str, frozenset[str]], smallest: int) -> Glance:
    shown = [_group(name, plans, audits) for name, plans in members.items() if len(plans) >= smallest]
    by_size = sorted(shown, key=lambda g: (-g.plans, g.name)) if way != "month" else sorted(shown, key=lambda g: g.name)
    return Glance(way, tuple(by_size), len(members) - len(shown))


def _group(name: str, plans: list[str], audits: Mapping[str, frozenset[str]]) -> Group:
    counts = Counter(audit for plan in plans for audit in audits.get(plan, ()))
    return Group(name, len(plans), sum(plan in audits for plan in plans), dict(counts))
