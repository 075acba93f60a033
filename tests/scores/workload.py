"""Work for the long checks: learners' forms as they would come back, and what a workspace holds afterwards.

The forms come in two generations: details of new learners on blanks, then their working documents with an answer more.
Numbers are made from what they number, so the same forms can be dropped into any other workspace.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

from engine import Workspace
from engine.opening import init
from tests.filling import fill

TODAY = "2026-09-07"
SETTINGS = '[provider]\nname = "Kingsmead Training"\n[watch]\nrest = 0.02\nlook = 0.1\npatience = 0\n'
FIRST = ("Amrit", "Zofia", "Siân", "Chidi", "Nguyễn", "Mary-Jane", "José", "李", "Fatima", "Oluwaseun")
FAMILY = ("Kaur", "Wiśniewska", "Prydderch", "Okafor", "Trần", "O'Neill", "Núñez", "明", "al-Sayed", "Adeyemi", "Smith")


def office(root: Path, settings: str = SETTINGS) -> Path:
    """An empty workspace."""
    os.environ["COUNTERPART_TODAY"] = TODAY
    init(root, "Kingsmead Training")
    (root / "counterpart.toml").write_text(settings, "utf-8")
    return root


def forms(folder: Path, learners: int, returns: int = 1) -> list[Path]:
    """The forms of some learners, in the order in which they must be taken in, written to a folder.

    Args:
        returns: how many working documents each learner sends back.
    """
    root = office(folder / "made in")
    made: list[Path] = []
    with Workspace(root) as workspace:
        workspace.run()
        blanks = [next((root / "outbox" / "blank forms").glob(f"Learner details*.{kind}")) for kind in ("docx", "pdf")]
        for number in range(learners):
            answers = {
                "learner.given_name": FIRST[number % len(FIRST)],
                "learner.family_name": f"{FAMILY[number % len(FAMILY)]} {number // len(FAMILY) or ''}".strip(),
                "learner.date_of_birth": f"{number % 28 + 1:02}/{number // 28 % 12 + 1:02}/{2008 - number // 336 % 40}",
            }
            blank = blanks[number % 2]
            made.append(
                _timed(fill(blank, answers, folder / "forms" / f"{number:05} details{blank.suffix}"), len(made))
            )
        _take(workspace, made)
        for again in range(returns):
            fresh = []
            for number, document in enumerate(sorted((root / "outbox" / "staff").glob("*/Individual*.docx"))):
                answers = {
                    "targets[new 1].text": f"Target {again}: weigh dough to 5 g",
                    "learner.phone": f"0161 496 {again:04}",
                }
                form = fill(document, answers, folder / "forms" / f"{number:05} return {again}.docx")
                fresh.append(_timed(form, len(made) + number))
            _take(workspace, fresh)
            made += fresh
    return made


def _timed(form: Path, number: int) -> Path:
    """The form with its place in the order as its time."""
    os.utime(form, (1_780_000_000 + number,) * 2)
    return form


def _take(workspace: Workspace, made: Iterable[Path]) -> None:
    drop(made, workspace.premises.inbox)
    workspace.run()


def drop(made: Iterable[Path], inbox: Path) -> None:
    """Copies forms into an inbox, their times with them."""
    for form in made:
        shutil.copy2(form, inbox / form.name)


def digests(folder: Path) -> dict[str, str]:
    """Every file below a folder with its hash."""
    files = (f for f in folder.rglob("*") if f.is_file())
    return {str(f.relative_to(folder)): sha256(f.read_bytes()).hexdigest() for f in files}


def documents(root: Path) -> dict[str, str]:
    """What stands in the outbox, but for pages that tell times: of receipts and slips, only which there are."""
    found = {}
    for path, digest in digests(root / "outbox").items():
        if path.startswith("receipts/"):
            path, digest = path[-11:], ""
        if not path.startswith("staff/index.html"):
            found[path] = "" if path.startswith("questions/") else digest
    return found


def history(root: Path) -> dict[str, list[str]]:
    """The forms that each plan's revisions came from, in the order of the revisions."""
    found: dict[str, list[str]] = {}
    with closing(sqlite3.connect(root / ".counterpart" / "ledger.sqlite")) as ledger:
        for plan, body in ledger.execute(
            "SELECT plan, json_extract(body, '$.submission') FROM revision ORDER BY plan, number"
        ):
            found.setdefault(plan, []).append(body)
    return found


def wrong(root: Path, undisturbed: Path, forms_dropped: Iterable[Path]) -> list[str]:
    """What is lost, doubled, out of order or otherwise not as in the undisturbed workspace; nothing = all is well."""
    found = []
    dropped = {sha256(f.read_bytes()).hexdigest() for f in forms_dropped}
    archived = {f.name for f in (root / ".counterpart" / "archive").iterdir()}
    if dropped != archived:
        found.append(f"the archive lacks {len(dropped - archived)} and holds {len(archived - dropped)} others")
    if history(root) != history(undisturbed):
        found.append("revisions were lost, doubled or out of order")
    ours, theirs = documents(root), documents(undisturbed)
    differ = sorted(path for path in ours.keys() | theirs.keys() if ours.get(path) != theirs.get(path))
    if differ:
        found.append(f"{len(differ)} documents differ, the first {differ[0]}")
    left = [f for f in root.rglob("*") if f.is_file() and (f.name.endswith((".part", ".leaving")))]
    left += [f for f in (root / "inbox").rglob("*") if f.is_file()]
    if left:
        found.append(f"{len(left)} files were left, the first {left[0]}")
    with Workspace(root) as workspace:
        found += [f"verify: {p.what} {p.where}: {p.why}" for p in workspace.verify().problems]
    return found
