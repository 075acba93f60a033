"""The outbox on people's desks: whatever they do with documents there, nothing they wrote is lost, nothing of theirs
is touched, and at rest everything lies where it must.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from engine.model import digest
from engine.opening import init
from engine.pool import Pool
from engine.reading import read_file
from engine.settings import Limits
from engine.workspace import Workspace
from tests.conftest import Office
from tests.filling import fill, fill_word
from tests.strategies import CASES

LEAN = ("learner-details", "plan", "file-slip")
"""The proformas of the workspace that the sequences are played in."""


@pytest.fixture(scope="module")
def desks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Pool]]:
    """A workspace with one learner, whose working document lies in Word with staff and learner; and readers."""
    patch = pytest.MonkeyPatch()
    root = tmp_path_factory.mktemp("desks") / "office"
    init(root)
    for folder in (root / "proformas").iterdir():
        if folder.is_dir() and folder.name not in LEAN:
            shutil.rmtree(folder)
    plan = root / "proformas" / "plan" / "proforma.yaml"
    kept = "".join(f"  - {{folder: {folder}, media: [word], when: always}}\n" for folder in ("staff", "learner"))
    words = re.sub(r"\nkeep:\n(  - .*\n)+", f"\nkeep:\n{kept}", plan.read_text("utf-8"))
    plan.write_text(words, "utf-8")
    office = Office(root, patch)
    office.joins()
    office.workspace.close()
    pool = Pool(read_file, Limits(), 1)
    yield root, pool
    pool.end()
    patch.undo()


class Desks(RuleBasedStateMachine):
    """People at their desks, and the program that runs now and then."""

    start: Path
    pool: Pool

    def __init__(self) -> None:
        super().__init__()
        self.home = tempfile.TemporaryDirectory()
        self.root = Path(shutil.copytree(self.start, Path(self.home.name) / "office"))
        self.count = 0
        self.typed: dict[Path, str] = {}
        self.written: set[str] = set()
        self.theirs: dict[Path, bytes] = {}
        self.open: set[Path] = set()
        self.workspace: Workspace

    @initialize()
    def opened(self) -> None:
        self.workspace = Workspace(self.root)
        self.workspace._pool = self.pool

    def teardown(self) -> None:
        if hasattr(self, "workspace"):
            self.at_rest()
            self.workspace._pool = None
            self.workspace.close()
        self.home.cleanup()

    # ── What people do ──────────────────────────────────────────────────────────────────────────────────────────

    def documents(self) -> list[Path]:
        """Every copy of the working document that somebody may take up."""
        found = (self.root / "outbox").glob("*/*/**/*.docx")
        return sorted(f for f in found if not f.name.startswith("~$") and f not in self.theirs)

    def some(self, data: st.DataObject) -> Path:
        return data.draw(st.sampled_from(self.documents()), label="document")

    @rule(data=st.data())
    @precondition(lambda self: self.documents())
    def types(self, data: st.DataObject) -> None:
        file = self.some(data)
        self.count += 1
        words = f"Run bakery number {self.count}"
        fill(file, {"aspiration.destination": words}, file)
        self.typed[file] = words

    @rule(data=st.data(), name=st.sampled_from(("Amrit plan", "Copy of plan (2)", "FINAL final")))
    @precondition(lambda self: self.documents())
    def renames(self, data: st.DataObject, name: str) -> None:
        self.moves_to(self.some(data), name, None)

    @rule(data=st.data(), folder=st.sampled_from(("staff/old", "learner/Desktop", "staff/2026/autumn")))
    @precondition(lambda self: self.documents())
    def moves(self, data: st.DataObject, folder: str) -> None:
        self.moves_to(self.some(data), "", folder)

    def moves_to(self, file: Path, name: str, folder: str | None) -> None:
        there = (self.root / "outbox" / folder if folder else file.parent) / (f"{name}.docx" if name else file.name)
        if there.exists() or file in self.open:
            return
        there.parent.mkdir(parents=True, exist_ok=True)
        file.rename(there)
        if file in self.typed:
            self.typed[there] = self.typed.pop(file)

    @rule(data=st.data())
    @precondition(lambda self: self.documents())
    def deletes(self, data: st.DataObject) -> None:
        file = self.some(data)
        if file not in self.open:
            file.unlink()
            self.typed.pop(file, None)

    @rule(data=st.data())
    @precondition(lambda self: self.documents())
    def opens_in_word(self, data: st.DataObject) -> None:
        file = self.some(data)
        file.with_name(f"~${file.name[2:]}").write_bytes(b"Sam")
        self.open.add(file)

    @rule()
    def closes_word(self) -> None:
        for file in self.open:
            file.with_name(f"~${file.name[2:]}").unlink(missing_ok=True)
        self.open.clear()

    @rule(data=st.data())
    @precondition(lambda self: self.documents())
    def drops_a_copy(self, data: st.DataObject) -> None:
        """Fills a copy on the desktop, and drops it into the inbox."""
        self.count += 1
        words = f"Run bakery number {self.count}"
        content = fill_word(self.some(data).read_bytes(), {"aspiration.destination": words})
        (self.root / "inbox" / f"{self.count} plan.docx").write_bytes(content)
        self.written.add(words)

    @rule(name=st.sampled_from(("cake.jpg", "notes.txt", "letter.docx", "rota.pdf", "Individual learning plan.docx")))
    def puts_something_of_their_own(self, name: str) -> None:
        folders = sorted({f.parent for f in self.documents()}) or [self.root / "outbox" / "staff"]
        file = folders[self.count % len(folders)] / name
        if not file.exists():
            self.count += 1
            file.write_bytes(b"theirs, %d" % self.count)
            self.theirs[file] = file.read_bytes()

    # ── What the program does ───────────────────────────────────────────────────────────────────────────────────

    @rule()
    def runs(self) -> None:
        held = {file for file in self.typed if file in self.open}
        summary = self.workspace.run()
        assert summary.troubles == (), summary.troubles
        assert summary.stuck is False
        for file in [f for f in self.typed if f not in held]:
            self.written.add(self.typed.pop(file))

    @invariant()
    def nothing_of_theirs_is_touched(self) -> None:
        for file, content in self.theirs.items():
            assert file.exists(), f"{file} is gone"
            assert file.read_bytes() == content

    def at_rest(self) -> None:
        """Everybody has closed Word, and the program has run: nothing is lost, everything lies where it must."""
        self.closes_word()
        self.runs()
        self.runs()
        ledger = self.workspace.premises.ledger
        (plan,) = ledger.plans()
        said = {str(d.theirs) for r in ledger.revisions(plan) for d in r.decisions} | set(
            map(str, ledger.record(plan).values())
        )
        assert self.written <= said, f"lost: {self.written - said}"
        lying = {ours.path: ours.sha256 for ours in ledger.derived.outputs(plan) if ours.form}
        newest = ledger.newest(plan)
        assert {path.partition("/")[0] for path in lying} == {"staff", "learner"}
        for path, sha256 in lying.items():
            file = self.root / "outbox" / path
            assert file.exists(), f"{path} has not come back"
            assert digest(file.read_bytes()) == sha256
            assert "(new)" not in path, f"{path} is left beside"
            issue = next(i for i in ledger.issues(plan) if i.form == ledger.derived.output(path).form)  # type: ignore[union-attr]
            assert issue.revision == newest, f"{path} shows change {issue.revision} of {newest}"
        assert self.workspace.verify().ok


def test_whatever_people_do_with_documents_nothing_is_lost_and_nothing_of_theirs_touched(
    desks: tuple[Path, Pool], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERPART_TODAY", "2026-09-07")
    Desks.start, Desks.pool = desks
    few = settings(max_examples=max(4, CASES // 200 if CASES <= 1000 else CASES // 10), stateful_step_count=10,
                   deadline=None, derandomize=CASES <= 1000)  # fmt: skip
    run_state_machine_as_test(Desks, settings=few)


def test_a_document_renamed_and_written_in_is_taken_in_where_it_lies_and_ours_comes_back_once(office: Office) -> None:
    plan = office.joins()
    ours = office.document("Individual learning plan")
    mine = ours.with_name("Amrit.docx")
    ours.rename(mine)
    fill(mine, {"aspiration.destination": "Run a bakery"}, mine)
    content = mine.read_bytes()
    office.workspace.run()
    assert office.record(plan)["aspiration.destination"] == "Run a bakery"
    assert mine.read_bytes() == content
    assert ours.exists()
    assert office.workspace.run().taken_in == 0
    assert len(list(ours.parent.glob("Individual learning plan*.docx"))) == 1
