"""Who waits for whom: each thing on one person's page every morning, and once a week what is stuck."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

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
