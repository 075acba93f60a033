"""A Word form of ours that was printed to PDF, by whatever program: no fields, but tables whose rules we know.

The stamp stands at the head of every page, the count of pages at its foot. Everything that is asked stands in ruled
tables: of two columns, a label and its answer; of more, a head row and then rows that begin with their key. Labels and
heads are in another cut of type (bold) than answers and help. A row that runs over the end of a page is left out: a
form speaks only for the fields it carries.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pikepdf

from engine.errors import Unreadable
from engine.model import Field, Stamp
from engine.reading.limits import Limits, keep_within
from engine.reading.names import unique
from engine.reading.pdf_glyphs import UNKNOWN
from engine.reading.pdf_lines import Line, joined, lines, within
from engine.reading.pdf_page import Edge, Print, read_page
from engine.reading.pdf_printed import BROKEN, LETTERS, ORDER, PAGE, is_backward
from engine.reading.pdf_rules import tables
from engine.reading.word_tables import typed_answer

_PADDING = 10.8
"""Left and right of what stands in a cell, together, in points: Word's own, which ours leave as they are."""


@dataclass(frozen=True, slots=True)
class _Sheet:
    """One page of a printed form."""

    print: Print
    stamp: Stamp
    number: int
    of: int


@dataclass(frozen=True, slots=True)
class _Row:
    """The cells of one ruled row, each with its lines; the room of each, in points."""

    cells: tuple[tuple[Line, ...], ...]
    room: tuple[float, ...]
    where: str


def read_word_print(pdf: pikepdf.Pdf, limits: Limits) -> tuple[tuple[Field, ...], tuple[Stamp, ...]]:
    """The answers on a printed Word form, and the stamps at its head; no answers where it is not whole or not ours."""
    sheets = [sheet for page in pdf.pages if (sheet := _page(page))]
    distinct = tuple(dict.fromkeys(sheet.stamp for sheet in sheets))
    counted = [(sheet.number, sheet.of) for sheet in sheets]
    if len(distinct) != 1 or counted != [(n, len(pdf.pages)) for n in range(1, len(pdf.pages) + 1)]:
        return (), distinct
    fields = list(_answers([list(_tables(sheet)) for sheet in sheets]))
    keep_within("fields", len(fields), limits.fields)
    return unique(fields), distinct


def _page(page: pikepdf.Page) -> _Sheet | None:
    """A page with our stamp at its head and its number at its foot."""
    try:
        drawn = read_page(page)
    except (pikepdf.PdfError, Unreadable, ArithmeticError, LookupError, TypeError, ValueError):
        # What is drawn on a page may be anything; a page that cannot be followed is no print of ours.
        return None
    rows = lines(drawn.glyphs)
    if not rows or not rows[0].text.startswith("Form "):
        return None
    stamp = Stamp.find(" ".join(line.text for line in rows[:2]))
    counted = PAGE.search(rows[-1].text)
    return _Sheet(drawn, stamp, int(counted[1]), int(counted[2])) if stamp and counted else None


def _tables(sheet: _Sheet) -> Iterator[list[_Row]]:
    page, where = sheet.print, f"page {sheet.number}"
    for table in tables(page, 1.0):
        columns, rows = range(len(table.across) - 1), range(len(table.down) - 1)
        room = tuple(table.across[n + 1] - table.across[n] - _PADDING for n in columns)
        yield [_Row(tuple(_lines(page, table.cell(row, n)) for n in columns), room, where) for row in rows]


def _lines(page: Print, cell: Edge) -> tuple[Line, ...]:
    return tuple(lines(within(page.glyphs, cell)))


def _answers(pages: Sequence[Sequence[Sequence[_Row]]]) -> Iterator[Field]:
    """The answers of all tables, page after page."""
    for number, page in enumerate(pages):
        below = pages[number + 1] if number + 1 < len(pages) else ()
        for table in page:
            runs_on = table is page[-1] and bool(below) and _begins_within_a_row(below[0])
            kept = table[:-1] if runs_on else table
            yield from _table(kept[1:] if table is page[0] and _begins_within_a_row(table) else kept)


def _begins_within_a_row(table: Sequence[_Row]) -> bool:
    """Whether the first row, or the first under a head row, is the rest of one that began on the page before."""
    return not any(table[0].cells[:1])


def _table(rows: Sequence[_Row]) -> Iterator[Field]:
    heads: tuple[str, ...] = ()
    for row in rows:
        first, *others = row.cells
        if not first:
            continue
        if all(cell and cell[0].cut == first[0].cut for cell in others):
            heads = tuple(_label(cell) for cell in row.cells)
        elif heads:
            key = _label(first)
            for label, cell, room in zip(heads[1:], others, row.room[1:], strict=False):
                yield _field(f"{label} [{key}]", label, cell, room, row.where, key)
        elif len(others) == 1:
            label = _label(first)
            yield _field(label, label, others[0], row.room[1], row.where, "")


def _label(cell: Sequence[Line]) -> str:
    """The words at the head of a cell that are in one cut of type."""
    return " ".join(line.text for line in cell if line.cut == cell[0].cut)


def _field(name: str, label: str, cell: Sequence[Line], room: float, where: str, row: str) -> Field:
    text, sure = joined(cell, room, 1.0)
    kind, value, raw = typed_answer(text)
    if value is None:
        return Field(name, kind, None, raw, label, "label", where, row)
    doubts = ((BROKEN, not sure), (LETTERS, UNKNOWN in text), (ORDER, is_backward(text)))
    return Field(name, kind, value, raw, label, "label", where, row, tuple(words for words, holds in doubts if holds))
