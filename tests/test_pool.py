"""Workers that read files: whatever a file does to one of them, the others, the next file and the parent live on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pebble.pool.process
import pytest

from engine.errors import Mistake
from engine.model import Form, digest
from engine.pool import Pool
from engine.reading.limits import Limits as ReadingLimits
from engine.settings import Limits
from engine.settings_file import load

LIMITS = Limits(seconds=120, cpu_seconds=1, memory=256)


def act(file: Path, limits: Limits) -> Form:
    """A reader that does what the file says."""
    words = file.read_text()
    if words == "hoard":
        return Form(str(len(bytearray(400 << 20))), "")
    if words == "ask":
        return Form(str(os.getpid()), "")
    if words in ("SIGKILL", "SIGSEGV"):
        os.kill(os.getpid(), getattr(signal, words))
    if words in DOES:
        DOES[words](file.parent)
    return Form("read", "")


def works(seconds: float) -> None:
    """Uses so much processor time."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def takes_along(folder: Path) -> None:
    """Has this worker killed between taking up its next work and saying so; only the first in a folder."""

    def killed(channel: Any) -> None:
        with channel.lock():
            channel.recv()
            (folder / "taken along").touch()
            os.kill(os.getpid(), signal.SIGKILL)

    if not (folder / "taken along").exists():
        pebble.pool.process.task_transaction = killed


def waits(folder: Path) -> None:
    """Is busy until somebody has taken work along."""
    while not (folder / "taken along").exists():
        time.sleep(0.01)


DOES: dict[str, Callable[[Path], object]] = {
    "sleep": lambda _: time.sleep(60),
    "spin": lambda _: works(1_000_000),
    "leave": lambda _: os._exit(7),
    "mistake": lambda _: 1 / 0,
    "work": lambda _: works(0.6),
    "take along": takes_along,
    "wait": waits,
}


@pytest.fixture
def pool() -> Iterator[Pool]:
    with Pool(act, LIMITS) as made:
        yield made


@pytest.fixture
def says(tmp_path: Path) -> Callable[[str], Path]:
    """Makes a file that tells the reader what to do."""

    def made(words: str) -> Path:
        file = tmp_path / words
        file.write_text(words)
        return file

    return made


ENDS = {
    "spin": "limits.cpu_seconds",
    "hoard": "limits.memory",
    "leave": "stopped the program",
    "SIGKILL": "stopped the program",
    "SIGSEGV": "stopped the program",
    "mistake": "ZeroDivisionError",
}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of these limits")
def test_a_file_that_costs_too_much_or_kills_its_worker_is_refused_alone(
    pool: Pool, says: Callable[[str], Path]
) -> None:
    started = [pool.start(says(words)) for pair in (("fine", words) for words in ENDS) for words in pair]
    forms = [pool.collect(reading) for reading in started]
    assert [form.sha256 for form in forms[::2]] == ["read"] * len(ENDS)
    for (words, why), form in zip(ENDS.items(), forms[1::2], strict=True):
        assert form.refused is not None, words
        assert why in form.refused.reason, words
        assert form.sha256 == digest(words)


def test_a_file_that_hangs_is_refused_when_its_time_is_up(says: Callable[[str], Path]) -> None:
    with Pool(act, Limits(seconds=2)) as pool:
        hung, fine = pool.start(says("sleep")), pool.start(says("fine"))
        form = pool.collect(hung)
        assert form.refused is not None
        assert "limits.seconds" in form.refused.reason
        assert pool.collect(fine).sha256 == "read"


def test_processor_time_is_counted_for_each_file_and_not_for_the_worker(
    pool: Pool, says: Callable[[str], Path]
) -> None:
    work = says("work")
    assert [pool.read(work).refused for _ in range(3)] == [None] * 3


def test_a_worker_that_dies_while_it_has_nothing_to_do_is_replaced(pool: Pool, says: Callable[[str], Path]) -> None:
    ask = says("ask")
    first = int(pool.read(ask).sha256)
    os.kill(first, signal.SIGKILL)
    for _ in range(20):
        form = pool.read(ask)
        assert form.refused is None
        assert int(form.sha256) != first
        time.sleep(0.02)


def test_work_that_a_killed_worker_has_taken_along_is_done_by_another(
    says: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.pool.LOST", 1.0)
    with Pool(act, Limits(seconds=2), workers=2) as pool:
        started = [pool.start(says(words)) for words in ("wait", "take along", "fine", "more")]
        assert [pool.collect(reading).sha256 for reading in started] == ["read"] * 4


PARENT = """
import sys
from pathlib import Path
from engine.pool import Pool
from engine.settings import Limits
from tests.test_pool import act
if __name__ == "__main__":
    pool = Pool(act, Limits())
    print(pool.read(Path(sys.argv[1])).sha256, flush=True)
    pool.start(Path(sys.argv[2]))
    sys.stdin.read()
"""


def runs(worker: int) -> bool:
    """Whether a process runs, and does not only wait for somebody to note its end."""
    try:
        return Path(f"/proc/{worker}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_workers_end_with_a_parent_that_is_killed(tmp_path: Path, says: Callable[[str], Path]) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    command = [sys.executable, str(script), str(says("ask")), str(says("sleep"))]
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent.parent)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as parent:
        assert parent.stdout is not None
        worker = int(parent.stdout.readline())
        assert runs(worker)
        parent.kill()
    deadline = time.monotonic() + 10
    while runs(worker) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not runs(worker)


def test_what_is_no_regular_file_is_refused_at_once_and_never_opened(tmp_path: Path) -> None:
    """No worker is even started: whoever opened the pipe would wait for ever."""
    file = tmp_path / "form.pdf"
    file.write_bytes(b"x")
    (tmp_path / "link.pdf").symlink_to(file)
    (tmp_path / "nowhere.pdf").symlink_to(tmp_path / "gone")
    os.mkfifo(tmp_path / "pipe.pdf")
    with (tmp_path / "huge.pdf").open("wb") as huge:
        huge.truncate(1 << 30)
    why = {
        tmp_path: "folder", tmp_path / "link.pdf": "link", tmp_path / "nowhere.pdf": "link",
        tmp_path / "pipe.pdf": "pipe", Path("/dev/zero"): "device", tmp_path / "huge.pdf": "limits.size",
        tmp_path / "gone.pdf": "cannot be looked at",
    }  # fmt: skip
    with Pool(act, LIMITS) as pool:
        began = time.monotonic()
        for path, words in why.items():
            form = pool.read(path)
            assert form.refused is not None
            assert words in form.refused.reason
            assert form.refused.advice
        assert time.monotonic() - began < 0.5


def test_every_limit_is_a_setting_and_reaches_the_reader(tmp_path: Path) -> None:
    (tmp_path / "counterpart.toml").write_text(
        "[limits]\nseconds = 1\ncpu_seconds = 2\nmemory = 300\nsize = 4\nunpacked = 5\nratio = 6\nentries = 7\n"
        "pages = 8\nfields = 9\ndepth = 10\nattachments = 11\nmessages = 12\nrows = 13\n"
    )
    limits = load(tmp_path).limits
    assert list(limits.model_dump().values()) == [1, 2, 300, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert ReadingLimits.of(limits) == ReadingLimits(4_000_000, 7, 5_000_000, 6, 8, 9, 10, 11, 13)
    assert ReadingLimits.of(Limits()) == ReadingLimits()
    (tmp_path / "counterpart.toml").write_text("[limits]\nmemory = 8\n")
    with pytest.raises(Mistake, match=r"limits\.memory"):
        load(tmp_path)
