"""Words on a command line into calls of the workspace; results into tables, progress bars, JSON and exit codes.

Exit status: 0 done; 1 something needs a person; 2 wrong usage; 3 the workspace is in use or broken.
"""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from engine.errors import CounterpartError, Declined, Mistake, WorkspaceTrouble, WrongUse

if TYPE_CHECKING:
    from engine.model import Form
    from engine.workspace import Summary, Workspace

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="Keeps each learner's working plan and its signed funding-body version as two counterparts of one record. "
    "Drop completed Word and PDF forms into inbox/, and find the documents in outbox/.",
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Where = Annotated[Path | None, typer.Option("--workspace", help="The workspace's folder (default: this folder).")]
Plan = Annotated[str, typer.Argument(help="The plan's number, as `counterpart plans` lists it: P-...", metavar="PLAN")]
By = Annotated[str, typer.Option("--by", help="Who does it (default: the signed-in user).")]

_chosen: dict[str, Path] = {}

_WrongWords: Any = typer.BadParameter.__base__
"""What the parser raises for words that it does not know; typer gives it no public name."""


def run(words: Sequence[str]) -> int:
    """Runs one command; returns its exit status."""
    try:
        status = app(args=list(words), standalone_mode=False, prog_name="counterpart")
        return status if isinstance(status, int) else 0
    except (WrongUse, Mistake) as error:
        return _say(error, 2)
    except WorkspaceTrouble as error:
        return _say(error, 3)
    except Declined as error:
        return _say(error, 1)
    except typer.Exit as left:
        return left.exit_code
    except typer.Abort:
        return 1
    except KeyboardInterrupt:
        return 130
    except _WrongWords as error:
        error.show()
        return 2


def _say(error: CounterpartError, status: int) -> int:
    print(error, file=sys.stderr)
    return status


@app.callback()
def _before(workspace: Where = None) -> None:
    _chosen["workspace"] = workspace or Path()


def _open(workspace: Path | None) -> Workspace:
    from engine.workspace import Workspace

    return Workspace(workspace or _chosen.get("workspace") or Path())


def _who(by: str) -> str:
    import getpass

    try:
        return by or getpass.getuser()
    except OSError:
        return "unknown"


def _print_json(shape: Any) -> None:
    print(json.dumps(shape, ensure_ascii=False, indent=2, default=str))


def _table(headings: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    table = Table(title=title or None, title_justify="left", show_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 100).print(table)


# ── Making and taking in ────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make a workspace of.", metavar="DIR")],
    provider: Annotated[
        str, typer.Option(help="The provider's name, as printed on documents.")
    ] = "Our training provider",
) -> None:
    """Makes a workspace: inbox, outbox, settings, and the proformas that ship with the program."""
    from engine.workspace import Workspace
    from engine.workspace import init as make

    make(folder, provider)
    with Workspace(folder) as made:
        made.run()
    print(f"{folder} is a workspace. Blank forms are in its folder outbox/blank forms; drop filled ones into inbox.")


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Argument(help="The workspace (default: this folder).", metavar="DIR")] = None,
    workspace: Where = None,
) -> int:
    """Tells a whole story on shipped forms that other programs filled, and says where to look."""
    from engine.demo import tell

    return tell(folder or workspace or _chosen.get("workspace") or Path())


@app.command("run")
def run_once(workspace: Where = None, as_json: Json = False) -> int:
    """Takes in what lies in the inbox, writes what follows, and stops."""
    with _open(workspace) as opened:
        summary = _with_progress(opened, quiet=as_json)
    if as_json:
        keys = ("taken_in", "already_known", "refused", "queries_raised", "revisions", "renditions", "seconds")
        _print_json({key: getattr(summary, key) for key in keys} | {"waiting": list(summary.waiting)})
    else:
        _report(summary)
    return 1 if summary.refused or summary.queries_raised or summary.troubles else 0


