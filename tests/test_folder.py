"""The folder as people really have it: what is taken, what waits and why, and that nothing of it is ever lost."""

from __future__ import annotations

import os
import shutil
import threading
import time
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from engine import Workspace, inbox
from engine.errors import Mistake, WorkspaceTrouble
from engine.files import being_written, safe_name
from engine.inbox import Rest, Seen
from engine.mounts import QUIET, SHARES, kind_in
from engine.opening import init, shipped

PDF = b"%PDF-1.7\nsomething\n%%EOF\n"
QUICK = Rest(0, {}, 60)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "inbox"
    made.mkdir()
    return made


def why(folder: Path, rest: Rest = QUICK, still: float = 1) -> dict[str, str]:
    """What waits in an inbox that has been still for so many seconds, with why."""
    return {a.path.name: inbox.waits(a, still, rest, folder) for a in inbox.look(folder)}


def sample(kind: str) -> bytes:
    return next(f for f in sorted(shipped("samples").iterdir()) if f.suffix == kind).read_bytes()


# ── At rest ─────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("age", [0, 10 * 365 * 86_400])
@pytest.mark.parametrize("kind", [".pdf", ".docx"])
def test_a_file_whose_end_has_not_arrived_waits_however_old_its_time_says_it_is(
    folder: Path, kind: str, age: int
) -> None:
    whole = sample(kind)
    for cut in (0, 1, len(whole) // 2, len(whole) - 40):
        (folder / f"form{kind}").write_bytes(whole[:cut])
        os.utime(folder / f"form{kind}", (time.time() - age,) * 2)
        assert why(folder) == {f"form{kind}": "its end has not arrived"}
    (folder / f"form{kind}").write_bytes(whole[: len(whole) // 2] + bytes(len(whole) // 2))
    assert why(folder)[f"form{kind}"], "a file that was allocated in full and is being filled"
    (folder / f"form{kind}").write_bytes(whole)
    assert why(folder) == {f"form{kind}": ""}


def test_patience_with_a_file_that_stays_incomplete_ends(folder: Path) -> None:
    (folder / "half.pdf").write_bytes(PDF[:15])
    assert why(folder, still=61) == {"half.pdf": ""}


def test_still_is_what_was_seen_here_whether_size_time_or_the_file_itself_changed(folder: Path) -> None:
    file = folder / "form.pdf"
    file.write_bytes(PDF)
    os.utime(file, (1, 1))
    (first,) = inbox.look(folder)
    seen = inbox.observed([first], {}, 100.0)
    assert inbox.observed([first], seen, 160.0)[file].since == 100.0
    changes: list[Callable[[], object]] = [
        lambda: file.write_bytes(PDF + b" "),
        lambda: os.utime(file, (2, 2)),
        lambda: (file.write_bytes(PDF), os.utime(file, (1, 1))),  # the same size and the same time: bytes may differ
        lambda: (shutil.copy2(file, folder / "new"), (folder / "new").rename(file)),  # saved as Word does
    ]
    for change in changes:
        before = inbox.observed(list(inbox.look(folder)), seen, 100.0)
        time.sleep(0.01)
        change()
        assert inbox.observed(list(inbox.look(folder)), before, 160.0)[file].since == 160.0


def test_a_clock_that_was_set_back_makes_a_file_wait_again_and_not_for_ever(folder: Path) -> None:
    (folder / "form.pdf").write_bytes(PDF)
    found = list(inbox.look(folder))
    seen = inbox.observed(found, {}, 1_000_000.0)
    assert inbox.observed(found, seen, 500.0)[folder / "form.pdf"].since == 500.0


def test_a_folder_that_a_scanner_writes_to_may_want_longer(folder: Path) -> None:
    for name in ("a.pdf", "Scans/b.pdf", "Scans/Room 2/c.pdf", "Scans/fast/d.pdf"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(PDF)
    rest = Rest(0.5, {"Scans": 60, "Scans/fast": 1}, 60)
    assert why(folder, rest, 2) == {"a.pdf": "", "b.pdf": "it is arriving", "c.pdf": "it is arriving", "d.pdf": ""}
    assert set(why(folder, rest, 61).values()) == {""}


@pytest.mark.parametrize("name", ["Kaur review.docx", "ab.docx", "form.pdf", "評価.docx"])
def test_a_file_that_is_open_waits_for_its_owner(folder: Path, name: str) -> None:
    (folder / name).write_bytes(sample(".docx"))
    for owner in (f"~${name[2:]}", f"~${name[1:]}", f"~${name}", f".~lock.{name}#"):
        (folder / owner).write_bytes(b"")
        assert why(folder) == {name: "it is open in Word or LibreOffice"}
        (folder / owner).unlink()
    assert why(folder) == {name: ""}


@pytest.mark.skipif(os.name != "posix" or os.uname().sysname != "Linux", reason="asks Linux who has a file open")
def test_a_file_that_a_program_still_has_open_for_writing_waits_though_it_looks_complete(folder: Path) -> None:
    file = folder / "scan.pdf"
    file.write_bytes(PDF)
    with file.open("rb"):
        assert not being_written(file)
    with file.open("ab"):
        assert why(folder) == {"scan.pdf": "another program is writing it"}
        assert not inbox.move_out(file, sha256(PDF).hexdigest())
        assert file.read_bytes() == PDF
    assert why(folder) == {"scan.pdf": ""}


def test_what_is_no_document_is_passed_over_and_what_is_elsewhere_is_waited_for(folder: Path) -> None:
    for name in (
        "~$ur.docx", ".hidden.pdf", "x.tmp", "~WRD0001.tmp", "a.pdf.crdownload", "b.pdf.part", "c.filepart",
        ".~lock.d.odt#", "Thumbs.db", "desktop.ini", "~syncthing~e.pdf.tmp", ".syncthing.f.pdf.tmp",
    ):  # fmt: skip
        (folder / name).write_bytes(PDF)
    assert why(folder) == {}
    (folder / "kaur.docx.nextcloud").write_bytes(b"\1")
    assert "only online" in why(folder)["kaur.docx.nextcloud"]


def test_links_pipes_and_devices_are_never_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.pdf"
    secret.write_bytes(PDF)
    (folder / "link.pdf").symlink_to(secret)
    (folder / "more").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe.pdf")
    assert why(folder) == {}


def test_what_waits_is_remembered_from_one_start_to_the_next(folder: Path) -> None:
    odd = folder / os.fsdecode(b"caf\xe9 \xf0\x9f\x98\x80.pdf")
    seen = {folder / "a.pdf": Seen((1, 2, 3, 4), 5.5), odd: Seen((2, 2, 2, 2), 6.0)}
    assert inbox.recalled(inbox.kept(seen)) == seen
    assert inbox.recalled("{damaged") == inbox.recalled('{"a": 1}') == inbox.recalled("[]") == {}


# ── On the way out ──────────────────────────────────────────────────────────────────────────────────────────────


def test_a_file_that_was_changed_since_it_was_read_stays(folder: Path) -> None:
    file = folder / "form.pdf"
    file.write_bytes(PDF)
    assert not inbox.move_out(file, sha256(b"what was read").hexdigest())
    assert [f.name for f in folder.iterdir()] == ["form.pdf"]
    file.chmod(0o444)
    assert inbox.move_out(file, sha256(PDF).hexdigest())
    assert list(folder.iterdir()) == []


def test_what_a_crash_caught_on_its_way_out_comes_back_beside_what_came_since(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / ".form.pdf.leaving").write_bytes(b"caught")
    (folder / "in" / "form.pdf").write_bytes(b"newer")
    assert inbox.come_back(folder) == 1
    assert {f.name: f.read_bytes() for f in (folder / "in").iterdir()} == {
        "form.pdf": b"newer",
        "form (2).pdf": b"caught",
    }


# ── Names ───────────────────────────────────────────────────────────────────────────────────────────────────────

NAMES = [
    "Zażółć gęślą jaźń.txt", "评价表 李明 第三次审查.txt", "مراجعة التقدم.txt", "🍞 bakery.txt", "a" * 250 + ".txt",
    "评" * 80 + ".txt", "CON.txt", "trailing dots...txt", "review (conflicted copy 2026-09-07).txt", "new\nline.txt",
    "a.sync-conflict-20260907-101112-ABCDEFG.txt", os.fsdecode(b"latin \xe9.txt"), "Case.txt", "case.txt",
    unicodedata.normalize("NFC", "Siân.txt"), unicodedata.normalize("NFD", "Siân.txt"), "<script>&.txt", "no ending",
]  # fmt: skip


@pytest.fixture
def office_folder(tmp_path: Path) -> Path:
    init(tmp_path / "office")
    (tmp_path / "office" / "counterpart.toml").write_text("[watch]\nrest = 0.02\npatience = 0\n")
    return tmp_path / "office"


def test_names_of_any_script_and_length_are_taken_each_once(office_folder: Path) -> None:
    dropped = {}
    for number, name in enumerate(NAMES):
        place = office_folder / "inbox" / ("deep/" * (number % 3)) / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(f"Dear all, {number}")
        dropped[sha256(place.read_bytes()).hexdigest()] = name
    with Workspace(office_folder) as workspace:
        summary = workspace.run()
        assert (summary.taken_in, summary.troubles, summary.waiting) == (len(NAMES), (), ())
        assert {f.name for f in (office_folder / ".counterpart" / "archive").iterdir()} == set(dropped)
        assert [f for f in (office_folder / "inbox").rglob("*") if f.is_file()] == []
        kept = [
            f for f in (office_folder / "outbox" / "questions").iterdir() if not f.name.endswith((".html", ".docx"))
        ]
        assert {sha256(f.read_bytes()).hexdigest() for f in kept} == set(dropped)
        assert workspace.run().taken_in == 0
        assert workspace.verify().ok


def test_a_name_that_we_make_fits_every_system() -> None:
    for name in NAMES:
        made = safe_name(name)
        assert 0 < len(made.encode()) <= 200
        assert safe_name(made) == made
    assert safe_name("aux.txt").startswith("_")
    assert safe_name("COM¹").startswith("_")


# ── Where folders may lie ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("link", ["outbox", "store"])
def test_what_goes_out_can_never_come_in_again(office_folder: Path, link: str) -> None:
    if link == "outbox":
        (office_folder / "outbox").rmdir()
        (office_folder / "inbox" / "out").mkdir()
        (office_folder / "outbox").symlink_to(office_folder / "inbox" / "out", target_is_directory=True)
    else:
        (office_folder / "counterpart.toml").write_text('[store]\nfolder = "inbox/store"\n')
    with pytest.raises(Mistake, match="come in again"):
        Workspace(office_folder)


MOUNTS = r"""
22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:40 / /srv/staff\040share rw,relatime - cifs //server/staff rw,vers=3.0
31 22 0:41 / /home rw - nfs4 server:/home rw
32 31 0:42 / /home/local rw - xfs /dev/vdb rw
33 22 0:43 / /cloud rw - fuse.rclone remote: rw
"""


def test_a_share_is_told_from_this_machines_own_disk() -> None:
    kinds = {
        "/srv/office": "ext4", "/srv/staff share/inbox": "cifs", "/srv/staff sharer": "ext4", "/home": "nfs4",
        "/home/jo": "nfs4", "/home/local/x": "xfs", "/cloud/inbox": "fuse.rclone", "/": "ext4",
    }  # fmt: skip
    assert {folder: kind_in(MOUNTS, folder) for folder in kinds} == kinds
    assert {"cifs", "nfs4", "fuse.rclone"} <= SHARES <= QUIET
    assert not {"ext4", "xfs", "overlay", "tmpfs", "9p"} & SHARES


def test_a_ledger_on_a_share_is_refused_with_what_to_do(office_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.mounts.kind", lambda folder: "cifs")
    with pytest.raises(WorkspaceTrouble, match=r"store\.folder"):
        Workspace(office_folder)


# ── What goes wrong, and is over again ──────────────────────────────────────────────────────────────────────────


def test_a_disk_that_cannot_be_used_stops_taking_in_and_it_goes_on_when_that_is_over(office_folder: Path) -> None:
    letter = office_folder / "inbox" / "letter.txt"
    with Workspace(office_folder) as workspace:
        workspace.run()
        (office_folder / "inbox" / "first.txt").write_text("Dear all")
        workspace.run()
        letter.write_text("Dear some")
        archive = office_folder / ".counterpart" / "archive"
        archive.rename(archive.with_name("unplugged"))
        found = workspace.run()
        assert (found.stuck, found.taken_in + found.refused) == (True, 0)
        assert "is its disk connected?" in found.troubles[0]
        assert letter.exists()
        assert not archive.exists()
        archive.with_name("unplugged").rename(archive)
        receipts = office_folder / "outbox" / "receipts"
        shutil.rmtree(receipts)
        receipts.write_text("somebody's file where a folder must be")
        found = workspace.run()
        assert found.troubles
        receipts.unlink()
        found = workspace.run()
        assert (found.stuck, found.troubles) == (False, ())
        assert list((office_folder / "outbox" / "receipts").glob("* letter *.html"))
        assert workspace.verify().ok


def test_a_mistake_of_the_programs_is_tried_three_times_and_then_the_file_is_refused(
    office_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import workflow

    right = workflow.recognise

    def stumbles(form: object, known: object) -> object:
        if poison in str(form):
            raise ZeroDivisionError("a mistake of ours")
        return right(form, known)  # type: ignore[arg-type]

    (office_folder / "inbox" / "poison.pdf").write_bytes(sample(".pdf"))
    poison = sha256(sample(".pdf")).hexdigest()
    monkeypatch.setattr(workflow, "recognise", stumbles)
    for last in (False, False, True):
        (office_folder / "inbox" / f"{last}.docx").write_text(f"Dear all {time.monotonic()}")
        with Workspace(office_folder) as workspace:  # What was tried is remembered from one start to the next.
            found = workspace.run()
            assert found.refused == 1 + last
            assert bool(found.troubles) is not last
    assert "program" in (office_folder / "outbox" / "refused" / "poison.pdf - why not.html").read_text("utf-8")


def test_a_watch_that_hears_of_nothing_still_finds_everything(
    office_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.watch import watch

    monkeypatch.setattr("engine.watch._observe", lambda workspace, hint: None)
    (office_folder / "counterpart.toml").write_text("[watch]\nrest = 0.02\nlook = 0.05\npatience = 0\n")
    stop = threading.Event()
    with Workspace(office_folder) as workspace:
        watching = watch(workspace, stop)
        next(watching)
        (office_folder / "inbox" / "letter.txt").write_text("Dear all")
        assert next(watching).taken_in == 1
        stop.set()
        assert list(watching) == []
