"""What the audits find of what was planted: recall and precision of each, seconds and memory, on made-up providers.

    .venv/bin/python -m tests.scores.audits --plans 10000 --trade gardens --seed 2

The provider of the kitchen is the one that thresholds were chosen on; that of the gardens has other words and rates.
A provider is written into a ledger of its own; the audit is then `counterpart audit`, in a process of its own, with its
report and spreadsheet.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from engine.audits.catalogue import audit_of, catalogue
from engine.commitments import salted
from engine.ledger import Ledger
from engine.model import Edition, Issue, Signature, canonical
from engine.opening import init
from engine.tables import edition, issue, revision
from engine.workspace import Workspace
from tests.scores.providers import GARDENS, KITCHEN, TODAY, Made, Trade, provider

TRADES: Mapping[str, Trade] = {"kitchen": KITCHEN, "gardens": GARDENS}
Found = Mapping[str, set[str]]
"""For each kind of finding, the plans it was found in."""


def written(ledger: Ledger, plans: Iterable[Made]) -> dict[str, set[str]]:
    """Writes plans into a ledger in bulk; tells what was planted. No audit reads journal and indexes."""
    planted: dict[str, set[str]] = defaultdict(set)
    some: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    with ledger.writing():
        for made in plans:
            for kind in made.planted:
                planted[kind].add(made.plan)
            for table, row in rows_of(made):
                some[table].append(row)
            if len(some[revision]) > 3000:
                _flush(ledger, some)
        _flush(ledger, some)
    return planted


def _flush(ledger: Ledger, some: dict[Any, list[dict[str, Any]]]) -> None:
    for table, rows in some.items():
        if rows:
            ledger._connection.execute(table.insert(), rows)
    some.clear()


def rows_of(made: Made) -> Iterable[tuple[Any, dict[str, Any]]]:
    """The rows of the ledger that a plan takes."""
    for step in made.told():
        decisions = [
            {"place": p, "outcome": "cleared" if v is None else "accepted", "rule": "M2",
             "said": {"salt": f"{random.getrandbits(128):032x}", "value": {} if v is None else {"theirs": v}}}
            for p, v in step.changed.items()
        ]  # fmt: skip
        body = {"plan": made.plan, "number": step.number, "parent": "", "recorded": f"{step.recorded}T09:00:00Z",
                "effective": step.effective.isoformat(), "cause": step.cause, "submission": step.submission,
                "proforma": step.proforma, "decisions": decisions}  # fmt: skip
        yield revision, {"plan": made.plan, "number": step.number, "hash": "", "form": None, "body": canonical(body)}
    if made.signed:
        made_edition = edition_of(made)
        body = salted(made_edition.model_dump(mode="json", exclude_defaults=True))
        yield edition, {"plan": made.plan, "number": 1, "body": canonical(body)}
    if made.waits:
        out = Issue(form=f"F-{made.plan[2:]}", proforma="funding-plan", version=1, plan=made.plan, revision=3,
                    medium="pdf", printed=made.waits, to_sign=True)  # fmt: skip
        body = out.model_dump(mode="json", exclude_defaults=True)
        yield issue, {"form": out.form, "plan": out.plan, "proforma": out.proforma, "body": canonical(body)}


def edition_of(made: Made) -> Edition:
    """Version 1 of a plan, as it was signed at its fourth revision."""
    signatures = tuple(
        Signature(role=role, name=role, date=day, method="typed", form="F-1", submission=None, received=day, revision=4)
        for role, day in made.signed.items()
    )
    last = max(made.signed.values())
    return Edition(
        plan=made.plan, number=1, revision=3, revision_hash="", completed=4, form="F-1", proforma="funding-plan",
        version=1, effective=last, recorded=dt.datetime.combine(last, dt.time(), dt.UTC), content="", rules="2026-27",
        signatures=signatures,
    )  # fmt: skip


def found_in(told: Mapping[str, Any]) -> Found:
    """What the JSON of an audit says was found where."""
    found: dict[str, set[str]] = defaultdict(set)
    for result in told["audits"]:
        for finding in result["findings"]:
            found[finding["kind"]].add(finding["plan"] or finding["says"])
    return found


def scored(planted: Found, found: Found) -> dict[str, tuple[int, int, int]]:
    """For each audit: how many were found rightly, missed, and found wrongly."""
    scores: dict[str, Counter[str]] = {name: Counter() for name in catalogue()}
    for kind in {*planted, *found} - ABOUT_PROVIDER:
        score, there, told = scores[audit_of(kind)], planted.get(kind, set()), found.get(kind, set())
        score["right"] += len(there & told)
        score["missed"] += len(there - told)
        score["wrong"] += len(told - there)
    return {name: (s["right"], s["missed"], s["wrong"]) for name, s in scores.items()}


ABOUT_PROVIDER = {"planned-low", "undersampled", "answered-no"}
"""Kinds that are about the provider; they are held against a plain count."""


def about_provider(told: Mapping[str, Any], plans: list[Made], trade: Trade) -> dict[str, tuple[int, int, int]]:
    """The audits of the provider against a plain count of what was made up."""
    found = found_in(told)
    low = {says for says in found["planned-low"] if trade.group in says}
    strata: dict[tuple[str, str], list[bool]] = defaultdict(list)
    for made in plans:
        record = made.record()
        if record.get("programme.status") == "Completed" or record.get("closing.day"):
            continue
        for name, path in (("assessor", "staff.assessor"), ("site", "staff.site"), ("programme", "programme.title"),
                           ("employer", "employer.name")):  # fmt: skip
            if record.get(path):
                strata[name, str(record[path])].append(bool(record.get("samples[1].drawn")))
    wanted = {
        (name, value)
        for (name, value), drawn in strata.items()
        if sum(drawn) < min(len(drawn), max(2, -(-len(drawn) // 10)))
    }
    under = {
        (c["stratum"], c["value"])
        for c in told["coverage"] if c["sampled"] < c["wanted"]
    }  # fmt: skip
    said_under = len(found["undersampled"])
    no = {line["line"] for line in told["checklist"] if line["answer"] == "No"}
    counted = {"R3", "L4", "L5"} | ({"Q1"} if wanted else set())
    return {
        "equity": (len(low), 1 - min(1, len(low)), len(found["planned-low"]) - len(low)),
        "sampling": (len(wanted & under), len(wanted - under), len(under - wanted) + abs(said_under - len(under))),
        # A line is answered no where what it asks for is in no plan; the one on samples where too few were drawn.
        "self-check": (48 - len(no ^ counted), len(counted - no), len(no - counted)),
    }


def measured(root: Path, *words: str) -> tuple[float, float, str]:
    """Seconds of processor time and megabytes that a command takes, and what it printed."""
    env = {**os.environ, "COUNTERPART_TODAY": TODAY.isoformat()}
    script = (
        "import resource, sys; from engine.cli import run; status = run(sys.argv[1:]); "
        "u = resource.getrusage(resource.RUSAGE_SELF); "
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss / 1024, file=sys.stderr); sys.exit(status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *words, "--workspace", str(root)], capture_output=True, text=True, env=env,
        check=True,
    )  # fmt: skip
    seconds, megabytes = map(float, done.stderr.split()[-2:])
    return seconds, megabytes, done.stdout


def main() -> None:
    """Prints the table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--plans", type=int, default=10_000)
    asked.add_argument("--trade", choices=sorted(TRADES), default="gardens")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--misses", action="store_true", help="Print every miss.")
    asked.add_argument("--cost-only", action="store_true", help="Only seconds and memory of the whole command.")
    told = asked.parse_args()
    trade = TRADES[told.trade]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        init(root)
        made = [] if told.cost_only else list(provider(trade, told.plans, told.seed))
        with Workspace(root) as workspace:
            planted = written(workspace.premises.ledger, made or provider(trade, told.plans, told.seed))
        seconds, megabytes, _ = measured(root, "audit")
        print(f"{told.trade}, {told.plans:,} plans, seed {told.seed}: `counterpart audit` with its report took "
              f"{seconds:.1f} s of processor time and {megabytes:.0f} MB")  # fmt: skip
        if told.cost_only:
            return
        _, _, printed = measured(root, "audit", "--json")
    found = json.loads(printed)
    _print(planted, found, made, trade, told.misses)


