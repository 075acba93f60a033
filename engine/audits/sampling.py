"""Sampling: whose plans are looked at, stratified and repeatable; how much of everybody's work was; what follows."""

from __future__ import annotations

import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from dateutil.relativedelta import relativedelta

from engine.audits.cases import ENDED, Case, Finding, day
from engine.away import ended
from engine.places import Record
from engine.plan import PLACES
from engine.settings import Audit

STRATA: Mapping[str, tuple[str, ...]] = {
    "assessor": ("staff.assessor", "staff.tutor"), "site": ("staff.site",), "programme": ("programme.title",),
    "employer": ("employer.name",),
}  # fmt: skip
"""What plans are stratified by, each with the places that say it: a tutor assesses where nobody else is named."""

FIRST = next(iter(STRATA))
"""The stratum that every plan belongs to, and whose people are new at some time."""

NOBODY = "nobody named"

FAILED = PLACES["samples[KEY].outcome"].choices[-1]


def strata_of(record: Record) -> tuple[tuple[str, str], ...]:
    """Which strata a plan belongs to, each with its value there."""
    said = ((name, next((v for p in places if (v := record.get(p))), None)) for name, places in STRATA.items())
    said = ((name, value or (NOBODY if name == FIRST else None)) for name, value in said)
    return tuple((name, str(value)) for name, value in said if value)


@dataclass(frozen=True, slots=True)
class Member:
    """A plan as sampling sees it.

    Attributes:
        strata: the value in each stratum that it has one in.
        since: the day on which its assessor was first named in it.
        sampled: the days on which it was drawn.
        failed: whether the newest of its samples that anybody looked at was not met.
    """

    plan: str
    strata: tuple[tuple[str, str], ...]
    since: dt.date
    sampled: tuple[dt.date, ...]
    failed: bool


@dataclass(frozen=True, slots=True)
class Cover:
    """How much of one stratum was looked at in a year."""

    stratum: str
    value: str
    plans: int
    wanted: int
    sampled: int


class Population:
    """Audit 14. n = max(`sample_least`, ⌈`sample_share` × plans⌉) for each assessor, site, programme and employer.

    Source: domain.md C5-14, A1-8, B5. Every plan of an assessor whose first plan came within `new_months` is wanted,
    and twice as many in a stratum where a sample was not met. Coverage counts plans drawn in the year to today.
    Limits: it counts that plans were drawn, and by their forms that somebody looked; how well, it cannot know.
    """

    def __init__(self, bounds: Audit, today: dt.date) -> None:
        self._bounds, self._today = bounds, today
        self._year = today - relativedelta(years=1)
        self.members: list[Member] = []
        self._late: list[Finding] = []
        self._began: dict[str, dt.date] = {}
        self.figures: dict[str, float] = {}

    def see(self, case: Case) -> str:
        """Takes a plan in; tells why it could not be, else ""."""
        self._late += _overdue(case)
        strata = strata_of(case.record)
        step = next((case.origins[place] for place in STRATA[FIRST] if case.record.get(place)), None)
        since = step.recorded if step else case.steps[0].recorded
        for name, value in strata:
            if name == FIRST:
                self._began[value] = min(since, self._began.get(value, since))
        if ended(case.record):
            return ENDED
        rows = case.rows("samples")
        drawn = tuple(d for _, row in rows if (d := day(row.get("drawn"))))
        looked = [row for _, row in rows if row.get("outcome")]
        failed = bool(looked) and looked[-1].get("outcome") == FAILED
        self.members.append(Member(case.plan, strata, since, drawn, failed))
        return ""

    def lacking(self) -> str:
        """Why nothing can be said: nobody has begun to sample."""
        begun = any(member.sampled for member in self.members) or bool(self._late)
        return "" if begun else "no sample was ever drawn"

    def drawn(self, member: Member) -> bool:
        """Whether a plan was drawn in the year to today."""
        return any(day > self._year for day in member.sampled)

    def strata(self) -> dict[tuple[str, str], list[Member]]:
        """The plans of each stratum, by what stratifies and its value, in order."""
        found: dict[tuple[str, str], list[Member]] = defaultdict(list)
        for member in self.members:
            for stratum in member.strata:
                found[stratum].append(member)
        return dict(sorted(found.items(), key=lambda s: (list(STRATA).index(s[0][0]), s[0][1])))

    def _new(self, stratum: tuple[str, str]) -> bool:
        """Whether it is an assessor who has only begun; unless the record itself has begun not long before."""
        months = self._bounds.new_months
        edge, long_ago = (self._today - relativedelta(months=months * times) for times in (1, 2))
        first = min(self._began.values(), default=self._today)
        return stratum[0] == FIRST and stratum[1] != NOBODY and self._began[stratum[1]] > edge and first <= long_ago

    def wanted(self, stratum: tuple[str, str], members: Sequence[Member]) -> tuple[int, str]:
        """How many plans of a stratum a sample wants, and why."""
        if self._new(stratum):
            return len(members), f"all plans of a new {stratum[0]}"
        most = max(self._bounds.sample_least, math.ceil(self._bounds.sample_share * len(members)))
        if any(member.failed for member in members):
            return min(2 * most, len(members)), f"{stratum[0]}, widened because a sample was not met"
        return min(most, len(members)), stratum[0]

    def draw(self, seed: str) -> Mapping[str, str]:
        """The plans to look at, each with why; the same plans and seed give the same sample.

        Those that were not drawn in the last year come first.
        """
        chosen: dict[str, str] = {}

        def turn(member: Member) -> tuple[bool, str]:
            return self.drawn(member), sha256(f"{seed} {member.plan}".encode()).hexdigest()

        for stratum, members in self.strata().items():
            many, why = self.wanted(stratum, members)
            missing = many - sum(member.plan in chosen for member in members)
            for member in sorted((m for m in members if m.plan not in chosen), key=turn)[: max(0, missing)]:
                chosen[member.plan] = f"{why}: {stratum[1]}"
        return chosen

    def coverage(self) -> Iterator[Cover]:
        """How much of each stratum was drawn in the year to today."""
        for stratum, members in self.strata().items():
            many, _ = self.wanted(stratum, members)
            drawn = sum(map(self.drawn, members))
            yield Cover(*stratum, len(members), many, drawn)

    def findings(self) -> Iterator[Finding]:
        """The strata that too little was looked at of, and actions from samples that are overdue."""
        drawn = sum(map(self.drawn, self.members))
        self.figures = {"plans": len(self.members), "plans drawn in the year": drawn}
        yield from self._late
        for cover in self.coverage():
            if cover.sampled < cover.wanted:
                says = (
                    f"{cover.sampled} of {cover.plans} of the {cover.stratum} “{cover.value}” were drawn in a year, "
                    f"{cover.wanted} are wanted."
                )
                yield Finding("undersampled", "", says, STRATA[cover.stratum][:1], measure=float(cover.sampled))


def _overdue(case: Case) -> Iterator[Finding]:
    late = [
        key
        for key, row in case.rows("improvements")
        if (due := day(row.get("due"))) and due < case.today and not row.get("closed")
    ]
    if late:
        says = f"Actions from a sample are not closed, and their day has gone by: {', '.join(late)}."
        yield case.find("sample-action-overdue", says, [f"improvements[{key}].due" for key in late], float(len(late)))
