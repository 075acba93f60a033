"""The demo: every sample reads as its JSON says, the story comes out as told, and told again it changes nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from engine.demo import DAY, load_story, tell
from engine.model import Outcome
from engine.opening import init
from engine.reading import entry, read
from engine.workspace import Workspace

SAMPLES = Path(__file__).parent / "samples"
TYPED = {sample.file: sample.answers for step in load_story(SAMPLES).steps for sample in step.files}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, int]]:
    """A workspace in which the story was told, and the exit status."""
    root = tmp_path_factory.mktemp("office")
    init(root, "Kingsmead Training")
    settings = root / "counterpart.toml"
    settings.write_text(settings.read_text("utf-8").replace("rest = 0.5", "rest = 0.05"), "utf-8")
    status = tell(root)
    with Workspace(root) as workspace:
        yield workspace, status


def test_every_file_beside_the_story_belongs_to_it() -> None:
    forms = {f.name for f in SAMPLES.iterdir() if f.suffix in (".docx", ".pdf")}
    assert forms == set(TYPED) == set(load_story(SAMPLES).files)
    assert {f.stem for f in SAMPLES.glob("*.json")} == {Path(f).stem for f in forms}
    assert sorted(forms) == list(load_story(SAMPLES).files)
    readme = (SAMPLES / "README.md").read_text("utf-8")
    assert all(f"`{form}`" in readme for form in forms)


@pytest.mark.parametrize("name", TYPED)
def test_a_sample_reads_as_its_json_says(name: str) -> None:
    sample = SAMPLES / name
    assert [entry(name, read(sample.read_bytes()))] == json.loads(sample.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("name", TYPED)
def test_what_was_typed_stands_in_the_json(name: str) -> None:
    (said,) = json.loads((SAMPLES / name).with_suffix(".json").read_text("utf-8"))
    assert all(not field["problems"] for field in said["fields"])
    found = {_plain(field["name"]): field["value"] for field in said["fields"]}
    for where, words in TYPED[name].items():
        assert found[_plain(where)] in (words, _iso(str(words))), where


def _plain(name: str) -> str:
    """A field's name without brackets: LibreOffice keeps the label and the row of some boxes as their name."""
    return name.replace("[", "").replace("]", "")


def _iso(words: str) -> str:
    day, _, rest = words.partition("/")
    month, _, year = rest.partition("/")
    return f"{year}-{month}-{day}"


def test_no_sample_names_the_machine_it_was_made_on() -> None:
    for file in SAMPLES.rglob("*"):
        if file.suffix in (".json", ".yaml", ".pdf"):
            assert str(Path.home()).encode() not in file.read_bytes()


def test_the_story_comes_out_as_told(told: tuple[Workspace, int]) -> None:
    workspace, status = told
    assert status == 0
    (there,) = workspace.plans()
    ledger = workspace.premises.ledger
    assert (there.state, there.edition and there.edition.number) == ("in force", 2)
    assert [s.role for e in ledger.editions(there.plan) for s in e.signatures] == [
        "employer",
        "learner",
        "provider",
    ] * 2
    outcomes = [s.outcome for s in ledger.submissions()]
    assert {o: outcomes.count(o) for o in set(outcomes)} == {"taken": 12, "refused": 1, "query": 1}
    assert [(q.plan, q.kind) for q in workspace.queries()] == [(None, "identity")]
    assert workspace.verify().ok


def test_the_change_made_version_1_stale_and_said_why(told: tuple[Workspace, int]) -> None:
    workspace, _ = told
    (there,) = workspace.plans()
    change = next(s for s in workspace.premises.ledger.submissions() if s.name == "09-change-of-end.docx")
    number = next(r.number for _, r in workspace.history(there.plan) if r.submission == change.sha256)
    then = workspace.standing(there.plan, number)
    assert then.state == "stale"
    assert then.found is not None
    assert then.found.must_sign == ("learner", "employer", "provider")
    assert {r.because for r in then.found.reasons} == {
        "the expected end has changed",
        "the planned training has changed",
    }


def test_a_late_print_undoes_nothing(told: tuple[Workspace, int]) -> None:
    workspace, _ = told
    (there,) = workspace.plans()
    late = next(s for s in workspace.premises.ledger.submissions() if s.name == "08-late-working-document.docx")
    revision = next(r for _, r in workspace.history(there.plan) if r.submission == late.sha256)
    printed = workspace.premises.ledger.issue(late.form or "")
    assert printed is not None
    assert (printed.revision or 0) < revision.number - 1
    assert [(d.place, d.outcome) for d in revision.decisions] == [("aspiration.strengths", Outcome.ACCEPTED)]
    assert there.record["targets[T1].status"] == "Achieved"
    assert there.record["targets[T3].due"] == "2027-02-12"


def test_told_again_it_takes_nothing_in_and_changes_nothing(
    told: tuple[Workspace, int], capsys: pytest.CaptureFixture[str]
) -> None:
    workspace, _ = told
    outbox, head = workspace.premises.outbox, workspace.premises.ledger.head()
    before = {f: (sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in outbox.rglob("*") if f.is_file()}
    assert tell(workspace.premises.root) == 0
    assert "told in this workspace before" in capsys.readouterr().out
    after = {f: (sha256(f.read_bytes()).hexdigest(), f.stat().st_mtime_ns) for f in outbox.rglob("*") if f.is_file()}
    assert (before, head) == (after, workspace.premises.ledger.head())
    assert not [f for f in workspace.premises.inbox.iterdir() if f.is_file()]


def test_the_day_is_given_back(told: tuple[Workspace, int]) -> None:
    assert DAY not in os.environ


def test_what_is_worth_opening_is_there(told: tuple[Workspace, int], capsys: pytest.CaptureFixture[str]) -> None:
    workspace, _ = told
    tell(workspace.premises.root)
    said = capsys.readouterr().out.split("Worth opening")[1]
    assert len(said.splitlines()) == 1 + len(load_story(SAMPLES).worth_opening) + 1
    assert all(worth.words in said for worth in load_story(SAMPLES).worth_opening)
