"""What an inspector would ask of the plans, answered from the plans: pure, cases in, results out (domain.md C5).

`audit` looks at each plan once and keeps little of it, so that a hundred thousand plans fit; what has to be compared
between plans is compared afterwards, by searches that do not grow faster than n log n.

    catalogue    what each audit asks, why each finding matters, what puts it right (`catalogue.yaml`)
    cases        one plan with its history; findings and results
    alike        near-duplicates among very many texts
    identical    identical plans
    targets      dates, model targets, measurability, orphans, detail
    timing       reviews, signatures before assessment, stale documents
    needs        needs, support, levels, earlier learning
    voice        the learner's voice
    figures      hours, dates and numbers that must agree; distance travelled
    privacy      private words, leave to share, keeping
    equity       ambition by group
    glance       the findings at a glance, group by group
    sampling     whose plans are looked at
    checklist    the health check and the checklist (`checklist.yaml`)
"""

from __future__ import annotations

import datetime as dt
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from engine.audits.cases import ENDED, Case, Finding, Found, Out, Result, Search
from engine.audits.catalogue import catalogue
from engine.audits.checklist import Answered, answers, held_by, over_all
from engine.audits.equity import Ambition
from engine.audits.figures import distance, reconciliation, travelled
from engine.audits.identical import Likeness
from engine.audits.needs import needs
from engine.audits.privacy import privacy
from engine.audits.sampling import STRATA, Cover, Population, strata_of
from engine.audits.targets import granularity, measurability, missing_dates, orphans, template_drift
from engine.audits.timing import reviews, signed_before_assessed, stale
from engine.audits.voice import Voice
from engine.away import ended
from engine.settings import Audit

__all__ = [
    "STRATA", "Answered", "Audited", "Case", "Finding", "Out", "Placed", "Population", "Result", "audit", "catalogue",
    "plan_by_plan",
]  # fmt: skip

OF_ONE: Mapping[str, Callable[[Case], Found]] = {
    "missing-dates": missing_dates,
    "template-drift": template_drift,
    "measurability": measurability,
    "reviews": reviews,
    "signed-before-assessed": signed_before_assessed,
    "needs": needs,
    "orphans": orphans,
    "granularity": granularity,
    "stale": stale,
    "reconciliation": reconciliation,
    "distance": distance,
    "privacy": privacy,
}
"""The audits that look at one plan by itself."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a plan belongs in the report: what each way of grouping calls it."""

    plan: str
    learner: str
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Audited:
    """What all audits came to.

    Attributes:
        results: one for each audit, in the order of the catalogue.
        placed: where each plan belongs.
        lines: the checklist, answered over all plans.
        held: by plan, how many of the places that each line of the checklist wants are filled.
        against: by plan, the lines that its own records answer with `No` and `Partly`.
        cover: how much of each stratum was sampled.
        population: from which a sample may be drawn.
    """

    today: dt.date
    results: tuple[Result, ...]
    placed: Mapping[str, Placed]
    lines: Sequence[Answered]
    cover: tuple[Cover, ...]
    population: Population
    held: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    against: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)

    def result(self, audit: str) -> Result:
        """What one audit came to."""
        return next(result for result in self.results if result.audit == audit)

    @cached_property
    def by_plan(self) -> Mapping[str, Sequence[Finding]]:
        """The findings about each plan that there are any about, in the order of the audits."""
        found: dict[str, list[Finding]] = defaultdict(list)
        for result in self.results:
            for finding in result.findings:
                if finding.plan:
                    found[finding.plan].append(finding)
        return dict(found)

    def of(self, plan: str) -> tuple[Answered, ...]:
        """The checklist as one plan's records answer it."""
        kinds = {finding.kind for finding in self.by_plan.get(plan, ())}
        looked = {result.audit for result in self.results if plan in result.looked}
        return tuple(answers(kinds, looked, self.held[plan]))


def plan_by_plan(case: Case) -> Mapping[str, Found]:
    """What the audits that look at one plan by itself make of it."""
    return {name: _left_out(name, case) or look(case) for name, look in OF_ONE.items()}


def _left_out(name: str, case: Case) -> str:
    """Why an audit does not look at a plan at all; "" where it does."""
    return ENDED if ended(case.record) and not catalogue()[name].ended else ""