def _with_progress(opened: Workspace, quiet: bool) -> Summary:
    if quiet or not sys.stderr.isatty():
        return opened.run()
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Looking", total=None)
        return opened.run(lambda done, of, name: progress.update(task, completed=done, total=of, description=name))


def _report(summary: Summary) -> None:
    print(
        f"Taken in {summary.taken_in}, known already {summary.already_known}, refused {summary.refused}, "
        f"questions raised {summary.queries_raised}, documents written {summary.renditions} "
        f"({summary.seconds:.1f} s)."
    )
    for name in summary.waiting:
        print(f"Still open or arriving, left for the next time: {name}")
    for trouble in summary.troubles:
        print(trouble, file=sys.stderr)


@app.command()
def watch(workspace: Where = None) -> int:
    """Takes in what arrives until it is stopped; a stop lets it finish the file in hand."""
    from engine.watch import watch as keep_watching

    stop = threading.Event()
    for name in ("SIGTERM", "SIGINT"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    with _open(workspace) as opened:
        print(f"Watching {opened.premises.inbox}. Stop with Ctrl-C.", flush=True)
        for summary in keep_watching(opened, stop):
            if summary.taken_in or summary.refused or summary.troubles or summary.already_known:
                _report(summary)
                sys.stdout.flush()
    return 0


# ── Looking ─────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def status(workspace: Where = None, as_json: Json = False) -> None:
    """Counts, and what is due."""
    with _open(workspace) as opened:
        plans, queries = opened.plans(), opened.queries()
        today = opened.premises.today
    due = sorted(((d, p) for p in plans for d in p.due), key=lambda pair: pair[0].day)
    if as_json:
        _print_json(
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
    _table(
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

    with _open(workspace) as opened:
        lines = [shapes.line(there) for there in opened.plans()]
    if as_json:
        _print_json(lines)
        return
    headings = ("Plan", "Learner", "Revision", "Version", "State", "Questions", "Next due")
    _table(headings, (line.values() for line in lines))


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

    with _open(workspace) as opened:
        if edition is not None:
            made = next((e for e in opened.premises.ledger.editions(plan) if e.number == edition), None)
            if made is None:
                raise WrongUse(f"{plan} has no funding-body version {edition}.")
            revision = made.revision
        there = opened.standing(plan, revision)
        found_hash = opened.premises.ledger.hash(plan, there.latest.number)
        words = _words(opened)
    if as_json:
        _print_json(shapes.plan(there, found_hash))
        return
    from engine.plan import place_of
    from engine.premises import label_of

    print(f"{plan}: {_name(there)}, revision {there.latest.number}, funding-body version: {there.state}")
    rows = ((label_of(words, p), place.show(v)) for p, v in sorted(there.record.items()) if (place := place_of(p)))
    _table(("What", "Says"), rows)
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

    with _open(workspace) as opened:
        found = opened.history(plan)
        words = _words(opened)
    if as_json:
        _print_json([shapes.revision(found_hash, r) for found_hash, r in found])
        return
    from engine.premises import label_of

    _table(
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

    with _open(workspace) as opened:
        found = opened.queries(plan)
    if as_json:
        _print_json([shapes.query(q) for q in found])
        return
    _table(
        ("Number", "Plan", "Question", "Take"), ((q.query, q.plan, q.question, " or ".join(q.choices)) for q in found)
    )


@app.command()
def drift(plan: Plan, workspace: Where = None, as_json: Json = False) -> None:
    """The working document against the funding-body version, place by place."""
    from engine import shapes, signoff

    with _open(workspace) as opened:
        there = opened.standing(plan)
    if as_json:
        _print_json(shapes.drift(there))
        return
    print(signoff.standing(there.edition, there.found, there.latest.number))
    if there.found:
        _table(("What", "Was", "Is", "Rule"), ((r.place, r.was, r.now, r.rule) for r in there.found.reasons))
        if there.found.working_only:
            print(f"Moved without touching it: {len(there.found.working_only)} places.")


@app.command()
def proformas(workspace: Where = None, as_json: Json = False) -> None:
    """The proformas of the workspace, and what each asks."""
    from engine import shapes

    with _open(workspace) as opened:
        found = [shapes.proforma(p) for p in opened.premises.proformas.values()]
    if as_json:
        _print_json(found)
        return
    for proforma in found:
        _table(
            ("Question", "Kind", "Place", "Class"),
            ((q["label"], q["kind"], q["place"], q["class"]) for q in proforma["questions"]),
            title=f"{proforma['proforma']}: {proforma['title']}, issue {proforma['version']}",
        )
        print()


# ── Doing ───────────────────────────────────────────────────────────────────────────────────────────────────────


@app.command()
def issue(
    proforma: Annotated[
        str, typer.Argument(help="Which form, as `counterpart proformas` lists it.", metavar="PROFORMA")
    ],
    plan: Annotated[str | None, typer.Option(help="Whose; without it the form is blank.")] = None,
    medium: Annotated[str, typer.Option("--as", help="word or pdf.")] = "pdf",
    to: Annotated[Path | None, typer.Option(help="The folder to write it to.", metavar="DIR")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> None:
    """Writes a form, stamped, and pre-filled for a plan."""
    if medium not in ("word", "pdf"):
        raise WrongUse(f"“{medium}” is no kind of document.", "It is word or pdf.")
    kind: Literal["word", "pdf"] = "word" if medium == "word" else "pdf"
    with _open(workspace) as opened:
        given, file = opened.issue(proforma, plan, kind, to)
    if as_json:
        _print_json(
            {
                "file": str(file),
                "form": given.form,
                "plan": given.plan,
                "revision": given.revision,
                "proforma": given.proforma,
            }
        )
    else:
        print(f"{given.form} is at {file}")


@app.command()
def settle(
    query: Annotated[str, typer.Argument(help="The question's number, Q-...", metavar="QUERY")],
    take: Annotated[str | None, typer.Option(help="form or plan, or a choice that the question names.")] = None,
    value: Annotated[str | None, typer.Option(help="What holds instead.", metavar="TEXT")] = None,
    by: By = "",
    workspace: Where = None,
) -> None:
    """Answers a question; the answer is recorded like any other change."""
    if (take is None) == (value is None):
        raise WrongUse("Say either --take or --value.")
    with _open(workspace) as opened:
        opened.settle(query, take, value, _who(by))
    print(f"{query} is settled.")


@app.command()
def sign(
    plan: Plan,
    role: Annotated[str, typer.Option(help="In which role the person signed: learner, employer, provider.")],
    name: Annotated[str, typer.Option(help="The signer's name.")],
    by: Annotated[str, typer.Option(help="The member of staff before whom it was signed.", metavar="STAFF")],
    workspace: Where = None,
) -> None:
    """Records a signature that was made before a member of staff."""
    with _open(workspace) as opened:
        opened.sign(plan, role, name, by)
        there = opened.standing(plan)
    print(f"Recorded. The funding-body version is now: {there.state}.")


@app.command()
def waive(
    plan: Plan,
    gate: Annotated[str, typer.Argument(help="The gate's number, as `counterpart show` names it: G1.", metavar="GATE")],
    reason: Annotated[str, typer.Option(help="Why.", metavar="TEXT")],
    by: Annotated[str, typer.Option(help="Who waives it.", metavar="STAFF")],
    workspace: Where = None,
) -> None:
    """Waives a gate before sign-off that may be waived."""
    with _open(workspace) as opened:
        opened.waive(plan, gate, reason, by)
    print(f"{gate} is waived.")


@app.command()
def read(
    files: Annotated[list[Path], typer.Argument(help="Forms to read.", metavar="FILE...")], as_json: Json = False
) -> int:
    """Only reads: what does this file say? Needs no workspace."""
    import os

    from engine.reading import entry

    missing = [file for file in files if not os.path.lexists(file)]
    if missing:
        raise WrongUse(f"There is no file {missing[0]}.")
    forms = _read_side_by_side(files)
    if as_json:
        _print_json([entry(str(file), form) for file, form in zip(files, forms, strict=True)])
    else:
        for file, form in zip(files, forms, strict=True):
            _show_form(file, form)
    return 1 if any(form.refused for form in forms) else 0


def _read_side_by_side(files: Sequence[Path]) -> list[Form]:
    """What the files say, in the order given; a progress bar shows how far it is, where somebody can see one."""
    import os

    from rich.console import Console
    from rich.progress import track

    from engine.pool import Pool
    from engine.reading import read_file
    from engine.settings import Limits

    with Pool(read_file, Limits(), workers=min(len(files), os.cpu_count() or 1)) as pool:
        started = [pool.start(file) for file in files]
        progress = track(
            started,
            "Reading",
            console=Console(stderr=True),
            transient=True,
            disable=len(files) < 2 or not sys.stderr.isatty(),
        )
        return [pool.collect(reading) for reading in progress]


def _show_form(file: Path, form: Form) -> None:
    if form.refused:
        print(f"{file}: refused. {form.refused.reason} {form.refused.advice}")
    else:
        stamp = form.stamp.line() if form.stamp else "no form number"
        rows = ((f.label or f.name, _words_of(f.value), f.where, "; ".join(f.problems)) for f in form.fields)
        _table(("Question", "Answer", "Where", "Doubts"), rows, title=f"{file}: {stamp}")
    for seal in form.seals:
        print(f"Signature: {seal}")
    for remark in form.remarks:
        by = f" by {remark.by}" if remark.by else ""
        print(f"Beside the answers ({remark.kind}{by}, {remark.where or 'place unknown'}): {remark.text}")
    print()


def _words_of(value: object) -> str:
    """A value as a person reads it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)


@app.command()
def verify(
    files: Annotated[list[Path] | None, typer.Argument(help="Sealed files; none = the whole workspace.")] = None,
    workspace: Where = None,
    as_json: Json = False,
) -> int:
    """Checks the seals of files, or everything that the workspace keeps."""
    from engine.verify import Finding, Verified, verify_file

    if files:
        said = [(file, *verify_file(file)) for file in files]
        problems = tuple(Finding("sealed file", str(f), "; ".join(why)) for f, good, why in said if not good)
        found = Verified({"files": len(files)}, problems)
        if not as_json:
            for file, good, why in said:
                print(f"{file}: {'good' if good else 'NOT good'}: {'; '.join(why)}")
    else:
        with _open(workspace) as opened:
            found = opened.verify()
        if not as_json:
            print(", ".join(f"{count} {what}" for what, count in found.checked.items()) + " checked.")
            for problem in found.problems:
                print(f"{problem.what} {problem.where}: {problem.why}")
            print("Everything holds." if found.ok else f"{len(found.problems)} problems.")
    if as_json:
        _print_json({"ok": found.ok, "checked": found.checked, "problems": [asdict(p) for p in found.problems]})
    return 0 if found.ok else 1


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="Which work: read (default: all).", metavar="[WHAT]")] = "",
    rounds: Annotated[int, typer.Option(help="How often each piece of work is done.", min=1)] = 25,
    as_json: Json = False,
) -> None:
    """Measures itself on generated work, beside what a bare library needs for it. Times are medians."""
    from engine.bench import measure

    rows = list(measure(what, rounds))
    if as_json:
        _print_json([asdict(row) | {"ratio": row.ratio, "wall_ratio": row.wall_ratio} for row in rows])
        return
    _table(
        ("Work", "Against", "Ours, ms CPU", "Theirs", "Ratio", "Ratio by wall", "To reach"),
        (
            (
                row.work,
                row.against,
                f"{row.ours.cpu:.2f}",
                f"{row.theirs.cpu:.2f}",
                f"{row.ratio:.2f} ×",
                f"{row.wall_ratio:.2f} ×",
                row.reach,
            )
            for row in rows
        ),
    )
