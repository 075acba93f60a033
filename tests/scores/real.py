"""The shared forms' own score, over `counterpart read --json` of this checkout."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.scores.hostile import FORMS


def _score() -> Any:
    """The module `score.py` that stands beside the shared forms."""
    found = importlib.util.spec_from_file_location("score", FORMS / "score.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def tell(kind: str, folders: Sequence[str]) -> int:
    """Prints the share and every miss in each folder; status 1 when anything is missed, 2 when there are no forms."""
    if not (FORMS / "score.py").is_file():
        print(f"There are no shared forms at {FORMS}: nothing is measured.")
        return 2
    score = _score()
    read_all = score.reader(Path(sys.executable).parent / "counterpart")
    missed = False
    for folder in folders:
        right, total, files, misses = getattr(score, f"score_{kind}")(read_all, FORMS / folder)
        for count, name, first in misses:
            print(f"{count:5} missed  {name}  first: {first}")
        print(f"{folder}: {right} of {total} = {right / max(total, 1):.4f} over {files} files")
        missed = missed or bool(misses)
    return int(missed)