def audit(cases: Iterable[Case], bounds: Audit, today: dt.date) -> Audited:
    """Every audit over every plan."""
    population = Population(bounds, today)
    across: Mapping[str, Search] = {
        "identical-plans": Likeness(bounds),
        "learner-voice": Voice(bounds),
        "equity": Ambition(bounds),
        "sampling": population,
    }
    tally = _Tally()
    gains: Counter[str] = Counter()
    for case in cases:
        tally.place(case)
        for name, found in plan_by_plan(case).items():
            tally.note(name, case.plan, found)
        for name, search in across.items():
            tally.note(name, case.plan, _left_out(name, case) or search.see(case) or [])
        for steps in travelled(case).values():
            gains["measured twice"] += 1
            gains["steps travelled"] += steps
    figures: dict[str, Mapping[str, float]] = {"distance": dict(gains)}
    for name, search in across.items():
        if tally.looked[name] and (why := search.lacking()):
            tally.forget(name, why)
        else:
            tally.findings[name] += search.findings()
            figures[name] = search.figures
    return _told(tally, figures, population, today)


class _Tally:
    """What was found so far."""

    def __init__(self) -> None:
        self.placed: dict[str, Placed] = {}
        self.looked: dict[str, set[str]] = defaultdict(set)
        self.left: dict[str, Counter[str]] = defaultdict(Counter)
        self.findings: dict[str, list[Finding]] = defaultdict(list)
        self.held: dict[str, Mapping[str, int]] = {}

    def place(self, case: Case) -> None:
        groups = list(strata_of(case.record))
        start = str(case.record.get("programme.start") or "")
        groups += [("month", start[:7])] if start else []
        names = (case.record.get(f"learner.{part}_name") for part in ("given", "family"))
        self.placed[case.plan] = Placed(case.plan, " ".join(str(n) for n in names if n), tuple(groups))
        self.held[case.plan] = held_by(case.record)

    def note(self, name: str, plan: str, found: Found) -> None:
        if isinstance(found, str):
            self.left[name][found] += 1
        else:
            self.looked[name].add(plan)
            self.findings[name] += found

    def forget(self, name: str, why: str) -> None:
        """Has an audit count as not computed."""
        self.left[name][why] += len(self.looked[name])
        self.looked[name] = set()


def _told(tally: _Tally, figures: Mapping[str, Mapping[str, float]], population: Population, today: dt.date) -> Audited:
    results = [
        Result(name, frozenset(tally.looked[name]), dict(tally.left[name]), tuple(tally.findings[name]),
               figures.get(name, {}))
        for name in catalogue()
        if name != "self-check"
    ]  # fmt: skip
    found = Audited(today, tuple(results), tally.placed, (), tuple(population.coverage()), population, tally.held)
    counts, kinds, against = _counted(found)
    looked = {result.audit for result in results if result.computed}
    lines = over_all(counts, kinds, looked)
    check = _self_check(lines, frozenset(tally.placed))
    whole = {result.audit: result for result in (*results, check)}
    return replace(found, results=tuple(whole[name] for name in catalogue()), lines=tuple(lines), against=against)


def _counted(found: Audited) -> tuple[Mapping[str, Counter[str]], frozenset[str], Mapping[str, _Against]]:
    """How often each line is answered how, over all plans; the kinds of finding about the provider; what is against."""
    kinds: dict[str, set[str]] = defaultdict(set)
    looked: dict[str, set[str]] = defaultdict(set)
    for result in found.results:
        for finding in result.findings:
            kinds[finding.plan].add(finding.kind)
        for plan in result.looked:
            looked[plan].add(result.audit)
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    against: dict[str, _Against] = {}
    for plan, held in found.held.items():
        said: dict[str, list[str]] = {"No": [], "Partly": []}
        for answered in answers(kinds[plan], looked[plan], held):
            counts[answered.line.line][answered.answer] += 1
            if answered.answer in said:
                said[answered.answer].append(sys.intern(answered.line.line))
        against[plan] = {answer: tuple(names) for answer, names in said.items()}
    return counts, frozenset(kinds[""]), against


_Against = Mapping[str, tuple[str, ...]]


def _self_check(lines: Sequence[Answered], plans: frozenset[str]) -> Result:
    """Audit 15: how many of the lines the records answer, and which they answer with no. Source: domain.md C5-15, A7.

    Limits: most of what matters in a line is for people; the records say only what would contradict it.
    """
    no = [Finding("answered-no", "", f"{a.line.line}: {a.line.text} {a.evidence}") for a in lines if a.answer == "No"]
    told = Counter(answered.answer or "left to people" for answered in lines)
    return Result("self-check", plans if told.keys() - {"left to people"} else frozenset(), {}, tuple(no), dict(told))
