"""Whether what other programs wrote into real forms is read back: each answer asked of pdf-lib, pikepdf, MuPDF,
docx-form and LibreOffice, and every miss.

.venv/bin/python -m tests.scores.filled
"""

from __future__ import annotations

import json
from typing import Any

from engine.model import Field
from engine.reading import read
from tests.scores.hostile import FORMS


def told(name: str, wanted: Any, fields: list[Field]) -> bool:
    """Whether a form says what was asked of the program that filled it; the field that says it is taken off the list.

    A field is known by its name; `#3` is the fourth. LibreOffice loses the names of tick boxes: then any field left
    that says the same may be the one.
    """
    if name.startswith("#"):
        return any(_says(field, wanted) for field in fields[int(name[1:]) :][:1])
    named = [field for field in fields if field.name == name]
    for field in named or fields:
        if _says(field, wanted):
            fields.remove(field)
            return True
    return False


def _says(field: Field, wanted: Any) -> bool:
    said = field.value if field.value is not None else ""
    return said == (wanted if isinstance(wanted, bool) else str(wanted or "")) or wanted == field.raw


def main() -> int:
    """Prints the share for each file and every miss; status 1 when anything is missed, 2 when there are no forms."""
    folder = FORMS / "filled"
    if not folder.is_dir():
        print(f"There are no shared forms at {folder}: nothing is measured.")
        return 2
    right = total = 0
    for truth in sorted(folder.glob("*.truth.json")):
        asked = json.loads(truth.read_text())["fields"]
        fields = list(read(truth.with_name(truth.name.removesuffix(".truth.json")).read_bytes()).fields)
        missed = [name for name, one in asked.items() if one["ok"] and not told(name, one["asked"], fields)]
        print(f"{len(asked) - len(missed):4} of {len(asked):4}  {truth.name.removesuffix('.truth.json')}")
        for name in missed:
            print(f"      missed  {name}: {asked[name]['asked']!r}")
        right, total = right + len(asked) - len(missed), total + len(asked)
    print(f"filled: {right} of {total} = {right / max(total, 1):.4f}")
    return int(right < total)


if __name__ == "__main__":
    raise SystemExit(main())
