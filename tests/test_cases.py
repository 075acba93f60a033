"""Merging told by cases: what a form showed, what was written on it, what the plan says now, and what follows.

The cases stand in `tests/cases/merge/*.yaml`, one file for each rule of domain.md C4 and one for the change matrix of
C3, for people who know the work and not the code. `tests/cases/README.md` says how to read and write one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict, Field
from ruamel.yaml import YAML
from strategies import PROFORMAS, form_of, issue, revision

from engine.answers import read_answers
from engine.drift import Moment, drift
from engine.layout import lay_out
from engine.merge import Past, Returned, Verdict, apply, decide, left_by, past, rows_of, said_by
from engine.model import Answer, Refusal
from engine.model import Field as Box
from engine.places import Record
from engine.plan import place_of
from engine.proforma import ROLE_LETTER, Proforma, Question, Section
from engine.recognise import Known, Unsure, recognise
from engine.rules import rules_for, special_words
from engine.settings import Policy

FOLDER = Path(__file__).parent / "cases" / "merge"
Words = Mapping[str, str]
ROWS_OF_THE_MATRIX = 17
"""How many rows the change matrix has (domain.md C3)."""


class Told(BaseModel):
    """What every case has: a sentence that says what it is about, and what was written on which form.

    Attributes:
        form: the proforma. `written`: what was written over what it showed, box by box; "" = the box was emptied.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    case: str
    form: str = "plan"
    written: Words = {}


class Case(Told):
    """A form against a plan. Values are words, as they stand on paper; places that a case does not name hold nothing.

    Attributes:
        hand: for whose hand the form was issued ("" = anybody's). `blank`: issued blank, for nobody's plan.
        also_asks: places that a provider's own copy of the form asks as well. `older`: the print is an older issue of
            the form, and what `also_asks` names is no longer asked.
        printed: what it showed. `row`: the row it is about (the number of a review).
        struck, lost: boxes that were struck out, or that are missing from what came back.
        unclear: boxes of which the reader is not certain, and why.
        earlier: what was written when the same form came back before, if it did.
        plan: what the plan said when the form came, where that is not what was printed.
        sender: who sent it. `wrote`: who had written what stood in a box, and on which day.
        later: places whose value came on a form that spoke of that day.
        then: everything that is decided, as "outcome rule".
        after: what the plan says afterwards, of what the case names; "" = nothing.
        settled: what people then made of the questions.
        months_count: whether the provider has training signed for that moves to another month.
        version: what it all does to a signed version of the plan as it was; `sign_again`: who signs again.
    """

    hand: str = ""
    blank: bool = False
    also_asks: tuple[str, ...] = ()
    older: bool = False
    printed: Words = {}
    printed_on: dt.date = dt.date(2026, 9, 1)
    came: dt.date = dt.date(2026, 10, 1)
    row: str = ""
    to_sign: bool = False
    struck: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unclear: Words = {}
    earlier: Words | None = None
    plan: Words | None = None
    sender: str = ""
    wrote: Words = {}
    later: Mapping[str, dt.date] = {}
    then: Words
    after: Words = {}
    settled: Words = {}
    months_count: bool = False
    version: str = Field(default="", pattern="^(|stale|noted|not touched)$")
    sign_again: tuple[str, ...] = ()


class Whose(Told):
    """A form of which it has to be told whose it is (M1).

    Attributes:
        learners: what the plans known here say of their learners.
        printed_for: the plan it was printed for; "" = issued blank. `stamped`: whether it carries our stamp.
        whose: the plan that takes it, "a new learner", or "asked" with the plans that are offered as `choices`.
    """

    learners: Mapping[str, Words]
    printed_for: str = ""
    stamped: bool = True
    whose: str
    choices: tuple[str, ...] = ()


def told() -> Iterator[tuple[Path, str, Mapping[str, Any]]]:
    """Every case, with the file and the row of the matrix that it stands under.

    What a whole file was `printed` with is printed on each of its forms.
    """
    for file in sorted(FOLDER.glob("*.yaml")):
        tree = YAML(typ="safe").load(file.read_text("utf-8"))
        for group in tree.get("rows", [tree]):
            for case in group["cases"]:
                shown = {**tree.get("printed", {}), **case.get("printed", {})}
                yield file, group.get("row", ""), {**case, "printed": shown} if shown else case


def cases(kind: type[Told]) -> Iterator[Any]:
    for number, (file, _, case) in enumerate(told()):
        if (kind is Whose) == ("whose" in case):
            yield pytest.param(kind.model_validate(case), id=f"{file.stem}-{number}")


def record(words: Words) -> dict[str, Any]:
    """Words as the record keeps them."""
    found = {}
    for path, said in words.items():
        place = place_of(path)
        assert place is not None, f"the plan has no place {path}"
        found[path] = place.parse(said)
    return {path: value for path, value in found.items() if value is not None}


