"""Rules of names in the outbox: from a pattern, legal everywhere, telling plans apart; a folder moves whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine import Workspace
from engine.errors import Mistake
from engine.names import named
from engine.settings import Names
from tests.conftest import Office

anything = st.text(max_size=150)


@settings(deadline=None)
@given(anything, anything, st.from_regex(r"P-[0-9A-Z]{8}", fullmatch=True))
def test_any_name_makes_a_folder_that_windows_takes(family: str, given_name: str, plan: str) -> None:
    made = named(Names().folder, family_name=family, given_name=given_name, plan=plan)
    assert made
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', made)
    assert not made.endswith((".", " "))
    assert made.casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt1"}


@pytest.mark.parametrize(
    ("setting", "pattern", "why"),
    [
        ("folder", "{{ family_name }}", "two learners"),
        ("folder", "{{ plan }} {{ shoe_size }}", "shoe_size"),
        ("folder", "{{ plan", "does not work"),
        ("document", "{{ learner }}", "two forms"),
        ("sealed", "sealed", "two versions"),
        ("document", "{{ title.__class__.__mro__ }}{{ title }}", "unsafe"),
    ],
)
def test_a_pattern_that_does_not_work_is_named(setting: str, pattern: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "inbox").mkdir()
    (tmp_path / "counterpart.toml").write_text(f"[names]\n{setting} = '{pattern}'\n")
    with pytest.raises(Mistake, match=why):
        Workspace(tmp_path)


def test_names_follow_the_settings(office: Office) -> None:
    told = office.root / "counterpart.toml"
    told.write_text(told.read_text() + "[names]\nfolder = '{{ plan }} {{ given_name }}'\n")
    office.workspace.close()
    office.workspace = Workspace(office.root)
    plan = office.joins()
    assert office.document("Individual", "pdf").parent.name == f"{plan} Amrit"


def test_a_learner_who_changes_name_moves_with_everything(office: Office) -> None:
    plan = office.signed()
    old = office.document("Funding-body version 1", "pdf").parent
    (old / "my notes.txt").write_text("ring the bakery")
    sealed = (old / "Funding-body version 1 - sealed - Amrit Kaur.pdf").read_bytes()
    office.returns(office.blank("Learner details"), {"learner.uln": "9276308686", "learner.family_name": "Kaur-Singh"})
    for query in office.workspace.queries(plan):
        office.workspace.settle(query.query, take="form", by="Chidi")
    new = old.with_name(f"Kaur-Singh, Amrit ({plan})")
    assert not list(office.root.glob("outbox/*/Kaur, Amrit*"))
    assert (new / "my notes.txt").read_text() == "ring the bakery"
    assert (new / "Funding-body version 1 - sealed - Amrit Kaur.pdf").read_bytes() == sealed
    assert office.workspace.run().renditions == 0
    assert len(list(new.glob("Individual*"))) == 2
    assert len(list(new.glob("*sealed*"))) == 1


def test_a_folder_with_an_open_file_moves_another_time(office: Office) -> None:
    plan = office.joins()
    old = office.document("Individual", "docx").parent
    lock = old / f".~lock.{office.document('Individual', 'docx').name}#"
    lock.touch()
    office.returns(office.blank("Learner details"), {"learner.uln": "9276308686", "learner.given_name": "Ammi"})
    for query in office.workspace.queries(plan):
        office.workspace.settle(query.query, take="form", by="Chidi")
    assert list(old.glob("Individual*.docx"))
    lock.unlink()
    office.workspace.run()
    assert not old.exists()
    assert len(list(old.with_name(f"Kaur, Ammi ({plan})").glob("Individual*"))) == 2
