"""Taking in under strain, each a table of what was found.

python -m tests.scores.strain storm --files 5000      four writers at once: parts, renames, old times, duplicates
python -m tests.scores.strain faults                  every way a disk fails, at each act on it (needs strace)
python -m tests.scores.strain soak --files 10000      memory, open files and temporary files after very many forms
"""

from __future__ import annotations

import argparse
import gc
import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from engine import Workspace
from engine.watch import watch
from tests.scores import workload
from tests.scores.kill import RUN


def storm(folder: Path, files: int) -> list[str]:
    """Small files that no reader takes, written as people and programs write: each must be taken exactly once."""
    root = workload.office(folder / "office", workload.SETTINGS.replace("patience = 0", "patience = 5"))
    written: list[str] = []

    def write(writer: int) -> None:
        chance = random.Random(writer)
        for number in range(files // 4):
            content = f"Letter {writer} {number} {'x' * chance.randrange(2000)}".encode()
            if number % 20 == 19:
                content = b"the same words again and again"
            place = root / "inbox" / f"writer {writer}" / f"{number:05}.txt"
            place.parent.mkdir(exist_ok=True)
            way = chance.randrange(4)
            if way == 0:
                place.write_bytes(content)
            elif way == 1:  # in two parts
                with place.open("wb") as file:
                    file.write(content[:10])
                    file.flush()
                    time.sleep(chance.uniform(0, 0.02))
                    file.write(content[10:])
            elif way == 2:  # under another name first
                part = place.with_name(place.name + ".part")
                part.write_bytes(content)
                part.rename(place)
            else:  # with an old time
                place.write_bytes(content)
                os.utime(place, (1_500_000_000,) * 2)
            written.append(sha256(content).hexdigest())

    writers = [threading.Thread(target=write, args=(n,)) for n in range(4)]
    with Workspace(root) as workspace:
        for writer in writers:
            writer.start()
        deadline = time.monotonic() + 600 + files
        while time.monotonic() < deadline:
            workspace.run(only_new=True)
            if not any(w.is_alive() for w in writers) and not any(f.is_file() for f in (root / "inbox").rglob("*")):
                break
        known = [s.sha256 for s in workspace.premises.ledger.submissions()]
        problems = workspace.verify().problems
    found = []
    if sorted(known) != sorted(set(written)):
        found.append(f"{len(set(written) - set(known))} lost, {len(known) - len(set(known))} doubled")
    if problems:
        found.append(f"verify: {problems[0]}")
    print(f"{len(written)} files written, {len(set(written))} different, {len(known)} taken; {len(found)} wrong")
    return found


FAULTS = ("ENOSPC", "EIO", "EACCES", "EROFS", "ESTALE", "EDQUOT")
WRITES = {"writing the ledger": "pwrite64", "syncing": "fsync,fdatasync", "renaming": "rename,renameat,link,linkat",
          "removing": "unlink,unlinkat", "making folders": "mkdir,mkdirat"}  # fmt: skip


def faults(folder: Path, each: int = 3) -> list[str]:
    """Every error at every kind of act, at a few moments of a run: told, nothing lost, and over when it is over."""
    forms = workload.forms(folder, 1)
    undisturbed = workload.office(folder / "undisturbed")
    workload.drop(forms, undisturbed / "inbox")
    _run(undisturbed)
    found, told, done = [], 0, 0
    for act, calls in WRITES.items():
        for error in FAULTS:
            for first in range(1, 1 + each * 12, 12):
                root = workload.office(folder / "office")
                workload.drop(forms, root / "inbox")
                inject = f"inject={calls}:error={error}:when={first}..{first + 40}"
                command = ["strace", "-o", os.devnull, "-e", f"trace={calls}", "-e", inject]
                run = subprocess.run(
                    [*command, sys.executable, "-c", RUN, str(root)], capture_output=True, text=True, check=False
                )
                told += "troubles=()" not in run.stdout or bool(run.stderr)
                done += 1
                _run(root)
                found += [
                    f"{error} while {act}, from act {first}: {w}" for w in workload.wrong(root, undisturbed, forms)
                ]
                shutil.rmtree(root)
    print(f"{done} runs with a fault, {told} said so, {len(found)} wrong afterwards")
    return found


def _run(root: Path) -> None:
    with Workspace(root) as workspace:
        for _ in range(3):
            workspace.run()


def soak(folder: Path, files: int) -> list[str]:
    """Forms through one process: what it uses after the first hundred, and at the end."""
    root, made = workload.office(folder / "office"), workload.forms(folder, 10, returns=0)
    marks: list[tuple[int, int, int]] = []
    with Workspace(root) as workspace:
        workspace.run()
        for number in range(files):
            # The same form with another tail is another file: read, recognised, and found to say nothing new.
            source = made[number % len(made)]
            (root / "inbox" / f"{number}{source.suffix}").write_bytes(_tailed(source, number))
            if number % 50 == 49 or number == files - 1:
                workspace.run(only_new=True)
            if number in (99, files - 1):
                gc.collect()
                marks.append((number + 1, _resident(), len(os.listdir("/proc/self/fd"))))  # noqa: PTH208
                print(f"after {marks[-1][0]} forms: {marks[-1][1]} MB, {marks[-1][2]} open files", flush=True)
        left = [*root.rglob("*.part")] + [f for f in (root / "inbox").rglob("*") if f.is_file()]
    ratio = marks[-1][1] / marks[0][1]
    print(f"memory {ratio:.3f} ×, {len(left)} files left")
    return [f"{len(left)} files were left"] if left or marks[-1][2] > marks[0][2] + 4 else []


def _tailed(form: Path, number: int) -> bytes:
    """A form whose bytes are its own, though it says the same: a PDF with a remark behind its end, a zip with one."""
    content = form.read_bytes()
    if form.suffix == ".pdf":
        return content + f"\n% {number}\n%%EOF\n".encode()
    words = str(number).encode()
    return content[:-2] + len(words).to_bytes(2, "little") + words


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") >> 20


def muted(folder: Path, seconds: float, files: int = 200) -> list[str]:
    """A watch that hears nothing and is held up while files arrive finds them all, each once."""
    root, stop = workload.office(folder / "office"), threading.Event()
    with Workspace(root) as workspace:
        watching = watch(workspace, stop)
        next(watching)
        for number in range(files):
            (root / "inbox" / f"{number}.txt").write_text(f"Dear all, {number}")
        time.sleep(seconds)
        deadline = time.monotonic() + 60 + files
        while any((root / "inbox").iterdir()) and time.monotonic() < deadline:
            next(watching)
        stop.set()
        taken = [s.sha256 for s in workspace.premises.ledger.submissions()]
    print(f"{files} files while the watch was held up for {seconds:g} s: {len(set(taken))} taken in {len(taken)} times")
    return [] if len(set(taken)) == len(taken) == files else ["some were not taken exactly once"]


def main() -> int:
    """Runs what the command line asks for; 1 when anything was wrong."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("what", choices=["storm", "faults", "soak", "muted"])
    words.add_argument("--files", type=int, default=5000)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        work: dict[str, Callable[[], list[str]]] = {
            "storm": lambda: storm(folder, asked.files),
            "faults": lambda: faults(folder),
            "soak": lambda: soak(folder, asked.files),
            "muted": lambda: muted(folder, 30),
        }
        found = work[asked.what]()
    print("\n".join(found) or "Nothing was wrong.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
