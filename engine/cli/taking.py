"""The commands that make a workspace and take files in: init, demo, run, watch."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import By, Json, Where, app, chosen, opened_at, print_json, there, who

if TYPE_CHECKING:
    from engine.workspace import Summary, Workspace


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="The folder to make a workspace of.", metavar="DIR")],
    provider: Annotated[
        str, typer.Option(help="The provider's name, as printed on documents.")
    ] = "Our training provider",
) -> None:
    """Makes a workspace: inbox, outbox, settings, and the proformas that ship with the program."""
    from engine.opening import init as make
    from engine.workspace import Workspace

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

    return tell(folder or chosen(workspace))


@app.command("run")
def run_once(workspace: Where = None, as_json: Json = False) -> int:
    """Takes in what lies in the inbox, writes what follows, and stops."""
    with opened_at(workspace) as opened:
        summary = _with_progress(opened, quiet=as_json)
    if as_json:
        keys = ("taken_in", "already_known", "refused", "queries_raised", "revisions", "renditions", "seconds")
        print_json({key: getattr(summary, key) for key in keys} | {"waiting": list(summary.waiting)})
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
    with opened_at(workspace) as opened:
        print(f"Watching {opened.premises.inbox}. Stop with Ctrl-C.", flush=True)
        for summary in keep_watching(opened, stop):
            if summary.taken_in or summary.refused or summary.troubles or summary.already_known:
                _report(summary)
                sys.stdout.flush()
    return 0


@app.command("import")
def import_list(
    file: Annotated[Path, typer.Argument(help="A spreadsheet (.xlsx), a learner on each row.", metavar="FILE.xlsx")],
    approve: Annotated[bool, typer.Option("--approve", help="Take it in at once; else it is only shown.")] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(help="What a heading of yours stands for; remembered.", metavar="HEADING=COLUMN"),
    ] = None,
    by: By = "",
    workspace: Where = None,
) -> int:
    """Takes in learners, staff, employers, programmes and hours from a spreadsheet: shows first what would change.

    Drop the file into the inbox for the same; the form that shows what would change is then in outbox/questions.
    """
    there(file)
    mapped = dict(part.split("=", 1) for part in column or () if "=" in part)
    with opened_at(workspace) as opened:
        submission, told = opened.import_list(file, approve, who(by), mapped)
    print(told)
    return 0 if submission.outcome == "same" or approve else 1
