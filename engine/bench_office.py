"""A whole office measured: a form from drop to documents, a full inbox on two cores, very many forms.

Everything is done in workspaces that are made for it and thrown away. `engine.bench` lists these among its work.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engine.documents import sheet_of
from engine.layout import lay_out
from engine.measures import Cost, Row
from engine.opening import init
from engine.places import Change, Kind, Record
from engine.plan import PLACES
from engine.proforma import Proforma
from engine.proofs import typeset
from engine.reading import read
from engine.sheet import Box, Sheet
from engine.workspace import Workspace
from engine.writing.word import write_form

FORMS = 10_000
"""How many forms one process takes in before its memory is looked at again."""

_FULL = 100
_GIVEN = ("Amrit", "Zofia", "Siân", "Chidi", "Nguyễn", "Mary-Jane", "José", "李", "Fatima", "Oluwaseun")
_FAMILY = (
    "Kaur",
    "Wiśniewska",
    "Prydderch",
    "Okafor",
    "Trần",
    "O'Neill",
    "Núñez",
    "明",
    "al-Sayed",
    "Adeyemi",
    "Smith",
)

_RUN = """
import os, sys
from engine import Workspace
if __name__ == "__main__":
    os.sched_setaffinity(0, range({cores}))
    with Workspace(sys.argv[1]) as workspace:
        workspace.run()
