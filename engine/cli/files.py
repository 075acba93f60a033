"""What is asked of single files, and of the program itself: read, verify, bench."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from engine.cli.terminal import Json, Where, app, opened_at, print_json, table, there
from engine.errors import WrongUse

if TYPE_CHECKING:
    from engine.model import Form


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
        print_json([entry(str(file), form) for file, form in zip(files, forms, strict=True)])
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
        table(("Question", "Answer", "Where", "Doubts"), rows, title=f"{file}: {stamp}")
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
    repair: Annotated[
        bool, typer.Option("--repair", help="First make again what can be made from the record.")
    ] = False,
    workspace: Where = None,
    as_json: Json = False,
) -> int:
    """Checks the seals of files, or everything that the workspace keeps."""
    from engine.verify import Finding, Verified, verify_file

    if files:
        there(*files)
        said = [(file, *verify_file(file)) for file in files]
        problems = tuple(Finding("sealed file", str(f), "; ".join(why)) for f, good, why in said if not good)
        found = Verified({"files": len(files)}, problems)
        if not as_json:
            for file, good, why in said:
                print(f"{file}: {'good' if good else 'NOT good'}: {'; '.join(why)}")
    else:
        with opened_at(workspace) as opened:
            found = opened.repair() if repair else opened.verify()
        if not as_json:
            print(", ".join(f"{count} {what}" for what, count in found.checked.items()) + " checked.")
            for problem in found.problems:
                print(f"{problem.what} {problem.where}: {problem.why}")
            print("Everything holds." if found.ok else f"{len(found.problems)} problems.")
    if as_json:
        print_json({"ok": found.ok, "checked": found.checked, "problems": [asdict(p) for p in found.problems]})
    return 0 if found.ok else 1


@app.command()
def bench(
    what: Annotated[
        str,
        typer.Argument(
            help="Which work: read, write, form, cores, growth or memory (default: all; the last two take long).",
            metavar="[WHAT]",
        ),
    ] = "",
    rounds: Annotated[int, typer.Option(help="How often each piece of work is done.", min=1)] = 25,
    as_json: Json = False,
) -> None:
    """Measures itself on generated work, beside what a bare library needs for it. Times are medians."""
    from rich.console import Console

    from engine.bench import measure

    rows = []
    with Console(stderr=True).status("Measuring …") as progress:
        for row in measure(what, rounds):
            rows.append(row)
            progress.update(f"Measured: {row.work} … ({len(rows)} so far)")
    if as_json:
        print_json([asdict(row) | {"ratio": row.ratio, "wall_ratio": row.wall_ratio} for row in rows])
        return
    table(
        ("Work", "Against", "Ours, ms CPU", "Theirs", "Ratio", "Ratio by wall", "To reach"),
        (
            (
                row.work,
                row.against,
                f"{row.ours.cpu:.2f} ± {row.ours.spread:.0%}",
                f"{row.theirs.cpu:.2f} ± {row.theirs.spread:.0%}",
                f"{row.ratio:.2f} ×",
                f"{row.wall_ratio:.2f} ×",
                row.reach,
            )
            for row in rows
        ),
    )
