"""Lists of learners, by the front door: shown first, each mistake by its cell, taken in with leave, changes only."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.importing import letters
from engine.model import Submission
from tests.conftest import Office
from tests.filling import fill_word
from tests.listing import FIRMS, LEARNERS, PROGRAMMES, Row, cell, save, sheets
from tests.test_requests import staffed

__all__ = ["staffed"]


def drop(office: Office, whole: dict[str, list[Row]], name: str = "learners.xlsx") -> Submission:
    save(office.root / "inbox" / name, whole)
    assert office.workspace.run().troubles == ()
    return next(s for s in office.workspace.premises.ledger.submissions() if s.name == name)


def test_a_list_is_shown_first_and_taken_in_when_an_administrator_says_yes(staffed: Office) -> None:
    whole = sheets(3)
    whole[LEARNERS][1]["ULN"] = "1234567890"
    whole[PROGRAMMES][2]["LearnPlanEndDate"] = "2025-01-31"
    whole[LEARNERS][0]["Favourite cake"] = "Bara brith"
    shown = drop(staffed, whole)
    assert shown.outcome == "query"
    lines = shown.reason.splitlines()
    assert lines[0] == "3 learners: 2 new, 0 with changes, 0 as before, 1 left out; 2 cells to put right."
    assert any(line.startswith(f"{cell(whole, LEARNERS, 1, 'ULN')}: ULN: “1234567890” is not") for line in lines)
    assert any(line.startswith(f"{cell(whole, PROGRAMMES, 2, 'LearnPlanEndDate')}: ") for line in lines)
    assert any(line.endswith(": Favourite cake") for line in lines)
    assert staffed.workspace.plans() == []
    (form,) = (staffed.root / "outbox" / "questions").glob("Q-* May this be done.docx")
    there = staffed.root / "inbox" / "dana" / "yes.docx"
    there.parent.mkdir()
    there.write_bytes(fill_word(form.read_bytes(), {"leave.given": "Yes"}))
    staffed.workspace.run()
    assert len(staffed.workspace.plans()) == 2
    first = whole[LEARNERS][0]
    record = next(
        r for p in staffed.workspace.premises.ledger.plans() if (r := staffed.record(p))["learner.uln"] == first["ULN"]
    )
    assert record["learner.reference"] == "K000001"
    assert record["staff.tutor_email"] == "ffion@kingsmead.example"
    assert record["employer.mentor"] == f"Jo {str(first['Employer']).split()[0]}"
    assert record["programme.planned_hours"] == record["programme.ilr_hours"] == whole[PROGRAMMES][0]["PHours"]
    assert record["programme.status"] == "Continuing"


def test_next_months_list_changes_only_what_is_new_on_it(office: Office, tmp_path: Path) -> None:
    whole = sheets(2)
    office.workspace.import_list(save(tmp_path / "one.xlsx", whole), approve=True, by="Dana Marsh")
    plans = {p: office.workspace.premises.ledger.newest(p) for p in office.workspace.premises.ledger.plans()}
    assert set(plans.values()) == {1}
    whole[LEARNERS][0]["Note"] = "the same again"
    submission, told = office.workspace.import_list(save(tmp_path / "two.xlsx", whole), approve=True)
    assert (submission.outcome, told.splitlines()[0]) == (
        "same", "2 learners: 0 new, 0 with changes, 2 as before, 0 left out; 0 cells to put right.",
    )  # fmt: skip
    whole[PROGRAMMES][1]["Weekly hours"] = 35
    _, told = office.workspace.import_list(save(tmp_path / "three.xlsx", whole), approve=True)
    assert told.startswith("2 learners: 0 new, 1 with changes, 1 as before")
    assert sorted(office.workspace.premises.ledger.newest(p) for p in plans) == [1, 2]
    assert office.workspace.queries() == []


def test_a_long_answer_is_taken_whole_and_one_that_is_too_long_is_told_by_its_cell(
    office: Office, tmp_path: Path
) -> None:
    row: Row = {"First name": "Amrit", "Surname": "Kaur", "DOB": "14/03/2008", "Address": "Mill Lane " * 400}
    _, told = office.workspace.import_list(save(tmp_path / "a.xlsx", {"Sheet1": [row]}), approve=True, by="Dana Marsh")
    (plan,) = office.workspace.premises.ledger.plans()
    assert office.record(plan)["learner.address"] == ("Mill Lane " * 400).strip()
    row |= {"Address": "Mill Lane " * 2_400}
    _, told = office.workspace.import_list(save(tmp_path / "b.xlsx", {"Sheet1": [row]}), approve=True, by="Dana Marsh")
    assert "Sheet1!D2: Address: this answer is longer than 20,000 characters." in told


def test_who_looks_like_somebody_here_is_left_out_until_the_list_says_which(office: Office, tmp_path: Path) -> None:
    plan = office.joins({"learner.given_name": "Amrit", "learner.family_name": "Kaur",
                         "learner.date_of_birth": "14/03/2008", "learner.reference": "A1"})  # fmt: skip
    row: Row = {"First name": "Amrit", "Surname": "Kaur", "Reference": "B2", "Telephone": "029 2000 1111"}
    submission, told = office.workspace.import_list(save(tmp_path / "a.xlsx", {"Sheet1": [row]}), approve=True)
    assert submission.outcome == "same"
    assert f"Sheet1!B2: This looks like somebody who is here already: {plan} (Amrit Kaur)" in told
    row |= {"Plan": plan, "Reference": "A1"}
    office.workspace.import_list(save(tmp_path / "b.xlsx", {"Sheet1": [row]}), approve=True)
    assert office.record(plan)["learner.phone"] == "029 2000 1111"


def test_a_heading_is_mapped_once_and_remembered(office: Office, tmp_path: Path) -> None:
    row: Row = {"First name": "Mei", "Surname": "Xu", "Reference": "B2", "Gaffer": "Jo Vaughan"}
    office.workspace.import_list(save(tmp_path / "a.xlsx", {"S": [row]}), mapped={"Gaffer": "Mentor"})
    row |= {"Note": "later"}
    office.workspace.import_list(save(tmp_path / "b.xlsx", {"S": [row]}), approve=True)
    (plan,) = office.workspace.premises.ledger.plans()
    assert office.record(plan)["employer.mentor"] == "Jo Vaughan"


def test_a_spreadsheet_that_is_no_list_of_learners_is_kept_as_evidence(office: Office) -> None:
    scores = drop(office, {"Scores": [{"Test": "Reading", "Score": 12}]}, "scores.xlsx")
    assert (scores.outcome, [q.kind for q in office.workspace.queries()]) == ("kept", ["file"])


def test_an_employer_that_the_list_does_not_know_is_named(office: Office) -> None:
    whole = sheets(2)
    whole[FIRMS] = [row for row in whole[FIRMS] if row["Employer"] != whole[LEARNERS][1]["Employer"]]
    shown = drop(office, whole)
    assert f"{cell(whole, LEARNERS, 1, 'Employer')}: “{whole[LEARNERS][1]['Employer']}” is not on" in shown.reason


@pytest.mark.parametrize(("column", "name"), [(1, "A"), (26, "Z"), (27, "AA"), (52, "AZ"), (703, "AAA")])
def test_columns_are_called_by_their_letters(column: int, name: str) -> None:
    assert letters(column) == name
