"""Counterpart measured on work that it generates itself: its own time beside a floor's, and beside another program's.

Everything that one row compares is run in turn, round after round in one process, and the median counts: on a busy
machine times mean little and ratios much. Each is run twice and only its second run counts: behind another's run it
would find its own memory thrown out of the processor's caches, behind a kindred one's find it there already.
A new kind of work is one function that yields rows, listed in `WORK`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from engine.bench_growth import growth
from engine.bench_office import memory, one_form, two_cores
from engine.bench_writing import writing
from engine.documents import Medium
from engine.errors import WrongUse
from engine.measures import Row, side_by_side
from engine.model import Media
from engine.opening import init, shipped
from engine.workspace import Workspace

ROUNDS = 25
"""How often each piece of work is done, unless somebody asks for more."""


_MEDIA: tuple[tuple[Medium, str], ...] = (("pdf", "PDF"), ("word", "Word"))


def measure(what: str = "", rounds: int = ROUNDS) -> Iterator[Row]:
    """Rows for one kind of work, or for all.

    Raises:
        WrongUse: when there is no work of that name.
    """
    if what and what not in WORK:
        raise WrongUse(f"There is no work called “{what}” to measure.", f"There is: {', '.join(WORK)}.")
    with tempfile.TemporaryDirectory() as folder:
        forms = made_forms(Path(folder))
        for name, rows in WORK.items():
            if what in ("", name):
                yield from rows(forms, rounds)


def made_forms(folder: Path) -> dict[str, bytes]:
    """Forms of our own making, by a name that says what they are: the longest blank one, and one filled for a plan."""
    folder.mkdir(parents=True, exist_ok=True)
    init(folder)
    with Workspace(folder) as workspace:
        workspace.run()
        (first, *_) = sorted(f for f in shipped("samples").iterdir() if f.suffix == ".pdf")
        plan = workspace.take_in(first).plan
        proformas = workspace.premises.proformas
        longest = max(proformas, key=lambda name: sum(1 for _ in proformas[name].questions()))
        made = {}
        for state, whose in (("blank", None), ("filled", plan)):
            for medium, name in _MEDIA:
                _, file = workspace.issue(longest, whose, medium, folder / state)
                made[f"{state} {name} form"] = file.read_bytes()
        return made


# ── Reading ─────────────────────────────────────────────────────────────────────────────────────────────────────

_PDF_RIVALS = (
    ("floor: pikepdf opens and walks the bare fields", "walk", "≤ 1.6 ×"),
    ("pypdf get_fields", "pypdf", "≤ 0.2 × (5 times faster)"),
)
_WORD_RIVALS = (
    ("floor: unzip and parse document.xml", "parse", "≤ 6 ×"),
    ("python-docx over all tables", "python-docx", "≤ 0.5 × (2 times faster)"),
)


def reading(forms: Mapping[str, bytes], rounds: int) -> Iterator[Row]:
    """Reading a form that is in memory, against what libraries need for less."""
    from engine.reading import read

    for name, content in forms.items():
        is_pdf = read(content).media_type == Media.PDF
        rivals = {"walk": _walk, "pypdf": _pypdf} if is_pdf else {"parse": _parse, "python-docx": _tables}
        contestants: dict[str, Callable[[], object]] = {"ours": lambda c=content: read(c)}  # type: ignore[misc]
        for rival, does in rivals.items():
            contestants[rival] = lambda c=content, d=does: d(c)  # type: ignore[misc]
        costs = side_by_side(contestants, rounds)
        for against, rival, reach in _PDF_RIVALS if is_pdf else _WORD_RIVALS:
            yield Row(f"read a {name} ({len(content) // 1000} kB)", against, costs["ours"], costs[rival], reach)


def _walk(content: bytes) -> int:
    """Opens a PDF and looks at the name, kind and value of every field: less than any reader can do with."""
    import pikepdf

    with pikepdf.open(BytesIO(content)) as pdf:
        waiting: list[Any] = list(pdf.Root.AcroForm.Fields)
        met = 0
        while waiting:
            field = waiting.pop()
            keys = field.keys()
            for key in ("/T", "/FT", "/V"):
                if key in keys:
                    str(field[key])
            waiting.extend(field.Kids if "/Kids" in keys else ())
            met += 1
        return met


def _pypdf(content: bytes) -> object:
    import pypdf

    return pypdf.PdfReader(BytesIO(content)).get_fields()


def _parse(content: bytes) -> object:
    import zipfile

    from lxml import etree

    with zipfile.ZipFile(BytesIO(content)) as container:
        return etree.fromstring(container.read("word/document.xml"))


def _tables(content: bytes) -> int:
    import docx

    return sum(
        len(cell.text) for table in docx.Document(BytesIO(content)).tables for row in table.rows for cell in row.cells
    )


WORK: dict[str, Callable[[Mapping[str, bytes], int], Iterator[Row]]] = {
    "read": reading, "write": writing, "form": one_form, "cores": two_cores, "growth": growth, "memory": memory,
}  # fmt: skip
"""Every kind of work that is measured, by the word that asks for it."""
