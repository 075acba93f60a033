"""A whole office measured: a form from drop to documents, a full inbox on two cores, many plans, very many forms.

Everything is done in workspaces that are made for it and thrown away. `engine.bench` lists these among its work.
"""

from __future__ import annotations

import gc
import json
import multiprocessing
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from engine.documents import sheet_of
from engine.measures import Cost, Row
from engine.opening import init
from engine.places import Change, Kind, Record
from engine.plan import PLACES
from engine.proforma import Proforma
from engine.proofs import typeset
from engine.reading import read
from engine.sheet import Box, Sheet, lay_out
from engine.workspace import Workspace
from engine.writing.word import write_form

PLANS = (1_000, 10_000, 50_000)
"""How many plans the providers have that are compared, the first with each of the others."""

FORMS = 10_000
"""How many forms one process takes in before its memory is looked at again."""

_REVISIONS = 10
_LEARNERS = 24
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
        for number, form in enumerate(_forms(workspace, rounds + 1)):
            _drop(workspace, number, form)
            taken = _took(lambda: workspace.run(only_new=True))
            sheets = _documents(workspace)
            stages = _took(lambda form=form, sheets=sheets: _stages(form, sheets))  # type: ignore[misc]
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
    forms = [ours.form for ours in ledger.outputs(list(ledger.plans())[-1]) if ours.form]
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
    took: dict[int, list[Cost]] = {1: [], 2: []}
    for _round in range(min(rounds, 5)):
        for count, costs in took.items():
            with _office() as workspace:
                for number, form in enumerate(_forms(workspace, _LEARNERS)):
                    _drop(workspace, number, form)
                workspace.close()
                run = [sys.executable, "-c", _RUN.format(cores=count), str(workspace.premises.root)]
                began = time.perf_counter()
                subprocess.run(run, check=True, stdout=subprocess.DEVNULL)
                spent = (time.perf_counter() - began) * 1000
                costs.append(Cost(spent, spent))
    yield Row(f"a full inbox ({_LEARNERS} forms) on one core", "on two", Cost.of(took[1]), Cost.of(took[2]), "≥ 1.7 ×")


# ── Many plans ──────────────────────────────────────────────────────────────────────────────────────────────────


