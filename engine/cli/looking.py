"""The commands that only look: status, plans, show, history, queries, drift, proformas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.cli.terminal import Json, Plan, Where, app, opened_at, print_json, table
from engine.errors import WrongUse

if TYPE_CHECKING:
    from engine.workspace import Workspace


@app.command()
def status(workspace: Where = None, as_json: Json = False) -> None:
    """Counts, and what is due."""
    with opened_at(workspace) as opened:
        plans, queries = opened.plans(), opened.queries()
        today = opened.premises.today
    due = sorted(((d, p) for p in plans for d in p.due), key=lambda pair: pair[0].day)
    if as_json:
        print_json(
            {
                "plans": len(plans),
                "open_queries": len(queries),
                "due": [
                    {"plan": p.plan, "what": d.what, "day": d.day.isoformat(), "overdue": d.overdue(today)}
                    for d, p in due
                ],
            }
        )
        return
    print(f"{len(plans)} plans, {len(queries)} open questions.")
    table(
        ("Due", "What", "Plan", "Learner"),
        ((f"{d.day:%d/%m/%Y}{' overdue' if d.overdue(today) else ''}", d.what, p.plan, _name(p)) for d, p in due),
    )


def _name(there: Any) -> str:
    from engine.sheet import display_name

    return display_name(there.record)


@app.command()
def plans(workspace: Where = None, as_json: Json = False) -> None:
    """One line for each plan."""
    from engine import shapes

    with opened_at(workspace) as opened:
        lines = [shapes.line(there) for there in opened.plans()]
    if as_json:
        print_json(lines)
        return
    headings = ("Plan", "Learner", "Revision", "Version", "State", "Questions", "Next due")
    table(headings, (line.values() for line in lines))


@app.command()
def show(
    plan: Plan,
    revision: Annotated[int | None, typer.Option(help="As of this revision.")] = None,
    edition: Annotated[int | None, typer.Option(help="As signed in this funding-body version.")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """One plan: its record, open questions and funding-body version."""
    from engine import shapes

    with opened_at(workspace) as opened:
        if edition is not None:
            made = next((e for e in opened.premises.ledger.editions(plan) if e.number == edition), None)
            if made is None:
                raise WrongUse(f"{plan} has no funding-body version {edition}.")
            revision = made.revision
        there = opened.standing(plan, revision)
        found_hash = opened.premises.ledger.hash(plan, there.latest.number)
        words = _words(opened)
    if as_json:
        print_json(shapes.plan(there, found_hash))
        return
    from engine.plan import place_of
    from engine.premises import label_of

    print(f"{plan}: {_name(there)}, revision {there.latest.number}, funding-body version: {there.state}")
    rows = ((label_of(words, p), place.show(v)) for p, v in sorted(there.record.items()) if (place := place_of(p)))
    table(("What", "Says"), rows)
    for gate in there.gates:
        if not gate.passed:
            print(f"Before it can be signed ({gate.gate}): {gate.why}.")
    for query in there.queries:
        print(f"{query.query}: {query.question}")


def _words(opened: Workspace) -> dict[str, str]:
    from engine.premises import labels

    return labels(opened.premises.proformas)


@app.command()
def history(plan: Plan, workspace: Where = None, as_json: Json = False) -> None:
    """A plan's revisions, and every decision in them."""
    from engine import shapes

    with opened_at(workspace) as opened:
        found = opened.history(plan)
        words = _words(opened)
    if as_json:
        print_json([shapes.revision(found_hash, r) for found_hash, r in found])
        return
    from engine.premises import label_of

    table(
        ("Rev.", "Recorded", "Cause", "What", "Outcome", "Was", "Said"),
        (
            (r.number, f"{r.recorded:%d/%m/%Y %H:%M}", r.cause, label_of(words, d.place), d.outcome, d.ours, d.theirs)
            for _, r in found
            for d in r.decisions
        ),
    )


@app.command()
def queries(
    plan: Annotated[str | None, typer.Argument(help="Only of this plan.", metavar="[PLAN]")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """The questions that wait for a person."""
    from engine import shapes

    with opened_at(workspace) as opened:
        found = opened.queries(plan)
    if as_json:
        print_json([shapes.query(q) for q in found])
        return
    table(
        ("Number", "Plan", "Question", "Take"), ((q.query, q.plan, q.question, " or ".join(q.choices)) for q in found)
    )


@app.command()
def drift(plan: Plan, workspace: Where = None, as_json: Json = False) -> None:
    """The working document against the funding-body version, place by place."""
    from engine import shapes, signoff

    with opened_at(workspace) as opened:
        there = opened.standing(plan)
    if as_json:
        print_json(shapes.drift(there))
        return
    print(signoff.standing(there.edition, there.found, there.latest.number))
    if there.found:
        table(("What", "Was", "Is", "Rule"), ((r.place, r.was, r.now, r.rule) for r in there.found.reasons))
        if there.found.working_only:
            print(f"Moved without touching it: {len(there.found.working_only)} places.")


@app.command()
def proformas(workspace: Where = None, as_json: Json = False) -> None:
    """The proformas of the workspace, and what each asks."""
    from engine import shapes

    with opened_at(workspace) as opened:
        found = [shapes.proforma(p) for p in opened.premises.proformas.values()]
    if as_json:
        print_json(found)
        return
    for proforma in found:
        table(
            ("Question", "Kind", "Place", "Class"),
            ((q["label"], q["kind"], q["place"], q["class"]) for q in proforma["questions"]),
            title=f"{proforma['proforma']}: {proforma['title']}, issue {proforma['version']}",
        )
        print()
