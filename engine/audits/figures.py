"""Figures that must agree, and distance travelled: hours, dates and numbers, levels and confidence then and now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.audits.cases import Case, Finding, Found, Row
from engine.audits.needs import LEVELS, level_of
from engine.clocks import ended
from engine.places import Kind, Value
from engine.plan import PLACES, contradictions, place_of

_NUMBERS = tuple(path for path, p in PLACES.items() if p.check and p.format == "code" and "[" not in path)
"""The places of numbers and codes that can be checked by themselves."""


def reconciliation(case: Case) -> Found:
    """Audit 12: hours equal on plan, agreement and learner record; dates in order; numbers that can be right.

    Source: domain.md C5-12, B2. The hours are the rules' `hours`; dates are those that `contradictions` of the plan
    looks at, and planned ends of aims after the programme's expected end. Limits: hours are compared only as far as
    they are known; that a number can be right does not say that it is this learner's.
    """
    known = {place: hours for place in case.rules.hours if (hours := case.record.get(place)) is not None}
    numbers = [place for place in _NUMBERS if case.record.get(place) is not None]
    dates = [place for place in case.record if (p := place_of(place)) and p.kind is Kind.DATE]
    if len(known) < 2 and not numbers and len(dates) < 2:
        return "there are no hours, dates or numbers to compare"
    return [*_hours(case, known), *_dates(case), *_wrong(case, numbers)]


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
        check = PLACES[path].check
        assert check is not None
        try:
            check(str(case.record[path]))
        except ValueError:
            yield case.find("number-wrong", f"What stands at {path} cannot be right.", [path])


def distance(case: Case) -> Found:
    """Audit 13: Δ level steps, and Δ confidence (1 to 4), per subject and outcome, from the first measure to the last.

    Source: domain.md C5-13, A1-28. A learner who has finished and has a first measure without a second is a finding;
    nothing is filled in. Limits: a level is one step of a scale, however far apart its steps are in truth.
    """
    first = {**measures(case, first=True), **outcomes(case, "baseline")}
    if not first:
        return "nothing was measured at the start"
    last = {**measures(case, first=False), **outcomes(case, "now")}
    missing = sorted(place for place in first if place not in last)
    if not missing or not ended(case.record) or case.record.get("programme.status") in ("Withdrawn", "Transferred"):
        return []
    says = f"{len(missing)} of {len(first)} measures were taken at the start, and not again at the end."
    return [case.find("end-unmeasured", says, missing, len(missing) / len(first))]


def travelled(case: Case) -> dict[str, int]:
    """How many steps a learner has come, by the place of each measure that was taken twice."""
    first = {**measures(case, first=True), **outcomes(case, "baseline")}
    last = {**measures(case, first=False), **outcomes(case, "now")}
    return {place: last[place] - first[place] for place in first if place in last}


def measures(case: Case, first: bool) -> dict[str, int]:
    """The level of each subject at its first assessment; or at its last, where it was assessed again."""
    days: dict[str, list[tuple[str, int]]] = {}
    now: dict[str, Row] = {}
    for step in case.steps:
        for path in step.changed:
            if path.startswith("assessments["):
                row, _, column = path.partition("].")
                now[row] = {**now.get(row, {}), column: step.changed[path]}
        for row, said in now.items():
            level, held = level_of(said.get("level")), str(said.get("date") or "")
            if level is not None and held and (held, level) not in days.setdefault(row, []):
                if days[row] and days[row][-1][0] == held:
                    days[row].pop()
                days[row].append((held, level))
    if first:
        return {f"{row}].level": min(found)[1] for row, found in days.items() if found}
    return {f"{row}].level": max(found)[1] for row, found in days.items() if len({d for d, _ in found}) > 1}


def outcomes(case: Case, column: str) -> dict[str, int]:
    """How sure the learner is of each soft outcome, at the start or now, by the place of the first."""
    return {
        f"outcomes[{key}].baseline": int(str(row[column]))
        for key, row in case.rows("outcomes")
        if row.get(column) is not None
    }


def planned_gain(case: Case) -> float | None:
    """How many levels above their first assessment a learner's programme lies; None where either is not known."""
    wanted = level_of(case.record.get("programme.level"))
    begun = [measures(case, first=True).get(f"assessments[{subject}].level") for subject in case.rules.assessed]
    known = [level for level in begun if level is not None]
    return None if wanted is None or not known else wanted - sum(known) / len(known)


__all__ = ["LEVELS", "distance", "measures", "outcomes", "planned_gain", "reconciliation", "travelled"]
