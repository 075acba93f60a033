"""What an audit looks at and what it finds: one plan with its history, and a finding that says what it rests on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from engine.audits.catalogue import Kind, kind_of
from engine.away import on_break
from engine.model import Edition, Step
from engine.places import Value
from engine.plan import in_order, split
from engine.rules import Rules
from engine.settings import Audit, Policy

Row = Mapping[str, Value]
"""A row of a table by its columns."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an inspector would ask about; it tells numbers and places, never what anybody wrote.

    Attributes:
        kind: what was found, a kind of the catalogue, which says why it matters and what would put it right.
        plan: the plan that it is about; "" = it is about the provider.
        says: what was found, a sentence.
        places, revisions, submissions: what it rests on.
        others: further plans that it rests on.
        measure: the figure that was held against a threshold, if there is one.
    """

    kind: str
    plan: str
    says: str
    places: tuple[str, ...] = ()
    revisions: tuple[int, ...] = ()
    submissions: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    measure: float | None = None

    @property
    def about(self) -> Kind:
        """What the catalogue says of its kind."""
        return kind_of(self.kind)


Found = list[Finding] | str
"""What an audit makes of one plan: its findings, or why it cannot be computed there, a sentence."""


ENDED = "it has ended"
"""Why an audit that asks what can still be put right leaves a plan out."""


@dataclass(frozen=True, slots=True)
class Out:
    """What lies out for signature: since when, and whose signatures are still missing."""

    since: dt.date
    missing: tuple[str, ...]
    form: str = ""


@dataclass(frozen=True)
class Case:
    """One plan as audits look at it: its history in brief, what was signed, and the rules it is under.

    Attributes:
        steps: its revisions, the first first.
        editions: its funding-body versions, the first first.
        stale: since when and at which places the version in force is no longer what is so; none = it is, or none is.
        out: what lies out for signature.
    """

    plan: str
    steps: tuple[Step, ...]
    rules: Rules
    today: dt.date
    bounds: Audit
    policy: Policy = field(default_factory=Policy)
    editions: tuple[Edition, ...] = ()
    stale: tuple[dt.date, tuple[str, ...]] | None = None
    out: Out | None = None

    @cached_property
    def record(self) -> dict[str, Value]:
        """The plan as it is now."""
        return self.at(len(self.steps) and self.steps[-1].number)

    def at(self, number: int) -> dict[str, Value]:
        """The plan as it was after a revision."""
        found: dict[str, Value] = {}
        for step in self.steps:
            if step.number > number:
                break
            found.update(step.changed)
        return {place: value for place, value in found.items() if value is not None}

    @cached_property
    def origins(self) -> dict[str, Step]:
        """For each place, the step that gave it what it says now."""
        return {place: step for step in self.steps for place in step.changed}

    @cached_property
    def on_break(self) -> bool:
        """Whether the learner is on a break, who then owes nothing."""
        told = self.origins.get("programme.status")
        return on_break(self.record, self.today, told.effective if told else None)

    @cached_property
    def tables(self) -> dict[str, dict[str, dict[str, Value]]]:
        """The plan's tables by name, each by row, in order, and column."""
        found: dict[str, dict[str, dict[str, Value]]] = {}
        for path, value in self.record.items():
            row = split(path)
            if row:
                found.setdefault(row[0], {}).setdefault(row[1], {})[row[2]] = value
        return {table: {key: rows[key] for key in in_order(rows)} for table, rows in found.items()}

    def rows(self, table: str) -> list[tuple[str, Row]]:
        """A table's rows with their keys, in order."""
        return list(self.tables.get(table, {}).items())

    def day(self, path: str) -> dt.date | None:
        """The date that stands at a place."""
        return day(self.record.get(path))

    def held(self) -> list[tuple[dt.date, str, Row]]:
        """The reviews that were held, in the order of their days, each with its number."""
        return sorted(((d, key, row) for key, row in self.rows("reviews") if (d := day(row.get("held")))), key=_first)

    def find(
        self, kind: str, says: str, places: Iterable[str] = (), measure: float | None = None,
        others: Iterable[str] = (), steps: Iterable[Step] = (),
    ) -> Finding:  # fmt: skip
        """A finding about this plan, with the revisions and files that its places come from.

        Args:
            steps: further revisions that it rests on.
        """
        named = tuple(places)
        told = {step.number: step for place in named for step in self._told(place)}
        rests = told | {step.number: step for step in steps} or {step.number: step for step in self.steps[-1:]}
        files = dict.fromkeys(s.submission for _, s in sorted(rests.items()) if s.submission)
        return Finding(
            kind, self.plan, says, named, tuple(sorted(rests)), tuple(files), tuple(others),
            None if measure is None else round(measure, 3),
        )  # fmt: skip

    def _told(self, place: str) -> Iterator[Step]:
        """The revisions that told a place; of one that says nothing, those that told the rest of its row."""
        row = place.partition("].")[0] + "]." if split(place) else ""
        if place in self.origins or not row:
            yield from filter(None, [self.origins.get(place)])
        else:
            yield from (step for path, step in self.origins.items() if path.startswith(row))


def _first(held: tuple[dt.date, str, Row]) -> tuple[dt.date, str]:
    return held[0], held[1]


def day(value: Value) -> dt.date | None:
    """A date as the record keeps it, as a date; None where there is none."""
    return dt.date.fromisoformat(str(value)) if value else None


def said(row: Row, *columns: str) -> bool:
    """Whether every one of some columns of a row says something."""
    return all(row.get(column) not in (None, "") for column in columns)


class Search(Protocol):
    """An audit that holds plans against each other: it sees each once, then tells what stands out.

    Attributes:
        figures: numbers that it reports without judging them, once `findings` has been gone through.
    """

    figures: dict[str, float]

    def see(self, case: Case) -> str:
        """Takes a plan in; tells why it could not be, else ""."""

    def lacking(self) -> str:
        """Why nothing can be said although plans were taken in; "" = something can."""

    def findings(self) -> Iterator[Finding]:
        """What stands out among the plans taken in."""


@dataclass(frozen=True, slots=True)
class Result:
    """What one audit came to over all plans.

    Attributes:
        audit: its name in the catalogue.
        looked: the plans that it could be computed for.
        left: how many others there are, by the reason why it could not be.
        findings: in the order of the plans.
        figures: numbers that it reports without judging them, by what they count.
    """

    audit: str
    looked: frozenset[str]
    left: Mapping[str, int]
    findings: tuple[Finding, ...]
    figures: Mapping[str, float] = field(default_factory=dict)

    @property
    def computed(self) -> bool:
        """Whether there was anything that it could be computed from; if not, nothing is known, and it is not passed."""
        return bool(self.looked)

    @property
    def passed(self) -> bool:
        """Whether it was computed and found nothing."""
        return self.computed and not self.findings
