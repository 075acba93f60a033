"""The kill test: a run is killed again and again, at random moments or at every act on the disk, and nothing is lost.

    python -m tests.scores.kill --kills 1000        the run itself, or one of its workers, at random moments
    python -m tests.scores.kill --acts 1            at every write, rename, link and sync of a take-in (needs strace)

After as many kills as it took, a workspace must hold exactly what an undisturbed one holds.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

from engine import Workspace
from tests.scores import workload

RUN = """
import sys
from engine import Workspace
if __name__ == "__main__":
    with Workspace(sys.argv[1]) as workspace:
        print(workspace.run())
"""
ACTS = "fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,unlinkat,ftruncate,pwrite64,mkdir"


def start(root: Path, wrapper: list[str]) -> subprocess.Popen[str]:
    """A run in a process of its own."""
    command = [*wrapper, sys.executable, "-c", RUN, str(root)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)


def workers(run: int) -> list[int]:
    """The processes that a run has started."""
    children = Path(f"/proc/{run}/task/{run}/children")
    try:
        return [
            int(child) for task in children.parent.parent.iterdir() for child in (task / "children").read_text().split()
        ]
    except OSError:
        return []


def killed_once(root: Path, chance: random.Random, longest: float) -> Literal["killed", "ended", "hung"]:
    """One run, or one of its workers, killed at a random moment, unless the run had ended before or hangs after it."""
    run = start(root, [])
    time.sleep(chance.uniform(0.3, longest))
    below = workers(run.pid)
    victim = chance.choice([run.pid, *below]) if chance.random() < 0.15 else run.pid
    ended = run.poll() is not None
    with contextlib.suppress(ProcessLookupError):
        os.kill(victim, signal.SIGKILL)
    if victim != run.pid:
        try:
            run.communicate(timeout=120)
        except subprocess.TimeoutExpired:
            run.kill()
            run.communicate()
            return "hung"
    run.communicate()
    return "ended" if ended else "killed"


def finish(root: Path) -> None:
    """A run that nobody disturbs."""
    with Workspace(root) as workspace:
        for _ in range(3):
            workspace.run()


def ready(folder: Path, forms: list[Path]) -> tuple[Path, Path, float]:
    """A workspace with what every one begins with (blank forms, a register) and forms to take in; the same when nobody
    has disturbed the taking in, and the seconds that this took.
    """
    waiting = workload.office(folder / "ready")
    finish(waiting)
    workload.drop(forms, waiting / "inbox")
    undisturbed = shutil.copytree(waiting, folder / "undisturbed")
    began = time.monotonic()
    finish(undisturbed)
    return waiting, undisturbed, time.monotonic() - began


def by_chance(folder: Path, kills: int, learners: int, seed: int) -> list[str]:
    """Kills at random moments, in one workspace after another until there were so many; some begin with nothing."""
    chance, found, done, offices = random.Random(seed), [], 0, 0
    forms = workload.forms(folder, learners)
    waiting, undisturbed, seconds = ready(folder, forms)
    while done < kills:
        root, hit, longest = folder / f"office {offices}", 0, max(2.0, 1.2 * seconds)
        if offices % 4:
            shutil.copytree(waiting, root)
        else:
            workload.drop(forms, workload.office(root) / "inbox")
            longest *= 3  # There are blank forms to be made first.
        while hit < 25 and done + hit < kills and (came := killed_once(root, chance, longest)) != "ended":
            hit += 1
            found += ["a run hung after one of its workers was killed"] * (came == "hung")
        finish(root)
        found += [f"office {offices}, {hit} kills: {what}" for what in workload.wrong(root, undisturbed, forms)]
        print(f"{done + hit} kills, {len(found)} wrong", flush=True)
        done, offices = done + max(hit, 1), offices + 1
        shutil.rmtree(root)
    return found


def at_every_act(folder: Path, step: int, learners: int) -> list[str]:
    """Kills at the first act of taking in, then at the second, and so on to the last, each in a new workspace."""
    found, number, offices = [], 1, 0
    forms = workload.forms(folder, learners)
    waiting, undisturbed, _ = ready(folder, forms)
    while True:
        root = shutil.copytree(waiting, folder / "office")
        killing = f"inject={ACTS}:signal=SIGKILL:when={number}"
        run = start(root, ["strace", "-o", os.devnull, "-e", f"trace={ACTS}", "-e", killing])
        run.communicate()
        if run.returncode == 0:
            print(f"{offices} kills, one at each of {number - 1} acts; {len(found)} wrong")
            return found
        finish(root)
        found += [f"killed at act {number}: {what}" for what in workload.wrong(root, undisturbed, forms)]
        if offices % 20 == 0:
            print(f"act {number}, {len(found)} wrong", flush=True)
        shutil.rmtree(root)
        number, offices = number + step, offices + 1


def main() -> int:
    """Runs what the command line asks for; 1 when anything was wrong."""
    words = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    words.add_argument("--kills", type=int, default=0)
    words.add_argument("--acts", type=int, default=0, help="kill at every so-many-th act")
    words.add_argument("--learners", type=int, default=4)
    words.add_argument("--seed", type=int, default=1)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = []
        if asked.acts:
            found += at_every_act(Path(folder) / "acts", asked.acts, asked.learners)
        if asked.kills:
            found += by_chance(Path(folder) / "chance", asked.kills, asked.learners, asked.seed)
    print("\n".join(found) or "Nothing lost, nothing doubled, nothing out of order.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
