"""What every command stands on: the shared options, the workspace it opens, tables and JSON on the terminal."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from engine.workspace import Workspace

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"max_content_width": 100},
    help="Keeps each learner's working plan and its signed funding-body version as two counterparts of one record. "
    "Drop completed Word and PDF forms into inbox/, and find the documents in outbox/.",
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
Where = Annotated[Path | None, typer.Option("--workspace", help="The workspace's folder (default: this folder).")]
Plan = Annotated[str, typer.Argument(help="The plan's number, as `counterpart plans` lists it: P-...", metavar="PLAN")]
By = Annotated[str, typer.Option("--by", help="Who does it (default: the signed-in user).")]

_chosen: dict[str, Path] = {}


@app.callback()
def _before(workspace: Where = None) -> None:
    _chosen["workspace"] = workspace or Path()


def chosen(workspace: Path | None) -> Path:
    """The workspace's folder: as named after the command, before it, or the current one."""
    return workspace or _chosen.get("workspace") or Path()


def opened_at(workspace: Path | None) -> Workspace:
    """The workspace, opened."""
    from engine.workspace import Workspace

    return Workspace(chosen(workspace))


def who(by: str) -> str:
    """Who does it, as far as known."""
    import getpass

    try:
        return by or getpass.getuser()
    except OSError:
        return "unknown"


def print_json(shape: Any) -> None:
    """Prints one JSON document."""
    print(json.dumps(shape, ensure_ascii=False, indent=2, default=str))


def table(headings: Iterable[str], rows: Iterable[Iterable[object]], title: str = "") -> None:
    """Prints a table, as wide as the terminal."""
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    drawn = Table(title=title or None, title_justify="left", show_edge=False)
    for heading in headings:
        drawn.add_column(heading, overflow="fold")
    for row in rows:
        drawn.add_row(*(escape("" if cell is None else str(cell)) for cell in row))
    Console(width=None if sys.stdout.isatty() else 100).print(drawn)
