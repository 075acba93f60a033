"""Merging told by cases: what a form showed, what was written on it, what the plan says now, and what follows.

The cases stand in `tests/cases/merge/*.yaml`, one file for each rule of domain.md C4 and one for the change matrix of
C3, for people who know the work and not the code. `tests/cases/README.md` says how to read and write one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from strategies import PROFORMAS, form_of, issue, revision

from engine import signoff
from engine.merge import Past, Returned, Verdict, apply, decide, left_by, past, rows_of, said_by
from engine.model import Answer, Form
from engine.places import Record
from engine.plan import place_of
from engine.proforma import ROLE_LETTER
from engine.recognise import read_answers
from engine.rules import rules_for, special_words
from engine.sheet import lay_out

FOLDER = Path(__file__).parent / "cases" / "merge"
Words = Mapping[str, str]


class Case(BaseModel):
    """One case. Values are words, as they stand on paper; places that a case does not name hold nothing.

    Attributes:
        form: the proforma; `hand`, for whose hand it was issued ("" = anybody's).
        blank: whether it was issued blank, for nobody's plan.
        printed: what it showed. `row`: the row it is about (the number of a review).
        written: what was written over that, box by box; "" = the box was emptied.
        earlier: what was written when the same form came back before, if it did.
        plan: what the plan said when the form came, where that is not what was printed.
        later: places whose value came on a form that spoke of that day.
        then: everything that is decided, as "outcome rule".
        after: what the plan says afterwards, of what the case names; "" = nothing.
        version: what the change does to a signed version of the plan as it was; `sign_again`: who signs again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    form: str = "plan"
    hand: str = ""
    blank: bool = False
    printed: Words = {}
    printed_on: dt.date = dt.date(2026, 9, 1)
    came: dt.date = dt.date(2026, 10, 1)
    row: str = ""
    to_sign: bool = False
    written: Words
    earlier: Words | None = None
    plan: Words | None = None
    later: Mapping[str, dt.date] = {}
    then: Words
    after: Words = {}
    version: str = Field(default="", pattern="^(|stale|noted|not touched)$")
    sign_again: tuple[str, ...] = ()


def cases() -> Iterator[Any]:
    for file in sorted(FOLDER.glob("*.yaml")):
        tree = YAML(typ="safe").load(file.read_text("utf-8"))
        for number, told in enumerate(tree["cases"], 1):
            yield pytest.param(Case.model_validate(told), id=f"{file.stem}-{number}")


def record(words: Words) -> dict[str, Any]:
    """Words as the record keeps them."""
    found = {}
    for path, said in words.items():
        place = place_of(path)
        assert place is not None, f"the plan has no place {path}"
        found[path] = place.parse(said)
    return {path: value for path, value in found.items() if value is not None}


def boxes(case: Case, printed: Record, written: Words) -> tuple[Answer, ...]:
    """The form as it was printed, written on, and read."""
    proforma = PROFORMAS[case.form]
    given = issue(case.form, None if case.blank else "P-TEST0001", to_sign=case.to_sign)
    if proforma.about:
        given = given.model_copy(update={"row": case.row or ("new" if case.blank else "1")})
    form = form_of(lay_out(proforma, printed, given, "Kingsmead Training"))
    names = {field.name for field in form.fields}
    assert written.keys() <= names, f"the form has no box {sorted(written.keys() - names)}"
    return read_answers(typed_over(form, written), proforma, given.row)


def typed_over(form: Form, written: Words) -> Form:
    return replace(
        form, fields=tuple(replace(f, value=written[f.name] or None) if f.name in written else f for f in form.fields)
    )


def returned(case: Case) -> Returned:
    """The form that comes back now, with all that is known of it."""
    proforma = PROFORMAS[case.form]
    printed: Record = record(case.printed)
    row = case.row or ("1" if proforma.about and not case.blank else "")
    now = Returned(
        answers=boxes(case, printed, case.written),
        base=printed,
        form="F-AAAA1111",
        printed=None if case.blank else case.printed_on,
        received=case.came,
        day=own_day(case, f"{proforma.about}[{row}].{proforma.until}"),
        by=frozenset(ROLE_LETTER.get(case.hand, "")),
        about=proforma.about,
        until=proforma.until,
        own_row=row,
        prefilled=not case.blank,
        past=Past(dated=case.later),
        special=special_words(),
        to_sign=case.to_sign,
        printed_record={} if case.blank else printed,
    )
    if case.earlier is None:
        return now
    first = replace(now, answers=boxes(case, printed, case.earlier))
    before = [revision(2, decide(first, printed).decisions)]
    return replace(
        now, base=left_by(printed, before), said=said_by(printed, before), rows=rows_of(before), past=past(before)
    )


def own_day(case: Case, place: str) -> dt.date | None:
    said = case.written.get(place)
    return dt.date.fromisoformat(str(record({place: said})[place])) if said else None


def outcomes(verdict: Verdict) -> dict[str, str]:
    """Everything decided, as a case says it; what we add to a signature ourselves left out."""
    said = [d for d in verdict.decisions if not d.place.endswith((".method", ".bound"))]
    found: dict[str, str] = {}
    for decision in said:
        fate = f"{decision.outcome} {decision.rule}"
        found[decision.place] = f"{found[decision.place]}, {fate}" if decision.place in found else fate
    return found


@pytest.mark.parametrize("case", tuple(cases()))
def test_case(case: Case) -> None:
    before = record(case.printed if case.plan is None else case.plan)
    verdict = decide(returned(case), before)
    assert outcomes(verdict) == dict(case.then)
    after = apply(before, verdict.decisions)
    for path, words in case.after.items():
        place = place_of(path)
        assert place is not None
        assert place.show(after.get(path)) == words, path
    if case.version:
        drift = signoff.drift(before, after, rules_for(before, case.came))
        found = "stale" if drift.stale else "noted" if drift.note_on else "not touched"
        assert (found, drift.must_sign) == (case.version, case.sign_again)


def test_every_rule_and_every_row_of_the_matrix_has_two_cases() -> None:
    counts = {f.stem: len(YAML(typ="safe").load(f.read_text("utf-8"))["cases"]) for f in FOLDER.glob("*.yaml")}
    assert {name for name, count in counts.items() if count < 2} == set()