def printed_form(case: Case) -> Proforma:
    """The proforma as it was printed, with what the provider's own copy asks as well."""
    proforma = PROFORMAS[case.form]
    more = tuple(
        Section(
            heading=f"Also {n}",
            table=ask.partition("[KEY].")[0] if "[KEY]" in ask else "",
            questions=(Question(ask=ask.partition("[KEY].")[2] or ask, label=f"Also {n}"),),
        )
        for n, ask in enumerate(case.also_asks)
    )
    return proforma.model_copy(update={"sections": (*proforma.sections, *more)})


def boxes(case: Case, printed: Record, written: Words) -> tuple[Answer, ...]:
    """The form as it was printed, written on, and read."""
    proforma = printed_form(case)
    given = issue(case.form, None if case.blank else "P-TEST0001", to_sign=case.to_sign)
    if proforma.about:
        given = given.model_copy(update={"row": case.row or ("new" if case.blank else "1")})
    form = form_of(lay_out(proforma, printed, given, "Kingsmead Training"))
    named = {*written, *case.struck, *case.unclear, *case.lost}
    assert named <= {field.name for field in form.fields}, "the form has no such box"
    if case.older:
        proforma = PROFORMAS[case.form].model_copy(update={"version": proforma.version + 1})
    fields = (marked(typed_over(field, written), case) for field in form.fields if field.name not in case.lost)
    return read_answers(replace(form, fields=tuple(fields)), proforma, given.row)


def typed_over(field: Box, written: Words) -> Box:
    return field._replace(value=written[field.name] or None) if field.name in written else field


def marked(field: Box, case: Case) -> Box:
    """A box with what the reader says of it."""
    problems = (*(["struck out"] if field.name in case.struck else []), *filter(None, [case.unclear.get(field.name)]))
    return field._replace(problems=problems)


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
        who=case.sender,
        past=Past(dated=case.later, hands=case.wrote),
        rules=rules_for(record(case.printed if case.plan is None else case.plan), case.came),
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
    """The day that the form says of itself, unless it lies ahead."""
    said = {**case.printed, **case.written}.get(place)
    day = dt.date.fromisoformat(str(record({place: said})[place])) if said else None
    return day if day and day <= case.came else None


def outcomes(verdict: Verdict) -> dict[str, str]:
    """Everything decided, as a case says it; what we add to a signature ourselves left out."""
    said = [d for d in verdict.decisions if not d.place.endswith((".method", ".bound"))]
    found: dict[str, str] = {}
    for decision in said:
        fate = f"{decision.outcome} {decision.rule}"
        found[decision.place] = f"{found[decision.place]}, {fate}" if decision.place in found else fate
    return found


@pytest.mark.parametrize("case", tuple(cases(Case)))
def test_what_a_form_does_to_the_plan(case: Case) -> None:
    before = record(case.printed if case.plan is None else case.plan)
    verdict = decide(returned(case), before)
    assert outcomes(verdict) == dict(case.then)
    after = apply(before, verdict.decisions)
    for path, words in case.after.items():
        place = place_of(path)
        assert place is not None
        assert place.show(after.get(path)) == words, path
    if case.version:
        rules = rules_for(before, case.came, Policy(months_count=case.months_count))
        moved = drift(before, {**after, **record(case.settled)}, rules, Moment(case.came))
        found = "stale" if moved.stale else "noted" if moved.note_on else "not touched"
        assert (found, moved.must_sign) == (case.version, case.sign_again)


@pytest.mark.parametrize("case", tuple(cases(Whose)))
def test_whose_form_it_is(case: Whose) -> None:
    plans = {plan: record(words) for plan, words in case.learners.items()}
    given = issue(case.form, case.printed_for or None)
    sheet = lay_out(PROFORMAS[case.form], plans.get(case.printed_for, {}), given, "Kingsmead Training")
    form = form_of(sheet, case.stamped)
    assert case.written.keys() <= {field.name for field in form.fields}, "the form has no such box"
    form = replace(form, fields=tuple(typed_over(field, case.written) for field in form.fields))
    found = recognise(form, Known(PROFORMAS, plans, dict.fromkeys(plans, 3), {given.form: given}.get))
    assert not isinstance(found, Refusal)
    if isinstance(found, Unsure):
        assert (case.whose, set(case.choices)) == ("asked", set(found.choices))
    else:
        assert case.whose == (found.plan or "a new learner")


def test_every_rule_and_every_row_of_the_matrix_has_two_cases() -> None:
    counts = Counter((file.stem, row) for file, row, _ in told())
    assert counts.total() >= 60
    assert {where for where, count in counts.items() if count < 2} == set()
    assert {f"M{n:02}" for n in range(1, 24)} <= {file[:3] for file, _ in counts}
    assert len({row for _, row in counts if row}) == ROWS_OF_THE_MATRIX
