"""The register, a receipt and a to-do page in Chromium itself: search, sort, keyboard, zoom, and no serious fault."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import AMRIT, Office

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
