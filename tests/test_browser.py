"""Register, receipt, to-do page and quality report in Chromium itself: search, keyboard, print, no serious fault."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from engine.audits.catalogue import audit_of
from engine.opening import init
from engine.workspace import Workspace
from tests.conftest import AMRIT, Office
from tests.scores.audits import written
from tests.scores.providers import GARDENS, TODAY, provider

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
TOOLS = Path(os.environ.get("PDF_LIB", "")) / "node_modules"
NEEDED = ("puppeteer-core", "axe-core")

pytestmark = pytest.mark.skipif(
    not (CHROMIUM and shutil.which("node") and all((TOOLS / name).exists() for name in NEEDED)),
    reason="Chromium, puppeteer-core and axe-core are not installed; .ci/run installs them",
)

HOSTILE = "<script>alert(1)</script>"


def looked_at(register: Path, *others: Path) -> dict[str, Any]:
    command = ["node", str(Path(__file__).parent / "browser" / "look.mjs"), str(CHROMIUM), str(register)]
    done = subprocess.run([*command, *map(str, others)], capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_the_quality_report_works_by_keyboard_prints_and_does_nothing_that_a_learner_wrote(tmp_path: Path) -> None:
    root = tmp_path / "gardens"
    init(root)
    made = list(provider(GARDENS, 120, 11))
    for plan in made:
        if "needs" in {audit_of(kind) for kind in plan.planted if kind}:
            plan.steps[0][2]["learner.given_name"] = HOSTILE
    patch = pytest.MonkeyPatch()
    patch.setenv("COUNTERPART_TODAY", TODAY.isoformat())
    with Workspace(root) as workspace:
        written(workspace.premises.ledger, made)
        page = workspace.write_quality_report(workspace.audit())
    patch.undo()
    command = ["node", str(Path(__file__).parent / "browser" / "report.mjs"), str(CHROMIUM), str(page.parent)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    assert done.returncode == 0, done.stderr[-2000:]
    report: dict[str, Any] = json.loads(done.stdout)
    for name, looked in report["pages"].items():
        assert looked == {"messages": [], "faults": [], "overflows": False}, name
    assert report["messages"] == []
    assert report["opened"] == report["number"] > 0
    assert report["chosen"]
    assert report["told"].startswith("Showing ")
    assert report["wanted"] in report["found"]
    assert len(report["found"]) < report["opened"]
    for mark, number, opened in report["marks"]:
        assert number in (opened, None), mark
    assert [opened > 0 for _, _, opened in report["marks"]][:3] == [True] * 3
    assert report["everybody"] == f"Showing {len(made)} of {len(made)}"
    assert report["pdf"]["pages"] > 1
    assert report["toolsOnPaper"] == 0


def test_pages_work_as_people_use_them(office: Office) -> None:
    office.joins({**AMRIT, "learner.given_name": HOSTILE})
    office.joins({"learner.given_name": "Łukasz", "learner.family_name": "Żak", "learner.date_of_birth": "01/02/2008"})
    office.joins({"learner.given_name": "Zoë", "learner.family_name": "Adams", "learner.date_of_birth": "01/02/2007"})
    outbox = office.root / "outbox"
    (todo,) = (outbox / "staff" / "to do").glob("*.html")
    receipt = next((outbox / "receipts").glob("*.html"))
    found = looked_at(outbox / "staff" / "index.html", receipt, todo)
    register = found.pop("register")
    for name, page in found.items():
        assert page == {"messages": [], "faults": [], "overflows": False}, name
    assert len(register["all"]) == 3
    assert register["found"] == ["Łukasz Żak"]
    assert register["told"] == "Showing 1 of 3"
    assert register["up"] == sorted(register["all"], key=lambda name: name.replace("Ł", "L"))
    assert register["down"] == register["up"][::-1]
    assert register["sorted"] == "descending"
    assert register["warned"]["late"]
    assert "3 hours ago" in register["warned"]["words"]
