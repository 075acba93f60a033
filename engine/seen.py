"""What a form showed, and said when it came back before, in the row keys of the plan that it goes to now."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from engine import mending
from engine.ledger import Ledger
from engine.model import Answer, Issue, Revision
from engine.places import Record


@dataclass(frozen=True, slots=True)
class Seen:
    """A form as its sender saw it.

    Attributes:
        record: the plan as printed.
        returns: what its earlier returns made; one that was taken back counts as if it never came.
        answers: what it says now.
        row: key of the row that it is about, "" if none.
    """

    record: Record
    returns: tuple[Revision, ...]
    answers: tuple[Answer, ...]
    row: str


def seen(ledger: Ledger, issue: Issue, plan: str, answers: Iterable[Answer], about: str) -> Seen:
    """The form of an issue that was printed for a plan.

    Args:
        plan: whose it is now: the same plan, or the one that it was joined to.
        about: the table of which one row is the form's subject.
    """
    assert issue.plan is not None
    record = ledger.record(issue.plan, issue.revision)
    returns = _in_force(ledger, ledger.returns(issue.form))
    if issue.plan == plan:
        return Seen(record, returns, tuple(answers), issue.row)
    rows = _rows(ledger, issue.plan, plan)
    return Seen(
        {mending.renamed(path, rows): value for path, value in record.items() if mending.in_plan(path, rows)},
        tuple(r if r.plan == plan else _renamed(r, rows) for r in returns),
        tuple(mending.of_joined(answers, record, rows)),
        rows.get(f"{about}[{issue.row}]", f"new {issue.row}") if issue.row else "",
    )


def _in_force(ledger: Ledger, returns: Iterable[Revision]) -> tuple[Revision, ...]:
    returns = tuple(returns)
    back = {plan: ledger.taken_back(plan) for plan in {r.plan for r in returns}}
    return tuple(r for r in returns if r.number not in back[r.plan])


def _rows(ledger: Ledger, joined: str, plan: str) -> dict[str, str]:
    """The keys that a joined plan's rows have in the plan that it was joined to, by way of others or straight."""
    into = ledger.index.joined().get(joined, plan)
    made = next(r for r in reversed(ledger.revisions(into)) if r.cause == "join" and r.joined == joined)
    rows = mending.rows_joined(made)
    if into == plan:
        return rows
    further = _rows(ledger, into, plan)
    return {row: k for row, key in rows.items() if (k := further.get(f"{row.partition('[')[0]}[{key}]"))}


def _renamed(revision: Revision, rows: dict[str, str]) -> Revision:
    decisions = tuple(
        d.model_copy(update={"place": mending.renamed(d.place, rows)})
        for d in revision.decisions
        if mending.in_plan(d.place, rows)
    )
    return revision.model_copy(update={"decisions": decisions})
