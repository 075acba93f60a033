"""Mistakes by people, put right: by the front door, with real forms, and as laws over generated records."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import Workspace, init, mending, merge
from engine.errors import Declined, WrongUse
from engine.model import Outcome, Query
from engine.places import Record
from engine.plan import contradictions, split
from tests.conftest import AMRIT, PROGRAMME, Office
from tests.strategies import MERGED_PATHS, changed, law, records

PIOTR = {
    "learner.given_name": "Piotr", "learner.family_name": "Nowak", "learner.date_of_birth": "02/07/2007",
    "learner.uln": "TEMP",
}  # fmt: skip


def newest(office: Office, plan: str) -> int:
    return office.workspace.premises.ledger.newest(plan)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with its blank forms that keeps no documents of plans, so that what is told in it is told quickly."""
    root = tmp_path_factory.mktemp("started") / "office"
    init(root)
    for file in root.glob("proformas/*/proforma.yaml"):
        file.write_text(re.sub(r"\nkeep:\n(  - .*\n)+", "\n", file.read_text("utf-8")), "utf-8")
    with Workspace(root) as workspace:
        workspace.run()
    return root


@pytest.fixture
def lean(started: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    """An office in a copy of that workspace."""
    office = Office(Path(shutil.copytree(started, tmp_path / "lean")), monkeypatch)
    yield office
    office.workspace.close()


def plan_of(office: Office, plan: str) -> Path:
    """A working document of a plan, just issued."""
    return office.workspace.issue("plan", plan, "word", office.root / "issued")[1]


def asked(office: Office, plan: str | None = None) -> list[Query]:
    return office.workspace.queries(plan)


# ── Entered in error ────────────────────────────────────────────────────────────────────────────────────────────


def test_a_revision_taken_back_leaves_the_plan_as_it_was_and_the_history_longer(lean: Office) -> None:
    plan = lean.joins()
    before = lean.record(plan)
    lean.returns(plan_of(lean, plan), PROGRAMME | {"targets[new 1].text": "Weigh dough"})
    lean.workspace.undo(plan, 2, "typed for the wrong week", "Ruth Mbeki")
    assert lean.record(plan) == before
    assert newest(lean, plan) == 3
    last = lean.workspace.history(plan)[-1][1]
    assert (last.cause, last.undoes, last.reason, last.by) == ("undo", 2, "typed for the wrong week", "Ruth Mbeki")
    assert lean.workspace.verify().ok


def test_what_has_changed_since_stays_and_is_asked_about_once(lean: Office) -> None:
    plan = lean.joins({**AMRIT, "learner.phone": "0161 496 0000", "learner.address": "1 Mill Lane"})
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0111"})
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0222"})
    lean.workspace.undo(plan, 2, "somebody else's number")
    assert lean.record(plan)["learner.phone"] == "0161 496 0222"
    (query,) = asked(lean, plan)
    assert (query.kind, query.theirs, query.ours) == ("undone", "0161 496 0000", "0161 496 0222")
    lean.workspace.settle(query.query, take="form", by="Ruth Mbeki")
    assert lean.record(plan)["learner.phone"] == "0161 496 0000"


def test_the_questions_that_a_revision_raised_go_with_it_and_come_back_with_it(lean: Office) -> None:
    plan = lean.joins({**AMRIT, "contacts[new 1].phone": "ring the bell"})
    (query,) = asked(lean, plan)
    lean.workspace.undo(plan, 1, "a test")
    assert asked(lean, plan) == []
    lean.workspace.undo(plan, 2, "it was no test")
    (again,) = asked(lean, plan)
    assert (again.place, again.kind, again.theirs) == (query.place, query.kind, query.theirs)
    assert lean.record(plan)["learner.family_name"] == "Kaur"


def test_an_answer_that_is_taken_back_is_a_question_again(lean: Office) -> None:
    plan = lean.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    lean.returns(plan_of(lean, plan), {"learner.phone": ""})
    (query,) = asked(lean, plan)
    lean.workspace.settle(query.query, take="form", by="Chidi Okafor")
    assert "learner.phone" not in lean.record(plan)
    lean.workspace.undo(plan, newest(lean, plan), "asked the wrong person")
    assert lean.record(plan)["learner.phone"] == "0161 496 0000"
    assert [(q.place, q.kind) for q in asked(lean, plan)] == [("learner.phone", "removal")]


def test_what_was_settled_for_a_form_that_is_taken_back_is_asked_about(lean: Office) -> None:
    plan = lean.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    early = plan_of(lean, plan)
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0111"})
    lean.returns(early, {"learner.phone": "0161 496 0999"})
    (query,) = asked(lean, plan)
    lean.workspace.settle(query.query, take="form")
    assert query.raised_in is not None
    lean.workspace.undo(plan, query.raised_in, "it was about somebody else")
    (again,) = asked(lean, plan)
    assert (again.kind, again.theirs, again.ours) == ("undone", "0161 496 0111", "0161 496 0999")


def test_a_form_that_was_taken_back_counts_as_if_it_had_never_come(lean: Office) -> None:
    plan = lean.joins()
    form = plan_of(lean, plan)
    lean.returns(form, {"learner.phone": "0161 496 0111"})
    lean.workspace.undo(plan, 2, "the wrong number")
    lean.returns(form, {"learner.phone": "0161 496 0111", "learner.email": "amrit@kaur.example"})
    assert lean.record(plan)["learner.phone"] == "0161 496 0111"


def test_undoing_twice_is_refused_politely_and_says_what_to_do(lean: Office) -> None:
    plan = lean.joins()
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0111"})
    lean.workspace.undo(plan, 2, "wrong")
    with pytest.raises(Declined, match=f"counterpart undo {plan} 3"):
        lean.workspace.undo(plan, 2, "wrong")
    with pytest.raises(WrongUse, match="no revision 9"):
        lean.workspace.undo(plan, 9, "wrong")


def test_a_signature_is_taken_back_as_long_as_no_version_rests_on_it(lean: Office) -> None:
    plan = lean.joins()
    lean.returns(plan_of(lean, plan), PROGRAMME)
    lean.workspace.waive(plan, "G1", "assessed at the last college", "Ruth Mbeki")
    lean.workspace.issue("funding-plan", plan)
    for role, name in (("learner", "Amrit Kaur"), ("employer", "Jo Hargreaves")):
        lean.workspace.sign(plan, role, name, "Ruth Mbeki")
    wrong = newest(lean, plan)
    lean.workspace.undo(plan, wrong, "it was the other Jo")
    lean.workspace.sign(plan, "provider", "Chidi Okafor", "Ruth Mbeki")
    assert lean.workspace.standing(plan).state == "part-signed"
    lean.workspace.undo(plan, wrong + 1, "it was the right Jo")
    assert lean.workspace.standing(plan).state == "in force"
    with pytest.raises(Declined, match="new version signed"):
        lean.workspace.undo(plan, wrong, "it was the other Jo after all")


def test_a_form_of_the_wrong_learner_goes_to_the_right_one_with_what_was_written_on_it_alone(lean: Office) -> None:
    wrong = lean.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    lean.returns(plan_of(lean, wrong), {"targets[new 1].text": "Weigh dough to 5 g"})
    form = plan_of(lean, wrong)
    right = lean.joins(PIOTR)
    lean.returns(
        form,
        {"aspiration.destination": "Chef", "targets[T1].status": "Under way", "targets[new 1].text": "Sharpen knives"},
    )
    lean.workspace.undo(wrong, 3, "that was Piotr's", "Ruth Mbeki", to=right)
    theirs, ours = lean.record(right), lean.record(wrong)
    assert "aspiration.destination" not in ours
    assert ours["targets[T1].text"] == "Weigh dough to 5 g"
    assert theirs["aspiration.destination"] == "Chef"
    assert sorted(v for p, v in theirs.items() if p.startswith("targets[")) == ["Sharpen knives", "Under way"]
    assert (theirs["learner.given_name"], theirs.get("learner.phone")) == ("Piotr", None)
    assert asked(lean) == []
    with pytest.raises(WrongUse):
        lean.workspace.undo(wrong, 4, "nothing to move", to=right)


# ── One learner, two plans ──────────────────────────────────────────────────────────────────────────────────────


TWIN = {
    "learner.given_name": "Amrit", "learner.family_name": "Kaur", "learner.date_of_birth": "14/03/2009",
    "learner.uln": "TEMP", "learner.phone": "0161 496 0111", "learner.email": "amrit@kaur.example",
}  # fmt: skip


def two_plans(lean: Office) -> tuple[str, str, Path]:
    """One learner's two plans, which share a target; and a working document of the second."""
    first = lean.joins({**AMRIT, "learner.phone": "0161 496 0000"})
    dough = {"targets[new 1].text": "Weigh dough to 5 g", "targets[new 1].status": "Under way"}
    lean.returns(plan_of(lean, first), {"targets[new 1].text": "Be here by nine"})
    lean.returns(plan_of(lean, first), dough)
    lean.returns(lean.blank("Learner details"), TWIN)
    (query,) = asked(lean)
    lean.workspace.settle(query.query, take="new")
    (second,) = set(lean.workspace.premises.ledger.plans()) - {first}
    own = {"targets[new 2].text": "Clean as you go", "targets[new 2].goal": "G1", "goals[new 1].text": "Own bakery"}
    lean.returns(plan_of(lean, second), dough | own)
    return first, second, plan_of(lean, second)


def test_the_second_plan_goes_into_the_first_and_what_differs_is_asked_once(office: Office) -> None:
    first, second, _ = two_plans(office)
    office.workspace.join(first, second, "Ruth Mbeki")
    record = office.record(first)
    assert record["learner.email"] == "amrit@kaur.example"
    assert record["learner.phone"] == "0161 496 0000"
    assert {q.place for q in asked(office, first)} == {"learner.phone", "learner.date_of_birth", "learner.uln"}
    texts = {p: v for p, v in record.items() if p.startswith("targets[") and p.endswith(".text")}
    assert list(texts.values()) == ["Be here by nine", "Weigh dough to 5 g", "Clean as you go"]
    assert record["targets[T3].goal"] == "G1"
    assert office.record(second)["closing.into"] == first
    assert list((office.root / "outbox" / "staff").glob(f"*({second})/*")) == []
    assert list((office.root / "outbox" / "staff").glob(f"*({first})/*")) != []
    with pytest.raises(Declined, match=first):
        office.workspace.issue("plan", second)
    assert office.workspace.verify().ok
    ledger = office.workspace.premises.ledger
    for index in ("gone", "past"):
        with ledger.writing():
            ledger._connection.exec_driver_sql(f"DELETE FROM {index}")
    assert {(p.what, p.where) for p in office.workspace.verify().problems} == {("index", second)}
    assert office.workspace.repair().ok
    assert ledger.joined() == {second: first}


def test_a_form_printed_for_the_joined_plan_merges_against_what_it_showed(lean: Office) -> None:
    first, second, printed = two_plans(lean)
    lean.workspace.join(first, second)
    before = {q.query for q in asked(lean)}
    lean.returns(
        printed, {"targets[T2].status": "Achieved", "learner.email": "a2@kaur.example", "goals[new 1].text": "Teach"}
    )
    record = lean.record(first)
    assert record["targets[T3].status"] == "Achieved"
    assert record["learner.email"] == "a2@kaur.example"
    assert record["goals[G2].text"] == "Teach"
    assert {q.query for q in asked(lean)} == before
    lean.returns(
        printed,
        {"targets[T2].status": "Achieved", "learner.email": "a3@kaur.example", "goals[new 1].text": "Teach bread"},
    )
    record = lean.record(first)
    assert (record["learner.email"], record["goals[G2].text"]) == ("a3@kaur.example", "Teach bread")
    assert {q.query for q in asked(lean)} == before


def test_a_blank_form_of_a_learner_whose_plans_were_joined_finds_the_one_that_is_left(lean: Office) -> None:
    first, second, _ = two_plans(lean)
    lean.workspace.join(second, first)
    lean.returns(
        lean.blank("Learner details", "pdf"),
        TWIN | {"learner.address": "1 Mill Lane"},
    )
    assert lean.record(second)["learner.address"] == "1 Mill Lane"


def test_a_joining_is_undone_and_the_second_plan_is_itself_again(lean: Office) -> None:
    first, second, printed = two_plans(lean)
    before = lean.record(first), lean.record(second), len(asked(lean))
    made = lean.workspace.join(first, second)
    with pytest.raises(Declined, match=f"counterpart undo {first} {made.number}"):
        lean.workspace.undo(second, newest(lean, second), "wrong")
    lean.workspace.undo(first, made.number, "they are two people")
    assert (lean.record(first), lean.record(second), len(asked(lean))) == before
    lean.returns(printed, {"learner.email": "a2@kaur.example"})
    assert lean.record(second)["learner.email"] == "a2@kaur.example"
    lean.workspace.undo(first, made.number + 1, "they are one after all")
    assert lean.record(second)["closing.into"] == first


# ── Finished ────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_closed_plan_is_due_for_nothing_and_a_form_for_it_asks_whether_to_open_it_again(lean: Office) -> None:
    plan = lean.joins()
    assert lean.workspace.standing(plan).due
    lean.workspace.close_plan(plan, "moved to Leeds", "Ruth Mbeki")
    there = lean.workspace.standing(plan)
    assert (there.due, there.ended) == ((), "closed 07/09/2026")
    with pytest.raises(Declined, match="reopen"):
        lean.workspace.close_plan(plan, "again")
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0111"})
    lean.returns(plan_of(lean, plan), {"learner.phone": "0161 496 0222"})
    assert lean.record(plan)["learner.phone"] == "0161 496 0222"
    (query,) = asked(lean, plan)
    assert (query.kind, query.choices) == ("closed", ("re-open", "leave"))
    lean.workspace.settle(query.query, take="re-open", by="Ruth Mbeki")
    assert lean.workspace.standing(plan).due
    with pytest.raises(Declined):
        lean.workspace.reopen_plan(plan, "again")


# ── Laws ────────────────────────────────────────────────────────────────────────────────────────────────────────


def back(before: Record, after: Record, now: Record) -> dict[str, object]:
    return merge.apply(now, mending.take_back(before, after, now))


@law
@given(st.data(), records(MERGED_PATHS))
def test_when_nothing_came_after_undoing_restores_exactly_and_so_does_undoing_that(
    data: st.DataObject, before: Record
) -> None:
    after = changed(data.draw, before, MERGED_PATHS)
    assert back(before, after, after) == before
    assert back(after, before, before) == after


@law
@given(st.data(), records(MERGED_PATHS))
def test_what_came_after_stands_and_each_place_it_touched_is_asked_about(data: st.DataObject, before: Record) -> None:
    after = changed(data.draw, before, MERGED_PATHS)
    now = changed(data.draw, after, MERGED_PATHS)
    decisions = mending.take_back(before, after, now)
    left = merge.apply(now, decisions)
    held = {d.place for d in decisions if d.outcome is Outcome.QUERY}
    for place in {*before, *after, *now}:
        if now.get(place) != after.get(place) or place in held:
            assert left.get(place) == now.get(place)
        elif after.get(place) != before.get(place):
            assert left.get(place) == before.get(place)
    touched = {p for p in {*before, *after} if before.get(p) != after.get(p) != now.get(p) != before.get(p)}
    assert touched <= held
    assert {*contradictions(left)} <= {*contradictions(now), *contradictions(before)}


@law
@given(records(MERGED_PATHS), records(MERGED_PATHS))
def test_joining_loses_nothing_and_doubles_nothing(first: Record, second: Record) -> None:
    decisions = mending.join(first, second, {})
    after = merge.apply(first, decisions)
    went = {d.box or d.place: d for d in decisions}
    grown = {d.place for d in decisions if d.becomes is not None}
    assert all(after[place] == value or place in grown for place, value in first.items())
    assert all(str(first[d.place]) in str(d.after) and str(d.theirs) in str(d.after) for d in decisions if d.becomes)
    for place, value in second.items():
        if not mending.stays_behind(place):
            decision = went[place]
            assert decision.outcome is Outcome.QUERY or after[decision.place] == decision.after
            assert decision.theirs == value or str(value) in {row[1] for p in second if (row := split(p))}
    assert all(d.outcome is Outcome.AGREED for d in mending.join(after, first, {}))
