"""`counterpart bench` runs and prints its rows, and `counterpart read` takes many files; nothing here is timed."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from engine.bench_growth import growth
from engine.bench_office import memory, one_form
from engine.cli import run
from engine.measures import Cost, Row, side_by_side
from engine.opening import shipped

Printed = pytest.CaptureFixture[str]


def test_bench_prints_a_row_for_each_form_and_rival(capsys: Printed) -> None:
    assert run(["bench", "read", "--rounds", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert len(rows) == 8
    assert {"work", "against", "ours", "theirs", "ratio", "wall_ratio", "reach"} <= rows[0].keys()
    assert all(row["ratio"] > 0 for row in rows)
    assert run(["bench", "juggling"]) == 2
    assert "read" in capsys.readouterr().err


def test_writing_is_measured_beside_what_the_bare_libraries_need(capsys: Printed) -> None:
    assert run(["bench", "write", "--rounds", "1", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["work"].split(" (")[0] for row in rows] == [
        "write a Word form", "write a PDF form", "write two copies of a PDF form", "seal a version",
    ]  # fmt: skip


def test_a_whole_office_is_measured_in_small() -> None:
    rows = [*one_form({}, 1), *growth({}, 1, plans=(2, 5)), *memory({}, 1, forms=3)]
    assert [row.work.split(",")[0] for row in rows] == [
        "take in one form", "start", "take in one form", "a run with nothing to do", "status and plans",
        "verify", "kB of ledger for each change", "memory after 3 forms",
    ]  # fmt: skip
    assert all(row.ratio > 0 for row in rows)


def test_what_is_compared_is_run_in_turn() -> None:
    order: list[str] = []
    costs = side_by_side({"ours": lambda: order.append("ours"), "theirs": lambda: order.append("theirs")}, 3)
    assert order == ["ours", "ours", "theirs", "theirs"] * 3
    assert Row("", "", Cost(2, 6), Cost(4, 3), "").ratio == 0.5
    assert Row("", "", Cost(2, 6), Cost(4, 3), "").wall_ratio == 2
    assert set(costs) == {"ours", "theirs"}


def test_many_files_come_back_in_the_order_given_each_refused_alone(tmp_path: Path, capsys: Printed) -> None:
    samples = [str(f) for f in sorted(shipped("samples").iterdir()) if f.suffix in (".pdf", ".docx")][:3]
    empty, pipe = tmp_path / "empty.pdf", tmp_path / "pipe.pdf"
    empty.touch()
    os.mkfifo(pipe)
    files = [str(empty), samples[2], str(tmp_path), samples[0], str(pipe), samples[1]]
    assert run(["read", "--json", *files]) == 1
    entries = json.loads(capsys.readouterr().out)
    assert [entry["file"] for entry in entries] == files
    assert [bool(entry["refused"]) for entry in entries] == [True, False, True, False, True, False]
    assert "folder" in entries[2]["refused"]["reason"]
    assert run(["read", *samples]) == 0
    assert "Answer" in capsys.readouterr().out


def test_a_path_that_does_not_exist_is_wrong_usage(tmp_path: Path, capsys: Printed) -> None:
    assert run(["read", str(tmp_path / "gone.pdf")]) == 2
    assert "no file" in capsys.readouterr().err
