"""Rules of checking a proforma: every mistake in one line, with its place, and the nearest right word."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.checking import check
from engine.cli import run
from engine.opening import init
from engine.proforma import load
from engine.reading.limits import Limits
from engine.standards import SHIPPED

SOUND = """\
proforma: tutorial
title: Tutorial record
version: 1
audience: [learner, tutor]
sections:
  - heading: Today
    questions:
      - {ask: learner.given_name, label: First names, by: [learner]}
      - {ask: learner.phone, label: Telephone}
      - {ask: "assessments[Reading].state", label: Reading}
  - heading: Targets
    table: targets
    questions:
      - {ask: text, label: Target, width: 3}
"""

MISTAKES = [
    ("ask: learner.phone", "ask: learner.phnoe", 9, 15, "the plan has no place “learner.phnoe”", "learner.phone"),
    ("ask: text", "ask: txt", 14, 15, "the plan has no place “txt”", "text"),
    ("table: targets", "table: target", 12, 12, "the plan has no table “target”", "targets"),
    ("ask: learner.phone", "ask: learner.given_name", 9, 15, "asked for twice", "line 8"),
    ("label: Telephone", "label: First names", 9, 37, "stands on this form twice", "line 8"),
    (", label: Telephone", "", 9, 9, "“label” is missing here", "label:"),
    ("label: Telephone", "lable: Telephone", 9, 30, "“lable” is no word that is known here", "label"),
    ("version: 1", "version: one", 3, 10, "“version” must be a whole number, and “one” is not", ""),
    ("width: 3", "width: wide", 14, 43, "“width” must be a number, and “wide” is not", ""),
    ("by: [learner]", "by: [lerner]", 8, 60, "“lerner” cannot stand at “by”", "learner"),
    ("[Reading]", "[Readin]", 10, 15, "“assessments” has no row “Readin”", "Reading"),
    ("title: Tutorial", "\ttitle: Tutorial", 2, 1, "a tab stands here", "blanks"),
    ("version: 1", "<<<<<<< ours\nversion: 1\n=======\nversion: 2\n>>>>>>> theirs", 3, 1, "merge conflict", "Keep"),
    ("heading: Today", "heading: [Today", 7, 14, "", "the one before it"),
    ("proforma: tutorial", "proforma: tutorials", 1, 11, "it calls itself “tutorials”", "tutorial"),
]  # fmt: skip


def written(home: Path, text: str) -> Path:
    folder = home / "tutorial"
    folder.mkdir(parents=True)
    (folder / "proforma.yaml").write_text(text, "utf-8")
    return folder


def test_a_sound_one_has_none(tmp_path: Path) -> None:
    folder = written(tmp_path, SOUND)
    assert check(folder, Limits()).faults == ()
    assert check(folder, Limits()).proforma == load(folder)


@pytest.mark.parametrize(("right", "wrong", "line", "column", "what", "meant"), MISTAKES)
def test_a_mistake_is_one_line_with_its_place_and_the_nearest_right_word(
    tmp_path: Path, right: str, wrong: str, line: int, column: int, what: str, meant: str
) -> None:
    assert right in SOUND
    folder = written(tmp_path, SOUND.replace(right, wrong, 1))
    (fault,) = check(folder, Limits()).faults
    assert (fault.line, fault.column) == (line, column)
    assert what in fault.what
    assert meant in fault.suggestion
    assert "\n" not in str(fault)
    assert str(fault).startswith(f"{folder / 'proforma.yaml'}, line {line}, column {column}: ")


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = SOUND.replace("learner.phone", "learner.phnoe").replace("ask: text", "ask: txt")
    assert [fault.line for fault in check(written(tmp_path, text), Limits()).faults] == [9, 14]


def test_exit_status_is_2_for_a_mistake_and_the_next_command_still_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    init(tmp_path / "office")
    written(tmp_path / "office" / "proformas", SOUND.replace("learner.phone", "learner.phnoe"))
    assert run(["check", "tutorial", "--workspace", str(tmp_path / "office")]) == 2
    assert "line 9, column 15" in capsys.readouterr().out
    assert run(["check", "plan", "--workspace", str(tmp_path / "office")]) == 0
    assert run(["check", "tutroial", "--workspace", str(tmp_path / "office")]) == 2
    assert "Did you mean “tutorial”?" in capsys.readouterr().err


class TestTheMinimumStandards:
    def told(self, root: Path, capsys: pytest.CaptureFixture[str], *names: str) -> dict[tuple[str, str], str]:
        capsys.readouterr()
        run(["check", *names, "--standards", "--json", "--workspace", str(root)])
        held = json.loads(capsys.readouterr().out)["standards"]
        return {(line["part"], line["question"]): line["met"] for line in held}

    def test_are_held_question_by_question_in_four_parts(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        init(tmp_path)
        told = self.told(tmp_path, capsys, "progress-review")
        assert list(dict.fromkeys(part for part, _ in told)) == ["Needs", "Plan", "Review", "Whole organisation"]
        assert told["Review", "When was it held?"] == "yes"
        assert told["Needs", "What may stand in their way?"] == "no"
        assert run(["check", "progress-review", "--standards", "--workspace", str(tmp_path)]) == 1

    def test_are_met_by_a_partners_documents_together(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        init(tmp_path)
        one = self.told(tmp_path, capsys, "needs-summary")
        both = self.told(tmp_path, capsys, "needs-summary", "progress-review")
        assert {q for q, met in one.items() if met == "yes"} < {q for q, met in both.items() if met == "yes"}

    def test_are_a_consortiums_own_where_it_has_some(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        init(tmp_path)
        own = SHIPPED.read_text("utf-8").split("parts:")[0] + (
            "parts:\n  - part: Ours\n    questions:\n      - {question: Who teaches?, any: [staff.tutor], must: true}\n"
        )
        (tmp_path / "standards.yaml").write_text(own, "utf-8")
        assert list(self.told(tmp_path, capsys, "plan")) == [("Ours", "Who teaches?")]
        (tmp_path / "standards.yaml").write_text(own.replace("staff.tutor", "staff.tutro"), "utf-8")
        assert run(["check", "plan", "--standards", "--workspace", str(tmp_path)]) == 2
