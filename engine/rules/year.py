"""One year's rules: who signs, what must be assessed and said, what falls due, what makes a signed version stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from pydantic import Field, model_validator

from engine.places import Record, Value
from engine.plan import pattern, split
from engine.rules.lines import (
    Clause,
    CodeList,
    Every,
    Lock,
    Named,
    Required,
    Rule,
    Signers,
    Stale,
    TakesPart,
    Waivable,
)


class Rules(Rule):
    """One year's rules.

    Attributes:
        rules: the year, as `2026-27`.
        since: the first start date they hold for.
        document: the published document they stand in, unless a clause says otherwise; `version`: which one of it,
            "" = not recorded.
        clauses: the paragraphs that the other lines cite, by name.
        takes_part: when somebody outside has a folder with copies of their own.
        assessed: the subjects that initial assessment must cover.
        signed_rule: the clause that sets the day for signing.
        qualifying_days: how long the qualifying period is.
        log_weeks: how long a block of the learner's log is.
        reviews: how often a review is due; the first line that fits.
        support_review: how often support is looked at again.
        summary: the places that sum up assessment and prior learning.
        dated: the columns that every row of their tables must fill with a date.
        hours: the places whose hours must be equal, as far as they are known.
        measurable: how much of the five marks of a measurable target each open one has, at the least; 0 to 1.
        waivers: the gates that may be waived, by whom.
        signatories: the places that name who signs; a change of one takes back the copies that are out.
        named: what has to be named by a day.
        stale: the change matrix; the first row that fits a change holds.
        locks: what an ordinary form may not change.
        codes: the learner record's codes for the words of a place, by the place; of ticks, for the names of their rows.
        parents_sign_under: the age below which a parent signs too; the provider's policy, 0 = none.
        months_count: whether training that moves to another month is signed for; the provider's policy.
    """

    rules: str
    since: dt.date = Field(alias="from")
    document: str
    version: str
    clauses: Mapping[str, Clause]
    signers: tuple[Signers, ...]
    takes_part: tuple[TakesPart, ...]
    assessed: tuple[str, ...]
    assessed_within_days: int
    signed_within_days: int
    signed_rule: str
    qualifying_days: int
    log_weeks: int
    reviews: tuple[Every, ...]
    support_review: Every
    summary: tuple[str, ...]
    dated: tuple[str, ...]
    hours: tuple[str, ...]
    measurable: float
    waivers: tuple[Waivable, ...]
    signatories: tuple[str, ...]
    named: tuple[Named, ...]
    required: tuple[Required, ...]
    stale: tuple[Stale, ...]
    locks: tuple[Lock, ...]
    codes: Mapping[str, CodeList]
    parents_sign_under: int = 0
    months_count: bool = False

    @model_validator(mode="after")
    def _every_rule_is_cited_from_a_clause(self) -> Rules:
        unknown = sorted({rule for rule in self.cited() if rule and rule.split()[0] not in self.clauses})
        if unknown:
            raise ValueError(f"{self.rules} has no clause “{unknown[0].split()[0]}”")
        return self

    def cited(self) -> Iterator[str]:
        """Every rule that a line gives for itself."""
        yield self.signed_rule
        yield self.support_review.rule
        for lines in (self.signers, self.reviews, self.named, self.required, self.stale, self.locks):
            yield from (line.rule for line in lines)
        yield from (codes.rule for codes in self.codes.values())

    def who_signs(self, record: Record, day: dt.date) -> Signers:
        """The parties whose signatures make a funding-body version of this record on a day."""
        kind = record.get("programme.type")
        line = next(s for s in self.signers if s.type in (kind, ""))
        birth = record.get("learner.date_of_birth")
        if self.parents_sign_under and birth and _age(str(birth), day.isoformat()) < self.parents_sign_under:
            return line.model_copy(update={"who": (*line.who, "parent")})
        return line

    def part_of(self, role: str, record: Record, day: dt.date) -> tuple[TakesPart, ...] | None:
        """The lines by which somebody takes part on a day; None for a role that always does."""
        lines = [line for line in self.takes_part if line.role == role]
        kind, birth = record.get("programme.type"), record.get("learner.date_of_birth")
        return (
            tuple(
                line
                for line in lines
                if line.type in (kind, "")
                and (not line.under or (birth and _age(str(birth), day.isoformat()) < line.under))
                and (
                    not line.place or any(_says(value) for path, value in record.items() if pattern(path) == line.place)
                )
            )
            if lines
            else None
        )

    def must_say(self, record: Record) -> tuple[str, ...]:
        """The places that the funding-body version of this record must fill."""
        kind = record.get("programme.type")
        return tuple(place for line in self.required if line.type in (kind, "") for place in line.places)

    def may_waive(self, gate: str) -> tuple[str, ...]:
        """The roles that may waive a gate; none = it has to be passed."""
        return next((line.who for line in self.waivers if line.gate == gate), ())

    def review_every(self, record: Record) -> Every:
        """How often this learner's progress has to be reviewed, at the least."""
        kind, away = record.get("programme.type"), record.get("programme.off_site") is True
        away = away or kind == "Off-site school"
        return next(e for e in self.reviews if e.type in (kind, "") and (away or not e.off_site))

    def lock_on(self, path: str, record: Record, day: dt.date) -> Lock | None:
        """What keeps an ordinary form from changing a place that says something already, on a day; None = nothing."""
        inside = self.inside_qualifying(record, day)
        kind = record.get("programme.type")
        return next(
            (
                line
                for line in self.locks
                if path.startswith(line.begins)
                and line.type in (kind, "")
                and (line.when == "always" or not inside)
                and record.get(path) not in line.open
            ),
            None,
        )

    def inside_qualifying(self, record: Record, day: dt.date) -> bool:
        """Whether a day lies in the qualifying period, or before it."""
        start = record.get("programme.start")
        return not start or day <= dt.date.fromisoformat(str(start)) + dt.timedelta(days=self.qualifying_days)

    def row_for(
        self, path: str, what: str, record: Record, material: bool, inside: bool = True, same_month: bool = True,
        was: Value = None,
    ) -> Stale:  # fmt: skip
        """The first row of the change matrix that fits a change.

        Args:
            what: `added`, `removed` or `changed`.
            record: the plan as it is now.
            material: whether the funding body relies on the place, as the plan declares it.
            inside: whether it changed inside the qualifying period.
            same_month: whether what it was and what it is name the same months.
            was: what it said when it was signed.
        """
        period = "inside" if inside else "after"
        fits = (
            row
            for row in self.stale
            if path.startswith(row.begins)
            and path.endswith(f".{row.ends}" if row.ends else "")
            and (not row.was or was in row.was)
            and (not row.says or record.get(path) in row.says)
            and row.what in (what, "")
            and row.type in (record.get("programme.type"), "")
            and row.qualifying in (period, "")
            and (material or row.effect)
            and (same_month or not (row.same_month and self.months_count))
        )
        return next(fits, Stale(begins="", because=""))

    def cite(self, rule: str) -> str:
        """A rule as it is cited to people: paragraph, document, version, and whether anybody has checked it.

        Args:
            rule: the name of a clause, and what of it is meant: `resign (b)`.
        """
        if not rule:
            return ""
        name, _, part = rule.partition(" ")
        clause = self.clauses[name]
        version = clause.version or (self.version if not clause.document else "")
        said = f"{clause.paragraph} {part}".strip() if clause.paragraph else clause.about
        told = [said, clause.document or self.document, *([f"version {version}"] if version else [])]
        gaps = [what for what, known in (("paragraph", clause.paragraph), ("version", version)) if not known]
        doubts = [f"{' and '.join(gaps)} not recorded"] if gaps else []
        doubts += [] if clause.checked else ["not yet checked against the published text"]
        return ", ".join(told) + (f" ({'; '.join(doubts)})" if doubts else "")

    def out_of_use(self, record: Record, day: dt.date) -> Iterator[str]:
        """The paths at which a record says a word whose code in the learner record had ended by a day."""
        for path, value in record.items():
            codes = self.codes.get(pattern(path))
            if codes:
                row = split(path)
                word = row[1] if row and value is True else value
                yield from (path for code in codes.of if code.says == word and code.ended and code.ended < day)


def _says(value: Value) -> bool:
    """Whether a place names or affirms something: “None” is an answer, and names nothing (domain.md M5)."""
    return value is True or (
        isinstance(value, str) and value.casefold().strip(" .") not in ("none", "nil", "n/a", "no")
    )


def _age(birth: str, day: str) -> int:
    """Whole years from birth to a day, both as ISO text."""
    return int(day[:4]) - int(birth[:4]) - (day[5:] < birth[5:])
