"""A list of 2,000 learners with a hundred mistakes of twenty kinds planted: is each found, by its cell?

    .venv/bin/python -m tests.scores.importing [--learners 2000] [--each 5] [--seed 1]

Then the list is taken in, `plans` is held against it, and the list given once more: nothing may change.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from engine import lists, office, workflow
from engine.model import Submission
from engine.opening import init
from engine.reading import read
from engine.sheet import display_name
from engine.workspace import Workspace
from tests.listing import LEARNERS, PROGRAMMES, Row, cell, save, sheets

Whole = dict[str, list[Row]]
Plant = Callable[[Whole, int, int], tuple[str, str, object]]
"""Given a list, a row, and another row: the sheet and heading of the mistake, and what to write there."""

KINDS: Mapping[str, Plant] = {
    "ULN whose last digit does not fit": lambda w, n, m: (LEARNERS, "ULN", _spoilt(str(w[LEARNERS][n]["ULN"]))),
    "ULN of nine digits": lambda w, n, m: (LEARNERS, "ULN", str(w[LEARNERS][n]["ULN"])[:9]),
    "ULN that stands there twice": lambda w, n, m: (LEARNERS, "ULN", w[LEARNERS][m]["ULN"]),
    "no family name": lambda w, n, m: (LEARNERS, "FamilyName", None),
    "day that no calendar has": lambda w, n, m: (LEARNERS, "DateOfBirth", "31/02/1999"),
    "birth that has not come yet": lambda w, n, m: (LEARNERS, "DateOfBirth", "2031-05-04"),
    "birth as a bare number": lambda w, n, m: (LEARNERS, "DateOfBirth", 39500),
    "National Insurance number": lambda w, n, m: (LEARNERS, "NINumber", f"QQ{n:06}E"),
    "postcode": lambda w, n, m: (LEARNERS, "Postcode", "Cardiff"),
    "telephone number": lambda w, n, m: (LEARNERS, "TelNo", "ask his mum"),
    "e-mail address": lambda w, n, m: (LEARNERS, "Email", "learner at post"),
    "employer that is on no sheet": lambda w, n, m: (LEARNERS, "Employer", f"Unheard of {n} Ltd"),
    "tutor that is on no sheet": lambda w, n, m: (LEARNERS, "Tutor", f"Nobody {n}"),
    "funding model that there is not": lambda w, n, m: (PROGRAMMES, "FundModel", "99"),
    "status that there is not": lambda w, n, m: (PROGRAMMES, "CompStatus", "7"),
    "end before the start": lambda w, n, m: (PROGRAMMES, "LearnPlanEndDate", "2025-01-31"),
    "hours in words": lambda w, n, m: (PROGRAMMES, "Planned hours", "about four hundred"),
    "more hours than there can be": lambda w, n, m: (PROGRAMMES, "PHours", 123456),
    "formula that gives an error": lambda w, n, m: (PROGRAMMES, "Weekly hours", "#REF!"),
    "UKPRN of seven digits": lambda w, n, m: (PROGRAMMES, "PartnerUKPRN", "1000411"),
}


def _spoilt(uln: str) -> str:
    return uln[:-1] + str((int(uln[-1]) + 1) % 10)


def main() -> int:
    """Prints what was found of what was planted, and what came of taking the list in."""
    asked = argparse.ArgumentParser(description=__doc__)
    for name, default in (("learners", 2000), ("each", 5), ("seed", 1)):
        asked.add_argument(f"--{name}", type=int, default=default)
    told = asked.parse_args()
    whole = sheets(told.learners, told.seed)
    planted = _plant(whole, told.each, random.Random(told.seed))
    with tempfile.TemporaryDirectory() as folder:
        init(Path(folder) / "office", "Kingsmead Training")
        with Workspace(Path(folder) / "office") as workspace:
            file = save(Path(folder) / "list.xlsx", whole)
            found = _found(workspace, file, planted)
            right = _taken(workspace, file, whole, planted)
            again = _again(workspace, Path(folder) / "again.xlsx", whole)
    return 0 if found and right and again else 1


def _plant(whole: Whole, each: int, chance: random.Random) -> dict[str, str]:
    """Plants the mistakes, each in a row of its own; tells the kind of each by its cell."""
    rows = chance.sample(range(1, len(whole[LEARNERS])), each * len(KINDS))
    planted: dict[str, str] = {}
    for kind, n in zip([kind for kind in KINDS for _ in range(each)], rows, strict=True):
        free = next(m for m in range(n) if m not in rows)
        sheet, head, value = KINDS[kind](whole, n, free)
        whole[sheet][n][head] = value
        planted[cell(whole, sheet, n, head)] = kind
    return planted


def _found(workspace: Workspace, file: Path, planted: Mapping[str, str]) -> bool:
    started = time.process_time()
    form = read(file.read_bytes())
    reading = time.process_time() - started
    understood = lists.understood(workspace.premises, form)
    assert understood is not None
    wrong = {str(w.cell): w.why for w in understood[1].wrong}
    print(f"read in {reading:.1f} s of CPU, understood in {time.process_time() - started - reading:.1f} s")
    for kind in KINDS:
        cells = [c for c, k in planted.items() if k == kind]
        print(f"{sum(c in wrong for c in cells)} of {len(cells)}  {kind}, e.g. {cells[0]}: {wrong.get(cells[0])}")
    strangers = [f"{c}: {why}" for c, why in wrong.items() if c not in planted]
    print(f"{sum(c in wrong for c in planted)} of {len(planted)} found by cell; {len(strangers)} others named")
    for line in strangers[:10]:
        print("  also", line)
    return wrong.keys() == planted.keys()


def _take(workspace: Workspace, file: Path) -> Submission:
    """A list shown, and taken in with leave; documents are left to be written later."""
    premises, content = workspace.premises, file.read_bytes()
    form = read(content)
    with workspace._writing():
        premises.archive.keep(content)
        came = workflow.arrived(content, file.name, form)
        taken = office.take_in(premises, came, form, lambda sha256: form)
        assert taken is not None
        query = next((q for q in workspace.queries() if q.submission == taken.sha256), None)
        if query:
            with premises.ledger.writing():
                print(office.settle(premises, query, "yes", None, "Dana Marsh", lambda sha256: form))
    return taken


def _taken(workspace: Workspace, file: Path, whole: Whole, planted: Mapping[str, str]) -> bool:
    started = time.process_time()
    shown = _take(workspace, file)
    print(f"taken in in {time.process_time() - started:.1f} s of CPU: {shown.reason.splitlines()[0]}")
    # A mistake in what says who the learner is leaves the row out.
    who = {LEARNERS: ("ULN", "FamilyName", "DateOfBirth")}
    out = {
        int("".join(filter(str.isdigit, c.partition("!")[2]))) - 2
        for c in planted
        for sheet, heads in who.items()
        for head in heads
        if c == cell(whole, sheet, int("".join(filter(str.isdigit, c.partition("!")[2]))) - 2, head)
    }
    wanted = sorted(f"{r['GivenNames']} {r['FamilyName']}" for n, r in enumerate(whole[LEARNERS]) if n not in out)
    plans = workspace.plans()
    right = sorted(display_name(p.record) for p in plans) == wanted
    ulns = {p.record["learner.uln"] for p in plans} == {r["ULN"] for n, r in enumerate(whole[LEARNERS]) if n not in out}
    print(f"plans: {len(plans)}, {len(wanted)} wanted; names {'right' if right else 'WRONG'}, "
          f"ULNs {'right' if ulns else 'WRONG'}; questions: {len(workspace.queries())}")  # fmt: skip
    return right and ulns


def _again(workspace: Workspace, file: Path, whole: Whole) -> bool:
    before = workspace.premises.ledger.kept("revision")
    whole[LEARNERS][0]["Note"] = "the same list, saved again"
    shown = _take(workspace, save(file, whole))
    made = workspace.premises.ledger.kept("revision") - before
    print(f"given once more: {shown.outcome}, {made} changes. {shown.reason.splitlines()[0]}")
    return made == 0 and shown.outcome == "same"


if __name__ == "__main__":
    sys.exit(main())
