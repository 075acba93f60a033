"""A spreadsheet's cells as people see them: each sheet, row by row, in text."""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterator
from io import BytesIO
from zipfile import BadZipFile

from engine.model import Tab
from engine.places import LONGEST
from engine.reading.limits import Limits

TABS = 20
WIDEST = 200
"""How many sheets of a file, and columns of a sheet, are looked at."""

_TROUBLE = (BadZipFile, KeyError, ValueError, TypeError, AttributeError, IndexError, OSError, SyntaxError)
"""What openpyxl raises on a damaged workbook, above what lxml calls a syntax error."""


def read_grid(content: bytes, limits: Limits) -> tuple[Tab, ...]:
    """The sheets of a workbook; none where it cannot be read, or holds more rows than the limits allow.

    What formulas gave when it was saved is what is read; nothing is worked out, and nothing that it points to fetched.
    """
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # On parts of a workbook that are not cells: pictures, rules, styles.
            book = load_workbook(BytesIO(content), read_only=True, data_only=True, keep_links=False)
            tabs = tuple(_tabs(book, limits))
            book.close()
    except _TROUBLE:
        return ()
    return () if any(tab is None for tab in tabs) else tuple(tab for tab in tabs if tab)


def _tabs(book: object, limits: Limits) -> Iterator[Tab | None]:
    left = limits.rows
    for sheet in list(getattr(book, "worksheets", []))[:TABS]:
        rows = []
        for number, row in enumerate(sheet.iter_rows(max_col=WIDEST), 1):
            said = {cell.column: _text(cell.value) for cell in row if cell.value is not None}
            said = {column: text for column, text in said.items() if text}
            if said:
                rows.append((number, said))
            if len(rows) > left or number > 20 * limits.rows:
                yield None
                return
        left -= len(rows)
        if rows:
            yield Tab(str(sheet.title), tuple(rows))


def _text(value: object) -> str:
    """A cell in text: whole numbers without a point, days as ISO; of one that is too long, so much that it is seen."""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    return " ".join(str(value).split())[: LONGEST + 1]
