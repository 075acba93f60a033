"""What every command stands on: the shared options, the workspace it opens, tables and JSON on the terminal."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from engine.errors import WrongUse

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


def there(*files: Path) -> None:
    """Holds a command to files that are there.

    Raises:
        WrongUse: when one is missing, or is a folder.
    """
    for file in files:
        if file.is_dir():
            raise WrongUse(f"{file} is a folder, not a file.", "Name the files in it.")
        if not file.exists():
            raise WrongUse(f"There is no file {file}.")


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


def width() -> int:
    """How many characters a line has: the terminal's, or 100 where there is none."""
    return max(60, shutil.get_terminal_size((100, 24)).columns)


def lines(found: Iterable[str]) -> None:
    """Prints lines as they come."""
    sys.stdout.writelines(f"{line}\n" for line in found)


def table(headings: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """Prints a table, as wide as the terminal at most."""
    from engine.cli.pages import tabular

    lines((*([title] if title else ()), *tabular(headings, rows, width())))
