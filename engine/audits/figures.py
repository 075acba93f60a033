"""Figures that must agree, and distance travelled: hours, dates and numbers, levels and confidence then and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.audits.cases import Case, Finding, Found
from engine.audits.needs import level_of
from engine.away import ended
from engine.gates import hours_known
from engine.places import Kind, Value
from engine.plan import PLACES, contradictions, place_of

_NUMBERS = tuple(path for path, p in PLACES.items() if p.check and p.format == "code" and "[" not in path)
"""The places of numbers and codes that can be checked by themselves."""


def reconciliation(case: Case) -> Found:
    """Audit 12: hours equal on plan, agreement and learner record; dates in order; numbers and codes that can be right.

    Source: domain.md C5-12, B2. The hours are the rules' `hours`; dates are those that `contradictions` of the plan
    looks at, and planned ends of aims after the programme's expected end; codes are the rules' for the day on which the
    programme began. Limits: hours are compared only as far as they are known; that a number can be right does not say
    that it is this learner's.
    """
    known = hours_known(case.record, case.rules)
    numbers = [place for place in _NUMBERS if case.record.get(place) is not None]
    dates = [place for place in case.record if (p := place_of(place)) and p.kind is Kind.DATE]
    start = case.day("programme.start")
    coded = list(case.rules.out_of_use(case.record, start)) if start else []
    if len(known) < 2 and not numbers and len(dates) < 2 and not coded:
        return "there are no hours, dates or numbers to compare"
    return [*_hours(case, known), *_dates(case), *_wrong(case, numbers), *_ended(case, coded)]


def _hours(case: Case, known: Mapping[str, Value]) -> Iterator[Finding]:
    if len(set(known.values())) > 1:
        told = ", ".join(str(hours) for hours in known.values())
        yield case.find("hours-differ", f"Plan, agreement and learner record have different hours: {told}.", known)


def _dates(case: Case) -> Iterator[Finding]:
    out = {places: why for places, why in contradictions(case.record).items() if _all_dates(places)}
    places = [place for some in out for place in some]
    end = case.record.get("programme.expected_end")
    beyond = [key for key, row in case.rows("aims") if end and str(row.get("planned_end") or "") > str(end)]
    if beyond:
        places += [f"aims[{key}].planned_end" for key in beyond]
        out["aims", ""] = f"{len(beyond)} qualifications are planned to end after the programme"
    if out:
        says = "; ".join(dict.fromkeys(out.values()))
        yield case.find("dates-differ", f"{says[:1].upper()}{says[1:]}.", dict.fromkeys(places), float(len(out)))


def _all_dates(places: tuple[str, ...]) -> bool:
    return all((p := place_of(path)) is not None and p.kind is Kind.DATE for path in places)


def _wrong(case: Case, numbers: list[str]) -> Iterator[Finding]:
    for path in numbers:
        try:
            PLACES[path].parse(str(case.record[path]))
        except ValueError:
            yield case.find("number-wrong", "A number in it cannot be right.", [path])


def _ended(case: Case, coded: list[str]) -> Iterator[Finding]:
    if coded:
        says = "A word in it had no code in the learner record any more when the programme began."
        # Not its place: the name of a difficulty is nothing for a report.
        yield case.find("code-ended", says, steps=[case.origins[path] for path in coded])


def distance(case: Case) -> Found:
    """Audit 13: Δ level steps, and Δ confidence (1 to 4), per subject and outcome, from the first measure to the last.

    Source: domain.md C5-13, A1-28. A learner who has finished and has a first measure without a second is a finding;
    nothing is filled in. Limits: a level is one step of a scale, however far apart its steps are in truth.
    """
    first, last = measured(case)
    if not first:
        return "nothing was measured at the start"
    missing = sorted(place for place in first if place not in last)
    if not missing or not ended(case.record) or case.record.get("programme.status") in ("Withdrawn", "Transferred"):
        return []
    says = f"{len(missing)} of {len(first)} measures were taken at the start, and not again at the end."
    return [case.find("end-unmeasured", says, missing, len(missing) / len(first))]


def travelled(case: Case) -> Mapping[str, int]:
    """How many steps a learner has come, by the place of each measure that was taken twice."""
    first, last = measured(case)
    return {place: last[place] - first[place] for place in first if place in last}


def measured(case: Case) -> tuple[Mapping[str, int], Mapping[str, int]]:
    """The first measure of each subject and outcome, and the last of those that were measured again, by place."""
    days: dict[str, dict[str, int]] = {}
    now: dict[str, dict[str, Value]] = {}
    for step in case.steps:
        rows = {path.partition("].")[0] for path in step.changed if path.startswith("assessments[")}
        for row in rows:
            said = now.setdefault(row, {})
            said |= {c: step.changed[p] for c in ("level", "date") if (p := f"{row}].{c}") in step.changed}
            level = level_of(said.get("level"))
            if level is not None and said.get("date"):
                days.setdefault(f"{row}].level", {})[str(said["date"])] = level
    first = {place: found[min(found)] for place, found in days.items()}
    last = {place: found[max(found)] for place, found in days.items() if len(found) > 1}
    return {**first, **outcomes(case, "baseline")}, {**last, **outcomes(case, "now")}


def outcomes(case: Case, column: str) -> dict[str, int]:
    """How sure the learner is of each soft outcome, at the start or now, by the place of the first."""
    return {
        f"outcomes[{key}].baseline": int(str(row[column]))
        for key, row in case.rows("outcomes")
        if row.get(column) is not None
    }


def planned_gain(case: Case) -> float | None:
    """How many levels above their first assessment a learner's programme lies; None where either is not known."""
    wanted, (first, _) = level_of(case.record.get("programme.level")), measured(case)
    known = [first[place] for subject in case.rules.assessed if (place := f"assessments[{subject}].level") in first]
    return None if wanted is None or not known else wanted - sum(known) / len(known)
