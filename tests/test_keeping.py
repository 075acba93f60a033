"""A workspace kept safe: backed up, brought back, repaired, run as a service, and killed without harm."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import pytest

from engine import Workspace
from engine.backup import restore
from engine.cli import run
from engine.errors import WorkspaceTrouble, WrongUse
from engine.service import Health, installing, systemd, windows
from tests.conftest import AMRIT, Office
from tests.scores import kill, strain, workload

Printed = pytest.CaptureFixture[str]


def may_trace() -> bool:
    """Whether strace is here, and may be used: in some containers it may not."""
    traced = ["strace", "-o", "/dev/null", "true"]
    return (
        shutil.which("strace") is not None and subprocess.run(traced, check=False, capture_output=True).returncode == 0
    )


traces = pytest.mark.skipif(not may_trace(), reason="strace is not installed, or may not trace; .ci/run installs it")


# ── Backup and repair ───────────────────────────────────────────────────────────────────────────────────────────


def everything(root: Path) -> dict[str, str]:
    """The documents of a workspace, but for the register, which tells times."""
    return {k: v for k, v in workload.digests(root / "outbox").items() if not k.startswith("staff/index")}


def test_a_backup_brings_everything_back_into_an_empty_folder(office: Office, tmp_path: Path) -> None:
    office.signed()
    copied = office.workspace.backup(tmp_path / "backup")
    assert copied.missing == ()
    assert office.workspace.backup(tmp_path / "backup").added == 0
    restore(tmp_path / "new", tmp_path / "backup")
    restore(tmp_path / "new", tmp_path / "backup")  # Done twice, it changes nothing.
    with Workspace(tmp_path / "new") as found:
        found.run()
        assert found.verify().ok
        assert everything(tmp_path / "new") == everything(office.root)


def test_what_came_after_the_backup_goes_back_into_the_inbox(office: Office, tmp_path: Path) -> None:
    plan = office.joins()
    office.workspace.backup(tmp_path / "backup")
    office.returns(office.document("Individual learning plan"), {"learner.phone": "0161 496 0000"})
    office.workspace.close()
    copied = restore(office.root, tmp_path / "backup")
    assert len(copied.back) == 1
    office.workspace = Workspace(office.root)
    assert "learner.phone" not in office.record(plan)
    office.workspace.run()
    assert office.record(plan)["learner.phone"] == "0161 496 0000"
    assert office.workspace.verify().ok


def test_a_damaged_backup_is_named_and_nothing_is_touched(office: Office, tmp_path: Path) -> None:
    office.joins()
    office.workspace.backup(tmp_path / "backup")
    (file,) = (tmp_path / "backup" / "archive").iterdir()
    file.write_bytes(b"damaged")
    before = workload.digests(office.root)
    with pytest.raises(WorkspaceTrouble, match="damaged"):
        restore(office.root, tmp_path / "backup")
    with pytest.raises(WrongUse, match="no backup"):
        restore(office.root, tmp_path / "office")
    with pytest.raises(WrongUse, match="another disk"):
        office.workspace.backup(office.root / "outbox" / "backup")
    assert workload.digests(office.root) == before


def test_repair_makes_again_whatever_the_record_can_make(office: Office) -> None:
    office.signed()
    before = everything(office.root)
    (kept,) = (office.root / ".counterpart" / "sealed").iterdir()
    kept.chmod(0o644)
    kept.write_bytes(b"damaged")
    shutil.rmtree(office.root / "outbox" / "learner")
    office.workspace.close()
    with closing(sqlite3.connect(office.root / ".counterpart" / "ledger.sqlite")) as ledger:
        ledger.execute("UPDATE identity SET body = '{}'")
        for table in ("overview", "stood", "mark", "pending"):
            ledger.execute(f"DELETE FROM {table}")
        ledger.commit()
    office.workspace = Workspace(office.root)
    assert {p.what for p in office.workspace.verify().problems} == {"index", "sealed file"}
    assert office.workspace.repair().ok
    assert everything(office.root) == before


def test_keeping_has_its_commands(office: Office, tmp_path: Path, capsys: Printed) -> None:
    office.joins()
    where = ["--workspace", str(office.root)]
    assert run(["backup", str(tmp_path / "backup"), *where]) == 0
    assert run(["verify", "--repair", *where]) == 0
    assert run(["restore", str(tmp_path / "backup"), "--workspace", str(tmp_path / "new")]) == 0
    assert "Everything holds" in capsys.readouterr().out
    assert run(["restore", str(tmp_path), *where]) == 2


# ── As a service ────────────────────────────────────────────────────────────────────────────────────────────────

ODD = Path('/srv/Jo\'s 100% "new" office$')


def test_a_unit_names_odd_paths_as_systemd_reads_them() -> None:
    unit = systemd(Path("/opt/counter part/bin/python"), ODD)
    assert '"/opt/counter part/bin/python" -m engine --workspace "/srv/Jo\'s 100%% \\"new\\" office$$" watch' in unit
    assert "KillMode=mixed" in unit


def test_a_task_of_windows_is_sound_xml_and_runs_for_ever() -> None:
    task = windows(r"C:\Program Files\Counter & part\python.exe", r"D:\Jo's <office>", r"KINGSMEAD\jo")
    tree = ElementTree.fromstring(task.split("\n", 1)[1])
    words = {element.tag.rpartition("}")[2]: element.text for element in tree.iter()}
    assert words["Command"] == r"C:\Program Files\Counter & part\python.exe"
    assert words["Arguments"] == r"""-m engine --workspace "D:\Jo's <office>" watch"""
    assert words["ExecutionTimeLimit"] == "PT0S"


def test_installing_names_the_service_after_the_workspace(tmp_path: Path) -> None:
    plan = installing(Path("/srv/Kingsmead Büro"), tmp_path, "linux", {"HOME": "/home/jo"})
    assert plan.file == Path("/home/jo/.config/systemd/user/counterpart-kingsmead-b-ro.service")
    assert ("systemctl", "--user", "enable", "--now", plan.file.name) in plan.commands
    assert installing(Path("/srv/office"), tmp_path, "win32", {}).commands[0][0] == "schtasks"


def test_health_tells_of_a_watch_that_stopped_and_the_log_names_nobody(office: Office) -> None:
    import threading

    from engine.watch import watch

    store = office.root / ".counterpart"
    assert Health(store).look()["state"] == "never started"
    stop = threading.Event()
    office.drop(office.blank("Learner details"), AMRIT)
    watching = watch(office.workspace, stop)
    assert next(watching).taken_in == 1
    assert Health(store).look()["watching"]
    stop.set()
    assert list(watching) == []
    assert not Health(store).look()["watching"]
    log = (store / "log.jsonl").read_text("utf-8")
    assert [json.loads(line)["act"] for line in log.splitlines()] == ["started", "ran", "stopped"]
    assert "Kaur" not in log
    assert "details" not in log


# ── Killed and strained: a small part of `tests.scores.kill` and `tests.scores.strain` ──────────────────────────


def test_a_run_that_is_killed_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill.by_chance(tmp_path, kills=2, learners=1, seed=1) == []


@traces
def test_a_run_killed_at_any_act_of_writing_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert kill.at_every_act(tmp_path, step=150, learners=1) == []


@traces
def test_a_disk_that_is_full_for_a_while_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(strain, "FAULTS", ("ENOSPC",))
    monkeypatch.setattr(strain, "WRITES", {"syncing": strain.WRITES["syncing"]})
    assert strain.faults(tmp_path, each=1) == []


def test_files_that_several_people_drop_at_once_are_each_taken_once(tmp_path: Path) -> None:
    assert strain.storm(tmp_path, files=40) == []


def test_a_watch_that_is_held_up_finds_all_that_came_meanwhile(tmp_path: Path) -> None:
    assert strain.muted(tmp_path, seconds=0.2, files=10) == []