def growth(_: Mapping[str, bytes], rounds: int, plans: tuple[int, ...] = PLANS) -> Iterator[Row]:
    """A form, looking, starting and the disk at providers of very many plans, against one of fewer, in turn."""
    took: dict[tuple[str, int], list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        roots = {many: Path(folder) / str(many) for many in plans}
        forms = {many: _provider(root, many, min(rounds, 9)) for many, root in roots.items()}
        for number in range(min(rounds, 9)):
            for many, root in roots.items():
                for what, cost in _day(root, forms[many][number]):
                    took.setdefault((what, many), []).append(cost)
            took.update({("kB of ledger for a change", many): [_disk(root, many)] for many, root in roots.items()})
    for what in dict.fromkeys(what for what, _ in took):
        reach = "≤ 1.1 ×" if what == _A_FORM else ""
        for many in plans[1:]:
            costs = Cost.of(took[what, many]), Cost.of(took[what, plans[0]])
            yield Row(f"{what}, {many:,} plans of {_REVISIONS} changes", f"{plans[0]:,} plans", *costs, reach)


_A_FORM = "take in one form"


def _day(root: Path, form: bytes) -> Iterator[tuple[str, Cost]]:
    """What each act of one day costs at a provider."""
    opened: list[Workspace] = []
    yield "start", _took(lambda: opened.append(Workspace(root)))
    with opened[0] as workspace:
        _drop(workspace, 0, form)
        yield _A_FORM, _took(lambda: workspace.run(only_new=True))
        yield "a run with nothing to do", _took(lambda: workspace.run(only_new=True))
        yield "status", _took(workspace.overview)


def _disk(root: Path, many: int) -> Cost:
    """The kilobytes that the ledger takes up for each revision."""
    size = (root / ".counterpart" / "ledger.sqlite").stat().st_size / many / _REVISIONS / 1000
    return Cost(size, size)


def _provider(root: Path, many: int, forms: int) -> list[bytes]:
    """Makes a provider of so many plans, and gives forms of learners who are new to it."""
    init(root, "Kingsmead Training")
    (root / "counterpart.toml").write_text(_settings(1), "utf-8")
    with Workspace(root) as workspace:
        workspace.run()
        first, *others = _forms(workspace, forms + 1)
        _drop(workspace, 0, first)
        workspace.run()
    _multiply(root, many)
    return others


def _multiply(root: Path, many: int) -> None:
    """Copies the rows of the one plan there is until there are so many: right in shape, though not in their hashes."""
    with closing(sqlite3.connect(root / ".counterpart" / "ledger.sqlite")) as ledger:
        (plan, body) = ledger.execute("SELECT plan, body FROM revision").fetchone()
        issues = ledger.execute("SELECT form, proforma, body FROM issue WHERE plan = ?", (plan,)).fetchall()
        line = json.loads(ledger.execute("SELECT body FROM overview").fetchone()[0])
        outputs = ledger.execute("SELECT path, sha256, form FROM output WHERE plan = ?", (plan,)).fetchall()
        who = ledger.execute("SELECT body FROM identity").fetchone()[0]
        start = ledger.execute("SELECT max(seq) FROM journal").fetchone()[0]
        for number in range(1, many):
            new = f"P-{number:08}"
            ledger.executemany(
                "INSERT INTO revision (plan, number, hash, form, body) VALUES (?, ?, '', NULL, ?)",
                [(new, r, body.replace(plan, new)) for r in range(1, _REVISIONS + 1)],
            )
            ledger.executemany(
                "INSERT INTO issue (form, plan, proforma, body) VALUES (?, ?, ?, ?)",
                [(f"{form}{number}", new, proforma, text.replace(plan, new)) for form, proforma, text in issues],
            )
            ledger.executemany(
                "INSERT INTO output (path, sha256, plan, form) VALUES (?, ?, ?, ?)",
                [(f"{number}/{path}", digest, new, form and f"{form}{number}") for path, digest, form in outputs],
            )
            ledger.executemany(
                "INSERT INTO journal (seq, kind, key, digest, hash) VALUES (?, 'revision', ?, '', ?)",
                [(start + number * _REVISIONS + r, f"{new}/{r}", str(r)) for r in range(_REVISIONS)],
            )
            ledger.execute("INSERT INTO identity VALUES (?, ?)", (new, who.replace(_GIVEN[0], f"Amrit {number}")))
            ledger.execute("INSERT INTO mark VALUES (?, ?)", (f"name amrit {number}\tkaur", new))
            ledger.execute(
                "INSERT INTO overview (plan, wake, due, body) VALUES (?, '2130-01-01', '2127-01-01', ?)",
                (new, json.dumps({**line, "plan": new})),
            )
        ledger.commit()


# ── Very many forms ─────────────────────────────────────────────────────────────────────────────────────────────


def memory(_: Mapping[str, bytes], rounds: int, forms: int = FORMS) -> Iterator[Row]:
    """Megabytes that one process uses after very many forms, against after the first hundred."""
    if not Path("/proc/self/statm").exists():
        return
    used: dict[int, Cost] = {}
    with _office(workers=1) as workspace:
        (form,) = _forms(workspace, 1)
        for number in range(1, forms + 1):
            # The same form with another tail is another file: read, recognised, and found to say nothing new.
            tail = str(number).encode()
            _drop(workspace, number, form[:-2] + len(tail).to_bytes(2, "little") + tail)
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


def _took(work: Callable[[], object]) -> Cost:
    cpu, wall = _processor_seconds(), time.perf_counter()
    work()
    return Cost((_processor_seconds() - cpu) * 1000, (time.perf_counter() - wall) * 1000)


def _processor_seconds() -> float:
    """What this process and its workers have used so far; of the workers only where the system tells of them."""
    workers = (Path(f"/proc/{worker.pid}/task") for worker in multiprocessing.active_children())
    tasks = [task / "schedstat" for folder in workers if folder.exists() for task in folder.iterdir()]
    return time.process_time() + sum(int(task.read_text("ascii").split()[0]) for task in tasks if task.exists()) / 1e9


def _settings(workers: int) -> str:
    return (
        f'[provider]\nname = "Kingsmead Training"\n[watch]\nrest = 0.001\npatience = 0\n[work]\nworkers = {workers}\n'
    )


@contextmanager
def _office(workers: int = 0) -> Iterator[Workspace]:
    """An empty workspace, with the blank forms in its outbox already."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "office"
        init(root, "Kingsmead Training")
        (root / "counterpart.toml").write_text(_settings(workers), "utf-8")
        with Workspace(root) as workspace:
            workspace.run()
            yield workspace


def _drop(workspace: Workspace, number: int, form: bytes) -> None:
    (workspace.premises.inbox / f"{number:05}.docx").write_bytes(form)


def _forms(workspace: Workspace, learners: int) -> list[bytes]:
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
