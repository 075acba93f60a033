"""What a big plan costs: one form merged into 500 targets and 60 revisions, and its history opened.

Prints milliseconds of processor time. “Cold” is a program that looks at the plan for the first time, so that its 300 kB
are read from the ledger too; “warm” one that has just looked at it. Reading the file and writing documents are not in
the figures.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from engine import shapes, workflow
from engine.cli import pages
from engine.documents import new_issue
from engine.model import Answer, Decision, Outcome, Revision, State, Submission, digest
from engine.opening import init
from engine.places import Record
from engine.plan import place_of, typed
from engine.premises import labels
from engine.recognise import Recognised
from engine.settings import now
from engine.workspace import Workspace

PLAN, SMALL = "P-BBBB0001", "P-AAAA0001"
TARGETS, REVISIONS, ROUNDS = 500, 60, 9
COLUMNS = {"text": "Weigh and scale dough to within 5 g, batch {}", "measure": "Seen by Jo, {} times", "owner": "Amrit",
           "due": "2027-03-01", "status": "Under way", "goal": "G1"}  # fmt: skip


def build(workspace: Workspace) -> None:
    """A plan of 500 targets, grown over 60 revisions; and a small one."""
    ledger, per = workspace.premises.ledger, TARGETS // (REVISIONS - 10)
    with ledger.writing():
        ledger.append(revision(SMALL, 1, {"learner.given_name": "Jan", "targets[T1].text": "Come on time"}))
    for number in range(1, REVISIONS + 1):
        said = {"learner.given_name": "Amrit", "learner.family_name": "Kaur", "goals[G1].text": "Qualify"}
        if number > 1:
            rows = range((number - 2) * per + 1, min((number - 1) * per, TARGETS) + 1)
            said = {f"targets[T{n}].{c}": v.format(n) for n in rows for c, v in COLUMNS.items()}
        said |= {"learner.phone": f"0161 496 {number:04}"}
        with ledger.writing():
            ledger.append(revision(PLAN, number, said))
    assert len({p.partition(".")[0] for p in ledger.record(PLAN) if p.startswith("targets[")}) == TARGETS
    typed(ledger.record(PLAN))


def revision(plan: str, number: int, said: Record) -> Revision:
    """A revision by which the plan came to say so."""
    return Revision(
        plan=plan, number=number, parent="", recorded=now(), effective=dt.date(2026, 9, 7), cause="form", by="Amrit",
        form=f"F-{number:04}", proforma="plan",
        decisions=tuple(
            Decision(place=p, outcome=Outcome.ACCEPTED, rule="M2", theirs=v) for p, v in sorted(said.items())
        ),
    )  # fmt: skip


numbers = itertools.count()


def form(workspace: Workspace, plan: str) -> tuple[Submission, Recognised]:
    """The whole plan printed, and filled in: one target moved on, a new one, a telephone number."""
    number = next(numbers)
    premises = workspace.premises
    proforma = premises.proformas["plan"]
    issue = new_issue(premises, proforma, plan, "word", "")
    with premises.ledger.writing():
        premises.ledger.give_out(issue)
    record = premises.ledger.record(plan)
    said = {**record, "learner.phone": f"0161 496 9{number:03}", f"targets[T{number % 9 + 1}].status": "Achieved",
            "targets[new 1].text": f"Keep the oven log, week {number}"}  # fmt: skip
    places = (p for p in said if (place := place_of(p)) and place.path in proforma.places())
    answers = tuple(Answer(p, State.SAID, said[p], str(said[p])) for p in places)
    arrived = Submission(sha256=digest(f"{number}"), name=f"{number}.docx", media_type="x", size=1, received=now(),
                         outcome="refused", by="Amrit")  # fmt: skip
    return arrived, Recognised(proforma, plan, issue.stamp, answers)


@contextlib.contextmanager
def reopened(root: Path, warm: bool) -> Iterator[Workspace]:
    """The workspace opened anew, its program running; `warm`: after it has looked at the plan."""
    with Workspace(root) as workspace:
        arrived, recognised = form(workspace, SMALL)  # What is said to the database is translated at the first use.
        workflow.merge_in(workspace.premises, arrived, recognised, SMALL)
        if warm:
            workspace.premises.ledger.record(PLAN)
        yield workspace


def merging(root: Path, warm: bool) -> list[float]:
    """Processor time of merging, one form a round."""
    found = []
    for _ in range(ROUNDS):
        with Workspace(root) as workspace:
            arrived, recognised = form(workspace, PLAN)
        with reopened(root, warm) as workspace:
            found.append(spent(lambda w=workspace, a=arrived, r=recognised: workflow.merge_in(w.premises, a, r, PLAN)))  # type: ignore[misc]
    return found


def spent(work: Callable[[], object]) -> float:
    """Milliseconds of processor time that a piece of work takes."""
    started = time.process_time()
    work()
    return 1000 * (time.process_time() - started)


def looking(root: Path, as_json: bool) -> list[float]:
    """Processor time of opening the plan's history, in a workspace that is open."""
    found = []
    with Workspace(root) as workspace:
        titles = {p.proforma: p.title for p in workspace.premises.proformas.values()}
        words = labels(workspace.premises.proformas)

        def look() -> None:
            revisions = workspace.history(PLAN)
            if as_json:
                json.dumps([shapes.revision(hash_, r) for hash_, r in revisions], ensure_ascii=False, indent=2)
            else:
                came = workspace.premises.ledger.submission
                list(pages.history((r for _, r in revisions), came, titles, words, 100))

        for _ in range(ROUNDS):
            found.append(spent(look))
    return found


def yardstick() -> list[float]:
    """Processor time of reading 300 kB of JSON, by which the figures of two machines can be held together."""
    text = json.dumps(
        {f"targets[T{n}].text": {"salt": "a" * 32, "value": "Weigh and scale dough"} for n in range(3000)}
    )
    return [spent(lambda: json.loads(text)) for _ in range(ROUNDS)]


def main() -> None:
    """Prints the figures."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "office"
        init(root)
        with Workspace(root) as workspace:
            build(workspace)
        figures = {
            "merge one form, cold": merging(root, False),
            "merge one form, warm (to reach: 10)": merging(root, True),
            "open its history (to reach: 200)": looking(root, False),
            "open its history as JSON": looking(root, True),
            "yardstick: 300 kB of JSON read": yardstick(),
        }
    print(f"A plan of {TARGETS} targets and {REVISIONS} revisions; ms of processor time in {ROUNDS} rounds")
    for what, times in figures.items():
        print(f"{what:38} least {min(times):7.1f}   median {statistics.median(times):7.1f}   most {max(times):7.1f}")


if __name__ == "__main__":
    main()
