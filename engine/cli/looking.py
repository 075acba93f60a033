"""The commands that only look: status, plans, show, history, queries, drift, proformas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import Json, Plan, Where, app, lines, opened_at, print_json, table, width
from engine.errors import WrongUse

if TYPE_CHECKING:
    from engine.standing import Standing
    from engine.workspace import Workspace


@app.command()
def status(workspace: Where = None, as_json: Json = False) -> None:
    """Counts, and what is due."""
    from engine.cli import pages

    with opened_at(workspace) as opened:
        plans, queries = opened.overview(), opened.queries()
        today, health = opened.premises.today.isoformat(), opened.health.look()
        too_wide = opened.wide_open()
    due = sorted(((day, what, p) for p in plans for what, day in p["due"]), key=lambda found: found[0])
    ended = sum(bool(p["ended"]) for p in plans)
    if as_json:
        print_json(
            {
                "plans": len(plans),
                "ended": ended,
                "open_queries": len(queries),
                "health": health,
                "wide_open": too_wide,
                "due": [{"plan": p["plan"], "what": what, "day": day, "overdue": day < today} for day, what, p in due],
            }
        )
        return
    closed = f" ({ended} of them closed)" if ended else ""
    late = sum(day < today for day, _, _ in due)
    print(f"Plans: {len(plans)}{closed}. Open questions: {len(queries)}. Due: {len(due)}, of which {late} overdue.")
    print(f"Watch: {health['state']}.")
    if too_wide:
        said = f"Anybody on this machine may open: {', '.join(too_wide)}. The README says which folder is for whom."
        lines(pages.wrapped(said, width()))
    if due:
        table(
            ("Due", "What", "Plan", "Learner"),
            ((f"{_shown(day)}{' overdue' * (day < today)}", what, p["plan"], p["learner"]) for day, what, p in due),
        )


def _shown(day: str) -> str:
    """A day as people write it."""
    import datetime as dt

    return f"{dt.date.fromisoformat(day):%d/%m/%Y}"


def _name(there: Standing) -> str:
    from engine.sheet import display_name

    return display_name(there.record)


@app.command()
def plans(workspace: Where = None, as_json: Json = False) -> None:
    """One line for each plan."""
    from engine import shapes

    with opened_at(workspace) as opened:
        found = opened.overview()
    if as_json:
        print_json([shapes.line(kept) for kept in found])
        return
    table(
        ("Plan", "Learner", "Revision", "Funding-body version", "Questions", "Next due"),
        (
            (
                kept["plan"],
                kept["learner"],
                kept["revision"],
                f"{kept['edition']}, {kept['edition_state']}" if kept["edition"] else kept["edition_state"],
                kept["open_queries"] or "",
                f"{_shown(kept['due'][0][1])}  {kept['due'][0][0]}" if kept["due"] else kept["ended"],
            )
            for kept in found
        ),
    )


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

    if revision is not None and edition is not None:
        raise WrongUse("Say either --revision or --edition.")
    with opened_at(workspace) as opened:
        if edition is not None:
            made = next((e for e in opened.premises.ledger.editions(plan) if e.number == edition), None)
            if made is None:
                raise WrongUse(f"{plan} has no funding-body version {edition}.")
            revision = made.revision
        versions = opened.standing(plan).versions
        there = opened.standing(plan, revision)
        found_hash = opened.premises.ledger.hash(plan, there.latest.number)
        words = _words(opened)
    shown = next((v for v in versions if v.edition.number == edition), None)
    if as_json:
        print_json(shapes.plan(there, found_hash, shown))
        return
    from engine.cli import pages

    lines(pages.plan(there, _name(there), words, width(), (shown,) if shown else versions))


def _words(opened: Workspace) -> dict[str, str]:
    from engine.premises import labels

    return labels(opened.premises.proformas)


@app.command()
def history(plan: Plan, workspace: Where = None, as_json: Json = False) -> None:
    """A plan's revisions, and every decision in them."""
    from engine import shapes

    with opened_at(workspace) as opened:
        found = opened.history(plan)
        if as_json:
            print_json([shapes.revision(found_hash, r) for found_hash, r in found])
            return
        from engine.cli import pages

        titles = {p.proforma: p.title for p in opened.premises.proformas.values()}
        came = opened.premises.ledger.submission
        lines(pages.history((r for _, r in found), came, titles, _words(opened), width()))


@app.command()
def queries(
    plan: Annotated[str | None, typer.Argument(help="Only of this plan.", metavar="[PLAN]")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """The questions that wait for a person."""
    from engine import shapes
    from engine.premises import waits_for
    from engine.sheet import display_name

    with opened_at(workspace) as opened:
        found = opened.queries(plan)
        records = {p: opened.premises.ledger.record(p) for p in {q.plan for q in found} if p}
    if as_json:
        print_json([shapes.query(q, records.get(q.plan or "", {})) for q in found])
        return
    from engine.cli import pages

    names = {p: display_name(record) for p, record in records.items()}
    lines(pages.queries(found, names, lambda q: waits_for(q, records.get(q.plan or "", {})), width()))


@app.command()
def drift(plan: Plan, workspace: Where = None, as_json: Json = False) -> None:
    """The working document against the funding-body version, place by place."""
    from engine import shapes

    with opened_at(workspace) as opened:
        there = opened.standing(plan)
        words = _words(opened)
    if as_json:
        print_json(shapes.drift(there))
        return
    from engine.cli import pages

    lines(pages.drift(there, words, width()))


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


@app.command()
def places(
    word: Annotated[str, typer.Argument(help="Only those that have to do with this.", metavar="WORD")] = "",
    as_json: Json = False,
) -> None:
    """The places of a plan that a form may ask for: what each is called, how it is answered, who may see it."""
    from engine import shapes
    from engine.plan import PLACES, computed

    found = [shapes.place(p) for p in PLACES.values() if word.casefold() in p.path and not computed(p.path)]
    if as_json:
        print_json(found)
        return
    rows = ((p["place"], p["answered"], ", ".join(p["seen_by"]), p["class"]) for p in found)
    table(("Place", "Answered by", "May be seen by", "Class"), rows)
