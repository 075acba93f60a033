"""The repository keeps its own rules: the public list, the floors' picture, the README, the proformas."""

from __future__ import annotations

import ast
import re
import shlex
import textwrap
from pathlib import Path

import pytest

import engine
from engine.cli import app, run
from engine.opening import shipped
from engine.proforma import load, load_all
from tests.conftest import Office

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def rooms() -> list[Path]:
    return sorted((ROOT / "engine").rglob("*.py"))


def test_everything_public_is_listed_in_order_and_is_there() -> None:
    assert engine.__all__ == sorted(engine.__all__)
    assert all(getattr(engine, name) for name in engine.__all__)


@pytest.mark.parametrize("room", rooms(), ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_says_in_its_first_line_what_it_is(room: Path) -> None:
    first = (ast.get_docstring(ast.parse(room.read_text("utf-8"))) or "").split("\n")[0]
    assert len(first) > 20
    assert first.endswith((".", "?", ":", ","))


def test_every_room_stands_in_the_picture_of_the_house() -> None:
    picture = engine.__doc__ or ""
    names = {p.stem if p.parent.name == "engine" else p.parent.name for p in rooms()} - {"__init__", "__main__"}
    assert {name for name in names - {"engine"} if not re.search(rf"\b{name}\b", picture)} == set()


def test_no_room_knows_a_proforma_by_name() -> None:
    names = [name for name in load_all(shipped("proformas")) if "-" in name]
    found = [(room.name, name) for room in rooms() for name in names if f'"{name}"' in room.read_text("utf-8")]
    assert found == []


def test_every_command_is_in_the_readme() -> None:
    commands = [c.name or (c.callback.__name__ if c.callback else "") for c in app.registered_commands]
    assert [name for name in commands if f"counterpart {name}" not in README] == []


def test_every_command_has_help_that_says_something() -> None:
    assert all(c.callback and c.callback.__doc__ for c in app.registered_commands)


def test_the_lock_file_holds_hashes_and_no_addresses() -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert "--hash=sha256:" in lock
    assert "://" not in lock


def test_no_vague_names_stand_in_the_code() -> None:
    vague = {"data", "process", "handle", "manager", "utils", "helper", "helpers"}
    for room in rooms():
        for node in ast.walk(ast.parse(room.read_text("utf-8"))):
            if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                assert not vague & set(node.name.lower().split("_")), f"{room.name}: {node.name}"


def shown_commands() -> list[str]:
    """Every command of the README's console blocks."""
    blocks = re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    return [line[2:] for block in blocks for line in block.splitlines() if line.startswith("$ ")]


def test_every_command_shown_in_the_readme_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["demo"]) == 0
    monkeypatch.setenv("COUNTERPART_TODAY", "2027-01-29")
    for command in shown_commands():
        program, *words = shlex.split(command)
        found = [str(p) for word in words for p in (Path().glob(word) if "*" in word else [Path(word)])]
        assert program == "counterpart"
        assert run([f if "*" in w else w for w, f in zip(words, found, strict=True)]) == 0, command
        assert capsys.readouterr().out, command


def test_the_proforma_in_the_readme_is_sound(tmp_path: Path) -> None:
    home = tmp_path / "tutorial"
    home.mkdir()
    (home / "proforma.yaml").write_text(shown_proforma(), "utf-8")
    assert load(home).title == "Tutorial record"


def shown_proforma() -> str:
    """The proforma that the README shows, as it would stand in its file."""
    (block,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    return textwrap.dedent(block)


def test_a_new_proforma_goes_the_whole_way_by_following_the_readme(
    office: Office, capsys: pytest.CaptureFixture[str]
) -> None:
    plan, there = office.joins(), ["--workspace", str(office.root)]
    assert run(["places", "target"]) == 0
    assert "targets[KEY].text" in capsys.readouterr().out
    (office.root / "proformas" / "tutorial").mkdir()
    (office.root / "proformas" / "tutorial" / "proforma.yaml").write_text(shown_proforma(), "utf-8")
    office.workspace.close()
    assert run([*there, "run"]) == 0
    assert office.blank("Tutorial record").exists()
    assert list((office.root / "outbox" / "blank forms" / "guides").glob("Tutorial record*"))
    assert run([*there, "issue", "tutorial", "--plan", plan, "--as", "word", "--to", str(office.root)]) == 0
    (form,) = office.root.glob("Tutorial*.docx")
    office.drop(form, {"targets[new 1].text": "Keep the oven log", "targets[new 1].due": "20/11/2026"})
    assert run([*there, "run"]) == 0
    capsys.readouterr()
    assert run([*there, "history", plan]) == 0
    assert "Keep the oven log" in capsys.readouterr().out
