"""Who waits for whom: each thing on one person's page every morning, and once a week what is stuck."""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path

import pytest

from engine.errors import Mistake
from engine.workspace import Workspace
from tests.conftest import Office
from tests.test_letters import PICTURE, drop
from tests.test_notices import Page
from tests.test_requests import staffed

__all__ = ["staffed"]


def words(file: Path) -> str:
    return Page(file.read_text("utf-8")).words


def test_what_waits_for_the_office_is_on_the_administrators_page_and_goes_when_it_is_done(staffed: Office) -> None:
    plan = staffed.joins()
    drop(staffed, "IMG_2031.png", PICTURE)
    staffed.workspace.run()
    page = staffed.root / "outbox" / "staff" / "to do" / "Dana Marsh.html"
    (query,) = staffed.workspace.queries()
    assert f"{query.query}: Whose is “IMG_2031.png”" in words(page)
    staffed.workspace.settle(query.query, take=plan, by="Dana Marsh")
    staffed.workspace.run()
    assert not page.exists()


def test_what_has_waited_for_a_week_is_on_the_page_of_what_is_stuck_with_whom_it_waits_for(office: Office) -> None:
    office.joins()
    page = office.root / "outbox" / "quality" / "What is stuck.html"
    assert "Nothing, as of 07/09/2026" in words(page)
    office.day(dt.date(2026, 12, 1))
    office.workspace.close()
    office.workspace = Workspace(office.root)
    office.workspace.run()
    said = words(page)
    assert "as of 01/12/2026" in said
    assert "the tutor" in said
    assert "Amrit Kaur" in said


def test_the_forms_that_the_settings_name_lie_ready_and_are_replaced_only_when_something_on_them_changes(
    office: Office,
) -> None:
    with (office.root / "counterpart.toml").open("a") as file:
        file.write("[ready]\nstaff = ['support-plan']\nlearner = ['my-changes']\n")
    office.workspace.close()
    office.workspace = Workspace(office.root)
    plan = office.joins()
    (mine,) = (office.root / "outbox" / "learner").glob("*/What has changed for me*.docx")
    assert list((office.root / "outbox" / "staff").glob("*/Support plan*.docx"))
    before = mine.read_bytes()
    office.returns(office.document("Individual learning plan"), {"programme.title": "Baker, level 2"})
    assert mine.read_bytes() == before
    office.returns(mine, {"learner.phone": "029 2000 1111", "targets[new 1].text": "Weigh to 5 g"})
    assert office.record(plan)["targets[T1].text"] == "Weigh to 5 g"
    (again,) = (office.root / "outbox" / "learner").glob("*/What has changed for me*.docx")
    assert again == mine
    assert again.read_bytes() != before
    office.workspace.close_plan(plan, "Completed")
    assert not mine.exists()


def test_a_receipt_and_a_question_name_the_one_person_whom_they_wait_for(staffed: Office) -> None:
    staffed.ready_to_sign()
    staffed.returns(staffed.document("Individual learning plan"), {"staff.tutor": "Sam Reed"})
    for medium, wish in (("docx", "Bake and teach"), ("pdf", "Run two bakeries")):
        copy = staffed.document("Individual learning plan", medium)
        staffed.drop(copy, {"programme.delivery": wish, "programme.title": f"Baker, {wish}"})
    staffed.workspace.run()
    said = {words(page) for page in (staffed.root / "outbox" / "receipts").glob("*.html")}
    asked = [page for page in said if "Questions for somebody to answer" in page]
    assert len(asked) == 1
    assert "It waits for Sam Reed ." in asked[0]
    assert "It waits for Sam Reed, who asks Dana Marsh ." in asked[0]
    slips = {words(page) for page in (staffed.root / "outbox" / "questions").glob("Q-*.html")}
    assert {"It waits for Sam Reed", "It waits for Sam Reed, who asks Dana Marsh"} == {
        page[page.index("It waits for") : page.index(" File")] for page in slips
    }


def test_what_came_that_is_no_form_names_the_administrator_on_its_receipt(staffed: Office) -> None:
    drop(staffed, "IMG_2031.png", PICTURE)
    staffed.workspace.run()
    (receipt,) = (staffed.root / "outbox" / "receipts").glob("*.html")
    assert "It waits for Dana Marsh . The folder of questions holds a form for it" in words(receipt)


def test_a_setting_that_names_a_form_there_is_not_is_a_mistake(office: Office) -> None:
    with (office.root / "counterpart.toml").open("a") as file:
        file.write("[ready]\nstaff = ['tea-list']\n")
    with pytest.raises(Mistake, match="tea-list"):
        Workspace(office.root)


def test_a_folder_that_anybody_may_open_is_named_and_a_closed_one_is_not(office: Office) -> None:
    staff = office.root / "outbox" / "staff"
    staff.mkdir(exist_ok=True)
    around = [office.root, *office.root.parents]
    modes = [(f, f.stat().st_mode) for f in around if f.stat().st_uid == os.getuid() and f != f.parent]
    for folder, mode in modes:
        folder.chmod(mode | 0o001)
    try:
        staff.chmod(0o755)
        assert "outbox/staff" in office.workspace.wide_open()
        staff.chmod(0o770)
        assert "outbox/staff" not in office.workspace.wide_open()
        assert "outbox/blank forms" not in office.workspace.wide_open()
    finally:
        for folder, mode in modes:
            folder.chmod(mode & 0o7777)