def _print(planted: Found, told: Mapping[str, Any], made: list[Made], trade: Trade, misses: bool) -> None:
    found = found_in(told)
    scores = {**scored(planted, found)}
    for name, more in about_provider(told, made, trade).items():
        scores[name] = tuple(a + b for a, b in zip(scores[name], more, strict=True))  # type: ignore[assignment]
    print(f"{'audit':24}{'judges':8}{'planted':>8}{'right':>7}{'missed':>7}{'wrong':>6}{'recall':>8}{'precision':>10}")
    for name, (right, missed, wrong) in scores.items():
        recall = right / (right + missed) if right + missed else 1.0
        precision = right / (right + wrong) if right + wrong else 1.0
        counts = f"{right + missed:8}{right:7}{missed:7}{wrong:6}"
        print(f"{name:24}{catalogue()[name].judges:8}{counts}{recall:8.4f}{precision:10.4f}")
    if misses:
        for kind in sorted({*planted, *found} - ABOUT_PROVIDER):
            lost, wrong = (
                planted.get(kind, set()) - found.get(kind, set()),
                found.get(kind, set()) - planted.get(kind, set()),
            )
            if lost or wrong:
                print(f"{kind}: missed {sorted(lost)[:5]} ({len(lost)}), wrong {sorted(wrong)[:5]} ({len(wrong)})")


if __name__ == "__main__":
    main()
