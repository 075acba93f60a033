"""The tables of a Word file: which cell stands where, which words label it, and what is typed in it without a box."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from engine.model import Field, FieldKind
from engine.reading.word_text import (
    SDT,
    TBL,
    TC,
    TR,
    VAL,
    Element,
    first_child,
    first_words,
    on,
    one_line,
    struck,
    text_of,
    w,
)

_WRAPPERS = frozenset([SDT, w("sdtContent"), w("customXml"), w("ins"), w("moveTo"), w("smartTag")])
_CELL_LOOK, _ROW_LOOK, _SPAN, _MERGE = w("tcPr"), w("trPr"), w("gridSpan"), w("vMerge")
_HEADING = w("tblHeader")
_BEFORE = w("gridBefore")
_STYLE = w("pStyle")
_LABEL_LIMIT = 300


@dataclass(slots=True, eq=False)
class Cell:
    """A cell of a table.

    Attributes:
        table, row: counted from 1, as people count.
        column: where it starts on the table's grid, from 0.
        continued: whether it is the lower part of a cell that spans rows.
        taken: whether a box stands in it.
        read: whether what is typed or drawn in it was read as an answer.
        box: the title and the tag of the first control in it.
    """

    element: Element
    table: int
    row: int
    column: int
    continued: bool = False
    taken: bool = False
    read: bool = False
    box: tuple[str, str] | None = None

    @property
    def where(self) -> str:
        """Where the cell stands, for people."""
        return f"table {self.table}, row {self.row}"


class Table:
    """One table, its rows of cells, and whether its first row heads its columns."""

    def __init__(self, element: Element, number: int) -> None:
        self.element = element
        self.rows: list[list[Cell]] = []
        # An element is known by its proxy, which lives as long as the cell that holds it.
        self.row_elements: list[Element] = list(_inside(element, TR))
        uneven = next(element.iter(_SPAN, _MERGE, _BEFORE), None) is not None
        for index, row in enumerate(self.row_elements, 1):
            column = _before(row) if uneven else 0
            cells = []
            for cell in _inside(row, TC):
                span, continued = _spans(cell) if uneven else (1, False)
                cells.append(Cell(cell, number, index, column, continued))
                column += span
            self.rows.append(cells)
        self.headed = self._is_headed()
        self._headings: dict[int, str] = {}
        self._keys: dict[int, str] = {}

    def _is_headed(self) -> bool:
        if len(self.rows) < 2 or not self.rows[0]:
            return False
        look = first_child(self.row_elements[0], _ROW_LOOK)
        if (look is not None and on(first_child(look, _HEADING))) or all(map(_is_styled_as_heading, self.rows[0])):
            return True
        first = self.rows[0]
        if len(first) < 3 or any(len(row) > len(first) for row in self.rows):
            return False
        words = [first_words(cell.element) for cell in first]
        if not all(words[1:]) or any(next(cell.element.iter(SDT), None) is not None for cell in first):
            return False
        # Four cells may be two labels with their answers: then only the labels look like labels.
        return len(first) != 4 or (not words[0].endswith(":") and _emphasised(first[0]) == _emphasised(first[1]))

    def crossed_columns(self) -> frozenset[int]:
        """The columns in which people put a cross or nothing: “Yes” and “No”, or all crosses and blanks."""
        found = set()
        for head in self.rows[0][1:]:
            cells = [cell for row in self.rows[1:] for cell in row if cell.column == head.column]
            crosses = 0
            for cell in cells:
                words = "" if cell.taken else text_of(cell.element)
                if cell.taken or (words and not (words in _CROSSES or _ONLY_MARK.match(words))):
                    break
                crosses += words in _CROSSES
            else:
                if cells and (crosses or one_line(text_of(head.element)).casefold().rstrip("?:") in _YES_OR_NO):
                    found.add(head.column)
        return frozenset(found)

    def heading(self, column: int) -> str:
        """The words at the head of a column."""
        if column not in self._headings:
            above = [cell for cell in self.rows[0] if cell.column <= column]
            self._headings[column] = one_line(text_of(above[-1].element)) if above else ""
        return self._headings[column]

    def key(self, row: int) -> str:
        """The words in the first cell of a row, counted from 1."""
        if row not in self._keys:
            cells = self.rows[row - 1]
            self._keys[row] = one_line(text_of(self._whole(cells[0]).element)) if cells else ""
        return self._keys[row]

    def label(self, cell: Cell) -> str:
        """The words beside a cell, or above it."""
        row = self.rows[cell.row - 1]
        for other in reversed(row[: row.index(cell)]):
            if not other.taken and (words := first_words(self._whole(other).element)):
                return words
        if cell.row > 1:
            for other in self.rows[cell.row - 2]:
                if other.column == cell.column and not other.taken:
                    return first_words(self._whole(other).element)
        return ""

    def _whole(self, cell: Cell) -> Cell:
        """The upper part of a cell that spans rows."""
        while cell.continued and cell.row > 1:
            above = next((c for c in self.rows[cell.row - 2] if c.column == cell.column), None)
            if above is None:
                break
            cell = above
        return cell


def _is_styled_as_heading(cell: Cell) -> bool:
    """Whether a cell has the style that our own headings have: Rich Text files lose the mark on the row."""
    style = next(cell.element.iter(_STYLE), None)
    return style is not None and (style.get(VAL) or "").casefold() == "columnheading"


def _emphasised(cell: Cell) -> bool:
    shade = cell.element.find(f"{_CELL_LOOK}/{w('shd')}")
    filled = shade is not None and (shade.get(w("fill")) or "auto").lower() not in ("auto", "ffffff")
    return filled or next(cell.element.iter(w("b")), None) is not None


def _number(setting: Element) -> int:
    value = setting.get(VAL) or ""
    return int(value) if value.isdecimal() and len(value) < 4 else 0


def _before(row: Element) -> int:
    """How many columns of the grid a row leaves out at its beginning."""
    before = row.find(f"{_ROW_LOOK}/{_BEFORE}")
    return _number(before) if before is not None else 0


def _spans(cell: Element) -> tuple[int, bool]:
    """How many columns a cell spans, and whether it is the lower part of one that spans rows."""
    look = first_child(cell, _CELL_LOOK)
    span, continued = 1, False
    for setting in look.iterchildren(_SPAN, _MERGE) if look is not None else ():
        if setting.tag == _SPAN:
            span = max(_number(setting), 1)
        else:
            continued = setting.get(VAL) != "restart"
    return span, continued


def _inside(element: Element, tag: str) -> Iterator[Element]:
    """The children of a kind, looking through what may be wrapped around them."""
    for one in element:
        if one.tag == tag:
            yield one
        elif one.tag in _WRAPPERS:
            yield from _inside(one, tag)


class Tables:
    """All tables of a part, the nested ones too."""

    def __init__(self, root: Element) -> None:
        self.tables = [Table(element, number) for number, element in enumerate(root.iter(TBL), 1)]
        self._cells = {cell.element: cell for table in self.tables for row in table.rows for cell in row}

    def cell_of(self, element: Element) -> Cell | None:
        """The innermost cell that an element stands in, or is."""
        inside: Element | None = element if self._cells else None
        while inside is not None and inside.tag != TC:
            inside = inside.getparent()
        return self._cells.get(inside) if inside is not None else None

    def holds(self, control: Element, title: str, tag: str) -> Cell | None:
        """The innermost cell that a control stands in, which keeps the title and the tag of its first."""
        cell = self.cell_of(control)
        if cell is not None and cell.box is None:
            cell.box = title, tag
        return cell

    def label_and_row(self, cell: Cell) -> tuple[str, str]:
        """The words that label a cell, and in a headed table the key of its row."""
        table = self.tables[cell.table - 1]
        if table.headed and cell.row > 1:
            first = table.rows[cell.row - 1][0]
            return table.heading(cell.column), "" if cell is first else table.key(cell.row)
        return table.label(cell), ""

    def typed(self) -> Iterator[tuple[Cell, Field]]:
        """What is typed in cells beside a label or under a heading, where no box stands."""
        for table in self.tables:
            crossed = table.crossed_columns() if table.headed else frozenset()
            for number, row in enumerate(table.rows, 1):
                if table.headed:
                    cells = row[1:] if number > 1 else []
                else:
                    cells = [row[i + 1] for i in range(0, len(row), 2)] if len(row) in (2, 4) else []
                for cell in cells:
                    if cell.taken or cell.read or cell.continued or next(cell.element.iter(TBL), None) is not None:
                        continue
                    label, key = self.label_and_row(cell)
                    if label and len(label) <= _LABEL_LIMIT:
                        cell.read = True
                        yield cell, typed_field(cell, label, key, table.headed, cell.column in crossed)

    def lone_cells(self) -> Iterator[Cell]:
        """Cells in which whole lines may be written: those that no label and no heading speaks for."""
        for table in self.tables:
            if not table.headed:
                for row in table.rows:
                    if len(row) not in (2, 4):
                        yield from (cell for cell in row if not cell.taken and not cell.read)


def named(label: str, row: str) -> str:
    """The name of a box that has none of its own."""
    return f"{label} [{row}]" if row else label


def typed_field(cell: Cell, label: str, row: str, headed: bool, crossed_column: bool = False) -> Field:
    """What is typed in a cell, as a field.

    Args:
        crossed_column: whether the cell's column is one in which people put a cross or nothing.
    """
    kind, value, raw = typed_answer(text_of(cell.element))
    if crossed_column:
        kind, value = "tick", is_ticked(raw or "")
    name = named(label, row or f"row {cell.row}") if headed else label
    crossed = struck(cell.element) if value is not None else ""
    return Field(name, kind, value, raw, label, "label", cell.where, row, (crossed,) if crossed else ())


# ── Words typed without a box ───────────────────────────────────────────────────────────────────────────────────

_HINTS = {
    "click or tap here to enter text", "click here to enter text", "choose an item", "click or tap to enter a date",
    "click here to enter a date", "click or tap to enter text", "write here", "choose", "pick a date",
}  # fmt: skip

_CROSSES = frozenset("xX✓✔✗✘√")
_YES_OR_NO = frozenset({"yes", "no", "n/a", "not applicable", "true", "false", "agree", "disagree", "y", "n"})

TICKED, UNTICKED = frozenset("☒☑✓✔⊠✗✘√🗹🗷"), frozenset("☐□▢❏❑🞎")

ANY_MARK = r"(?:[☒☑✓✔⊠✗✘√🗹🗷☐□▢❏❑🞎]|[\[(][ xX✓✔]?[\])])"
"""A tick, a cross or a box as people type it, as a regular expression."""

_ONLY_MARK = re.compile(rf"{ANY_MARK}\Z")
_MARKED_LIST = re.compile(rf"(?:\s*{ANY_MARK}\s*(?:(?!{ANY_MARK})[^\n])+)+\Z")
_MARKED_ITEM = re.compile(rf"({ANY_MARK})\s*((?:(?!{ANY_MARK})[^\n])+)")
_RULED = re.compile(r"[_.…\s/]*\Z")


def is_hint(words: str) -> bool:
    """Whether the words are a hint that stands in an empty box, of Word's or of ours."""
    return one_line(words).casefold().rstrip(".…") in _HINTS


def is_ticked(mark: str) -> bool:
    """Whether a typed mark is a tick, a cross or a filled box, not an empty one."""
    return mark in TICKED or any(c in "xX✓✔" for c in mark)


def typed_answer(words: str) -> tuple[FieldKind, str | bool | tuple[str, ...] | None, str | None]:
    """The kind, the value and the stored words of what is typed in a cell."""
    if not words or is_hint(words) or _RULED.match(words):
        return "text", None, words or None
    if _ONLY_MARK.match(words):
        return "tick", is_ticked(words), words
    if _MARKED_LIST.match(words):
        items = [(is_ticked(found[1]), found[2].strip()) for found in _MARKED_ITEM.finditer(words)]
        chosen = tuple(words for ticked, words in items if ticked)
        if len(items) > 1:
            return ("choices", chosen, words) if len(chosen) > 1 else ("choice", chosen[0] if chosen else None, words)
    return "text", words, words
