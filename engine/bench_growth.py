"""Very many plans measured: a form, looking, starting, verifying and the disk at large providers and at a small one.

The providers are made for it and thrown away. `engine.bench` lists it among its work.
"""

from __future__ import annotations

import json
import sqlite3
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

from engine.bench_office import drop, filled_forms, settings, took
from engine.commitments import committed, row_digest
from engine.measures import Cost, Row
from engine.model import canonical, digest
from engine.opening import init
from engine.workspace import Workspace

PLANS = (1_000, 10_000, 50_000)
"""How many plans the providers have that are compared, the first with each of the others."""

_REVISIONS = 10
_A_FORM = "take in one form"


def growth(_: Mapping[str, bytes], rounds: int, plans: tuple[int, ...] = PLANS) -> Iterator[Row]:
    """What each act of a day costs at providers of very many plans, against one of fewer, in turn."""
    spent: dict[tuple[str, int], list[Cost]] = {}
    with tempfile.TemporaryDirectory() as folder:
        roots = {many: Path(folder) / str(many) for many in plans}
        forms = {many: iter(_provider(root, many, 2 * min(rounds, 9))) for many, root in roots.items()}
        for _round in range(min(rounds, 9)):
            for many, root in roots.items():
                for what, cost in _day(root, next(forms[many]), next(forms[many])):
                    spent.setdefault((what, many), []).append(cost)
        for many, root in roots.items():
            spent["verify, for each change", many] = [_verified(root, many)]
            spent["kB of ledger for each change", many] = [_disk(root, many)]
    for what in dict.fromkeys(what for what, _ in spent):
        reach = "≤ 1.1 ×" if what == _A_FORM else ""
        for many in plans[1:]:
            costs = Cost.of(spent[what, many]), Cost.of(spent[what, plans[0]])
            yield Row(f"{what}, {many:,} plans of {_REVISIONS} changes", f"{plans[0]:,} plans", *costs, reach)


def _day(root: Path, first: bytes, form: bytes) -> Iterator[tuple[str, Cost]]:
    """What each act of one day costs at a provider.

    Args:
        first: with this one the worker is started, and everything loaded that it needs.
    """
    opened: list[Workspace] = []
    yield "start", took(lambda: opened.append(Workspace(root)))
    with opened[0] as workspace:
        drop(workspace, 0, first)
        workspace.run(only_new=True)
        drop(workspace, 0, form)
        yield _A_FORM, took(lambda: workspace.run(only_new=True))
        yield "a run with nothing to do", took(lambda: workspace.run(only_new=True))
        yield "status and plans", took(workspace.overview)


def _verified(root: Path, many: int) -> Cost:
    """What verifying the whole workspace costs for each revision."""
    with Workspace(root) as workspace:
        found = []
        cost = took(lambda: found.append(workspace.verify()))
    if not found[0].ok:
        raise AssertionError(f"the provider was not made right: {found[0].problems[0]}")
    return Cost(cost.cpu / many / _REVISIONS, cost.wall / many / _REVISIONS)


def _disk(root: Path, many: int) -> Cost:
    """The kilobytes that the ledger takes up for each revision."""
    size = (root / ".counterpart" / "ledger.sqlite").stat().st_size / many / _REVISIONS / 1000
    return Cost(size, size)


# ── A large provider ────────────────────────────────────────────────────────────────────────────────────────────


def _provider(root: Path, many: int, forms: int) -> list[bytes]:
    """Makes a provider of so many plans, and gives forms of learners who are new to it."""
    init(root, "Kingsmead Training")
    (root / "counterpart.toml").write_text(settings(1), "utf-8")
    with Workspace(root) as workspace:
        workspace.run()
        first, *others = filled_forms(workspace, forms + 1)
        drop(workspace, 0, first)
        workspace.run()
    with closing(sqlite3.connect(root / ".counterpart" / "ledger.sqlite")) as ledger:
        _multiply(ledger, many)
        ledger.commit()
    return others


def _multiply(ledger: sqlite3.Connection, many: int) -> None:
    """Copies the rows of the one plan there is until there are so many, chained as if each had been appended."""
    (plan, came, body) = ledger.execute("SELECT plan, form, body FROM revision").fetchone()
    issues = ledger.execute("SELECT form, proforma, body FROM issue WHERE plan = ?", (plan,)).fetchall()
    outputs = ledger.execute("SELECT path, sha256, form FROM output WHERE plan = ?", (plan,)).fetchall()
    line = json.loads(ledger.execute("SELECT body FROM overview").fetchone()[0])
    who = json.loads(ledger.execute("SELECT body FROM identity").fetchone()[0])
    given = who["learner.given_name"]
    seq, head = ledger.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    for number in range(1, many):
        new, name = f"P-{number:08}", f"{given} {number}"
        own = {plan: new, canonical(given): canonical(name)} | {
            form: f"{form}{number}" for form, *_ in (*issues, (came,))
        }
        revisions = list(_revisions(_other(body, own)))
        forms = [(own[form], proforma, _other(text, own)) for form, proforma, text in issues]
        ledger.executemany(
            "INSERT INTO revision (plan, number, hash, form, body) VALUES (?, ?, ?, ?, ?)",
            [(new, n, found, own[came], text) for n, found, text in revisions],
        )
        ledger.executemany(
            "INSERT INTO issue (form, plan, proforma, body) VALUES (?, ?, ?, ?)",
            [(form, new, proforma, text) for form, proforma, text in forms],
        )
        ledger.executemany(
            "INSERT INTO output (path, sha256, plan, form) VALUES (?, ?, ?, ?)",
            [(f"{number}/{path}", found, new, form and f"{form}{number}") for path, found, form in outputs],
        )
        entries = [("revision", f"{new}/{n}", found) for n, found, _ in revisions]
        entries += [("issue", form, row_digest(text)) for form, _, text in forms]
        for kind, key, found in entries:
            seq, head = seq + 1, digest(canonical([head, kind, key, found]))
            ledger.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?)", (seq, kind, key, found, head))
        ledger.execute("INSERT INTO identity VALUES (?, ?)", (new, canonical({**who, "learner.given_name": name})))
        ledger.execute("INSERT INTO mark VALUES (?, ?)", (f"name {name.casefold()}\tkaur", new))
        ledger.execute(
            "INSERT INTO overview (plan, wake, due, body) VALUES (?, '2130-01-01', '2127-01-01', ?)",
            (new, json.dumps({**line, "plan": new})),
        )


def _other(body: str, own: Mapping[str, str]) -> str:
    """The text of a row with the names of another plan in it."""
    for was, now in own.items():
        body = body.replace(was, now)
    return body


def _revisions(body: str) -> Iterator[tuple[int, str, str]]:
    """The revisions of a plan, all alike, as number, hash and body; each follows from the one before.

    Args:
        body: of the first.
    """
    kept, parent = json.loads(body), ""
    hashed = committed(kept)
    for number in range(1, _REVISIONS + 1):
        follows = {"number": number, "parent": parent}
        parent = digest(canonical(hashed | follows))
        yield number, parent, canonical(kept | follows)
