"""The command `counterpart`."""

from __future__ import annotations

import sys


def main() -> None:
    """Runs the command line; a mistake of a person ends in a sentence, never in a traceback."""
    from engine.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