"""


# ── One form ────────────────────────────────────────────────────────────────────────────────────────────────────


def one_form(_: Mapping[str, bytes], rounds: int) -> Iterator[Row]:
    """One form from drop to documents out, against reading it, writing its documents and reading them back, alone."""
    ours, alone = [], []
    with _office(workers=1) as workspace:
        for number, form in enumerate(filled_forms(workspace, rounds + 1)):
            drop(workspace, number, form)
            taken = took(lambda: workspace.run(only_new=True))
            sheets = _documents(workspace)
            stages = took(lambda form=form, sheets=sheets: _stages(form, sheets))  # type: ignore[misc]
            if number:
                # With the first one the worker is started, and everything loaded that it needs.
                ours.append(taken)
                alone.append(stages)
    against = "reading it, writing its documents and reading them back, alone"
    yield Row("take in one form, drop to documents out", against, Cost.of(ours), Cost.of(alone), "≤ 1.25 ×")


def _stages(form: bytes, sheets: list[tuple[Sheet, str]]) -> None:
    """What cannot be done without: the form read, and documents like those that came of it written and read back."""
    read(form)
    for sheet, medium in sheets:
        typeset(sheet, medium)


def _documents(workspace: Workspace) -> list[tuple[Sheet, str]]:
    """What was written for the newest plan, in other words: a typesetter remembers what it has typeset."""
    ledger = workspace.premises.ledger
    forms = [ours.form for ours in ledger.derived.outputs(list(ledger.plans())[-1]) if ours.form]
    issues = [issue for form in forms if (issue := ledger.issue(form))]
    return [(_reworded(sheet_of(workspace.premises, issue)), issue.medium) for issue in issues]


def _reworded(sheet: Sheet) -> Sheet:
    def other(box: Box) -> Box:
        words = f"{box.value} too"
        return replace(box, value=words, shown=words) if box.kind is Kind.TEXT and box.value else box

    return replace(
        sheet,
        learner=f"{sheet.learner} too",
        blocks=tuple(replace(block, boxes=tuple(map(other, block.boxes))) for block in sheet.blocks),
    )


# ── Two cores ───────────────────────────────────────────────────────────────────────────────────────────────────


def two_cores(_: Mapping[str, bytes], rounds: int) -> Iterator[Row]:
    """The same full inbox on one core and on two, each in a process of its own, in turn; what counts is wall time."""
    if (os.cpu_count() or 1) < 2 or not hasattr(os, "sched_setaffinity"):
        return
    spent: dict[int, list[Cost]] = {1: [], 2: []}
    with tempfile.TemporaryDirectory() as folder:
        # As where it has run before: with every module compiled, which the first run here does for the others.
        compiled = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
        compiled["PYTHONPYCACHEPREFIX"] = folder
        _emptied(2, 2, compiled)
        for _round in range(min(rounds, 5)):
            for count, costs in spent.items():
                costs.append(_emptied(_FULL, count, compiled))
    yield Row(f"a full inbox ({_FULL} forms) on one core", "on two", Cost.of(spent[1]), Cost.of(spent[2]), "≥ 1.7 ×")


def _emptied(forms: int, cores: int, environment: Mapping[str, str]) -> Cost:
    """What it takes until an inbox of so many forms is empty, the start of the process included; wall time, twice."""
    with _office() as workspace:
        for number, form in enumerate(filled_forms(workspace, forms)):
            drop(workspace, number, form)
        workspace.close()
        run = [sys.executable, "-c", _RUN.format(cores=cores), str(workspace.premises.root)]
        began = time.perf_counter()
        subprocess.run(run, check=True, stdout=subprocess.DEVNULL, env=environment)
        spent = (time.perf_counter() - began) * 1000
    return Cost(spent, spent)


# ── Very many forms ─────────────────────────────────────────────────────────────────────────────────────────────


def memory(_: Mapping[str, bytes], rounds: int, forms: int = FORMS) -> Iterator[Row]:
    """Megabytes that one process uses after very many forms, against after the first hundred."""
    if not Path("/proc/self/statm").exists():
        return
    used: dict[int, Cost] = {}
    with _office(workers=1) as workspace:
        (form,) = filled_forms(workspace, 1)
        for number in range(1, forms + 1):
            # The same form with another tail is another file: read, recognised, and found to say nothing new.
            tail = str(number).encode()
            drop(workspace, number, form[:-2] + len(tail).to_bytes(2, "little") + tail)
            if number % 50 == 0 or number == forms:
                workspace.run(only_new=True)
            if number in (min(100, forms), forms):
                gc.collect()
                used[number] = Cost(_megabytes(), _megabytes())
    first, last = used[min(100, forms)], used[forms]
    yield Row(f"memory after {forms:,} forms, in MB", "after the first hundred", last, first, "≤ 1.05 ×")


def _megabytes() -> float:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000


# ── What is measured, and on what ───────────────────────────────────────────────────────────────────────────────


def took(work: Callable[[], object]) -> Cost:
    """What a piece of work takes of this process and its workers."""
    cpu, wall = _processor_seconds(), time.perf_counter()
    work()
    return Cost((_processor_seconds() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


def _processor_seconds() -> float:
    """What this process and its workers have used so far; of the workers only where the system tells of them."""
    workers = (Path(f"/proc/{worker.pid}/task") for worker in multiprocessing.active_children())
    tasks = [task / "schedstat" for folder in workers if folder.exists() for task in folder.iterdir()]
    return time.process_time() + sum(int(task.read_text("ascii").split()[0]) for task in tasks if task.exists()) / 1e9


def settings(workers: int) -> str:
    """Settings of an office that waits for nobody."""
    return (
        f'[provider]\nname = "Kingsmead Training"\n[watch]\nrest = 0.001\npatience = 0\n[work]\nworkers = {workers}\n'
    )


@contextmanager
def _office(workers: int = 0) -> Iterator[Workspace]:
    """An empty workspace, with the blank forms in its outbox already."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "office"
        init(root, "Kingsmead Training")
        (root / "counterpart.toml").write_text(settings(workers), "utf-8")
        with Workspace(root) as workspace:
            workspace.run()
            yield workspace


def drop(workspace: Workspace, number: int, form: bytes) -> None:
    """Puts a form into the inbox."""
    (workspace.premises.inbox / f"{number:05}.docx").write_bytes(form)


def filled_forms(workspace: Workspace, learners: int) -> list[bytes]:
    """Copies of one blank form, filled in for learners who are all different."""
    proforma = max(workspace.premises.proformas.values(), key=_who_it_asks_for)
    with tempfile.TemporaryDirectory() as folder:
        blank, _ = workspace.issue(proforma.proforma, None, "word", Path(folder))
    sheets = (lay_out(proforma, _learner(n), blank, "Kingsmead Training") for n in range(learners))
    return [write_form(sheet).content for sheet in sheets]


def _who_it_asks_for(proforma: Proforma) -> int:
    asked = proforma.places()
    return sum(place.change is Change.IDENTITY for path, place in PLACES.items() if path in asked)


def _learner(number: int) -> Record:
    return {
        "learner.given_name": _GIVEN[number % len(_GIVEN)],
        "learner.family_name": f"{_FAMILY[number % len(_FAMILY)]} {number // len(_FAMILY) or ''}".strip(),
        "learner.date_of_birth": f"{2008 - number // 336 % 40}-{number // 28 % 12 + 1:02}-{number % 28 + 1:02}",
    }
