"""Words on a command line into calls of the workspace; results into words, JSON and exit codes.

Exit status: 0 done; 1 something needs a person; 2 wrong usage; 3 the workspace is in use or broken.

    taking      what makes a workspace and takes files in
    looking     what only looks, over pages: one plan and its history laid out for a terminal
    deciding    what people decide by word of mouth
    quality     what an inspector would ask
    adopting    proformas themselves: other people's forms adopted, definitions checked
    files       what is asked of single files, and of the program itself
    keeping     what keeps a workspace safe and running
    words       what outcomes and rules are called to people
    terminal    what every command stands on
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import typer

from engine.cli import taking, looking, deciding, quality, adopting, files, keeping  # noqa: F401  # isort: skip - in the order that --help lists them
from engine.cli.terminal import app
from engine.errors import CounterpartError, Declined, Mistake, WorkspaceTrouble, WrongUse

__all__ = ["app", "run"]

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
